
# The pages show what really happens: their SQL is executed, what they print is
# compared, their links lead somewhere, and none is too long.
#
# The convention of a page that is executed (@executed below):
#
# - Each block marked ```sql goes to psql as it is written, from top to bottom,
#   in one session per page.  Each block marked ```sh goes to a shell, if the
#   page is marked so below.
# - A block marked ```text directly behind it is what that prints: the notices,
#   and tables as psql shows them with \pset footer off, \x auto and 180
#   columns.  One line of only "..." there means any number of lines.
# - Without such a block nothing is compared, but the block must not fail.  A
#   block whose error is meant shows it.
# - A line <!-- database: NAME --> begins a new session, in a fresh copy of that
#   database: see "What the reader has" below.
# - Files are in the directory where psql is started, in /srv/dumps, which is
#   the same, or in /srv/backups.  The machine is called db1, the database
#   menuca_staging, its cluster 7710547877251929048.
# - A line "export NAME=..." of a ```sh block holds in the later ones, too.
# - A page marked "hosted" has a second cluster besides, a hosting service's,
#   which lacks the extension: see start_hosted().  Its connection string is
#   that of $page_hosted, its cluster 7634512093418276541.
#
# What varies from run to run is masked, by the list @varies alone.
#
# MENUCA_PAGES='workflow agents' executes these pages alone.
#
# MENUCA_WRITE_PAGES=DIRECTORY writes the pages there, with each block that
# differs replaced by what really came; "..." keeps as many lines before and
# behind it as there were.  CONTRIBUTING.md has the command.

use strict;
use warnings;

use File::Basename qw(basename dirname);
use File::Find ();
use File::Path qw(make_path);
use IPC::Run;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Sys::Hostname qw(hostname);
use Test::More;

use MenucaTest;

my $tmp = $PostgreSQL::Test::Utils::tmp_check;
my %place = ('/srv/backups' => "$tmp/backups", '/srv/dumps' => "$tmp/reader");

# Which pages are executed, in which database where they do not say it
# themselves; sh => 1: their sh blocks, too; hosted => 1: with a hosted production
my @executed = (
	{ page => 'README.md', database => 'menuca' },
	{ page => 'doc/workflow.md', database => 'menuca_staging', sh => 1 },
	{ page => 'doc/when-refused.md' },
	{ page => 'doc/hosted.md', database => 'menuca_copy', sh => 1, hosted => 1 },
	{ page => 'doc/agents.md' },
	{ page => 'doc/runbook.md' },
	{ page => 'doc/engines.md' },
	{ page => 'doc/rights.md' },
	{ page => 'doc/refusals.md' },
	{ page => 'doc/seating.md' },
	{ page => 'doc/seating-faq.md' },
	{ page => 'doc/seating-runbook.md' },
	{ page => 'doc/seating-troubleshooting.md' },
	{ page => 'doc/seating-rights.md' },
	map { { page => "doc/reference/$_.md" } } qw(next load source plan fix target ledger check backup index access customer tickets people window report copy
		seating-planner seating-assignment seating-day seating-guarantees seating-report seating-monitor seating-import seating-survey seating-rollout seating-status));

if (defined $ENV{MENUCA_PAGES})
{
	my %chosen = map { $_ => 1 } split ' ', $ENV{MENUCA_PAGES};

	@executed = grep { $chosen{ basename($_->{page}, '.md') } } @executed;
}

# What differs between two runs of the same page; times of the evening of seating do not
my @varies = (
	[ qr/\b\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d+\+00\b/ => 'TIME' ],
	[ qr/\b\d{14}(?=_menuca_)/ => 'TIME' ],
	[ qr/(?<=tables, )\d+ bytes\b|(?<=01_stage has )[\d,]+ bytes\b/ => 'N bytes' ],
	[ qr/(?<=\.sql:)\d+(?=: )/ => 'N' ],
	[ qr/(?<!2025-11-1[56] )\b\d+:\d\d:\d\d(?:\.\d+)?\b(?! UTC)/ => 'INTERVAL' ],
	[ qr/\b([Hh]old) [0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\b/ => 'hold ID' ],
	[ qr/(?<=table_holds WHERE id = ')[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\b/ => 'ID' ],
	[ qr/\b\d+ days INTERVAL/ => 'INTERVAL' ],
	[ qr/\b\d+ ms\b|\b\d+\.\d{3}\b/ => 'MS' ],
	[ qr/\b[\d,]+ items a second\b/ => 'N items a second' ],
	[ qr/\babout [\d.]+ (?:s|min|h) left\b/ => 'about N s left' ],
	[ qr/\b\d{4}-\d\d-\d\d \d\d:\d\d:\d\d UTC\b/ => 'TIME' ],
	[ qr/\b\d{8}T\d{6}Z\b/ => 'TIME' ],
	[ qr/"table_size": \d+/ => '"table_size": N' ],
	[ qr/\bsnapshot [0-9A-F]{8}-[0-9A-F]{8}-\d\b/ => 'snapshot N' ],
	[ qr/\bserver of PostgreSQL \d+\b/ => 'server of PostgreSQL N' ],
	[ qr/\b\d+ bytes, SHA-256 [0-9a-f]{64}\b/ => 'N bytes, SHA-256 N' ],
	[ qr/\b\d+ [kM]B of \d+ [kM]B \(\d+\.\d+ %\)/ => 'N of N (N %)' ]);

# The pages' system identifier, and this cluster's
my $page_cluster = '7710547877251929048';
my $cluster;

# The same of the hosted production, and the pages' connection string
my $page_hosted_cluster = '7634512093418276541';
my $page_hosted = 'postgresql://postgres.abcdefghijklmnopqrst@db.example.com:5432/postgres';
my ($hosted, $hosted_cluster);

# How long a page may be
my %most_lines = ('README.md' => 350);
my $most_lines = 400;

# The engine is the default one, whichever the suite is run with
delete $ENV{PGOPTIONS};

#
# Pages and their blocks
#

sub page
{
	my ($name) = @_;
	my $text = slurp_file($name);

	utf8::decode($text) or die "$name is not in UTF-8";
	return $text;
}

# The executable blocks of a page: kind, line, text, and "output" when it shows
# one.  A line that names a database is one, too.
sub blocks
{
	my ($text) = @_;
	my @blocks;

	while ($text =~ /^```(?<kind>sql|sh)\n(?<text>.*?)^```\n(?:\n*```text\n(?<output>.*?)^```\n)?|^<!-- (?<kind>database): (?<text>\w+) -->$/msg)
	{
		my %block = (
			kind => $+{kind},
			text => $+{text},
			start => $-[0],
			end => $+[0],
			output => $+{output});

		$block{line} = 1 + (substr($text, 0, $block{start}) =~ tr/\n//);
		push @blocks, \%block;
	}
	return @blocks;
}

# Places of this machine become those of the page, and the reverse
sub as_on_page
{
	my ($text) = @_;
	my $host = hostname();

	$text =~ s/\b\Q$cluster\E\b/$page_cluster/g;
	$text =~ s/\b\Q$hosted_cluster\E\b/$page_hosted_cluster/g if $hosted;
	$text =~ s/\bcopy_\d+(?=\b|_before_restore)/menuca_staging/g;
	$text =~ s/\Q$place{$_}\E/$_/g foreach keys %place;
	$text =~ s/\b\Q$host\E:/db1:/g;
	return $text;
}

sub meant
{
	my ($text, $database) = @_;

	$text =~ s/\b$page_cluster\b/$cluster/g;
	if ($hosted)
	{
		$text =~ s/\b$page_hosted_cluster\b/$hosted_cluster/g;
		$text =~ s/\Q$page_hosted\E/'postgresql:\/\/postgres@\/postgres?host=' . $hosted->host . '&port=' . $hosted->port/ge;
	}
	$text =~ s/\bmenuca_staging\b/$database/g;
	$text =~ s/\Q$_\E/$place{$_}/g foreach keys %place;
	return $text;
}

# What is compared: without what varies, and without the widths that follow from it
sub comparable
{
	my ($text) = @_;

	$text =~ s/$_->[0]/$_->[1]/g foreach @varies;
	$text =~ s/ {2,}/ /g;
	$text =~ s/-{2,}/--/g;
	$text =~ s/ +$//mg;
	$text =~ s/^\n+|\n+\z//g;
	return $text;
}

sub is_as_shown
{
	my ($came, $shown) = @_;
	my $pattern = join '\n', map { quotemeta } split /\n/, comparable($shown);

	$pattern =~ s/(^|\\n)\\\.\\\.\\\.(?=\\n|\z)/$1.*?/;
	return comparable($came) =~ /\A$pattern\z/s;
}

# What came, shortened as the page had shortened it
sub shortened
{
	my ($came, $shown) = @_;
	my @lines = split /\n/, $came =~ s/ +$//mgr;
	my ($before, $behind) = map { tr/\n// } $shown =~ /\A(.*?)^\.\.\.\n(.*)\z/ms
	  or return join "\n", @lines, '';

	splice @lines, $before, @lines - $before - $behind, '...' if @lines > $before + $behind;
	return join "\n", @lines, '';
}

#
# Those who read and type
#

# A psql that stays; both of its outputs come in the order in which they were made
sub start_reader
{
	my ($node, $database) = @_;
	my %reader = (in => '', out => '', number => 0);

	$reader{run} = IPC::Run::start(
		[ $node->installed_command('psql'), '-Xq', '-d', $node->connstr($database),
			'-P', 'footer=off', '-P', 'pager=off', '-P', 'expanded=auto', '-P', 'columns=180' ],
		'<', \$reader{in},
		'>&', \$reader{out},
		init => sub { chdir "$tmp/reader"; $ENV{PGCLIENTENCODING} = 'UTF8' },
		my $timeout = IPC::Run::timeout(4 * $PostgreSQL::Test::Utils::timeout_default));
	$reader{timeout} = $timeout;
	return \%reader;
}

sub end_reader
{
	my ($reader) = @_;

	return unless $reader;
	$reader->{in} .= "\\q\n";
	$reader->{run}->finish;
	return;
}

sub answer
{
	my ($reader, $sql) = @_;
	my $mark = 'page block ' . ++$reader->{number} . ' ends';

	$reader->{in} .= "$sql\n\\warn $mark\n";
	$reader->{out} = '';
	$reader->{run}->pump until $reader->{out} =~ /^\Q$mark\E\n/m;
	my $answer = substr $reader->{out}, 0, $-[0];
	utf8::decode($answer);
	return $answer;
}

# Returns what the script printed, and whether it failed
sub shell
{
	my ($node, $script) = @_;
	my $output = '';
	local $ENV{PGHOST} = $node->host;
	local $ENV{PGPORT} = $node->port;

	delete local $ENV{PGAPPNAME};
	IPC::Run::run([ 'sh', '-e', '-c', $script ], '<', \undef, '>&', \$output, init => sub { chdir "$tmp/reader" });
	my $failed = $? != 0;
	utf8::decode($output);
	return ($output, $failed);
}

my $copies = 0;

# Executes a page; returns it with what really came
sub execute
{
	my ($node, $page) = @_;
	my $text = page($page->{page});
	my @blocks = grep { $_->{kind} ne 'sh' || $page->{sh} } blocks($text);
	my $database = $page->{database};
	my $exports = '';
	my ($reader, @new);

	cmp_ok(scalar(@blocks), '>', 0, "$page->{page} has blocks");
	foreach my $block (@blocks)
	{
		my $name = "$page->{page}, line $block->{line}";
		my ($came, $failed);

		if ($block->{kind} eq 'database')
		{
			end_reader($reader);
			undef $reader;
			$database = 'copy_' . ++$copies;
			copy_database($node, $block->{text}, $database);
			next;
		}
		if ($block->{kind} eq 'sh')
		{
			($came, $failed) = shell($node, $exports . meant($block->{text}, $database));
			$exports .= join '', map { "$_\n" } meant($block->{text}, $database) =~ /^(export \w+=.*)$/mg;
		}
		else
		{
			$reader //= start_reader($node, $database);
			$came = answer($reader, meant($block->{text}, $database));
			$failed = $came =~ /^(?:ERROR|FATAL):|^\\\w+: error|^invalid command/m;
		}
		$came = as_on_page($came);
		if (!defined $block->{output})
		{
			ok(!$failed, "$name does not fail") or diag $came;
			next;
		}
		next if ok(is_as_shown($came, $block->{output}), "$name prints what it shows");
		diag "It shows:\n" . comparable($block->{output}) . "\nbut this came:\n" . comparable($came);
		push @new, [ $block, $came ];
	}
	end_reader($reader);

	# From the end, so that places before stay where they are
	foreach my $new (reverse @new)
	{
		my ($block, $came) = @$new;

		$came = shortened($came =~ s/\n+\z/\n/r, $block->{output});
		substr($text, $block->{start}, $block->{end} - $block->{start}) = "```$block->{kind}\n$block->{text}```\n```text\n$came```\n";
	}
	return $text;
}

sub write_page
{
	my ($name, $text) = @_;
	my $path = "$ENV{MENUCA_WRITE_PAGES}/$name";

	make_path(dirname($path));
	open my $fh, '>:encoding(UTF-8)', $path or die "could not write $path: $!";
	print $fh $text;
	close $fh or die "could not write $path: $!";
	note "$path is written";
	return;
}

#
# Links
#

my @pages = grep { -f } glob('*.md doc/*.md doc/reference/*.md');
File::Find::find({ no_chdir => 1, wanted => sub { push @pages, $_ if /\/README\.md\z/ } }, 'src', 'test');

# A page without its blocks and without code, in which nothing is a link or a heading
sub prose
{
	my ($text) = @_;

	$text =~ s/^```.*?^```$//msg;
	return $text;
}

# The anchors of a page, as they are made of its headings
sub anchors
{
	my ($page) = @_;
	my %anchors;

	foreach my $heading (prose(page($page)) =~ /^#+ +(.*)$/mg)
	{
		my $anchor = lc $heading;

		$anchor =~ s/\[([^]]*)\]\([^)]*\)/$1/g;
		$anchor =~ s/[^\w\- ]//g;
		$anchor =~ tr/ /-/;
		my $repeated = $anchors{$anchor}++;
		$anchors{"$anchor-$repeated"} = 1 if $repeated;
	}
	return \%anchors;
}

# Where a relative link of a page leads; undef when to nothing
sub leads_to
{
	my ($page, $link) = @_;
	my ($file, $anchor) = $link =~ /^([^#]*)(?:#(.*))?\z/;
	my $path = $file eq '' ? $page : dirname($page) . "/$file";

	1 while $path =~ s{(?:^|(?<=/))(?!\.\./)[^/]+/\.\./|(?:^|(?<=/))\./}{};
	return unless -e $path;
	return $path unless defined $anchor;
	return $path if $path =~ /\.md\z/ && anchors($path)->{$anchor};
	return;
}

note 'Links';

my %linked;
foreach my $page (sort @pages)
{
	my $prose = prose(page($page)) =~ s/`[^`\n]*`/code/gr;
	my @links = grep { !/^\w+:/ } $prose =~ /\]\(([^)\s]+)\)/g;
	my @broken;

	foreach my $link (@links)
	{
		my $target = leads_to($page, $link);

		push @broken, $link unless defined $target;
		$linked{$target}{$page} = 1 if defined $target;
	}
	is(join("\n", @broken), '', "$page: its " . @links . ' links lead somewhere');
}

note 'Size and names';

foreach my $page (sort grep { m{^(?:README\.md|doc/)} } @pages)
{
	my $most = $most_lines{$page} // $most_lines;

	cmp_ok(page($page) =~ tr/\n//, '<=', $most, "$page has at most $most lines");
}
my @doc = grep { m{^doc/} } @pages;
my %names = map { basename($_) => 1 } @doc;
is(scalar(keys %names), scalar(@doc), 'pages can be installed into one folder');
is(join("\n", grep { !$linked{$_}{'README.md'} } @doc), '', 'README.md leads to each page');
my $meta = slurp_file('META.json');
is(join("\n", grep { $meta !~ /"\Q$_\E"/ } @doc), '', 'META.json names each page');

note 'Names and messages of the sources';

# All string literals, each in one piece; and all names
my $sources = '';
File::Find::find({ no_chdir => 1, wanted => sub { $sources .= slurp_file($_) if /\.[ch]\z|\.sql\z|menuca-[a-z-]+\z/ } }, 'src');
$sources .= slurp_file($_) foreach 'menuca_migrate--1.0.sql', 'menuca_seating--1.0.sql';
(my $literals = $sources) =~ s/"\s*(?:U?INT64_FORMAT\s*)?"//g;
$literals =~ s/\\"/"/g;

# A message of a refusal is known by three words in a row; what the server
# itself says is not ours to change
my @servers_own = (
	'canceling statement due to', 'character with byte sequence', 'invalid input syntax for type',
	'function menuca_', 'relation "menuca_runs"', 'cannot drop extension', 'invalid transaction termination');
my @unknown_messages;
foreach my $row (grep { /^\| (?:MC|\d)/ } map { split /\n/, page($_) } 'doc/refusals.md', 'doc/reference/copy.md')
{
	my $message = (split / \| /, $row)[1];
	my $known = grep { $message =~ /^\Q$_\E/ } @servers_own;

	foreach my $piece (split m{\N{U+2026}|\b[NM]\b|"[^"]*"|\([^)]*\)| / |: }, $message)
	{
		my @words = split ' ', $piece =~ tr/"://dr;
		my $run = @words > 3 ? 3 : @words;

		next if $run < 2;
		$known ||= grep { index($literals, join(' ', @words[ $_ .. $_ + $run - 1 ])) >= 0 } 0 .. @words - $run;
	}
	push @unknown_messages, $message unless $known;
}
is(join("\n", @unknown_messages), '', 'the pages quote messages of refusals that there are');

# Each setting has its line
my %settings = map { $_ => 1 } slurp_file('src/base/settings.c') =~ /"(menuca\.\w+)"/g;
my $settings = page('doc/settings.md');
is(join(', ', grep { $settings !~ /`\Q$_\E`/ } sort keys %settings), '', 'doc/settings.md has each of ' . keys(%settings) . ' settings');

# What a room's README names exists: functions anywhere, files in that room
foreach my $readme (grep { m{^src/\w+/README\.md\z} } @pages)
{
	my $text = prose(page($readme));
	my $room = dirname($readme);
	my @stale = grep { $sources !~ /\b\Q$_\E\b/ } $text =~ /`(\w+)(?:\(\)|\[\])/g;

	push @stale, grep { !-e "$room/$_" && !@{ [ glob("src/*/$_") ] } } $text =~ /`([\w-]+\.[ch])`/g;
	push @stale, grep { !-e "$room/$_.c" && !-e "$room/$_.h" && !-e "$room/$_" }
	  map { /`([\w.-]+)`/g } $text =~ /^\| ((?:`[\w.-]+`(?:, )?)+) \|/mg;
	is(join(', ', @stale), '', "$readme names what exists");
	my %files = map { s/\.[ch]\z//r => 1 } map { basename($_) } glob("$room/*.[ch]");
	is(join(', ', grep { $text !~ /^\|.*`\Q$_\E(?:\.h)?`/m } sort keys %files), '', "$readme has a line for each file");
}

# Each function has its place in the reference
my $functions = prose(join '', map { page($_) } grep { m{^doc/reference/} } @doc);

#
# What the reader has: the fixtures' dumps in the directory where psql is
# started, and these databases
#

my $node = new_node('main', conf => "autovacuum = off\ntimezone = UTC\n");
my $fixture = fixture('fixture');
my $real = fixture('real', '--case', 'real');
$cluster = rows_of($node, 'postgres', 'SELECT system_identifier FROM pg_control_system()');
mkdir $_ or die "could not create $_: $!" foreach values %place;
write_file('reader/v1_combos.sql', slurp_file($fixture->{dump}));
write_file('reader/menuca_v1.sql', slurp_file($real->{dump}));
write_file('reader/menuca_v2.sql', slurp_file($real->{v2_dump}));

# As the pages have it, the extension is in a schema of its own, and the session finds it
rows_of($node, 'postgres', 'ALTER ROLE postgres SET search_path = ops, public');
my %in_ops = (extension => 'CREATE SCHEMA ops; CREATE EXTENSION menuca_migrate SCHEMA ops');

# The roles of requests, which hosted databases have
rows_of($node, 'postgres', 'CREATE ROLE anon; CREATE ROLE authenticated; CREATE ROLE service_role');

# "menuca" and "production" are as the migration left them: the real case, small.
# Production has grants to those roles, and a policy for one
foreach my $database ('menuca', 'production')
{
	make_database($node, $database, $real, extension => '');
	$node->safe_psql($database, 'DROP SCHEMA staging');
}
$node->safe_psql('production', <<'SQL');
GRANT USAGE ON SCHEMA menuca_v3 TO anon, authenticated, service_role;
GRANT ALL ON ALL TABLES IN SCHEMA menuca_v3 TO service_role;
GRANT SELECT ON menuca_v3.dishes TO anon;
CREATE POLICY menu_is_public ON menuca_v3.dishes FOR SELECT TO anon USING (is_active);
SQL

# "fresh" has the extension, and a schema for staging; "real" has V1's and V2's
# tables of the real case besides
make_database($node, 'fresh', $real, %in_ops, load => 0);
make_database($node, 'real', $real, %in_ops);
load_real_case($node, 'real', $real);

# "loaded" has the extension and V1's combos, "fixed" also their items
make_database($node, 'loaded', $fixture, %in_ops);
copy_database($node, 'loaded', 'fixed');
$node->safe_psql('fixed', 'SELECT menuca_fix_combos(dry_run => false)');

# "interrupted" has a batched run of which two batches are committed: the third
# fails once
copy_database($node, 'loaded', 'interrupted');
$node->safe_psql('interrupted', <<'SQL');
CREATE FUNCTION stop() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE 'stopped'; END $$;
CREATE TRIGGER stop BEFORE INSERT ON menuca_run_batch FOR EACH ROW WHEN (NEW.batch_no = 3) EXECUTE FUNCTION stop();
SQL
is(error_of($node, 'interrupted', 'CALL menuca_fix_combos_batched(dry_run => false, batch_size => 20000)')->{message}, 'stopped', 'a run is interrupted');
$node->safe_psql('interrupted', 'DROP TRIGGER stop ON menuca_run_batch');

# "v2" has V2's lists besides: by turns without steps, of two steps, and of two
# in which a dish comes twice
copy_database($node, 'fixed', 'v2');
$node->safe_psql('v2', <<'SQL');
CREATE TABLE staging.menuca_v2_restaurants_combo_groups_items AS
WITH chosen AS (
	SELECT g.id AS n, g.legacy_v2_id AS group_id, row_number() OVER (ORDER BY g.id) % 3 AS turn, d.legacy_v2_id AS dish,
		row_number() OVER (PARTITION BY g.id ORDER BY d.legacy_v2_id) AS k
	FROM menuca_v3.combo_groups g JOIN menuca_v3.dishes d USING (restaurant_id)
	WHERE g.source_system = 'v2' AND d.legacy_v2_id IS NOT NULL)
SELECT n AS id, group_id, CASE turn
		WHEN 0 THEN json_agg(CASE k WHEN 1 THEN dish || '|0' ELSE dish::text END ORDER BY k)
		WHEN 1 THEN json_build_object('1', json_agg(dish || '|' || k ORDER BY k) FILTER (WHERE k <= 2), '2', json_agg(dish || '|' || k ORDER BY k) FILTER (WHERE k > 2))
		ELSE json_build_object('1', json_agg(dish || '|' || k ORDER BY k) FILTER (WHERE k <= 2), '2', json_agg(dish || '|' || k ORDER BY k) FILTER (WHERE k = 1 OR k > 2)) END AS dishes
FROM chosen WHERE k <= 4 GROUP BY n, group_id, turn;
SQL

# "history" has three runs: V1's items, V2's, and the steps of these
copy_database($node, 'v2', 'history');
$node->safe_psql('history', 'SELECT menuca_fix_v2_groups(dry_run => false)');

# "headers" has groups whose rules state headers, with few items
copy_database($node, 'fixed', 'headers');
$node->safe_psql('headers', <<'SQL');
WITH chosen AS (
	SELECT combo_group_id AS id, row_number() OVER (ORDER BY combo_group_id) AS n
	FROM menuca_v3.combo_items GROUP BY 1 HAVING count(*) = 2 AND min(source_system) = 'v1' ORDER BY 1 LIMIT 4)
UPDATE menuca_v3.combo_groups g
SET combo_rules = jsonb_build_object('item_count', least(n, 2), 'display_header',
	('{"Choose your pizza","First Pizza;Second Pizza","First Sub;Second Sub;Third Sub","First Donair;Second Donair"}'::text[])[n])
FROM chosen WHERE chosen.id = g.id;
UPDATE menuca_v3.combo_items i
SET display_order = CASE g.combo_rules ->> 'display_header' WHEN 'First Donair;Second Donair' THEN 0 ELSE
	(SELECT count(*) FROM menuca_v3.combo_items o WHERE o.combo_group_id = i.combo_group_id AND o.id < i.id) END
FROM menuca_v3.combo_groups g WHERE g.id = i.combo_group_id AND g.combo_rules ->> 'display_header' <> '';
SQL

# The roles of doc/rights.md, and of seating
rows_of($node, 'postgres', 'CREATE ROLE migrator; CREATE ROLE reader; CREATE ROLE owner; CREATE ROLE runner; CREATE ROLE frontdesk; CREATE ROLE monitoring; CREATE ROLE seating_operator');

# "forty" has all tables whose access is wanted
copy_database($node, 'fixed', 'forty');
rows_of($node, 'forty', slurp_file('test/pgtap/include/access_tables.psql'));

# "soiled" has a source with dirt of each kind, and of V1's menu and ingredients
# what concerns the dishes that are missing or of other restaurants
my $soiled = fixture('soiled', map { ('--dirt', $_) } qw(unmapped_dishes=60 unmapped_groups=12 unmapped_both=4
	duplicate_pairs=25 existing_pairs=63 impostors=9 zero_ids=2 null_ids=2 huge_ids=2 ambiguous_groups=2 ambiguous_dishes=2));
make_database($node, 'soiled', $soiled, %in_ops);
$node->safe_psql('soiled', <<'SQL');
CREATE TEMP TABLE missing AS
SELECT legacy_dish_id AS id, min(r.legacy_v1_id) AS restaurant, row_number() OVER (ORDER BY legacy_dish_id) AS n
FROM menuca_plan_combos() p
	JOIN menuca_v3.combo_groups g ON g.legacy_v1_id = p.legacy_group_id
	JOIN menuca_v3.restaurants r ON r.id = g.restaurant_id
WHERE outcome = 'unmapped_dish' GROUP BY 1;
CREATE TABLE staging.menuca_v1_menu AS
SELECT id, CASE n WHEN 40 THEN 99999 ELSE restaurant END AS restaurant, CASE WHEN n % 10 = 0 AND n < 40 THEN '' ELSE 'Family Combo ' || n END AS name
FROM missing WHERE n <= 40;
CREATE TABLE staging.menuca_v1_ingredients AS
SELECT id FROM missing WHERE n BETWEEN 41 AND 47
UNION SELECT legacy_dish_id FROM menuca_plan_combos() WHERE outcome = 'cross_restaurant';
SQL

# "platform" has the tables of a restaurant platform with an evening that waits,
# "evening" also the extension that seats it, "seated" also the guarantees, and the
# evening is seated; "original" has what an earlier system has left there
rows_of($node, 'postgres', 'CREATE DATABASE platform');
rows_of($node, 'platform', slurp_file("test/fixture/seating/$_.sql")) foreach 'schema', 'evening';
copy_database($node, 'platform', 'evening');
rows_of($node, 'evening', 'CREATE SCHEMA ops; CREATE EXTENSION menuca_seating SCHEMA ops');
copy_database($node, 'evening', 'seated');
rows_of($node, 'postgres', 'CREATE DATABASE original');
rows_of($node, 'original', join("\n", (map { slurp_file("test/fixture/seating/$_.sql") } 'schema', 'original'), 'CREATE SCHEMA ops; CREATE EXTENSION menuca_seating SCHEMA ops;'));
rows_of($node, 'seated', <<'SQL');
SELECT menuca_seating_deploy(dry_run => false);
SELECT menuca_seating_set(NULL, '{"turn_times": {"20": 120}}');
SELECT menuca_auto_assign_day('6d4b6296-0a6a-a2b1-fff4-3a9c1d95f7b2', '2025-11-15', dry_run => false);
SQL

# The database of a hosting service: its own superuser is another role, the
# platform's tables belong to "postgres", who is none, and what that role creates
# is granted to the API's roles
sub start_hosted
{
	my $node = new_node('hosted', conf => "timezone = UTC\n",
		extra => [ '--locale=C', '--encoding=UTF8', '--username=supabase_admin' ], auth_extra => [ '--create-role', 'supabase_admin,postgres' ]);

	rows_of($node, 'template1', <<'SQL', extra_params => [ '-U', 'supabase_admin' ]);
CREATE ROLE postgres LOGIN CREATEDB CREATEROLE REPLICATION BYPASSRLS;
CREATE ROLE anon NOLOGIN;
CREATE ROLE authenticated NOLOGIN;
CREATE ROLE service_role NOLOGIN BYPASSRLS;
GRANT anon, authenticated, service_role TO postgres WITH ADMIN OPTION;
ALTER DATABASE postgres OWNER TO postgres;
SQL
	rows_of($node, 'postgres', <<'SQL');
ALTER DEFAULT PRIVILEGES GRANT ALL ON TABLES TO anon, authenticated, service_role;
ALTER DEFAULT PRIVILEGES GRANT ALL ON SEQUENCES TO anon, authenticated, service_role;
ALTER DEFAULT PRIVILEGES GRANT ALL ON FUNCTIONS TO anon, authenticated, service_role;
SQL
	rows_of($node, 'postgres', slurp_file($real->{schema}));
	rows_of($node, 'postgres', <<'SQL');
DROP SCHEMA staging;
GRANT USAGE ON SCHEMA menuca_v3 TO anon, authenticated, service_role;
SQL
	is(rows_of($node, 'postgres', "SELECT count(*) FROM pg_extension WHERE extname ~ 'menuca'"), 0, 'the hosted production has no extension');
	return $node;
}

foreach my $page (@executed)
{
	note $page->{page};
	if ($page->{hosted})
	{
		$hosted = start_hosted();
		$hosted_cluster = rows_of($hosted, 'postgres', 'SELECT system_identifier FROM pg_control_system()');
	}
	my $text = execute($node, $page);
	if ($hosted)
	{
		$hosted->stop;
		log_is_clean($hosted);
		undef $hosted;
	}
	write_page($page->{page}, $text) if $ENV{MENUCA_WRITE_PAGES};
}

# README's runbook of table combinations: each call works as it is written
my ($runbook) = page('README.md') =~ /^### The runbook of table combinations, as calls\n(.*?)^```/ms;
my @calls = defined $runbook ? $runbook =~ /`(SELECT [^`]+;)`/g : ();
cmp_ok(scalar(@calls), '>', 20, 'README.md has the runbook as calls');
foreach my $call (@calls)
{
	my $result = $node->psql('seated', "BEGIN;\n$call\nROLLBACK;", stderr => \my $messages);

	is($result, 0, "it works: $call") or diag $messages;
}

# Each function that people call is described
my @unknown = grep { $functions !~ /\b\Q$_\E\b/ } split /\n/, rows_of($node, 'loaded', <<'SQL');
SELECT DISTINCT p.proname FROM pg_depend d JOIN pg_proc p ON d.objid = p.oid
WHERE d.classid = 'pg_proc'::regclass AND d.deptype = 'e' AND d.refclassid = 'pg_extension'::regclass
	AND d.refobjid = (SELECT oid FROM pg_extension WHERE extname = 'menuca_migrate')
	AND p.prorettype <> 'trigger'::regtype
ORDER BY 1
SQL
is(join("\n", @unknown), '', 'the reference describes each function');

# Of seating also each argument, each column of a result, and each column of its
# tables and views: in the section whose heading has the name
my %section;
foreach my $page (grep { m{^doc/reference/seating-} } @doc)
{
	my (undef, @parts) = split /^(##+ .*)$/m, page($page);

	while (my ($heading, $text) = splice @parts, 0, 2)
	{
		$section{$_} .= $text foreach $heading =~ /\b(menuca_\w+)/g;
	}
}
my @undescribed;
foreach my $row (split /\n/, rows_of($node, 'evening', <<'SQL'))
WITH owned AS (
	SELECT d.classid, d.objid FROM pg_depend d
	WHERE d.deptype = 'e' AND d.refclassid = 'pg_extension'::regclass
		AND d.refobjid = (SELECT oid FROM pg_extension WHERE extname = 'menuca_seating'))
SELECT p.proname, array_to_string(p.proargnames, ' ') FROM owned JOIN pg_proc p ON classid = 'pg_proc'::regclass AND objid = p.oid
UNION
SELECT c.relname, string_agg(a.attname, ' ') FROM owned JOIN pg_class c ON classid = 'pg_class'::regclass AND objid = c.oid
	JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
WHERE c.relkind IN ('r', 'v') GROUP BY c.oid, c.relname
ORDER BY 1
SQL
{
	my ($name, $parts) = split /\|/, $row;
	my $text = $section{$name};

	push @undescribed, defined $text ? map { "$name: $_" } grep { $text !~ /\b\Q$_\E\b/ } split ' ', $parts // '' : $name;
}
is(join("\n", @undescribed), '', 'the reference describes each function and table of seating, with its arguments and columns');

$node->stop;
log_is_clean($node);

done_testing();

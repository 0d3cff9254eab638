
# The report: what a browser shows of it, in each state of a database; its figures
# against those of the functions; and whatever somebody writes into a table stays
# text.

use strict;
use warnings;

use Encode ();
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

use MenucaBrowser;
use MenucaRunbook;
use MenucaTest;

my $tmp = $PostgreSQL::Test::Utils::tmp_check;
my $node = new_node('main', allows_streaming => 1, conf => runbook_conf());
my $fixture = fixture('fixture', '--scale', '0.05', '--dirt', 'unmapped_dishes=300', '--dirt', 'duplicate_pairs=40', '--dirt', 'zero_ids=7');
my $extension = 'CREATE SCHEMA ops; CREATE EXTENSION menuca_migrate SCHEMA ops; SET search_path = ops, public';
my $report = 'SELECT ops.menuca_report()';

rows_of($node, 'postgres', 'CREATE ROLE anon; CREATE ROLE authenticated; CREATE ROLE service_role');

sub page
{
	my ($database, @params) = @_;

	return rows_of($node, $database, "SET client_min_messages = error; $report", @params) . "\n";
}

# By the server's own parser
sub xml_errors
{
	my ($html) = @_;
	my $quoted = $html =~ s/'/''/gr;

	return rows_of($node, 'postgres', "SELECT CASE WHEN xml_is_well_formed_document('$quoted') THEN '' ELSE 'not well-formed' END");
}

sub ticket
{
	my ($database, $no, $rest) = @_;

	return rows_of($node, $database, 'SET client_min_messages = error; SELECT max(detail) FROM ops.menuca_ticket(' . join(', ', $no, $rest // (), 'dry_run => false') . ") WHERE name = 'summary'");
}

#
# Three databases: nothing in it, on the way, signed off
#

note 'Databases';

rows_of($node, 'postgres', 'CREATE DATABASE empty');
rows_of($node, 'empty', 'CREATE SCHEMA ops; CREATE EXTENSION menuca_migrate SCHEMA ops');

make_database($node, 'go', $fixture, extension => $extension, load => 0);
rows_of($node, 'go', "SELECT rows_loaded FROM ops.menuca_load_dump_file('$fixture->{dump}', 'combos', 'staging.menuca_v1_combos');
	SELECT * FROM ops.menuca_environment('staging', 'go', (SELECT system_identifier FROM pg_control_system()))");
like(ticket('go', 0), qr/COMPLETE/, 'ticket 00');
like(ticket('go', 1), qr/FAILED/, 'ticket 01: no backup');
ok(drilled_backup($node, 'go', 'before'), 'a backup');
like(ticket('go', 1), qr/COMPLETE/, 'ticket 01');
like(ticket('go', 2), qr/COMPLETE/, 'ticket 02');
like(ticket('go', 3), qr/COMPLETE/, 'ticket 03');
like(ticket('go', 4), qr/FAILED/, 'ticket 04: refused, since dishes are missing');
copy_database($node, 'go', 'no_go');
rows_of($node, 'go', "SELECT * FROM ops.menuca_accept('dish_coverage', 50, 'their dishes are lost', 'A. Lead')");
like(ticket('go', 4), qr/IN_PROGRESS/, 'ticket 04: accepted, and people have to look');
is(people_do($node, 'go', 'postgres', 4), 'COMPLETE', 'which they do');
long_ago($node, 'go');
take_samples($node, 'go', 4, 30);
like(ticket('go', 5), qr/IN_PROGRESS/, 'ticket 05');
rows_of($node, 'go', <<'SQL');
SELECT ops.menuca_report_issue(4, 'low', 'a picture is missing', 'A. Person', 'in the menu of one restaurant');
SELECT ops.menuca_report_issue(5, 'high', 'a price is old', 'B. Person');
SELECT * FROM ops.menuca_resolve_issue(2, 'the cache was emptied', 'B. Person');
SELECT ops.menuca_announce_window(now() + interval '2 days', now() + interval '2 days 2 hours', 'two hours');
SELECT ops.menuca_record_load('{1000,1500,2000,9000}', 0, 2, now() - interval '3 days', now() - interval '3 days', 1, 100, 3);
SELECT ops.menuca_record_load('{1000,1400,1900,4000}', 1, 2, now(), now(), 1, 100, 3);
SQL
is(people_do($node, 'go', 'postgres', 5), 'COMPLETE', 'people find all of it right');
is(rows_of($node, 'go', "SELECT split_part(ops.menuca_sign_off(5, 'A. Lead', 'GO', 'a quiet night'), ',', 1)"), 'GO', 'signed off');

# A copy under another name has to be registered itself
rows_of($node, 'no_go', "UPDATE ops.menuca_registered_environment SET database_name = 'no_go'");
like(ticket('no_go', 2, "'{}', force => true, reason => 'to see an override'"), qr/COMPLETE/, 'an override');
is(rows_of($node, 'no_go', "SELECT ops.menuca_sign_off(4, 'B. Owner', 'NO-GO', 'not before the weekend')"), 'NO-GO', 'decided against');

my %page = map { $_ => page($_) } qw(go no_go empty);

#
# The page as text
#

note 'Text';

is(xml_errors('<p>'), 'not well-formed', 'the parser can tell');
my @sections = split /\n/, rows_of($node, 'go', 'SELECT name FROM ops.menuca_report_section ORDER BY place');

foreach my $database (qw(go no_go empty))
{
	is(xml_errors($page{$database}), '', "$database: it is well-formed");
	unlike($page{$database}, qr/[^\x20-\x7E\t\n]/, "$database: it is ASCII");
	unlike($page{$database}, qr/<(?:script|img|link|iframe|object|embed|video|audio|use|image)\b|\bsrc=|\bon\w+=|url\(|\@import|javascript:/i, "$database: nothing is loaded or run");
	is(join(' ', grep { !/^#[a-z]+$/ } $page{$database} =~ /href="([^"]*)"/g), '', "$database: links lead into the page");
	cmp_ok(length $page{$database}, '<', 2_000_000, "$database: it is small");
}
like($page{go}, qr/<h1>Combo migration of go<\/h1>/, 'its heading');
like(rows_of($node, 'go', "SELECT ops.menuca_report('Tonight')"), qr/<title>Tonight<\/title>.*<h1>Tonight<\/h1>/s, 'or another one');
is(rows_of($node, 'go', 'BEGIN READ ONLY; SELECT length(ops.menuca_report()) > 10000; COMMIT'), 't', 'it only reads');
is(rows_of($node, 'go', q(SELECT string_agg(DISTINCT p.proname, ' ') FROM pg_proc p
	WHERE p.pronamespace = 'ops'::regnamespace AND p.proname ~ '^menuca_(report|html)' AND p.proname <> 'menuca_report_issue' AND p.provolatile = 'v')), '', 'as the server knows');

#
# The browser
#

my (%seen, %height);
if (browser())
{
	my @allowed = qw(a article body caption circle code dd desc div dl dt figcaption figure footer h1 h2 h3 head header html li main meta nav p path pre rect
	  section span strong style svg table tbody td text th thead title tr ul);
	my @attributes = qw(aria-hidden aria-label aria-labelledby charset class content cx cy d data-h height href http-equiv id lang name preserveaspectratio preserveAspectRatio r role rx scope
	  viewbox viewBox width x xmlns y);
	my (%tag, %attribute);

	@tag{@allowed} = ();
	@attribute{@attributes} = ();
	foreach my $database (qw(go no_go empty))
	{
		# On paper, which is measured as a page of that width
		my $printed = $page{$database} =~ s/\@media screen and \(max-width/\@media (max-width: 1px) and (max-width/r =~ s/\@media print/\@media all/r;
		my %found;

		@{ $found{light} }{ 1280, 400 } = look($page{$database}, 'light', 1280, 400);
		@{ $found{dark} }{1280} = look($page{$database}, 'dark', 1280);
		@{ $found{paper} }{680} = look($printed, 'paper', 680);
		foreach my $how ([ 1280, 'light' ], [ 1280, 'dark' ], [ 400, 'light' ], [ 680, 'paper' ])
		{
			my ($width, $scheme) = @$how;
			my $name = "$database, $width, $scheme";
			my $found = $found{$scheme}{$width};

			$seen{$database} //= $found;
			$height{$database}{$width} = $found->{height};
			is_deeply($found->{console}, [], "$name: no error");
			is_deeply([ @{ $found->{requests} }, @{ $found->{urls} } ], [], "$name: no request");
			is_deeply($found->{cut}, [], "$name: nothing is cut");
			cmp_ok($found->{scrollWidth}, '<=', $found->{width}, "$name: nothing is wider");
			is_deeply($found->{overlaps}, [], "$name: no text over another");
			is_deeply($found->{contrast}, [], "$name: each of the $found->{texts} texts can be read");
			cmp_ok($found->{lowest}, '>=', 4.5, "$name: the lowest contrast is " . sprintf('%.2f', $found->{lowest}));
			is_deeply($found->{nameless} // [], [], "$name: each picture has a title and a text");
			is_deeply([ grep { $found->{ids}{$_} > 1 } sort keys %{ $found->{ids} } ], [], "$name: each id is unique");
			is_deeply([ grep { !exists $tag{$_} } sort keys %{ $found->{tags} } ], [], "$name: known elements only");
			is_deeply([ grep { !exists $attribute{$_} } sort keys %{ $found->{attributes} } ], [], "$name: known attributes only");
			is_deeply($found->{sections}, \@sections, "$name: all sections");
		}
		foreach my $how ([ 1280, 'light' ], [ 1280, 'dark' ], [ 400, 'light' ])
		{
			my ($width, $scheme) = @$how;

			# All of the page: the browser makes no larger pictures than this
			my $height = $height{$database}{$width} > 16_000 ? 16_000 : $height{$database}{$width};
			my ($wide, $high) = picture($page{$database}, "$database-$width-$scheme", $width, $height, $scheme);

			cmp_ok($wide, '>=', $width, "$database: a screenshot, $width, $scheme");
			cmp_ok($high, '>=', $height, "$database: of the whole page");
		}
		my @paper = paper($page{$database}, $database);

		cmp_ok(scalar @paper, '>', 0, "$database: on paper");
		is_deeply([ grep { !/^595x842$/ } @paper ], [], "$database: each page is A4");
	}
	is_deeply($seen{go}{words}, ['GO'], 'GO');
	is_deeply($seen{no_go}{words}, ['NO-GO'], 'NO-GO');
	is_deeply($seen{empty}{words}, ['No verdict'], 'no verdict');
	is($seen{$_}{call}, rows_of($node, $_, 'SELECT next_call FROM ops.menuca_status() WHERE next_call IS NOT NULL ORDER BY ticket LIMIT 1', extra_params => []), "$_: the next call") foreach qw(go no_go);
	is($seen{empty}{call}, 'SELECT * FROM ops.menuca_next();', 'empty: the next call');
	is_deeply($seen{go}{missing}, [], 'go: no section is missing');
	like(join("\n", map { join ' ', @$_ } @{ $seen{empty}{missing} }), qr/^rates This section is missing\. schema "menuca_v3" does not exist/, 'empty: the reason');
	compare_figures($_) foreach qw(go no_go);
}
else
{
	SKIP:
	{
		skip 'no browser: the page is not opened', 1;
	}
}

# The tables of the page against the functions that have the figures
sub compare_figures
{
	my ($database) = @_;
	my $tables = $seen{$database}{tables};
	my $sql = sub { return [ map { [ split /\|/, $_, -1 ] } split /\n/, rows_of($node, $database, "SET search_path = ops; $_[0]") ] };
	my $of = sub { my ($caption) = grep { /$_[0]/ } sort keys %$tables; return $caption ? $tables->{$caption} : []; };
	my $plain = sub { return [ map { my $r = $_; [ map { $r->[$_] =~ s/[, %]//gr } @{ $_[1] } ] } @{ $_[0] } ] };

	is_deeply($plain->([ $of->('^Groups without items, of all')->[-1] ], [ 2, 3, 4 ]), $sql->('SELECT groups, orphans, orphan_pct FROM menuca_orphan_rate()'), "$database: the rate of now");
	is_deeply($plain->([ $of->('^Groups without items, of those')->[-1] ], [ 2, 3, 4 ]),
		$sql->('SELECT expected_groups, expected_orphans, expected_orphan_pct FROM menuca_orphan_rate()'), "$database: that of the source's groups");
	is_deeply($plain->([ $of->('^Groups without items, of all')->[0] ], [ 2, 3, 4 ]),
		$sql->(q(SELECT figures_before ->> 'groups', figures_before ->> 'orphans', figures_before ->> 'orphan_pct' FROM menuca_run ORDER BY run_id LIMIT 1)), "$database: those before the first run")
	  if $database eq 'go';
	is_deeply($plain->($of->('^Restaurants by groups'), [ 1, 2, 3 ]),
		$sql->(q(SELECT g.restaurant_id, count(*) FILTER (WHERE NOT EXISTS (SELECT FROM menuca_v3.combo_items i WHERE i.combo_group_id = g.id)) AS n, count(*)
			FROM menuca_v3.combo_groups g GROUP BY 1 HAVING bool_or(NOT EXISTS (SELECT FROM menuca_v3.combo_items i WHERE i.combo_group_id = g.id)) ORDER BY n DESC, 1 LIMIT 10)), "$database: restaurants, by plain SQL");
	is_deeply($plain->($of->('^Legacy ids'), [ 2, 3 ]), $sql->(q(SELECT count(DISTINCT c."group"), count(DISTINCT c."group") FILTER (WHERE g.id IS NOT NULL)
			FROM staging.menuca_v1_combos c LEFT JOIN menuca_v3.combo_groups g ON g.legacy_v1_id = c."group" WHERE c."group" > 0
		UNION ALL SELECT count(DISTINCT c.dish), count(DISTINCT c.dish) FILTER (WHERE d.id IS NOT NULL)
			FROM staging.menuca_v1_combos c LEFT JOIN menuca_v3.dishes d ON d.legacy_v1_id = c.dish WHERE c.dish > 0)), "$database: legacy ids that were found, by plain SQL")
	  if $database eq 'go';
	foreach my $run (map { $_->[0] } @{ $sql->(q(SELECT run_id FROM menuca_figure_fix ORDER BY 1)) })
	{
		is_deeply($plain->([ grep { $_->[0] ne 'all' } @{ $of->("^Source rows of run $run ") } ], [ 0, 2 ]),
			$sql->(qq(SELECT o.key, o.value FROM menuca_run r, jsonb_each_text(r.outcomes) o
				WHERE run_id = $run AND o.value <> '0' AND o.key NOT IN ('source_rows', 'groups_named', 'groups_covered', 'dishes_named', 'dishes_covered')
				ORDER BY array_position('{insert,already_present,duplicate,unmapped_dish,unmapped_group,unmapped_both,ambiguous_group,ambiguous_dish,cross_restaurant,invalid}'::text[], o.key))), "$database: outcomes of run $run");
		is(eval { my $n = 0; $n += $_->[2] =~ s/,//gr foreach grep { $_->[0] ne 'all' } @{ $of->("^Source rows of run $run ") }; $n },
			rows_of($node, $database, 'SELECT count(*) FROM staging.menuca_v1_combos'), "$database: they add up to the source");
		is_deeply($plain->($of->("^Groups by the number of their items.*run $run\$"), [ 3 ]),
			$sql->(q(SELECT count(*) FILTER (WHERE least(c.n, 6) = s.size) FROM generate_series(1, 6) s(size),
				(SELECT count(DISTINCT dish_id) AS n FROM menuca_v3.combo_items GROUP BY combo_group_id) c GROUP BY s.size ORDER BY s.size)), "$database: items per group, by plain SQL");
	}
	is_deeply($plain->($of->('^Executions, the newest'), [ 0, 1 ]), $sql->('SELECT execution_id, ticket_no FROM menuca_ticket_execution ORDER BY 1 DESC'), "$database: executions");
	is_deeply([ map { [ @{$_}[0, 1], $_->[2] =~ s/^\S+ //r, $_->[5] ] } @{ $of->('^The eleven tickets') } ],
		$sql->("SELECT to_char(ticket, 'FM00'), title, state, coalesce(next_call, '') FROM menuca_status() ORDER BY ticket"), "$database: tickets");
	is_deeply($plain->($of->('^The newest runs'), [ 0, 1, 3, 4, 5 ]), $sql->('SELECT run_id, kind, items_before, inserted, items_after FROM menuca_runs ORDER BY 1 DESC'), "$database: runs")
	  if $database eq 'go';
	is_deeply([ sort map { join ' ', $_->[0], $_->[1] =~ s/^\S+ //r } map { @{ $of->($_) } } '^Checks that did not', '^Checks that passed' ],
		[ sort map { join ' ', @$_ } @{ $sql->(q(SELECT title, status FROM menuca_ticket_check WHERE execution_id =
			(SELECT max(execution_id) FROM menuca_ticket_check WHERE name = 'overall_counts'))) } ], "$database: checks")
	  if $database eq 'go';
	is_deeply([ map { [ $_->[0], map { /(\d+)$/ ? $1 : 0 } @{$_}[2 .. 5] ] } @{ $of->('^Tables by who') } ],
		$sql->(q(SELECT table_name, count(*) FILTER (WHERE role_kind = 'public'), count(*) FILTER (WHERE role_kind = 'tenant'), count(*) FILTER (WHERE role_kind = 'user'), count(*) FILTER (WHERE role_kind = 'admin')
			FROM menuca_test_access() WHERE status = 'PASS' GROUP BY table_name ORDER BY table_name COLLATE "C")), "$database: the matrix, tried again");
	is_deeply([ map { [ @{$_}[1, 2] ] } @{ $of->('^Medians') } ], $sql->('SELECT before_ms, after_ms FROM menuca_query_comparison ORDER BY query, restaurant_id'), "$database: query times");
	is_deeply([ map { [ $_->[0], $_->[1] =~ s/^\S+ //r, @{$_}[2, 3] ] } @{ $of->('^Samples that') } ],
		$sql->(q(SELECT to_char(ticket_no, 'FM00'), CASE WHEN counts THEN result ELSE 'open' END, good, bad FROM menuca_review_state ORDER BY 1)), "$database: reviews");
	is_deeply([ map { [ @{$_}[0, 1, 4] ] } @{ $of->('^The checklist') } ],
		$sql->(q(SELECT to_char(ticket_no, 'FM00'), title, who FROM menuca_checklist_state ORDER BY ticket_no, "position", item)), "$database: the checklist");
	is_deeply([ map { [ $_->[0], $_->[1] =~ s/^\S+ //r, $_->[4] ] } @{ $of->('^Issues') } ],
		$sql->(q(SELECT issue_id, CASE WHEN resolved_at IS NULL THEN 'open' ELSE 'resolved' END, title FROM menuca_issue ORDER BY resolved_at IS NOT NULL, issue_id)), "$database: issues");
	is_deeply([ map { [ @{$_}[0, 1, 3], $_->[5] =~ s/ .*//r, $_->[6] =~ s/ .*//r ] } @{ $of->('^Load runs') } ],
		$sql->('SELECT load_id, requests, errors, p50_ms, p95_ms FROM menuca_load_runs ORDER BY 1'), "$database: load runs");
	is_deeply([ map { [ $_->[1], $_->[4] ] } @{ $of->('^The newest announced') } ], $sql->(q(SELECT to_char(ends_at AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI "UTC"'), note FROM menuca_window_state)), "$database: the window");
	is_deeply([ map { [ $_->[0], $_->[1] =~ s/^\S+ //r ] } @{ $of->('^What the sessions') } ], $sql->(q(SELECT title, status FROM menuca_check_impact() WHERE name <> 'summary' ORDER BY check_no)), "$database: the impact");
	is_deeply([ map { [ $_->[0], $_->[1] =~ s/^\S+ //r, $_->[2], $_->[5] ] } @{ $of->('^Who decided') } ],
		$sql->(q(SELECT to_char(ticket_no, 'FM00'), decision, approver, note FROM menuca_signature ORDER BY signature_id DESC)), "$database: sign-offs");
	return;
}

is(rows_of($node, 'go', 'SELECT verdict FROM ops.menuca_figure_verdict') eq 'GO' ? 'GO' : '', (rows_of($node, 'go', 'SELECT ops.menuca_execution_log()') =~ /^- Verdict: \*\*(.*)\*\*$/m)[0], 'the verdict of the log');
like($page{no_go}, qr/OVERRIDDEN<\/span><\/td>.*to see an override/s, 'an override is there, in words');
like(rows_of($node, 'go', 'SELECT ops.menuca_execution_log()'), qr/^- With pictures, as an HTML page: `SELECT ops\.menuca_report\(\);`$/m, 'the log has the call');

#
# Hostile values
#

note 'Hostile values';

my $evil = q{<script>document.title='x'</script><img src=x onerror="document.title='y'">"'>]]>&amp;&#60;--><b>`} . "\x{202E}\x{2066}\x{FFFE}\x{1}\x{85}\x{1F600}\x{644}";
is(Encode::decode('UTF-8', rows_of($node, 'go', "SELECT ops.menuca_html(\$\$" . Encode::encode('UTF-8', $evil) . "\$\$)")),
	'&#60;script&#62;document.title=&#39;x&#39;&#60;/script&#62;&#60;img src=x onerror=&#34;document.title=&#39;y&#39;&#34;&#62;&#34;&#39;&#62;]]&#62;&#38;amp;&#38;#60;--&#62;&#60;b&#62;&#96;'
	  . '&#65533;' x 5 . '&#128512;&#1604;', 'a value becomes harmless');
is(rows_of($node, 'go', "SELECT ops.menuca_html(NULL), ops.menuca_html('abc', 2), ops.menuca_html(repeat('x', 10000), 3)"), '|ab&#8230; (3 characters)|xxx&#8230; (10,000 characters)', 'NULL, and long ones');
is(error_of($node, 'go', "SELECT ops.menuca_html('a', 0)")->{state} . error_of($node, 'go', "SELECT ops.menuca_html('a', NULL)")->{state}, '2202322004', 'no character, or NULL of them');

# In every column of text that takes it, and in what tickets recorded; without what
# tells environments and schemas apart, and then with that
foreach my $with_names (0, 1)
{
	my $name = $with_names ? 'evil_names' : 'evil';

	copy_database($node, 'go', $name);
	rows_of($node, $name, "UPDATE ops.menuca_registered_environment SET database_name = '$name'");
	rows_of($node, $name, <<'SQL' =~ s/EVIL/Encode::encode('UTF-8', $evil)/er =~ s/WITH_NAMES/$with_names ? 'true' : 'false'/er);
SET session_replication_role = replica;
SET client_min_messages = error;
DO $do$
DECLARE
	evil text := $$EVIL$$ || repeat('W', 10000);
	c record;
BEGIN
	-- Keys stay different
	FOR c IN SELECT a.attrelid::regclass AS t, quote_ident(a.attname) AS a
		FROM pg_attribute a JOIN pg_class r ON r.oid = a.attrelid
		WHERE r.relkind = 'r' AND r.relnamespace IN ('ops'::regnamespace, 'menuca_v3'::regnamespace)
			AND a.attnum > 0 AND NOT a.attisdropped AND a.attgenerated = '' AND a.atttypid IN ('text'::regtype, 'varchar'::regtype)
			AND (WITH_NAMES OR a.attname NOT IN ('database_name', 'target_schema', 'table_schema', 'kind', 'target', 'label'))
	LOOP
		BEGIN
			EXECUTE format('UPDATE %s SET %s = %L || ctid', c.t, c.a, evil);
		EXCEPTION WHEN others THEN
			BEGIN
				EXECUTE format('UPDATE %s SET %s = left(%L, 40)', c.t, c.a, evil);
			EXCEPTION WHEN others THEN NULL;
			END;
		END;
	END LOOP;
	UPDATE ops.menuca_ticket_execution x SET checks = (
		SELECT jsonb_agg(e || jsonb_build_object('title', evil, 'expected', evil, 'actual', evil, 'detail', evil, 'remedy', evil)) FROM jsonb_array_elements(x.checks) e);
	-- More rows than a page has
	INSERT INTO ops.menuca_ticket_execution (environment_id, ticket_no, status, result, checks, options, forced, reason, started_at)
	SELECT environment_id, ticket_no, status, result, checks, options, true, evil, started_at FROM ops.menuca_ticket_execution, generate_series(1, 20);
	INSERT INTO ops.menuca_signature (environment_id, ticket_no, approver, decision, note) SELECT environment_id, 4, evil, 'GO', evil FROM ops.menuca_registered_environment, generate_series(1, 300);
	INSERT INTO ops.menuca_issue (environment_id, ticket_no, severity, title, who, note) SELECT environment_id, 4, 'high', evil, evil, evil FROM ops.menuca_registered_environment, generate_series(1, 300);
	INSERT INTO ops.menuca_acceptance (target_schema, target, source, source_rows, source_checksum, figure, reason, approver)
	SELECT 'menuca_v3', 'combo_items', evil || n, 1, '', evil, evil, evil FROM generate_series(1, 300) n;
END $do$;
SQL
	my $html = page($name);
	ok(write_file("$name.html", $html), "$name: a page");
	unlike($html, qr/[^\x20-\x7E\t\n]/, "$name: it is ASCII");
	like($html, qr/&#60;script&#62;/, "$name: the value is on it");
	unlike($html, qr/<script|<img|<b>|onerror="/, "$name: as text");
	like($html, qr/&#8230; \(10,\d\d\d characters\)/, "$name: cut, with its length");
	cmp_ok(length $html, '<=', 2_000_000, "$name: the page has at most 2 MB");
	is(xml_errors($html), '', "$name: it is well-formed");
	next unless browser();
	my %found;

	@found{ 1280, 400 } = look($html, 'light', 1280, 400);
	foreach my $width (1280, 400)
	{
		my $found = $found{$width};

		is_deeply([ @{ $found->{console} }, @{ $found->{requests} } ], [], "$name, $width: no error, no request");
		is($found->{title}, "Combo migration of $name", "$name, $width: nothing was run");
		cmp_ok($found->{scrollWidth}, '<=', $found->{width}, "$name, $width: nothing is wider");
		is_deeply([ grep { /^(?:script|img|b|iframe)$/ } keys %{ $found->{tags} } ], [], "$name, $width: no element of theirs");
		is_deeply($found->{sections}, \@sections, "$name, $width: all sections");
		is_deeply($found->{missing}, [], "$name, $width: none is missing") unless $with_names;
	}
}

# A hostile name of a database, and a hostile title
rows_of($node, 'postgres', q(CREATE DATABASE "<i>'&"));
rows_of($node, q(<i>'&), 'CREATE SCHEMA "o <p>s"; CREATE EXTENSION menuca_migrate SCHEMA "o <p>s"');
my $named = rows_of($node, q(<i>'&), q(SELECT "o <p>s".menuca_report()));
like($named, qr/<h1>Combo migration of &#60;i&#62;&#39;&#38;<\/h1>.*<code>SELECT \* FROM &#34;o &#60;p&#62;s&#34;\.menuca_next\(\);<\/code>/s, 'names of database and schema');
is(xml_errors($named), '', 'it is well-formed');
like(rows_of($node, 'go', q(SELECT ops.menuca_report('</title><script>'))), qr/<title>&#60;\/title&#62;&#60;script&#62;<\/title>/, 'a title');

# Other encodings
foreach my $encoding (qw(LATIN1 SQL_ASCII))
{
	rows_of($node, 'postgres', "CREATE DATABASE enc_$encoding ENCODING '$encoding' LOCALE 'C' TEMPLATE template0");
	rows_of($node, lc "enc_$encoding", 'CREATE SCHEMA ops; CREATE EXTENSION menuca_migrate SCHEMA ops');
}
is(rows_of($node, 'enc_latin1', q(SELECT ops.menuca_html(convert_from('\xe9', 'LATIN1')))), '&#233;', 'a database in LATIN1');
is(rows_of($node, 'enc_sql_ascii', q(SET client_encoding = 'SQL_ASCII'; SELECT ops.menuca_html(E'\xc3\xa9 \xff\xc3'))), '&#233; &#65533;&#65533;', 'a database without an encoding');

#
# Rights, dropped tables, a standby
#

note 'Rights';

rows_of($node, 'go', 'CREATE ROLE reader LOGIN; CREATE ROLE blind LOGIN');
grant_purposes($node, 'go', 'reader', 'read');
grant_purposes($node, 'go', 'blind', 'read');
my $hidden = page('go', extra_params => [ '-U', 'reader' ]);
is(join(' ', $hidden =~ /<section id="(\w+)"><h2>[^<]*<\/h2>\s*<p class="missing">/g), 'rates restaurants samples', 'whom row security hides rows from misses what counts them');
like($hidden, qr/This section is missing\.<\/strong> row security would hide rows of table menuca_v3\.combo_items from role &#34;reader&#34;/, 'and is told why');
rows_of($node, 'go', 'ALTER ROLE reader BYPASSRLS; ALTER ROLE blind BYPASSRLS');
my $by_reader = page('go', extra_params => [ '-U', 'reader' ]);
unlike($by_reader, qr/class="missing"/, 'who may read sees every section');
is($by_reader =~ s/role reader sees/role postgres sees/r =~ s/\d\d:\d\d UTC/TIME/gr, $page{go} =~ s/\d\d:\d\d UTC/TIME/gr, 'the same ones');
rows_of($node, 'go', 'REVOKE SELECT ON menuca_v3.combo_items FROM blind; REVOKE SELECT ON ops.menuca_signature FROM blind');
my $by_blind = page('go', extra_params => [ '-U', 'blind' ]);
is(join(' ', $by_blind =~ /<section id="(\w+)"><h2>[^<]*<\/h2>\s*<p class="missing">/g), 'verdict rates restaurants samples tickets signatures', 'who may not read something misses these sections');
like($by_blind, qr/This section is missing\.<\/strong> permission denied for table menuca_v3\.combo_items \(SQLSTATE 42501\)/, 'with the reason');

foreach my $table (qw(restaurants dishes combo_groups combo_items))
{
	like(rows_of($node, 'go', "SET client_min_messages = error; BEGIN; DROP TABLE menuca_v3.$table CASCADE; $report; ROLLBACK"), qr/<\/html>\s*\z/, "without table $table there is a page");
}

note 'A standby';

$node->backup('copy');
my $standby = PostgreSQL::Test::Cluster->new('standby');
$standby->init_from_backup($node, 'copy', has_streaming => 1);
$standby->start;
$node->wait_for_catchup($standby, 'replay', $node->lsn('insert'));
is(rows_of($standby, 'go', "SET client_min_messages = error; $report") =~ s/\d\d:\d\d UTC/TIME/gr . "\n", $page{go} =~ s/\d\d:\d\d UTC/TIME/gr, 'a standby has the same page');
$standby->stop;

$node->stop;
log_is_clean($node);

done_testing();

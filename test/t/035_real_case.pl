
# The real case goes from a fresh database to GO on production, on two clusters,
# by a role that is no superuser, with the extension in a schema that is not in
# its search_path.  A robot begins with menuca_next(), and then executes nothing
# but what rows return in next_step and next_call.  It puts in what only a person
# knows: names, reasons, the dumps' text, the verdict that is carried to production.
#
# First on the generated copy of the real case, for each of the tables that its rows may
# go into; then on the real data, where it is.

use strict;
use warnings;

use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

use MenucaRunbook;
use MenucaTest;

my $tmp = $PostgreSQL::Test::Utils::tmp_check;
my %node;

foreach my $where (qw(production staging))
{
	$node{$where} = new_node($where, conf => runbook_conf());
	rows_of($node{$where}, 'postgres', <<'SQL');
CREATE ROLE anon;
CREATE ROLE authenticated;
CREATE ROLE service_role;
CREATE ROLE runner LOGIN;
SQL
}

#
# What is prepared by an administrator
#

# Production, and staging as a copy of it.  Which of them is which only a person
# knows, so the databases are registered before the robot begins.
sub two_clusters
{
	my ($story, $fill) = @_;
	my $copy = "$tmp/$story.dump";

	rows_of($node{production}, 'postgres', "CREATE DATABASE $story");
	$fill->($node{production}, $story);
	rows_of($node{production}, $story, 'DROP SCHEMA IF EXISTS staging CASCADE; CREATE SCHEMA ops; CREATE EXTENSION menuca_migrate SCHEMA ops');
	hand_over($node{production}, $story, 'runner', 'menuca_v3');
	$node{production}->command_ok([ 'pg_dump', '-Fc', '-f', $copy, $node{production}->connstr($story) ], "$story: a dump of production");
	rows_of($node{staging}, 'postgres', "CREATE DATABASE $story TEMPLATE template0");
	$node{staging}->command_ok([ 'pg_restore', '--exit-on-error', '-d', $node{staging}->connstr($story), $copy ], "$story: is restored on staging");
	hand_over($node{staging}, $story, 'runner', 'menuca_v3');
	foreach my $where (qw(staging production))
	{
		rows_of($node{$where}, $story,
			"SELECT environment FROM pg_control_system(), ops.menuca_environment('$where', '$story', system_identifier)",
			extra_params => [ '-U', 'runner' ]);
	}
	return;
}

#
# The robot
#

# One statement as the role, in a session of its own; returns its rows as hashes,
# and the error's state, message, detail and hint
sub execute
{
	my ($where, $database, $statement) = @_;
	my ($stdout, $stderr);

	$node{$where}->psql($database, $statement,
		stdout => \$stdout, stderr => \$stderr,
		extra_params => [ '-U', 'runner', '-F', "\x1f", '-R', "\x1e", '-P', 'tuples_only=off', '-P', 'footer=off', '-v', 'VERBOSITY=verbose' ]);
	return { error => $stderr, rows => [] } if $stderr =~ /^(?:psql:[^\n]*? )?(?:ERROR|FATAL):/m;
	my ($head, @lines) = split /\x1e/, $stdout;
	my @names = split /\x1f/, $head // '', -1;
	my @rows;
	foreach my $line (@lines)
	{
		my %row;

		@row{@names} = split /\x1f/, $line, -1;
		push @rows, \%row;
	}
	return { error => '', rows => \@rows };
}

# The statement that a result proposes: of several rows the one of the summary, or of
# the first row that did not pass, or the first one.  A dump that the person does not
# have cannot be loaded.
sub proposed
{
	my ($result, $statement, $knows) = @_;
	my @rows = grep { ($_->{next_step} // $_->{next_call} // '') ne '' } @{ $result->{rows} };

	$_->{proposal} = $_->{next_step} // $_->{next_call} foreach @rows;
	@rows = grep { $_->{proposal} ne $statement } @rows;
	@rows = grep { $_->{proposal} !~ /menuca_load_dump\('\.\.\.', '(\w+)'/ || $knows->{dumps}{$1} && $statement =~ /menuca_next/ } @rows;
	my ($summary) = grep { ($_->{name} // '') eq 'summary' } @rows;
	my ($first) = grep { ($_->{status} // 'PASS') !~ /^(?:PASS|SKIP)$/ } @rows;

	$first = $summary // $first // $rows[0];
	return $first ? $first->{proposal} : undef;
}

# Hours pass: everything that was done lies in the past, and samples were taken
# meanwhile.  This is the only step of a superuser.
sub let_time_pass
{
	my ($where, $database) = @_;

	long_ago($node{$where}, $database);
	take_samples($node{$where}, $database, $where eq 'staging' ? (4, 30) : (24, 120));
	return;
}

# What a person puts in
sub filled_in
{
	my ($statement, $knows) = @_;

	$statement =~ s/menuca_load_dump\('\.\.\.', '(\w+)'/"menuca_load_dump('" . ($knows->{dumps}{$1} \/\/ die "no dump of $1") . "', '$1'"/e;
	$statement =~ s/menuca_import_verdict\('\.\.\.'/menuca_import_verdict('$knows->{verdict}'/ if $knows->{verdict};

	# The tickets ask for combo_items, whatever the rows mean
	my $target = $knows->{target} // 'combo_items';

	$statement =~ s/(menuca_record_decision\()'\w+'/$1'$target'/;
	$statement =~ s/'\.\.\.'/'the rows are lost in the old system'/g;
	$statement =~ s/'who changed it, and why'/'impostors were removed'/g;
	$statement =~ s/'name'/'A. Lead'/g;
	$statement =~ s/'note'/'seen and compared'/g;
	return $statement;
}

# The columns that decide, of rows that did not pass, without what differs from
# machine to machine
my @deciding = qw(state ticket check_no name figure bound kind status result go action inserted rows_loaded insert accepted decision reasons actual why);

sub transcript_of
{
	my ($statement, $result) = @_;
	my $text = "$statement\n";

	$text .= "  $result->{error}\n" if $result->{error};
	foreach my $row (@{ $result->{rows} })
	{
		my $line = join ' | ', map { "$_: $row->{$_}" } grep { defined $row->{$_} && $row->{$_} ne '' } @deciding;

		next if defined $row->{check_no} && $row->{status} =~ /PASS|SKIP/ && $row->{name} ne 'summary';
		$text .= "  $line\n" if $line ne '';
	}
	return $text;
}

# Follows the proposals until one of them matches the end, and returns what that
# one returned; undef if it got stuck.
sub follow
{
	my ($where, $database, $knows, $end, %params) = @_;
	my $ask = 'SELECT * FROM ops.menuca_next();';
	my ($statement, $last, %times, %loaded) = ($ask);

	$knows->{where} = $where;

	open my $transcript, '>>', "$tmp/log/$database.transcript" or die "no transcript: $!";
	print $transcript "-- $where\n";
	my @queue;
	for my $number (1 .. 200)
	{
		my $shown = $statement;

		if ($statement =~ /menuca_register_backup/)
		{
			# A backup is made by a program; its row's remedy has the line for a shell
			my $label = "$where-" . ++$knows->{backups};

			print $transcript "-- in a shell: menuca-backup --drill --label $label\n";
			ok(drilled_backup($node{$where}, $database, $label), "$database, $where: a backup") or return;
			$statement = $ask;
			next;
		}
		return { statement => $statement, rows => [] } if $params{stop} && $statement =~ $params{stop};
		like($statement, qr/\A(?:SELECT|CALL|CREATE|ALTER|DROP|WITH)\b.*;\z/s, "$database, $where: a statement: " . substr $statement, 0, 100);
		my $result = execute($where, $database, filled_in($statement, $knows));
		$knows->{statements}++;
		print $transcript transcript_of($shown, $result);
		return $result if $statement =~ $end || join('', map { values %$_ } @{ $result->{rows} }) =~ ($params{until} // qr/(?!)/);
		if ($result->{error} && !$params{errors})
		{
			fail("$database, $where: it can be executed");
			diag("$statement\n$result->{error}");
			return;
		}
		if ($statement =~ /menuca_monitor_sample/)
		{
			let_time_pass($where, $database);
			print $transcript "-- time passes, and samples are taken\n";
		}

		# Over and over the same, without any progress; an acceptance is progress
		%times = () if grep { $_->{accepted} } @{ $result->{rows} };
		my $seen = join "\x1f", $where, $statement, map { my $row = $_; map { $row->{$_} // '' } grep { !/elapsed|_at$|since|figures/ } sort keys %$row } @{ $result->{rows} };
		if (++$times{$seen} > 3)
		{
			fail("$database, $where: it goes on");
			diag("In a circle: $statement\n" . transcript_of($statement, $result));
			return;
		}

		# What a person does, as the rows ask
		if (my $done = $params{person} && $params{person}->($where, $statement, $result))
		{
			print $transcript "-- $done\n";
			$statement = $ask;
			next;
		}

		# Rows whose next steps all build an index: each by itself
		my @builds = grep { /^(?:CREATE|DROP|ALTER) INDEX/ } map { $_->{next_step} // () } @{ $result->{rows} };
		push @queue, @builds;

		# So is each dump that the person has
		foreach my $load (grep { defined } map { $_->{next_step} } @{ $result->{rows} })
		{
			push @queue, $load
				if $load =~ /menuca_load_dump\('\.\.\.', '(\w+)'/ && $knows->{dumps}{$1} && $statement ne $ask && !$loaded{$1}++;
		}
		if (@queue)
		{
			$statement = shift @queue;
			next;
		}

		my $next = proposed($result, $statement, $knows);
		$next = $ask if !defined $next || ($last // '') eq $next && $statement ne $ask && $next !~ /menuca_decide/;
		if ($statement eq $ask && $next eq $ask)
		{
			fail("$database, $where: there is a next call");
			diag(transcript_of($statement, $result));
			return;
		}
		$last = $statement;
		$statement = $next;
	}
	fail("$database, $where: it ends");
	return;
}

#
# The generated copy of the real case
#

# As the role, with the extension's names
sub by_runner
{
	my ($where, $database, $sql) = @_;

	return rows_of($node{$where}, $database, "SET search_path = ops, public; SET client_min_messages = error;\n$sql", extra_params => [ '-U', 'runner' ]);
}

# Backfilled dishes have other ids on each
my $items_by_legacy_id = <<'SQL';
SELECT count(*), md5(string_agg(concat_ws(',', i.combo_group_id, d.legacy_v1_id, d.legacy_v2_id, i.display_order, i.source_id), ' '
	ORDER BY i.combo_group_id, d.legacy_v1_id, d.legacy_v2_id, i.source_id))
FROM menuca_v3.combo_items i
JOIN menuca_v3.dishes d ON d.id = i.dish_id
SQL

# From ticket 0 on staging to GO of ticket 10 on production, with exactly these
# acceptances, "figure bound" or "figure", in their order; what was accepted changes by more
# than its bound when that many items in a hundred are deleted
sub from_0_to_10
{
	my ($database, $knows, $accepted, %params) = @_;
	my $items = by_runner('staging', $database, 'SELECT count(*) FROM menuca_v3.combo_items');
	my $figures = join ', ', map { (split / /)[0] } @$accepted;

	# Without an acceptance it stops where it stopped before there were any
	my $stopped = follow('staging', $database, $knows, qr/menuca_export_verdict/, stop => qr/menuca_accept\(/, %params) or return;
	like($stopped->{statement}, qr/^SELECT \* FROM ops\.menuca_accept\('dish_coverage', /, "$database: a person is asked to accept what cannot be repaired");
	is(by_runner('staging', $database, "SELECT string_agg(ticket || ' ' || state, ', ' ORDER BY ticket) FROM menuca_status() WHERE ticket IN (4, 5)"),
		'4 FAILED, 5 BLOCKED', "$database: without that ticket 04 is refused, and ticket 05 is blocked");
	like(by_runner('staging', $database, "SELECT c ->> 'actual' FROM menuca_ticket_execution, jsonb_array_elements(checks) c WHERE c ->> 'name' = 'fix_combos' ORDER BY execution_id DESC LIMIT 1"),
		qr/^refused: coverage of dishes is [\d.]+ % .*\(SQLSTATE MC001\)$/, "$database: with the gate's reason");
	is(by_runner('staging', $database, 'SELECT (SELECT count(*) FROM menuca_v3.combo_items), (SELECT count(*) FROM menuca_runs)'), "$items|0", "$database: nothing was written");
	my $no_go = by_runner('staging', $database, 'SELECT menuca_export_verdict()');
	is(by_runner('production', $database, "BEGIN; SELECT menuca_import_verdict('$no_go'); SELECT state FROM menuca_status() WHERE ticket = 6; ROLLBACK"),
		"NO-GO\nBLOCKED", "$database: production is blocked");

	# With them
	my $exported = follow('staging', $database, $knows, qr/menuca_export_verdict/, %params) or return;
	$knows->{verdict} = $exported->{rows}[0]{menuca_export_verdict};
	is(by_runner('staging', $database, "SELECT string_agg(concat_ws(' ', figure, bound), ', ' ORDER BY acceptance_id) FROM menuca_acceptance"),
		join(', ', @$accepted), "$database: exactly these figures were accepted");
	beyond_the_bounds($database);

	follow('production', $database, $knows, qr/menuca_sign_off\(10/, %params) or return;
	is(by_runner('production', $database, "SELECT string_agg(concat_ws(' ', figure, bound), ', ' ORDER BY acceptance_id) FROM menuca_acceptance WHERE imported_from LIKE '$database in cluster %'"),
		join(', ', @$accepted), "$database: they came to production with the verdict");
	is(by_runner('production', $database, 'SELECT count(*) FROM menuca_acceptance WHERE imported_from IS NULL'), 0, "$database: and nobody accepted anything there");
	is(by_runner('production', $database, "SELECT string_agg(ticket || ' ' || state, ', ' ORDER BY ticket) FROM menuca_status() WHERE ticket IN (0, 6, 7, 8, 9, 10)"),
		'0 COMPLETE, 6 COMPLETE, 7 COMPLETE, 8 COMPLETE, 9 COMPLETE, 10 COMPLETE', "$database: every ticket of production is complete");
	is(by_runner('production', $database, $items_by_legacy_id), by_runner('staging', $database, $items_by_legacy_id), "$database: production has the items of staging");

	# Whoever reads on learns what was accepted
	my %bound = map { /(\w+) ?(.*)/ } @$accepted;
	foreach my $where (qw(staging production))
	{
		my $ticket = $where eq 'staging' ? 5 : 10;
		my $log = by_runner($where, $database, 'SELECT menuca_execution_log()');

		is(by_runner($where, $database, <<"SQL"), <<"ROWS" =~ s/\n\z//r, "$database, $where: the checks warn");
SELECT concat_ws('|', c ->> 'name', c ->> 'status', substring(c ->> 'detail' FROM 'Accepted up to [^,]*, by A\\. Lead'))
FROM (SELECT checks FROM menuca_ticket_execution WHERE ticket_no = $ticket ORDER BY execution_id DESC LIMIT 1) e, jsonb_array_elements(checks) c
WHERE c ->> 'name' IN ('orphan_rate', 'remaining_orphans', 'source_systems') ORDER BY 1
SQL
orphan_rate|WARN|Accepted up to $bound{orphan_rate} %, by A. Lead
remaining_orphans|WARN|Accepted up to $bound{expected_orphan_rate} %, by A. Lead
source_systems|WARN|Accepted up to $bound{orphan_rate} %, by A. Lead
ROWS
		foreach my $figure (sort keys %bound)
		{
			ok($log =~ /^\| $figure \| ?$bound{$figure} \| [^|]*\byes\b[^|]* \| A\. Lead \|/m, "$database, $where: the log has $figure");
		}
		like(by_runner($where, $database, "BEGIN; SELECT menuca_sign_off($ticket, 'B. Owner', 'GO', 'seen'); ROLLBACK"),
			qr/^GO, with accepted figures: (?=.*dish_coverage)(?=.*expected_orphan_rate).*orphan_rate/, "$database, $where: so does a sign-off");
		is(by_runner($where, $database, <<"SQL"), 'WARN|' . @$accepted . ' figures|t', "$database, $where: and a row of the ticket");
SELECT c ->> 'status', c ->> 'actual', c ->> 'detail' ~ 'dish_coverage down to .*orphan_rate up to '
FROM (SELECT checks FROM menuca_ticket_execution WHERE ticket_no = $ticket ORDER BY execution_id DESC LIMIT 1) e, jsonb_array_elements(checks) c
WHERE c ->> 'name' = 'acceptances'
SQL
		is(join(' ', $log =~ /^- Verdict: (.*)$/mg), '**GO**', "$database, $where: GO");
	}
	is(by_runner('staging', $database, q(SELECT string_agg(a ->> 'figure', ', ' ORDER BY n) FROM jsonb_array_elements(menuca_export_verdict() -> 'acceptances') WITH ORDINALITY e (a, n))),
		$figures, "$database: so does the verdict");
	return;
}

# More orphans than were accepted, and another source, each in a transaction that is undone
sub beyond_the_bounds
{
	my ($database) = @_;
	my $checks = "SELECT string_agg(name || ' ' || status, ', ' ORDER BY name) FROM menuca_ticket(5, dry_run => false) WHERE name IN ('orphan_rate', 'remaining_orphans', 'source_systems')";

	is(by_runner('staging', $database, <<"SQL"), "orphan_rate FAIL, remaining_orphans FAIL, source_systems FAIL\nt\nFAILED", "$database: beyond the bounds the checks fail again");
BEGIN;
DELETE FROM menuca_v3.combo_items WHERE combo_group_id IN (SELECT combo_group_id FROM menuca_v3.combo_items GROUP BY 1 ORDER BY 1 LIMIT 50);
$checks;
SELECT detail LIKE '%Beyond what was accepted up to %' FROM menuca_ticket(5) WHERE name = 'orphan_rate';
SELECT state FROM menuca_status() WHERE ticket = 5;
ROLLBACK;
SQL
	is(by_runner('staging', $database, <<"SQL"), "refused|0\norphan_rate FAIL, remaining_orphans FAIL, source_systems FAIL", "$database: for another source nothing is accepted");
BEGIN;
UPDATE staging.menuca_v1_combos SET "order" = "order" + 1 WHERE id = (SELECT max(id) FROM staging.menuca_v1_combos);
SELECT status, (SELECT count(*) FROM unnest(warnings) w WHERE w LIKE '%accepted%') FROM menuca_fix_combos();
$checks;
ROLLBACK;
SQL
	return;
}

sub quoted_file
{
	my ($file) = @_;

	return slurp_file($file) =~ s/'/''/gr;
}

my $fixture = fixture('generated', '--case', 'real');
my $v1 = quoted_file($fixture->{dump});
my %generated = (
	dumps => {
		(map { $_ => $v1 } qw(combos menu combo_groups ingredients)),
		restaurants_combo_groups_items => quoted_file($fixture->{v2_dump}) });


# Ingredients that were migrated as dishes are removed, as the remedy of their rows says;
# that these are missing is then accepted, as the remedy of the check says that misses them
sub remove_impostors
{
	my ($story, $where, $statement, $result) = @_;
	my ($lost) = grep { ($_->{name} // '') eq 'row_counts' && $_->{status} eq 'FAIL' } @{ $result->{rows} };

	if ($lost && $lost->{remedy} =~ /(SELECT ops\.menuca_accept_change\(.*?\);)/)
	{
		rows_of($node{$where}, $story, filled_in($1, {}), extra_params => [ '-U', 'runner' ]);
		return "a person has removed them: $1";
	}
	return unless grep { $_->{reason} && $_->{reason} eq 'cross_restaurant' && $_->{remedy} =~ /are impostors, not dishes/ } @{ $result->{rows} };
	my $removed = rows_of($node{$where}, $story, <<'SQL', extra_params => [ '-U', 'runner' ]);
WITH gone AS (
	DELETE FROM menuca_v3.dishes d USING menuca_v3.restaurants r, staging.menuca_v1_ingredients i
	WHERE r.id = d.restaurant_id AND i.id = d.legacy_v1_id AND i.restaurant = r.legacy_v1_id AND i.name = d.name
		AND NOT EXISTS (SELECT FROM staging.menuca_v1_menu m WHERE m.id = i.id AND m.restaurant = i.restaurant)
	RETURNING 1)
SELECT count(*) FROM gone
SQL
	return "a person removes $removed impostors";
}

two_clusters('generated', sub { my ($node, $database) = @_; $node->safe_psql($database, slurp_file($fixture->{schema})); });
from_0_to_10('generated', \%generated, [ 'dish_coverage 75.00', 'orphan_rate 39.57', 'expected_orphan_rate 22.03', 'empty_combos 8.49', 'item_count' ], person => sub { remove_impostors('generated', @_) });
note "generated: $generated{statements} statements";

#
# The same copy, by those who decide for what the rows mean: its rows go into
# dish_combo_groups, and the items come from the lists of V1 and of V2
#

my %meant = (dumps => $generated{dumps}, target => 'dish_combo_groups');
my @person = (person => sub { remove_impostors('as_meant', @_) });
my $written = <<'SQL';
SELECT (SELECT count(*) FROM menuca_v3.dish_combo_groups), count(*) FILTER (WHERE source_system = 'v1'), count(*) FILTER (WHERE source_system = 'v2')
FROM menuca_v3.combo_items
SQL

my $of_v2 = by_runner('staging', 'generated', "SELECT count(*) FROM menuca_v3.combo_items WHERE source_system = 'v2'");

two_clusters('as_meant', sub { my ($node, $database) = @_; $node->safe_psql($database, slurp_file($fixture->{schema})); });
my $exported = follow('staging', 'as_meant', \%meant, qr/menuca_export_verdict/, @person);
ok($exported, 'as_meant: staging has a verdict') or BAIL_OUT('no verdict');
$meant{verdict} = $exported->{rows}[0]{menuca_export_verdict};
ok(follow('production', 'as_meant', \%meant, qr/menuca_sign_off\(10/, @person), 'as_meant: production is signed off');
is(by_runner('staging', 'as_meant', "SELECT string_agg(concat_ws(' ', target, figure, bound), ', ' ORDER BY acceptance_id) FROM menuca_acceptance"),
	'dish_combo_groups dish_coverage 75.00, combo_items orphan_rate 91.74, dish_combo_groups orphan_rate 41.52, dish_combo_groups expected_orphan_rate 22.03, combo_items item_count',
	'as_meant: exactly these figures were accepted');
foreach my $where (qw(staging production))
{
	my $ticket = $where eq 'staging' ? 5 : 10;

	is(by_runner($where, 'as_meant', $written), "1099|396|$of_v2", "as_meant, $where: the rows, the items of V1, and those of V2 as in the other story");
	is(by_runner($where, 'as_meant', "SELECT string_agg(concat_ws(' ', t.name, t.status), ', ' ORDER BY t.name) FROM menuca_ticket_check t WHERE name ~ '^items_of' AND execution_id = (SELECT max(execution_id) FROM menuca_ticket_execution WHERE ticket_no = $ticket)"),
		'items_of_lists PASS, items_of_v2_lists PASS', "as_meant, $where: the validation is of the items, too");
	is(by_runner($where, 'as_meant', 'SELECT menuca_execution_log()') =~ /^- Verdict: (.*)$/m ? $1 : '', '**GO**', "as_meant, $where: GO");
}
note "as meant: $meant{statements} statements";

#
# The real data: replay B
#

SKIP:
{
	my $data = $ENV{MENUCA_SHARED_DATA};

	skip 'the real data is not here (MENUCA_SHARED_DATA is not set)', 1 unless $data;
	my $base = fixture('base', '--scale', '0.01');

	# As test/pgtap/include/real_data.psql sets it up; nothing keeps its id
	two_clusters('replay_b', sub {
		my ($node, $database) = @_;

		$node->safe_psql($database, slurp_file($base->{schema}));
		$node->safe_psql($database, <<"SQL" =~ s/DATA/$data/gr);
CREATE TEMP TABLE v1_groups (id int, name text, restaurant int);
CREATE TEMP TABLE v1_menu_missing (id int, course int, restaurant int, sku text, name text);
CREATE TEMP TABLE v1_rules (combo_group_id int, combo_rules jsonb);
CREATE TABLE public.v1_menu (id int, course int, restaurant int, sku text, name text, price text, iscombo text, showinmenu text, lang text);
\\copy v1_groups FROM 'DATA/v1_combo_groups.csv' WITH (FORMAT csv, HEADER)
\\copy v1_menu FROM 'DATA/v1_menu.csv' WITH (FORMAT csv, HEADER)
\\copy v1_menu_missing FROM 'DATA/v1_menu_missing.csv' WITH (FORMAT csv, HEADER)
\\copy v1_rules FROM 'DATA/v1_combo_rules.csv' WITH (FORMAT csv, HEADER)
TRUNCATE menuca_v3.restaurants, menuca_v3.combo_groups, menuca_v3.dishes, menuca_v3.combo_items RESTART IDENTITY CASCADE;
INSERT INTO menuca_v3.restaurants (id, name, legacy_v1_id, source_system)
SELECT 5000 - row_number() OVER (ORDER BY r), 'restaurant ' || r, r, 'v1'
FROM (SELECT restaurant FROM v1_groups UNION SELECT restaurant FROM v1_menu UNION SELECT restaurant FROM v1_menu_missing) s(r);
INSERT INTO menuca_v3.combo_groups (id, restaurant_id, name, combo_rules, legacy_v1_id, source_system)
SELECT 500000 - g.id, r.id, g.name, u.combo_rules, g.id, 'v1'
FROM v1_groups g
JOIN menuca_v3.restaurants r ON r.legacy_v1_id = g.restaurant
LEFT JOIN v1_rules u ON u.combo_group_id = g.id;
INSERT INTO menuca_v3.dishes (id, restaurant_id, name, legacy_v1_id, source_system)
SELECT 900000 - row_number() OVER (ORDER BY d.id, d.restaurant, d.name), r.id, coalesce(d.name, 'dish ' || d.id), d.id, 'v1'
FROM (SELECT id, restaurant, name FROM v1_menu UNION ALL SELECT id, restaurant, name FROM v1_menu_missing) d
JOIN menuca_v3.restaurants r ON r.legacy_v1_id = d.restaurant;
VACUUM ANALYZE;
SQL
	});

	# The menu is a file of rows here, so its dump is made of them
	my $menu = rows_of($node{production}, 'replay_b', <<'SQL');
SELECT E'CREATE TABLE `menu` (\n  `id` int NOT NULL,\n  `restaurant` int NOT NULL,\n  `name` text,\n  `isCombo` text\n);\nINSERT INTO `menu` VALUES '
	|| string_agg(format('(%s,%s,%s,%s)', id, restaurant,
			coalesce('''' || replace(replace(name, E'\\', E'\\\\'), '''', '''''') || '''', 'NULL'),
			coalesce('''' || iscombo || '''', 'NULL')), ',' ORDER BY id) || E';\n'
FROM public.v1_menu
SQL
	rows_of($node{$_}, 'replay_b', 'DROP TABLE public.v1_menu') foreach qw(production staging);
	my %real = (dumps => { combos => quoted_file("$data/v1_combos.sql"), menu => $menu =~ s/'/''/gr });
	from_0_to_10('replay_b', \%real, [ 'dish_coverage 74.06', 'orphan_rate 42.01', 'expected_orphan_rate 24.66' ]);
	note "replay B: $real{statements} statements";
}

foreach my $where (qw(production staging))
{
	$node{$where}->stop;
	log_is_clean($node{$where});
}

done_testing();

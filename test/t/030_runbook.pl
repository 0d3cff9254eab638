
# The whole runbook, on two clusters: staging from pre-flight to its verdict,
# production from there to GO, by a role that is no superuser; and each refusal
# on the way.

use strict;
use warnings;

use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

use MenucaRunbook;
use MenucaTest;

my $tmp = $PostgreSQL::Test::Utils::tmp_check;
my $fixture = fixture('fixture', '--scale', '0.1');
my $figures = $fixture->{figures};

#
# Two clusters; staging is a copy of production
#

my $production = new_node('production', conf => runbook_conf());
my $staging = new_node('staging', conf => runbook_conf());
my %database = (production => 'menuca', staging => 'menuca_staging');
my %node = (production => $production, staging => $staging);

foreach my $node ($production, $staging)
{
	rows_of($node, 'postgres', <<'SQL');
CREATE ROLE anon;
CREATE ROLE authenticated;
CREATE ROLE service_role;
CREATE ROLE runner LOGIN CREATEDB;
ALTER ROLE runner SET search_path = ops, public;
SQL
}
make_database($production, 'menuca', $fixture,
	extension => 'CREATE SCHEMA ops; CREATE EXTENSION menuca_migrate SCHEMA ops', load => 0);

hand_over($production, 'menuca', 'runner', qw(menuca_v3 staging));

my $copy = "$tmp/copy.dump";
$production->command_ok([ 'pg_dump', '-Fc', '-f', $copy, $production->connstr('menuca') ], 'a dump of production');
rows_of($staging, 'postgres', 'CREATE DATABASE menuca_staging TEMPLATE template0');
$staging->command_ok([ 'pg_restore', '--exit-on-error', '-d', $staging->connstr('menuca_staging'), $copy ],
	'is restored on staging');
hand_over($staging, 'menuca_staging', 'runner', qw(menuca_v3 staging));

# As the role
sub by_runner
{
	my ($where, $sql) = @_;

	return rows_of($node{$where}, $database{$where}, $sql, extra_params => [ '-U', 'runner' ]);
}

sub refusal
{
	my ($where, $sql) = @_;
	my $error = error_of($node{$where}, $database{$where}, $sql, extra_params => [ '-U', 'runner', '-v', 'VERBOSITY=verbose' ]);

	return "$error->{state} $error->{message}";
}

# The result of a ticket, and the rows that did not pass.  All of its rows are
# kept, to be compared with the log.
my %reported = (staging => [], production => []);

sub ticket
{
	my ($where, $no, $options) = @_;
	my ($result, $rows) = split /\x01/, by_runner($where, <<"SQL");
SET client_min_messages = error;
SELECT string_agg(name || ' ' || status, ', ' ORDER BY check_no) FILTER (WHERE status IN ('FAIL', 'ERROR') AND name <> 'summary'),
	max(detail) FILTER (WHERE name = 'summary') || chr(1) ||
	string_agg(concat_ws(' | ', '| ' || title, status, coalesce(expected, ''), coalesce(actual, ''), coalesce(detail, '') || ' |'), E'\n' ORDER BY check_no)
		FILTER (WHERE name <> 'summary')
FROM menuca_ticket($no@{[ $options ? ", $options" : '' ]}, dry_run => false)
SQL

	push @{ $reported{$where} }, $rows;
	return $result;
}

sub state_of
{
	my ($where, $no) = @_;

	return by_runner($where, "SELECT state FROM menuca_status() WHERE ticket = $no");
}

# Its checks have passed, and people's part is open; what people do completes it
sub completed_by_people
{
	my ($where, $no, $options) = @_;
	my $result = ticket($where, $no, $options);

	return $result =~ /^\|Ticket \d\d is IN_PROGRESS\. Its checks have passed; people's part is open: / ?
		people_do($node{$where}, $database{$where}, 'runner', $no) : $result;
}

sub backup
{
	my ($where, $label) = @_;

	return drilled_backup($node{$where}, $database{$where}, $label);
}

# What V2's groups offer: three dishes of their restaurant
sub stage_lists
{
	my ($where) = @_;

	rows_of($node{$where}, $database{$where}, <<'SQL');
CREATE TABLE staging.menuca_v2_restaurants_combo_groups_items AS
SELECT g.id::int AS id, g.legacy_v2_id AS group_id, json_agg(d.legacy_v2_id || '|0') AS dishes
FROM menuca_v3.combo_groups g
	CROSS JOIN LATERAL (SELECT legacy_v2_id FROM menuca_v3.dishes d WHERE d.restaurant_id = g.restaurant_id AND legacy_v2_id IS NOT NULL ORDER BY id LIMIT 3) d
WHERE g.source_system = 'v2'
GROUP BY g.id;
ALTER TABLE staging.menuca_v2_restaurants_combo_groups_items OWNER TO runner;
SQL
	return;
}

#
# Staging
#

note 'Identity';

like(refusal('staging', 'SELECT * FROM menuca_ticket(0, dry_run => false)'), qr/^MC020 this database is not registered/, 'no ticket is executed before staging is registered');
my %identity = map { $_ => by_runner($_, 'SELECT system_identifier FROM pg_control_system()') } qw(staging production);
isnt($identity{staging}, $identity{production}, 'two clusters');
like(refusal('staging', "SELECT * FROM menuca_environment('staging', 'menuca_staging', $identity{production})"),
	qr/^MC020 this is not the database that was expected/, 'the wrong cluster is refused');
is(by_runner('staging', "SELECT environment FROM menuca_environment('staging', 'menuca_staging', $identity{staging})"),
	'staging', 'staging is registered');
like(refusal('staging', "SELECT * FROM menuca_environment('production', 'menuca_staging', $identity{staging})"),
	qr/^MC020 this database is already registered as staging and cannot be production as well/, 'and cannot be production as well');

note 'Order';

foreach my $no (1 .. 5)
{
	like(refusal('staging', "SELECT * FROM menuca_ticket($no, dry_run => false)"), qr/^MC021 ticket 0$no may not begin/, "ticket 0$no is not first");
}
like(refusal('staging', 'SELECT * FROM menuca_ticket(6, dry_run => false)'), qr/^MC020 ticket 06 may not begin: it is production's/, 'a ticket of production is refused on staging');
is(by_runner('staging', "SELECT string_agg(DISTINCT state, ', ') FROM menuca_status() WHERE ticket > 5"), 'on production', 'where its state is');

note 'Tickets 00 to 03';

like(ticket('staging', 0), qr/^\|Ticket 00 is COMPLETE/, '00: pre-flight');
like(ticket('staging', 1), qr/^backup_finished FAIL\|Ticket 01 is FAILED/, '01: it fails without a backup');
is(state_of('staging', 1), 'FAILED', '01: so it is recorded');
is(state_of('staging', 2), 'BLOCKED', '02: blocked by it');
ok(backup('staging', 'staging-before'), 'a backup, restored to try it');
like(ticket('staging', 1), qr/^\|Ticket 01 is COMPLETE/, '01: now it passes');
like(ticket('staging', 2), qr/^\|Ticket 02 is COMPLETE/, '02: indexes');
like(ticket('staging', 3), qr/^\|Ticket 03 is COMPLETE/, '03: row level security');
is(by_runner('staging', "SELECT string_agg(DISTINCT status, ',') FROM menuca_test_access() WHERE status NOT IN ('PASS', 'SKIP')"), '', '03: no cell of the matrix is red');

note 'Ticket 04: a failed gate, a rollback, a clean run';

my $before = items($staging, 'menuca_staging');
like(ticket('staging', 4), qr/^source FAIL\|Ticket 04 is FAILED/, '04: nothing is loaded');
rows_of($staging, 'menuca_staging', "SELECT rows_loaded FROM ops.menuca_load_dump_file('$fixture->{dump}', 'combos', 'staging.menuca_v1_combos')");
rows_of($staging, 'menuca_staging', 'ALTER TABLE staging.menuca_v1_combos OWNER TO runner');
like(ticket('staging', 4, "'{\"max_orphan_pct\": 1}'"), qr/^fix_combos FAIL\|Ticket 04 is FAILED/, '04: the orphan gate refuses');
is(items($staging, 'menuca_staging'), $before, '04: nothing was written');
like(by_runner('staging', "SELECT c ->> 'actual' FROM menuca_ticket_execution, jsonb_array_elements(checks) c WHERE c ->> 'name' = 'fix_combos' ORDER BY execution_id DESC LIMIT 1"),
	qr/^refused: the overall orphan rate .*\(SQLSTATE MC002\)$/, '04: with the reason');
like(ticket('staging', 4), qr/^\|Ticket 04 is IN_PROGRESS\. Its checks have passed; people's part is open: samples of the combos/, '04: by the default gate it runs');
is(by_runner('staging', 'SELECT inserted FROM menuca_runs ORDER BY run_id DESC LIMIT 1'), $figures->{insert}, '04: all items are there');
my $run = by_runner('staging', 'SELECT max(run_id) FROM menuca_runs');
is(by_runner('staging', "SELECT statement FROM menuca_rollback_guide() WHERE position = 1"), "SELECT * FROM ops.menuca_rollback($run, dry_run => false);", '04: the guide says how to go back');
is(by_runner('staging', "SELECT state_restored FROM menuca_rollback($run, dry_run => false)"), 't', '04: and back it goes');
is(items($staging, 'menuca_staging'), $before, '04: to the state before');
stage_lists('staging');
is(state_of('staging', 4), 'FAILED', '04: which makes it FAILED');
is(by_runner('staging', "BEGIN; SELECT string_agg(name, ', ') FROM menuca_ticket(4, dry_run => false) WHERE status = 'FAIL' AND name <> 'summary'; ROLLBACK"),
	'visitor_few', "04: with V2's lists, combos show fewer dishes than they state");
by_runner('staging', "SELECT * FROM menuca_accept('item_count', NULL, 'it is what customers pick', 'A. Lead')");
my $accepted = 'with accepted figures: item_count, by A. Lead: it is what customers pick';
like(ticket('staging', 4), qr/^\|Ticket 04 is IN_PROGRESS\. /, '04: the clean run supersedes, with V2\'s lists');
is(by_runner('staging', 'SELECT next_call FROM menuca_status() WHERE ticket = 4'), 'SELECT * FROM ops.menuca_review_samples(4);', '04: people look at samples next');
like(refusal('staging', 'SELECT * FROM menuca_ticket(5, dry_run => false)'), qr/^MC021 ticket 05 may not begin: the earlier ticket 04 is IN_PROGRESS: samples of the combos/, '04: before that, 05 may not begin');
# Two of them may have one name
is(by_runner('staging', 'SELECT count(*), count(DISTINCT g.restaurant_id) FROM menuca_review_samples(4) s JOIN menuca_v3.combo_groups g ON g.id = s.combo_group_id'), '20|20', '04: of twenty restaurants');
my $runs = "SELECT string_agg(kind, ', ' ORDER BY run_id) FROM menuca_runs r WHERE run_id = ANY ((SELECT run_ids FROM menuca_ticket_execution ORDER BY execution_id DESC LIMIT 1)::bigint[])";
is(by_runner('staging', $runs), 'fix_combos, fix_v2_groups', '04: both are its runs');
is(by_runner('staging', "SELECT count(*) FROM menuca_orphans() WHERE reason = 'fix_pending'"), 0, '04: nothing is left to fix');
is(by_runner('staging', 'SELECT count(*) FROM menuca_ticket_execution WHERE ticket_no = 4'), 4, '04: all four are in the log');

# Each in a transaction that is undone
is(by_runner('staging', <<"SQL"), "WARN|COMPLETE\nFAIL|FAILED|SELECT * FROM ops.menuca_rollback(@{[ by_runner('staging', 'SELECT max(run_id) FROM menuca_runs') ]}, dry_run => false);\nFAILED|NO-GO\nBLOCKED", '04: what a bad review means');
BEGIN;
SELECT verdict, state FROM menuca_review(4, 19, 1, 'group 3 has sauces', 'A. Person');
SELECT verdict, state, next_step FROM menuca_review(4, 18, 2, 'groups 3 and 4 have sauces', 'A. Person');
SELECT t ->> 'status', v ->> 'go' FROM menuca_export_verdict() v, jsonb_array_elements(v -> 'tickets') t WHERE t ->> 'ticket' = '4';
SELECT state FROM menuca_status() WHERE ticket = 5;
ROLLBACK;
SQL
is(people_do($node{staging}, $database{staging}, 'runner', 4), 'COMPLETE', '04: people find it right');

# An hour later the backup is too old, so that ticket 01, run again, fails
rows_of($staging, 'menuca_staging', "UPDATE ops.menuca_backup SET started = started - interval '1 hour', finished = finished - interval '1 hour'");
like(refusal('staging', "SET client_min_messages = error; BEGIN; SELECT count(*) FROM menuca_ticket(1, dry_run => false); SELECT * FROM menuca_ticket(4, dry_run => false)"),
	qr/^MC021 ticket 04 may not begin: the earlier ticket 01 is FAILED/, '04: every ticket before it counts, not the last alone');
is(state_of('staging', 1), 'COMPLETE', '01: that was undone');

note 'Ticket 05: validation, and hours of monitoring';

like(ticket('staging', 5), qr/^monitored FAIL\|Ticket 05 is IN_PROGRESS/, '05: nothing was monitored yet');
is(state_of('staging', 5), 'IN_PROGRESS', '05: so it waits');
by_runner('staging', 'SELECT menuca_monitor_sample() FROM generate_series(1, 3)');
like(ticket('staging', 5), qr/^monitored FAIL\|/, '05: some milliseconds are not four hours');

take_samples($node{staging}, $database{staging}, 4, 30);
like(ticket('staging', 5), qr/^monitored FAIL\|/, '05: samples from before the fix do not count');
long_ago($node{staging}, $database{staging});
take_samples($node{staging}, $database{staging}, 4, 90);
like(ticket('staging', 5), qr/^gaps FAIL\|Ticket 05 is FAILED/, '05: a gap of an hour and a half proves nothing');
take_samples($node{staging}, $database{staging}, 4, 30);
like(refusal('staging', q(SELECT * FROM menuca_ticket(5, '{"stability": "1 hour"}', dry_run => false))),
	qr/^MC022 ticket 05 may not begin: it needs 4 hours of monitoring, and option stability is 1 hour/, '05: less time needs a reason');
is(completed_by_people('staging', 5), 'COMPLETE', '05: four hours, and everything else');

# Each in a transaction that is undone: what people find later
is(by_runner('staging', <<"SQL"), "FAILED\nt\nIN_PROGRESS\nFAILED|NO-GO\nNO-GO, $accepted", '05: a must that failed, or a critical issue, undoes it');
BEGIN;
SELECT state FROM menuca_attest(5, 'checkout', 'FAILED', 'A. Person', 'the order is empty');
SELECT menuca_report_issue(4, 'critical', 'combos have no price', 'A. Person') > 0;
SELECT state FROM menuca_status() WHERE ticket = 4;
SELECT t ->> 'status', v ->> 'go' FROM menuca_export_verdict() v, jsonb_array_elements(v -> 'tickets') t WHERE t ->> 'ticket' = '5';
SELECT menuca_sign_off(5, 'A. Lead', 'NO-GO', 'the checkout fails');
ROLLBACK;
SQL

# Each in a transaction that is undone
is(by_runner('staging', <<"SQL"), "t\nIN_PROGRESS, BLOCKED\nNO-GO\nt", '05: a rollback after it makes it void, and people have to look again');
BEGIN;
SELECT state_restored FROM menuca_rollback((SELECT max(run_id) FROM menuca_runs), dry_run => false);
SELECT string_agg(state, ', ' ORDER BY ticket) FROM menuca_status() WHERE ticket IN (4, 5);
SELECT menuca_export_verdict() ->> 'go';
SELECT menuca_execution_log() LIKE '%Verdict: **NO-GO%';
ROLLBACK;
SQL
is(by_runner('staging', <<"SQL"), "f\nIN_PROGRESS, BLOCKED", '05: so does the rollback of access');
BEGIN;
SELECT count(*) = 0 FROM menuca_rollback_access(dry_run => false);
SELECT string_agg(state, ', ' ORDER BY ticket) FROM menuca_status() WHERE ticket IN (4, 5);
ROLLBACK;
SQL
like(by_runner('staging', 'SELECT statement FROM menuca_rollback_guide() ORDER BY position DESC LIMIT 1'),
	qr/^-- in a shell on \S+: createdb -T template0 'menuca_staging_restored' && pg_restore --exit-on-error -d 'menuca_staging_restored' '\Q$tmp\E\/backups\/staging-before-/,
	'the guide ends with the whole database');

#
# Production
#

note 'Production begins with staging\'s verdict';

is(by_runner('production', "SELECT environment FROM menuca_environment('production', 'menuca', $identity{production})"),
	'production', 'production is registered');
like(refusal('production', 'SELECT * FROM menuca_ticket(6, dry_run => false)'), qr/^MC022 ticket 06 may not begin: staging's verdict is not imported/, '06: no verdict');
like(error_of($production, 'menuca', 'SELECT * FROM menuca_ticket(6, dry_run => false)', extra_params => [ '-U', 'runner', '-v', 'VERBOSITY=verbose' ])->{detail},
	qr/^Nothing was done\. Other obstacles: nobody has signed off .*; the earlier ticket 00 is PENDING/, '06: and the other obstacles');
is(by_runner('production', "SELECT string_agg(state, ', ' ORDER BY ticket) FROM menuca_status() WHERE ticket IN (0, 1, 5, 6, 10)"),
	'PENDING, on staging, on staging, BLOCKED, BLOCKED', 'one word for each state');
like(ticket('production', 0), qr/^\|Ticket 00 is COMPLETE/, '00: pre-flight, here as well');
is(state_of('production', 6), 'BLOCKED', '06: staging is before it, too');
like(refusal('production', 'SELECT * FROM menuca_ticket(1, dry_run => false)'), qr/^MC020 ticket 01 may not begin: it is staging's/, '01: is not production\'s');
my $verdict = by_runner('staging', 'SELECT menuca_export_verdict()');
(my $tampered = $verdict) =~ s/"combo_items": \d+/"combo_items": 1/;
like(refusal('production', "SELECT menuca_import_verdict('$tampered')"), qr/^MC023 the verdict does not match its checksum/, '06: a verdict that was changed');
is(by_runner('production', "SELECT menuca_import_verdict('$verdict')"), 'GO', '06: the verdict is GO');
is(by_runner('production', 'SELECT state, result FROM menuca_status() WHERE ticket = 4'), 'on staging|COMPLETE, WARN', '04: still on staging, with its result there');

# Undone on both: what people have found on staging is in the verdict
my ($open) = grep { /"go"/ } split /\n/, by_runner('staging', "BEGIN; SELECT menuca_report_issue(4, 'critical', 'combos have no price', 'A. Person'); SELECT menuca_export_verdict(); ROLLBACK");
is(by_runner('production', "BEGIN; SELECT menuca_import_verdict('$open'); SELECT state, result FROM menuca_status() WHERE ticket = 4; SELECT state FROM menuca_status() WHERE ticket = 6; ROLLBACK"),
	"NO-GO\non staging|IN_PROGRESS, WARN\nBLOCKED", '04: with what people have found there');

# One that was cut: the statements of its hint bring it over in pieces
my $cut = error_of($production, 'menuca', "SELECT ops.menuca_import_verdict('" . substr($verdict, 0, 500) . "')", extra_params => [ '-U', 'runner', '-v', 'VERBOSITY=verbose' ]);
is("$cut->{state} $cut->{message}", 'MC023 the verdict was cut: its text has only 500 characters', '06: a verdict that was cut');
my ($in_pieces) = $cut->{hint} =~ /(WITH v AS .*? n;)/;
my @pieces = map { s/^\d+\|//r } split /\n/, by_runner('staging', $in_pieces);
cmp_ok(scalar @pieces, '>', 1, '06: it is fetched in pieces');
is(by_runner('production', 'SELECT menuca_import_verdict(' . join(' || ', map { "'$_'" } @pieces) . ')'), 'GO', '06: and imported from them');

# With a key on production, a verdict counts only when it was signed with the same one
rows_of($production, 'menuca', "SELECT ops.menuca_set_verdict_key('a key that both of them have')");
like(refusal('production', "SELECT menuca_import_verdict('$verdict')"), qr/^MC023 the verdict is not signed, and a verdict key is set here/, '06: a verdict without a signature');
like(refusal('production', 'TABLE menuca_verdict_key'), qr/^42501 permission denied for table menuca_verdict_key/, '06: which the runner cannot read');
rows_of($node{staging}, $database{staging}, "SELECT ops.menuca_set_verdict_key('a key that only staging has')");
$verdict = by_runner('staging', 'SELECT menuca_export_verdict()');
like(refusal('production', "SELECT menuca_import_verdict('$verdict')"), qr/^MC023 the verdict's signature does not match/, '06: signed with another key');
rows_of($node{staging}, $database{staging}, "SELECT ops.menuca_set_verdict_key('a key that both of them have')");
$verdict = by_runner('staging', 'SELECT menuca_export_verdict()');
($tampered = $verdict) =~ s/"combo_items": \d+/"combo_items": 1/;
is(by_runner('production', <<"SQL"), 'MC023', '06: changed, with a checksum that fits');
DO \$\$
DECLARE
	verdict jsonb := '$tampered';
BEGIN
	PERFORM menuca_import_verdict(verdict || jsonb_build_object('checksum', menuca_verdict_checksum(verdict)));
EXCEPTION WHEN OTHERS THEN
	PERFORM set_config('test.state', SQLSTATE, false);
END
\$\$;
SELECT current_setting('test.state');
SQL
is(by_runner('production', "SELECT menuca_import_verdict('$verdict')"), 'GO', '06: signed with the same key');
like(refusal('production', 'SELECT * FROM menuca_ticket(6, dry_run => false)'), qr/^MC022 ticket 06 may not begin: nobody has signed off/, '06: nobody has signed');
is(by_runner('staging', "SELECT menuca_sign_off(5, 'A. Lead', 'NO-GO', 'one more night')"), "NO-GO, $accepted", '05: NO-GO by a person');
is(by_runner('production', "SELECT menuca_import_verdict('@{[ by_runner('staging', 'SELECT menuca_export_verdict()') ]}')"), 'NO-GO', '06: makes the verdict NO-GO');
like(refusal('production', 'SELECT * FROM menuca_ticket(6, dry_run => false)'), qr/^MC022 ticket 06 may not begin: staging's verdict is NO-GO/, '06: which refuses it');
is(by_runner('staging', "SELECT menuca_sign_off(5, 'A. Lead', 'GO', 'quiet night')"), "GO, $accepted", '05: GO');
is(by_runner('production', "SELECT menuca_import_verdict('@{[ by_runner('staging', 'SELECT menuca_export_verdict()') ]}')"), 'GO', '06: imported');

# What staging accepts holds on production, as long as it does on staging
sub carried
{
	my $verdict = by_runner('staging', 'SELECT menuca_export_verdict()');

	by_runner('production', "SELECT menuca_import_verdict('$verdict')");
	return by_runner('production', "SELECT string_agg(concat_ws(' ', figure, bound, approver, imported_from ~ 'menuca_staging'), ', ') FROM menuca_acceptance_in_effect WHERE figure = 'orphan_rate'");
}
by_runner('staging', "SELECT * FROM menuca_accept('orphan_rate', 30, 'lost long ago', 'A. Lead')");
is(carried(), 'orphan_rate 30 A. Lead t', '06: an acceptance comes with the verdict');
like(by_runner('staging', "SELECT menuca_sign_off(5, 'A. Lead', 'GO', 'quiet night')"), qr/^GO, with accepted figures: item_count, by A\. Lead: it is what customers pick; orphan_rate up to 30 %, by A\. Lead: lost long ago\z/, '05: a sign-off names it');
like(by_runner('production', 'SELECT menuca_execution_log()'), qr/^\| orphan_rate \| 30 \| .*yes.* \| A\. Lead \| .*menuca_staging.* \| lost long ago \|$/m, '06: so does the log');
by_runner('staging', "SELECT menuca_withdraw_acceptance('orphan_rate', 'it was found')");
is(carried(), '', '06: what is withdrawn there ends here');

note 'Ticket 06: the backup';

# Without the right to see other sessions the maintenance window cannot be checked
my $other = start_sql($production, 'menuca', 'SELECT pg_sleep(600)');
$production->poll_query_until('menuca', "SELECT count(*) = 1 FROM pg_stat_activity WHERE state = 'active' AND query LIKE 'SELECT pg_sleep(600)%'");
rows_of($production, 'menuca', 'REVOKE pg_monitor FROM runner');
like(refusal('production', 'SELECT * FROM menuca_ticket(6, dry_run => false)'), qr/^MC022 ticket 06 may not begin: this is not the maintenance window: the state of 1 session is hidden/, '06: hidden sessions refuse it');
rows_of($production, 'menuca', "GRANT pg_monitor TO runner; SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE query LIKE 'SELECT pg_sleep(600)%'");
finish_sql($other);

like(ticket('production', 6), qr/^backup_finished FAIL\|Ticket 06 is FAILED/, '06: no backup');
is(by_runner('production', "SELECT menuca_register_backup('by-hand', 'somewhere', 'unknown', 10000000, 'abc', now() - interval '2 minutes', now() - interval '1 minute', false) > 0"),
	't', 'a backup that nobody has verified');
like(ticket('production', 6), qr/backup_verified FAIL.*\|Ticket 06 is FAILED/, '06: is none');
ok(backup('production', 'production-before'), 'one that was restored');
rows_of($production, 'menuca', "UPDATE ops.menuca_backup SET started = started - interval '1 hour', finished = finished - interval '1 hour' WHERE label = 'production-before'");
rows_of($production, 'menuca', "DELETE FROM ops.menuca_backup WHERE label = 'by-hand'");
like(ticket('production', 6), qr/^backup_age FAIL\|Ticket 06 is FAILED/, '06: an hour old is too old');
ok(backup('production', 'production-now'), 'a fresh one');
is(by_runner('production', "SET client_min_messages = error; SELECT status, actual FROM menuca_ticket(6, dry_run => true) WHERE name = 'window'"),
	'WARN|no sign-off here', '06: no sign-off here confirms that all are ready');
like(by_runner('production', "SELECT menuca_sign_off(5, 'B. Owner', 'GO', 'announced, two people')"), qr/^GO, \Q$accepted\E \(on menuca_staging/, '06: a sign-off does');
is(by_runner('production', "SET client_min_messages = error; SELECT status, actual FROM menuca_ticket(6, dry_run => true) WHERE name = 'window'"),
	'PASS|GO by B. Owner: announced, two people', '06: the check passes');
like(ticket('production', 6), qr/^\|Ticket 06 is IN_PROGRESS\. .*people's part is open: The window was announced at least 24 hours before; 5 more\.$/, '06: people are asked whether all are ready');
is(state_of('production', 7), 'BLOCKED', '07: waits for them');
is(people_do($node{production}, $database{production}, 'runner', 6), 'COMPLETE', '06: passes');
like(refusal('production', q(SELECT * FROM menuca_ticket(7, '{"deploy": true}', dry_run => false))),
	qr/^MC022 ticket 07 may not begin: option deploy would lock/, '07: no index is built in a transaction here');

note 'Ticket 07: indexes, built concurrently';

like(ticket('production', 7), qr/^buildable_indexes FAIL, staging_indexes FAIL.*\|Ticket 07 is FAILED/, '07: production does not build them in a transaction, and is not complete without');
by_runner('production', 'SELECT menuca_begin_indexes()');
is(finish_sql(start_sql($production, 'menuca',
			"SET SESSION AUTHORIZATION runner;\nSET search_path = ops, public;\nSELECT statement FROM menuca_index_plan() WHERE action IN ('create', 'rebuild') \\gexec\n"))->{status},
	0, '07: psql builds them');
like(ticket('production', 7), qr/^\|Ticket 07 is COMPLETE/, '07: indexes');

# Each in a transaction that is undone: one index that is not critical is missing, and then it is not even wanted
my $index = by_runner('production', "SELECT name FROM menuca_index_plan() WHERE action = 'exists' AND NOT critical ORDER BY name LIMIT 1");
is(by_runner('production', <<"SQL"), "buildable_indexes: 1 of them not: $index\nstaging_indexes: Missing: $index.\nFAILED\nstaging_indexes: Missing: $index.", '07: an index less than on staging');
SET client_min_messages = error;
BEGIN;
DROP INDEX menuca_v3.$index;
SELECT concat_ws(': ', name, CASE name WHEN 'staging_indexes' THEN detail ELSE actual END) FROM menuca_ticket(7, dry_run => false) WHERE status = 'FAIL' AND name ~ '^(buildable|staging)';
SELECT state FROM menuca_status() WHERE ticket = 7;
UPDATE menuca_wanted_index SET wanted = false WHERE name = '$index';
SELECT concat_ws(': ', name, detail) FROM menuca_ticket(7, dry_run => false) WHERE status = 'FAIL' AND name ~ '^(buildable|staging)';
ROLLBACK;
SQL

note 'Tickets 08 and 09';


# On a live platform a table at a time before it: then the ticket itself locks none
is(by_runner('production', "SELECT status, next_step FROM menuca_ticket(8) WHERE name = 'access_locks'"), 'WARN|CALL ops.menuca_deploy_access_by_table(dry_run => false);', '08: its dry run says what it would lock');
my $menu = $production->background_psql('menuca');
$menu->query_safe('BEGIN; SELECT count(*) FROM menuca_v3.dishes');
like(by_runner('production', <<'SQL'), qr/^deploy_access\|ERROR\|Session \d+ of role .* Nothing was changed\.\n0$/, '08: while a table is being read, nothing is deployed, and it says who reads it');
SET client_min_messages = error;
BEGIN;
SELECT name, status, detail FROM menuca_ticket(8, '{"lock_timeout": "100ms"}', dry_run => false) WHERE name = 'deploy_access';
SELECT count(*) FROM menuca_access_change;
ROLLBACK;
SQL
$menu->query_safe('COMMIT');
like(by_runner('production', 'SET client_min_messages = error; CALL menuca_deploy_access_by_table(dry_run => false)'), qr/^deployed\|/, '08: by table');
$menu->query_safe('BEGIN; SELECT count(*) FROM menuca_v3.dishes');
like(ticket('production', 8, q('{"lock_timeout": "100ms"}')), qr/^\|Ticket 08 is COMPLETE/, '08: row level security, while customers read');
$menu->query_safe('COMMIT');
$menu->quit;
rows_of($production, 'menuca', "SELECT rows_loaded FROM ops.menuca_load_dump_file('$fixture->{dump}', 'combos', 'staging.menuca_v1_combos')");
rows_of($production, 'menuca', 'ALTER TABLE staging.menuca_v1_combos OWNER TO runner');
is(by_runner('production', "SET client_min_messages = error; SELECT name, status, expected FROM menuca_ticket(9) WHERE name IN ('v2_source', 'fix_combos')"),
	"v2_source|FAIL|V2's lists are loaded, as on staging\nfix_combos|SKIP|every source row that can be mapped is inserted, and the gates before and after it pass", '09: staging had V2\'s lists');
stage_lists('production');
rows_of($production, 'menuca', "UPDATE ops.menuca_backup SET started = started - interval '40 minutes', finished = finished - interval '40 minutes'");
like(refusal('production', 'SELECT * FROM menuca_ticket(9, dry_run => false)'), qr/^MC022 ticket 09 may not begin: there is no good backup/, '09: forty minutes are too old for a fix');
like(refusal('production', 'SELECT * FROM menuca_fix_combos(dry_run => false)'), qr/^MC022 refused: this database is production/, '09: by any other call as well');
is(by_runner('production', 'SET client_min_messages = error; SELECT status FROM menuca_fix_combos()'), 'planned', '09: a dry run may be made');

# Each in a transaction that is undone: the override is in the log, in bold letters
is(by_runner('production', <<'SQL'), "WARN|OVERRIDDEN by runner: the backup server is down\nCOMPLETE|WARN, OVERRIDDEN\n2\nFAILED|FAIL, OVERRIDDEN", '06: a gate can be overridden, a finding cannot');
SET client_min_messages = error;
BEGIN;
SELECT max(status) FILTER (WHERE name = 'backup_age'), max(split_part(detail, '.', 1)) FILTER (WHERE name = 'backup_age')
FROM menuca_ticket(6, force => true, reason => 'the backup server is down', dry_run => false);
SELECT state, result FROM menuca_status() WHERE ticket = 6;
INSERT INTO menuca_expected_count VALUES ('dishes', 1000000, NULL);
SELECT count(*) FILTER (WHERE status = 'FAIL') FROM menuca_ticket(6, force => true, reason => 'the backup server is down', dry_run => false);
SELECT state, result FROM menuca_status() WHERE ticket = 6;
ROLLBACK;
SQL
is(by_runner('production', <<'SQL'), "t\nt\nt", '09: an override is possible, and recorded');
SET client_min_messages = error;
BEGIN;
SELECT bool_and(status NOT IN ('FAIL', 'ERROR')) FROM menuca_ticket(9, force => true, reason => 'the backup server is down', dry_run => false);
SELECT forced AND reason = 'the backup server is down' FROM menuca_ticket_execution ORDER BY execution_id DESC LIMIT 1;
SELECT menuca_execution_log() LIKE '%**(!) OVERRIDDEN:** the backup server is down%';
ROLLBACK;
SQL
ok(backup('production', 'production-fix'), 'a fresh backup');
like(refusal('production', q(SELECT * FROM menuca_ticket(9, '{"max_backup_age": "1 day"}', dry_run => false))),
	qr/^MC022 ticket 09 may not begin: its backup may be at most 30 minutes old, and option max_backup_age is 1 day/, '09: an older backup needs a reason');
is(completed_by_people('production', 9), 'COMPLETE', '09: the fix');
is(by_runner('production', "SELECT string_agg(c ->> 'name' || ' ' || (c ->> 'status'), ', ') FROM menuca_ticket_execution, jsonb_array_elements(checks) c WHERE ticket_no = 9 AND c ->> 'name' LIKE 'staging_fix%'"),
	'staging_fix PASS, staging_fix_v2 PASS', '09: the same figures as on staging, of both parts');
is(by_runner('production', $runs), 'fix_combos, fix_v2_groups', '09: both are its runs');
is(by_runner('production', "SELECT inserted FROM menuca_runs WHERE kind = 'fix_combos' ORDER BY run_id DESC LIMIT 1"), $figures->{insert}, '09: all items are there');
is(pairs($production, 'menuca'), pairs($staging, 'menuca_staging'), '09: the same as on staging');

note 'Ticket 10';

like(ticket('production', 10), qr/^monitored FAIL\|Ticket 10 is IN_PROGRESS/, '10: a day has to pass');
long_ago($node{production}, $database{production});
take_samples($node{production}, $database{production}, 24, 120);
is(completed_by_people('production', 10), 'COMPLETE', '10: it has');
is(by_runner('production', "SELECT next_call FROM menuca_status() WHERE ticket = 10"), "SELECT ops.menuca_sign_off(10, 'name', 'GO', 'note');", '10: it waits for the sign-off');
like(by_runner('production', "SELECT menuca_sign_off(10, 'A. Lead', 'GO', 'it holds')"), qr/^GO, \Q$accepted\E \(on menuca_staging/, '10: GO');

#
# The log
#

note 'The log';

# Its headings: which tickets ran, and how they ended
sub headings
{
	my ($where) = @_;

	return join "\n", grep { s/^#+ //; } split /\n/, by_runner($where, 'SELECT menuca_execution_log()');
}
# Where the search_path does not lead to the extension, calls name its schema
is(rows_of($staging, 'menuca_staging', 'SELECT statement FROM ops.menuca_rollback_guide() WHERE position = 1; SELECT next_call FROM ops.menuca_status() WHERE ticket = 5',
		extra_params => [ '-U', 'postgres' ]),
	"SELECT * FROM ops.menuca_rollback(" . by_runner('staging', 'SELECT max(run_id) FROM menuca_runs') . ", dry_run => false);\nSELECT ops.menuca_export_verdict();",
	'a call can be made as it is printed');
is(headings('staging'), <<'LOG' =~ s/\n\z//r, 'staging: every execution is in it');
Execution log: staging
Ticket 00, Pre-flight: COMPLETE (PASS)
Ticket 01, Staging: backup: FAILED (FAIL)
Ticket 01, Staging: backup: COMPLETE (PASS)
Ticket 02, Staging: indexes: COMPLETE (WARN)
Ticket 03, Staging: row level security: COMPLETE (WARN)
Ticket 04, Staging: combo fix: FAILED (FAIL)
Ticket 04, Staging: combo fix: FAILED (FAIL)
Ticket 04, Staging: combo fix: COMPLETE (WARN)
Ticket 04, Staging: combo fix: COMPLETE (WARN)
Ticket 05, Staging: validation, GO or NO-GO: IN_PROGRESS (FAIL)
Ticket 05, Staging: validation, GO or NO-GO: IN_PROGRESS (FAIL)
Ticket 05, Staging: validation, GO or NO-GO: IN_PROGRESS (FAIL)
Ticket 05, Staging: validation, GO or NO-GO: FAILED (FAIL)
Ticket 05, Staging: validation, GO or NO-GO: COMPLETE (WARN)
Attested by people
Samples reviewed by people
Accepted figures
Sign-offs
LOG
is(headings('production'), <<'LOG' =~ s/\n\z//r, 'production: likewise');
Execution log: production
Staging's verdict: GO
Staging's verdict: GO
Staging's verdict: GO
Staging's verdict: NO-GO
Staging's verdict: GO
Staging's verdict: GO
Staging's verdict: GO
Ticket 00, Pre-flight: COMPLETE (PASS)
Ticket 06, Production: backup: FAILED (FAIL)
Ticket 06, Production: backup: FAILED (FAIL)
Ticket 06, Production: backup: FAILED (FAIL)
Ticket 06, Production: backup: COMPLETE (PASS)
Ticket 07, Production: indexes: FAILED (FAIL)
Ticket 07, Production: indexes: COMPLETE (WARN)
Ticket 08, Production: row level security: COMPLETE (WARN)
Ticket 09, Production: combo fix: COMPLETE (WARN)
Ticket 10, Production: validation, GO or NO-GO: IN_PROGRESS (FAIL)
Ticket 10, Production: validation, GO or NO-GO: COMPLETE (WARN)
Attested by people
Samples reviewed by people
Accepted figures
Sign-offs
LOG

# And every row of each ticket, word for word
foreach my $where (qw(staging production))
{
	my @tables = by_runner($where, 'SELECT menuca_execution_log()') =~ /^\| check .*\n\|---.*\n((?:\|.*\n)*)/mg;

	chomp @tables;
	is(scalar(@tables), scalar(@{ $reported{$where} }), "$where: a table for each execution");
	is(join("\n\n", @tables), join("\n\n", @{ $reported{$where} }), "$where: the log has the rows of the tickets");
}
like(by_runner('production', 'SELECT menuca_execution_log()'), qr/^- Verdict: \*\*GO\*\*$/m, 'production: GO');
like(by_runner('production', 'SELECT menuca_execution_log()'), qr/^- Ticket 10: \*\*GO\*\* by A\. Lead \(session of runner\), .*: it holds$/m, 'production: by whom');
like(by_runner('production', 'SELECT menuca_execution_log()'), qr/Backup `production-now` \(`[^`]+:\Q$tmp\E\/backups\/production-now-[^`]+\.dump`\)/, 'production: with which backup');

# A copy of production is not production
rows_of($production, 'postgres', 'CREATE DATABASE another TEMPLATE menuca');
like(error_of($production, 'another', 'SELECT * FROM ops.menuca_status()')->{message}, qr/^this database is not registered/, 'a copy is not registered');

foreach my $node ($production, $staging)
{
	$node->stop;
	log_is_clean($node);
}

done_testing();

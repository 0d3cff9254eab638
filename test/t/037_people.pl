
# People's part at the size of the fixture: samples of many restaurants and of every
# size, whichever table the fix fills, and what of it a dump has.

# engines: auto

use strict;
use warnings;

use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

use MenucaRunbook;
use MenucaTest;

#
# Initialize node
#

my $fixture = fixture('fixture', '--scale', '0.1', '--with', 'dish_combo_groups');
my $node = new_node('main', conf => "max_locks_per_transaction = 256\n" . runbook_conf());
my $database = 'menuca';

make_database($node, $database, $fixture);
rows_of($node, $database, <<'SQL');
SELECT FROM menuca_environment('staging', 'menuca', (SELECT system_identifier FROM pg_control_system()));
INSERT INTO menuca_ticket_execution (environment_id, ticket_no, status, result, checks, options, forced, started_at)
SELECT environment_id, n, 'COMPLETE', 'PASS', '[]', '{}', false, clock_timestamp() FROM menuca_registered_environment, generate_series(0, 3) n;
SQL

sub fix
{
	my ($options) = @_;

	return rows_of($node, $database, "SET client_min_messages = error; SELECT detail FROM menuca_ticket(4, '$options', dry_run => false) WHERE name = 'summary'");
}

#
# Samples
#

note 'Samples of every restaurant before a second one, and of every size';

like(fix('{"max_orphan_pct": 100, "min_coverage_pct": 0}'), qr/^Ticket 04 is IN_PROGRESS\. Its checks have passed/, 'the fix waits for people');

my $restaurants = rows_of($node, $database, 'SELECT count(DISTINCT g.restaurant_id) FROM menuca_v3.combo_items i JOIN menuca_v3.combo_groups g ON g.id = i.combo_group_id');
my $sizes = 'CASE WHEN items = 1 THEN 1 WHEN items <= 3 THEN 2 WHEN items <= 5 THEN 4 ELSE 6 END';
cmp_ok($restaurants, '>', 20, "$restaurants restaurants have combos");
foreach my $seed (1 .. 5)
{
	is(rows_of($node, $database, "SELECT count(*), count(DISTINCT g.restaurant_id) FROM menuca_review_samples(4, seed => $seed) s JOIN menuca_v3.combo_groups g ON g.id = s.combo_group_id"),
		'20|20', "seed $seed: twenty restaurants");
	is(rows_of($node, $database, "SELECT count(DISTINCT $sizes) FROM menuca_review_samples(4, seed => $seed)"),
		rows_of($node, $database, "SELECT count(DISTINCT $sizes) FROM (SELECT count(*) AS items FROM menuca_v3.combo_items GROUP BY combo_group_id) x"),
		"seed $seed: every size that there is");
}
is(rows_of($node, $database, "SELECT count(*), count(DISTINCT g.restaurant_id) FROM menuca_review_samples(4, $restaurants, 3) s JOIN menuca_v3.combo_groups g ON g.id = s.combo_group_id"),
	"$restaurants|$restaurants", 'as many samples as restaurants: each of them');
is(rows_of($node, $database, 'SELECT count(*) FROM (SELECT combo_group_id FROM menuca_review_samples(4, 10, 3) EXCEPT SELECT combo_group_id FROM menuca_review_samples(4, 20, 3)) x'),
	0, 'who looks at more sees those as well');

# What each row says is so
is(rows_of($node, $database, <<'SQL'), 0, 'rows, dishes and remarks agree with the tables');
SELECT count(*)
FROM menuca_review_samples(4, 200, 5) s
JOIN menuca_v3.combo_groups g ON g.id = s.combo_group_id
CROSS JOIN LATERAL (
	SELECT count(*) AS n, count(*) FILTER (WHERE NOT d.is_active) AS hidden, count(*) FILTER (WHERE d.restaurant_id <> g.restaurant_id) AS elsewhere,
		count(*) - count(DISTINCT lower(btrim(d.name))) AS equal
	FROM menuca_v3.combo_items i JOIN menuca_v3.dishes d ON d.id = i.dish_id WHERE i.combo_group_id = g.id) t
WHERE s.items <> t.n OR cardinality(s.dishes) <> t.n
	OR (t.hidden > 0) <> (s.remarks ~ 'dish(es)? (is|are) hidden')
	OR (t.elsewhere > 0) <> (s.remarks ~ 'another restaurant')
	OR (t.equal > 0) <> (s.remarks ~ 'the name of another one')
	OR (g.combo_rules ->> 'item_count' <> t.n::text) <> (s.remarks ~ 'item_count is')
SQL

note 'The table that the fix fills';

my $groups = rows_of($node, $database, 'SELECT count(DISTINCT combo_group_id) FROM menuca_v3.combo_items');
like(error_of($node, $database, "SELECT menuca_review(4, $groups, 1, 'x', 'A. Person')")->{message}, qr/ samples were reviewed, but only [\d,]+ groups have rows$/, 'more than there are');
is(rows_of($node, $database, "SELECT verdict, state FROM menuca_review(4, $groups, 0, 'all of them', 'A. Person')"), 'PASS|COMPLETE', 'as many as there are');
like(fix('{"max_orphan_pct": 100, "min_coverage_pct": 0, "target": "dish_combo_groups"}'), qr/^Ticket 04 is IN_PROGRESS\. Its checks have passed/, 'the other target');
is(rows_of($node, $database, 'SELECT bool_and(s.items = (SELECT count(*) FROM menuca_v3.dish_combo_groups d WHERE d.combo_group_id = s.combo_group_id)), count(*) FROM menuca_review_samples(4) s'),
	't|20', 'its rows are shown');
is(rows_of($node, $database, "SELECT verdict, state FROM menuca_review(4, 20, 0, NULL, 'A. Person')"), 'PASS|COMPLETE', 'and reviewed');
is(rows_of($node, $database, 'SELECT target, groups = (SELECT count(DISTINCT combo_group_id) FROM menuca_v3.dish_combo_groups) FROM menuca_review_answer ORDER BY answer_id DESC LIMIT 1'),
	'dish_combo_groups|t', 'as the answer says');
like(rows_of($node, $database, q(SELECT menuca_announcement(4, 'done'))), qr/^Run \d+, fix_combos: [\d,]+ rows inserted into dish_combo_groups; groups without items: [\d.]+ % before, [\d.]+ % after\.$/m, 'and an announcement');

#
# Dumped and restored
#

note 'What people said and edited is in a dump';

rows_of($node, $database, <<'SQL');
SELECT menuca_attest(4, 'known_combo', 'WAIVED', 'A. Person', 'nobody knows one');
SELECT menuca_report_issue(4, 'high', 'A combo | has "two" <b>names</b>', 'A. Person');
UPDATE menuca_checklist SET must = false WHERE ticket_no = 6 AND item = 'status_page';
UPDATE menuca_checklist SET item = 'paid' WHERE ticket_no = 5 AND item = 'checkout';
INSERT INTO menuca_checklist (ticket_no, item, title, must) VALUES (9, 'phone', 'A combo was ordered by phone', true);
SQL
my @state = map { "SELECT string_agg(t::text, E'\\n' ORDER BY t::text) FROM $_ t" } qw(menuca_checklist menuca_attestation menuca_issue menuca_review_answer);
my $dump = "$PostgreSQL::Test::Utils::tmp_check/menuca.dump";

$node->command_ok([ 'pg_dump', '-Fc', '-f', $dump, $node->connstr($database) ], 'a dump');
foreach my $copy ('restored', 'restored_twice')
{
	rows_of($node, 'postgres', "CREATE DATABASE $copy TEMPLATE template0");
	$node->command_ok([ 'pg_restore', '--exit-on-error', '-d', $node->connstr($copy), '--jobs', '2', $dump ], 'is restored');
	is(rows_of($node, $copy, $_), rows_of($node, $database, $_), 'with ' . (/FROM (menuca_\w+)/)[0]) foreach @state;
	$node->command_ok([ 'pg_dump', '-Fc', '-f', $dump, $node->connstr($copy) ], 'and dumped again');
}

# It is a copy: its original's issues are not resolved there
is(rows_of($node, 'restored', "SELECT newly_registered FROM menuca_environment('staging', 'restored', (SELECT system_identifier FROM pg_control_system()))"), 't', 'the copy is registered');
is(error_of($node, 'restored', "SELECT menuca_resolve_issue(1, 'it is gone', 'A. Person')")->{message}, 'issue 1 was found in another environment', 'an issue of the original');
is(rows_of($node, 'restored', 'SELECT DISTINCT state FROM menuca_status() WHERE ticket = 4'), 'BLOCKED', 'and nobody has said anything in it');

log_is_clean($node);
done_testing();

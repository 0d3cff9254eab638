
# A role that has only what menuca_grants(…, 'read') grants sees everything: dry
# runs, plans, validation, rates, samples, status and ledgers.  It can write
# nothing.

# engines: auto

use strict;
use warnings;

use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

use MenucaTest;

#
# Initialize node: a database that has runs, one of them interrupted
#

my $fixture = fixture('fixture', '--scale', '0.02', '--dirt', 'unmapped_dishes=3');
my $node = new_node('main');

make_database($node, 'menuca', $fixture,
	extension => 'CREATE SCHEMA ops; CREATE EXTENSION menuca_migrate SCHEMA ops; ALTER DATABASE menuca SET search_path = ops, public');
rows_of($node, 'menuca', <<'SQL');
CREATE TABLE staging.menuca_v1_combo_groups (id bigint, dish bytea);
INSERT INTO staging.menuca_v1_combo_groups
SELECT g.legacy_v1_id, convert_to('a:1:{i:0;i:' || d.legacy_v1_id || ';}', 'UTF8')
FROM menuca_v3.combo_groups g JOIN LATERAL (SELECT legacy_v1_id FROM menuca_v3.dishes d WHERE d.restaurant_id = g.restaurant_id AND legacy_v1_id IS NOT NULL LIMIT 1) d ON true
WHERE g.legacy_v1_id IS NOT NULL;
CREATE TABLE staging.menuca_v2_restaurants_combo_groups_items AS
SELECT g.legacy_v2_id AS group_id, '{"1": ["900001|0"]}'::json AS dishes FROM menuca_v3.combo_groups g WHERE g.source_system = 'v2';
CREATE TABLE staging.menuca_v1_menu AS
SELECT legacy_v1_id AS id, 1 AS restaurant, name FROM menuca_v3.dishes WHERE legacy_v1_id IS NOT NULL LIMIT 20;
SELECT menuca_environment('staging', 'menuca', (SELECT system_identifier FROM pg_control_system()));
SELECT menuca_copy_of('shop', 4711);
CREATE FUNCTION public.interrupt() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
	IF NEW.batch_no = 2 THEN RAISE 'interrupted'; END IF;
	RETURN NEW;
END $$;
CREATE TRIGGER interrupt BEFORE INSERT ON menuca_run_batch FOR EACH ROW EXECUTE FUNCTION public.interrupt();
SQL
is(error_of($node, 'menuca', 'CALL menuca_fix_combos_batched(dry_run => false, batch_size => 100)')->{message}, 'interrupted', 'a run is interrupted');
rows_of($node, 'menuca', 'DROP FUNCTION public.interrupt() CASCADE; CREATE ROLE reader LOGIN; CREATE ROLE stranger LOGIN; GRANT USAGE ON SCHEMA ops TO stranger');
grant_purposes($node, 'menuca', 'reader', 'read');
my @reader = (connstr => $node->connstr('menuca') . ' user=reader');

# All rows of the database, to see that nothing was written
my $contents = q(SELECT md5(string_agg(x::text, ';' ORDER BY t, x::text)) FROM (
	SELECT c.oid::regclass::text AS t, (xpath('/table', query_to_xml('SELECT * FROM ' || c.oid::regclass || ' ORDER BY 1', true, false, '')))[1] AS x
	FROM pg_class c WHERE c.relkind IN ('r', 'S') AND c.relnamespace IN ('ops'::regnamespace, 'menuca_v3'::regnamespace, 'staging'::regnamespace)) s);
my $contents_before = rows_of($node, 'menuca', $contents);

#
# Every dry run that has a twin for readers
#

note 'Dry runs';

foreach my $preview (
	[ 'menuca_preview_combos(%s)', 'menuca_fix_combos(%s)', 'min_coverage_pct => 10, strict => false' ],
	[ 'menuca_preview_combos(%s)', 'menuca_fix_combos(%s)', "source => 'staging.menuca_v1_combos', max_orphan_pct => 30, gate_on => 'expected', target => 'combo_items'" ],
	[ 'menuca_preview_group_dishes(%s)', 'menuca_fix_group_dishes(%s)', 'min_coverage_pct => 5' ],
	[ 'menuca_preview_v2_groups(%s)', 'menuca_fix_v2_groups(%s)', "list_column => 'dishes'" ],
	[ 'menuca_preview_combo_steps(%s)', 'menuca_fix_combo_steps(%s)', "headers_name => 'choices'" ],
	[ 'menuca_preview_backfill(%s)', 'menuca_backfill_dishes(%s)', 'activate => true' ],
	[ 'menuca_preview_rollback(%s)', 'menuca_rollback(%s)', '1, force => true' ])
{
	my ($preview, $real, $arguments) = @$preview;
	my $row = "SELECT to_jsonb(r) #- '{figures,elapsed}' FROM %s r";
	my $seen = rows_of($node, 'menuca', sprintf($row, sprintf($preview, $arguments)), @reader);

	like($seen, qr/"dry_run": true/, "$preview is a dry run");
	is($seen, rows_of($node, 'menuca', sprintf($row, sprintf($real, $arguments))), 'and returns what the real function returns');
	like($seen, qr/(?:SELECT|CALL) [^;]*ops\.menuca_(?!preview)\w+\(/, 'with the call of a real function');
	is(rows_of($node, 'menuca', sprintf($row, sprintf($preview, $arguments)),
			connstr => $node->connstr('menuca') . " user=reader options='-c default_transaction_read_only=on'"),
		$seen, 'in a read-only session, too');
	is(error_of($node, 'menuca', "SELECT * FROM " . sprintf($preview, $arguments), connstr => $node->connstr('menuca') . ' user=stranger')->{state},
		'42501', 'and nobody has it without a grant');
}
foreach my $preview (
	[ 'menuca_preview_dish_combo_groups()', 'menuca_create_dish_combo_groups()' ],
	[ 'menuca_preview_rollback_indexes(force => true)', 'menuca_rollback_indexes(force => true)' ],
	(map { my $no = $_; map { [ "menuca_preview_ticket($no$_)", "menuca_ticket($no$_)" ] } '', $no == 4 ? q(, '{"min_coverage_pct": 1, "lock": "access_exclusive", "backfill": true}') : () } 2, 4))
{
	my ($preview, $real) = @$preview;

	# What a ticket finds, without figures that time changes
	my $row = "SELECT jsonb_agg(to_jsonb(r) - '{actual,detail,metadata}'::text[]) FROM %s r";
	my $seen = rows_of($node, 'menuca', sprintf($row, $preview), @reader);

	is($seen, rows_of($node, 'menuca', sprintf($row, $real)), "$preview returns what the real function returns");
	unlike(rows_of($node, 'menuca', "SELECT jsonb_agg(to_jsonb(r)) FROM $preview r", @reader), qr/permission denied|42501/, 'and the reader may look at all of it');
	is(error_of($node, 'menuca', "SELECT * FROM $preview", connstr => $node->connstr('menuca') . ' user=stranger')->{state},
		'42501', 'and nobody has it without a grant');
}

# What a ticket reads beyond the purpose is a row with its grant
is(rows_of($node, 'menuca', q(SELECT string_agg(concat_ws(': ', n, r.name, r.next_step), E'\n' ORDER BY n, r.name)
	FROM generate_series(0, 5) n, menuca_preview_ticket(n) r WHERE r.actual ~ '42501'), @reader), <<'ROWS' =~ s/\n\z//r, 'tickets ask for nothing else');
0: counts: GRANT SELECT ON menuca_v3.ingredients TO reader;
1: counts: GRANT SELECT ON menuca_v3.ingredients TO reader;
3: check_access: GRANT EXECUTE ON ROUTINE ops.menuca_check_access(boolean,boolean) TO reader;
5: check_access: GRANT EXECUTE ON ROUTINE ops.menuca_check_access(boolean,boolean) TO reader;
ROWS
is( rows_of($node, 'menuca', 'SELECT * FROM menuca_preview_resume(1)', @reader),
	rows_of($node, 'menuca', 'CALL menuca_resume(1)'), 'the dry run of a resumed run, too');
like(rows_of($node, 'menuca', 'SELECT * FROM menuca_preview_resume(1)', @reader),
	qr/^1\|planned\|.*\|CALL ops\.menuca_resume\('?1'?, dry_run => false\);\|/, 'with its call');
is(error_of($node, 'menuca', 'SELECT * FROM menuca_preview_rollback(NULL)', @reader)->{state}, '22004', 'NULL is refused as by the function itself');
is(error_of($node, 'menuca', 'SELECT * FROM menuca_preview_combos(batch_size => NULL)', @reader)->{state}, '22004', 'NULL is refused as by the function itself');
like(error_of($node, 'menuca', q(SELECT * FROM menuca_preview_combos(dry_run => false)), @reader)->{message},
	qr/does not exist/, 'a preview cannot be told to write');

#
# Whatever else the purpose grants
#

note 'Everything that it may call';

my %arguments = (
	menuca_announcement => q(1, 'before'),
	menuca_column_differences => q('[]', '[]'),
	menuca_export_fix => 1,
	menuca_failing_since => q((SELECT environment_id FROM menuca_registered_environment), 'references'),
	menuca_grant_statements => q('reader', 'read', 'menuca_v3', 'staging', '{}'),
	menuca_grants => q('reader'),
	menuca_hosted_columns => q('menuca_v3.dishes'),
	menuca_impact_figures => q((SELECT environment_id FROM menuca_registered_environment), NULL),
	menuca_html => q('a < b'),
	menuca_measure_queries => 'executions => 1',
	menuca_check_indexes => 'executions => 1',
	menuca_monitor_figures => q((SELECT environment_id FROM menuca_registered_environment), '1 hour', '1 hour'),
	menuca_php_unserialize => q('i:1;'),
	menuca_preview_resume => 1,
	menuca_preview_rollback => 1,
	menuca_preview_ticket => 0,
	menuca_receipt_facts => q('{}'),
	menuca_review_samples => 4,
	menuca_report_bar => q(20, 50, 'good'),
	menuca_report_bars => q('name', 'title', '...', '[{"label": "a", "value": "50 %", "share": 50}]'),
	menuca_report_begin => q('title'),
	menuca_report_call => q('...', 'SELECT 1;'),
	menuca_report_flow_picture => q(1),
	menuca_report_frame => q('checks', 'title', '...', NULL),
	menuca_report_mark => q('PASS'),
	menuca_report_note => q('...'),
	menuca_report_number => q(1234),
	menuca_report_percent => q(12.5),
	menuca_report_picture => q('name', 'title', '...', 100, '<text y="20">1</text>'),
	menuca_report_row => q('hn', '{Name,Number}', 'a', '1'),
	menuca_report_table => q('caption', 'hn', '{Name,Number}', ''),
	menuca_report_tile => q('12 %', '...', 'PASS'),
	menuca_report_time => q(now()),
	menuca_report_timeline => q('[{"ticket": 0, "title": "Pre-flight", "state": "COMPLETE"}]'),
	menuca_report_tone => q('PASS'),
	menuca_run_details => 1,
	menuca_table_checksum => q('menuca_v3.dishes'),
	menuca_verdict_checksum => q('{}'),
	menuca_wished_receipts => q('menuca', 1, 'fix', 1, 'epoch', 'epoch', false));

# The run was interrupted
my %refusals = (menuca_export_fix => '55000 nothing can be exported while run 1 has not ended');
my @granted = split /\n/, rows_of($node, 'menuca', q(SELECT name FROM menuca_right WHERE purpose = 'read' AND kind = 'routine' ORDER BY 1));
my @relations = split /\n/, rows_of($node, 'menuca', q(SELECT name FROM menuca_member WHERE kind = 'TABLE' AND name <> 'menuca_verdict_key' ORDER BY 1));

cmp_ok(scalar @granted, '>', 30, 'the purpose has functions');
foreach my $function (@granted)
{
	my $error = error_of($node, 'menuca', "SELECT count(*) FROM $function(" . ($arguments{$function} // '') . ')', @reader);

	is("$error->{state} $error->{message}", $refusals{$function} // ' ', $function);
}
foreach my $relation (@relations)
{
	is(error_of($node, 'menuca', "SELECT count(*) FROM $relation", @reader)->{state}, '', $relation);
}
is(rows_of($node, 'menuca', q(SELECT name FROM menuca_validate() WHERE status = 'ERROR'), @reader), '', 'no check lacks a right');

#
# And nothing else
#

note 'Nothing that writes';

is(rows_of($node, 'menuca', q(SELECT string_agg(DISTINCT p.proname, ', ') FROM menuca_member m JOIN pg_proc p ON p.oid = m.objid AND m.kind = 'ROUTINE'
	WHERE has_function_privilege('reader', p.oid, 'EXECUTE') AND p.provolatile = 'v')), 'menuca_check_indexes, menuca_measure_queries, menuca_query_slowdown, menuca_rollback_advice', 'only those that measure, and the advice that asks them, are no reading functions to the planner');
is(rows_of($node, 'menuca', q(SELECT string_agg(DISTINCT p.proname, ', ') FROM menuca_member m JOIN pg_proc p ON p.oid = m.objid AND m.kind = 'ROUTINE'
	WHERE has_function_privilege('reader', p.oid, 'EXECUTE') AND 'dry_run' = ANY (p.proargnames))), '', 'and none that could be told to');
is(rows_of($node, 'menuca', q(SELECT string_agg(DISTINCT c.oid::regclass::text, ', ') FROM pg_class c
	WHERE c.relkind IN ('r', 'v') AND c.relnamespace IN ('ops'::regnamespace, 'menuca_v3'::regnamespace, 'staging'::regnamespace)
		AND has_table_privilege('reader', c.oid, 'INSERT, UPDATE, DELETE, TRUNCATE, TRIGGER'))), '', 'and write to no table');
is(error_of($node, 'menuca', $_, @reader)->{state}, '42501', $_)
  foreach 'SELECT menuca_fix_combos()', 'SELECT menuca_rollback(1)', 'SELECT menuca_backfill_dishes()', 'CALL menuca_resume(1)', 'CALL menuca_fix_combos_batched()';
is(rows_of($node, 'menuca', $contents), $contents_before, 'after all of it, each row is as it was');

$node->stop;
log_is_clean($node);

done_testing();


# The extension in a schema of its own, dropped without a trace, and called
# with a search_path that means harm.

# engines: both

use strict;
use warnings;

use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

use MenucaTest;

#
# Initialize node
#

my $fixture = fixture('fixture', '--scale', '0.02', '--dirt', 'impostors=9',
	'--dirt', 'unmapped_dishes=2', '--dirt', 'duplicate_pairs=5',
	'--dirt', 'existing_pairs=1', '--dirt', 'zero_ids=2',
	'--dirt', 'ambiguous_groups=1');
my $node = new_node('main');

my $inventory = <<'SQL';
SELECT count(*), md5(string_agg(x, E'\n' ORDER BY x)) FROM (
	SELECT 'class ' || oid::regclass::text FROM pg_class UNION ALL
	SELECT 'proc ' || oid::regprocedure::text FROM pg_proc UNION ALL
	SELECT 'type ' || oid::regtype::text FROM pg_type UNION ALL
	SELECT 'depend ' || count(*) FROM pg_depend UNION ALL
	SELECT 'event trigger ' || evtname FROM pg_event_trigger UNION ALL
	SELECT 'schema ' || nspname FROM pg_namespace UNION ALL
	SELECT 'trigger ' || tgname FROM pg_trigger WHERE NOT tgisinternal) AS t(x)
WHERE x !~ 'pg_toast|pg_temp'
SQL

# The whole story, each call with its arguments of this test; what differs
# from one run to the next (times, keys, uuids) is omitted.
sub story
{
	my ($database, $schema, $prelude) = @_;
	my $columns =
	  q{status, insert, inserted, coverage_pct, orphan_pct_after, reasons, warnings, figures OPERATOR(pg_catalog.-) 'elapsed'::pg_catalog.text};
	my $gates = 'min_coverage_pct => 50, max_orphan_pct => 90';
	my $output = '';

	# COPY shows the rows without an operator or function of ours between
	foreach my $sql (
		"SELECT * FROM ${schema}menuca_orphan_rate()",
		"SELECT * FROM ${schema}menuca_plan_combos()",
		"SELECT $columns FROM ${schema}menuca_fix_combos($gates)",
		"SELECT $columns FROM ${schema}menuca_fix_combos(dry_run => false, $gates)",
		"SELECT * FROM ${schema}menuca_orphan_rate()",
		"SELECT * FROM ${schema}menuca_orphans()",
		"SELECT check_no, name, status, expected, actual, detail FROM ${schema}menuca_validate()",
		"SELECT * FROM ${schema}menuca_sample_combos(5)",
		"SELECT run_id, status, deleted FROM ${schema}menuca_rollback(1)",
		"SELECT run_id, status, deleted, figures OPERATOR(pg_catalog.->>) 'baseline_intact', state_restored FROM ${schema}menuca_rollback(1, dry_run => false)",
		"CALL ${schema}menuca_fix_combos_batched(dry_run => false, $gates, batch_size => 100)",
		"SELECT run_id, status, inserted, batches FROM ${schema}menuca_runs",
		"SELECT run_id, status, deleted, state_restored FROM ${schema}menuca_rollback(2, dry_run => false)",
		"SELECT status, figures OPERATOR(pg_catalog.->>) 'items_after' FROM ${schema}menuca_fix_combos(dry_run => false, $gates)")
	{
		my $statement = $sql =~ /^CALL/ ? $sql : "COPY ($sql) TO STDOUT";
		my ($status, $stdout, $stderr) =
		  $node->psql($database, "$prelude\n$statement");

		diag "$sql: $stderr" if $status;
		$output .= "$sql\n$stdout\n";
	}

	# As if it were in no schema, to be compared
	my $place = quotemeta($schema || 'public.');

	# In an array its quotes are escaped
	$place =~ s/\\"/\\\\*"/g;
	$output =~ s/$place(?=menuca_)//g;
	return $output;
}

# Compares two stories; says where they part
sub same_story
{
	my ($got, $expected, $name) = @_;
	my @got = split /\n/, $got;
	my @expected = split /\n/, $expected;
	my @parted =
	  grep { ($got[$_] // '(none)') ne ($expected[$_] // '(none)') }
	  (0 .. ($#got > $#expected ? $#got : $#expected));
	local $Test::Builder::Level = $Test::Builder::Level + 1;

	ok(!@parted, $name)
	  or diag map { sprintf "line %d: got %s\n     expected %s\n", $_ + 1, $got[$_] // '(none)', $expected[$_] // '(none)' }
	  grep { defined } @parted[ 0 .. 9 ];
	return;
}

#
# A schema of its own
#

note 'CREATE EXTENSION ... SCHEMA ext';

make_database($node, 'plain', $fixture);
make_database($node, 'apart', $fixture, extension => '');
my $inventory_before = rows_of($node, 'apart', $inventory);
rows_of($node, 'apart', <<'SQL');
CREATE SCHEMA "Ext ension";
CREATE EXTENSION menuca_migrate SCHEMA "Ext ension";
SQL
is( rows_of(
		$node, 'apart',
		"SELECT count(*) FROM pg_depend d WHERE d.deptype = 'e'"
		  # which are in no schema
		  . " AND d.classid <> 'pg_event_trigger'::regclass"
		  . " AND pg_describe_object(d.classid, d.objid, 0) LIKE '%menuca%'"
		  . " AND pg_describe_object(d.classid, d.objid, 0) NOT LIKE '%Ext ension%'"
		  . " AND (pg_identify_object(d.classid, d.objid, 0)).schema IS DISTINCT FROM 'Ext ension'"
	),
	0,
	'all of it is there');

my $prelude = "SET search_path = '';";
is( rows_of(
		$node, 'apart',
		qq($prelude SELECT rows_loaded FROM "Ext ension".menuca_load_dump_file('$fixture->{dump}', 'combos', 'staging.menuca_v1_combos'))
	),
	$fixture->{figures}{source_rows},
	'a dump is loaded');

my $plain = story('plain', '', '');
like($plain, qr/rolled_back/, 'the whole story was executed');
unlike($plain, qr/^ERROR/m, 'without errors');
same_story(story('apart', '"Ext ension".', $prelude),
	$plain, 'the same story from a schema that is not in search_path');
is( error_of(
		$node, 'apart',
		'SELECT menuca_orphan_rate()')->{state},
	'42883',
	'it is not in search_path');

note 'DROP EXTENSION';

my $items = items($node, 'apart');
rows_of($node, 'apart', <<'SQL');
DROP EXTENSION menuca_migrate;
DROP SCHEMA "Ext ension";
DROP TABLE staging.menuca_v1_combos;
SQL
is(rows_of($node, 'apart', $inventory),
	$inventory_before, 'leaves nothing behind');
is(items($node, 'apart'), $items, 'and takes no item along');

rows_of($node, 'apart', <<'SQL');
CREATE EXTENSION menuca_migrate;
SQL
is(rows_of($node, 'apart', 'SELECT count(*) FROM menuca_runs'),
	0, 'it can be created again, with an empty ledger');

#
# A hostile search_path
#

note 'A schema whose operators, functions, types and tables shadow those of pg_catalog';

make_database($node, 'hostile', $fixture);
rows_of($node, 'hostile', <<'SQL');
CREATE SCHEMA evil;
SET search_path = pg_catalog;

-- Calling one of them raises an error
CREATE FUNCTION evil.caught(text) RETURNS bool LANGUAGE plpgsql AS $$
BEGIN RAISE EXCEPTION 'evil % was called', $1; END $$;

DO $$
DECLARE
	operator record;
	name text;
BEGIN
	-- Every operator of these types, and the polymorphic ones
	FOR operator IN
		SELECT DISTINCT o.oprname, o.oprleft::regtype AS l, o.oprright::regtype AS r
		FROM pg_operator o
		WHERE o.oprleft <> 0 AND o.oprright <> 0
			AND o.oprleft::regtype::text IN ('bigint', 'integer', 'smallint', 'text', 'name', 'oid', 'jsonb', 'numeric',
				'double precision', 'boolean', '"char"', 'timestamp with time zone', 'int8multirange', 'anyarray',
				'anycompatiblearray')
	LOOP
		EXECUTE format('CREATE FUNCTION evil.op(%s, %s) RETURNS bool LANGUAGE sql AS %L',
			operator.l, operator.r,
			format('SELECT evil.caught(%L)', operator.l || operator.oprname || operator.r));
		EXECUTE format('CREATE OPERATOR evil.%s (leftarg = %s, rightarg = %s, function = evil.op)',
			operator.oprname, operator.l, operator.r);
		EXECUTE format('ALTER FUNCTION evil.op(%s, %s) RENAME TO %I',
			operator.l, operator.r, 'op_' || gen_random_uuid());
	END LOOP;

	-- Functions that SQL of ours could name
	FOREACH name IN ARRAY ARRAY['now()', 'clock_timestamp()', 'gen_random_uuid()', 'format(text, text)',
		'format(text, bigint)', 'unnest(bigint[])', 'jsonb_build_object(text, bigint)', 'to_regclass(text)',
		'lower(text)', 'upper(int8multirange)', 'length(text)', 'octet_length(bytea)', 'abs(bigint)',
		'round(numeric)', 'round(numeric, integer)', 'concat_ws(text, text)', 'quote_ident(text)',
		'current_database()', 'array_length(text[], integer)', 'generate_series(bigint, bigint)',
		'jsonb_array_length(jsonb)', 'random()', 'setseed(double precision)', 'hashint8(bigint)',
		'hashint8extended(bigint, bigint)', 'md5(text)', 'has_table_privilege(oid, text)',
		'pg_get_constraintdef(oid)', 'left(text, integer)']
	LOOP
		EXECUTE format('CREATE FUNCTION evil.%s RETURNS bool LANGUAGE sql AS %L', name,
			format('SELECT evil.caught(%L)', name));
	END LOOP;

	-- Aggregates
	FOREACH name IN ARRAY ARRAY['max(bigint)', 'min(bigint)', 'max(integer)', 'sum(bigint)', 'count(bigint)',
		'string_agg(text, text)', 'array_agg(text)', 'array_agg(bigint)', 'bool_or(bool)']
	LOOP
		EXECUTE format('CREATE FUNCTION evil.transition(bool, %s) RETURNS bool LANGUAGE sql AS %L',
			substring(name FROM '\((.*)\)'), format('SELECT evil.caught(%L)', name));
		EXECUTE format('CREATE AGGREGATE evil.%s (sfunc = evil.transition, stype = bool)', name);
		EXECUTE format('ALTER FUNCTION evil.transition(bool, %s) RENAME TO %I',
			substring(name FROM '\((.*)\)'), 'transition_' || gen_random_uuid());
	END LOOP;
	CREATE FUNCTION evil.transition(bool) RETURNS bool LANGUAGE sql AS 'SELECT evil.caught(''count(*)'')';
	CREATE AGGREGATE evil.count(*) (sfunc = evil.transition, stype = bool);

	-- Types
	FOREACH name IN ARRAY ARRAY['int8', 'int4', 'text', 'jsonb', 'regclass', 'int8multirange', 'numeric', 'uuid']
	LOOP
		EXECUTE format('CREATE DOMAIN evil.%I AS pg_catalog.bool', name);
	END LOOP;

	-- Tables of the catalog, of the ledger and of the target, all empty
	FOREACH name IN ARRAY ARRAY['pg_class', 'pg_namespace', 'pg_attribute', 'pg_constraint', 'pg_extension',
		'pg_largeobject_metadata', 'pg_locks', 'pg_database', 'pg_trigger', 'pg_index', 'menuca_run',
		'menuca_run_batch', 'menuca_run_baseline', 'combo_items', 'combo_groups', 'dishes',
		'restaurants', 'menuca_v1_combos']
	LOOP
		EXECUTE format('CREATE TABLE evil.%I (evil pg_catalog.bool)', name);
	END LOOP;
END $$;
SQL

# That the trap is one
$prelude = 'SET search_path = evil, pg_catalog, public;';
like(
	error_of($node, 'hostile', "$prelude SELECT 1::pg_catalog.int8 + 1::pg_catalog.int8")->{message},
	qr/evil bigint\+bigint was called/,
	'operators are caught');
like(
	error_of($node, 'hostile', "$prelude SELECT count(*) FROM pg_catalog.pg_class")->{message},
	qr/evil count\(\*\) was called/,
	'functions are caught');

copy_database($node, 'hostile', 'temporary');
my $hostile = story('hostile', '', $prelude);
same_story($hostile, $plain, 'the story is the same');
is(pairs($node, 'hostile'), pairs($node, 'plain'), 'so are the items');

note 'Temporary tables of the same names, which come before all schemas';

$prelude = join ' ', 'SET client_min_messages = error;',
  map { "CREATE TEMP TABLE $_ (evil bool);" }
  qw(pg_class pg_namespace pg_attribute pg_constraint pg_extension pg_locks pg_database
  menuca_run menuca_run_batch menuca_run_baseline combo_items combo_groups dishes restaurants);
same_story(story('temporary', '', $prelude), $plain, 'the story is the same');
is(pairs($node, 'temporary'), pairs($node, 'plain'), 'so are the items');

#
# Names that want to be quoted
#

note 'Target and source under names that want to be quoted';

make_database($node, 'quoted', $fixture);
rows_of($node, 'quoted', <<'SQL');
ALTER SCHEMA menuca_v3 RENAME TO "Menuca ""V3"" ";
ALTER SCHEMA staging RENAME TO "select";
ALTER TABLE "select".menuca_v1_combos RENAME TO "the ""combos"";--";
SQL
my $quoted = story('quoted', '',
	q(SET menuca.target_schema = 'Menuca "V3" '; SET menuca.source_table = '"select"."the ""combos"";--"';));
$quoted =~ s/Menuca "V3" /menuca_v3/g;
$quoted =~ s/"?select"?\."?the ""?combos""?;--"?/staging.menuca_v1_combos/g;
same_story($quoted, $plain, 'the story is the same');

$node->stop;
log_is_clean($node);

done_testing();


# Following nothing but menuca_next() leads through the whole repair, with the
# extension in a schema of its own and by statements alone.

# engines: auto

use strict;
use warnings;

use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

use MenucaTest;

#
# Initialize node
#

my $fixture = fixture('fixture', '--scale', '0.02', '--dirt', 'unmapped_dishes=40', '--dirt', 'groups_without_source=50');
my $node = new_node('main', conf => "max_locks_per_transaction = 256\n", allows_streaming => 1);
my $dump = slurp_file($fixture->{dump}) =~ s/'/''/gr;
my $extension = 'CREATE SCHEMA ops; CREATE EXTENSION menuca_migrate SCHEMA ops';

# The row of menuca_next() as a hash
sub next_row
{
	my ($database, %params) = @_;
	my @values = split /\x1f/, rows_of($node, $database, 'SELECT * FROM ops.menuca_next()',
		extra_params => [ '-F', "\x1f" ], %params), -1;

	return { state => $values[0], next_step => $values[1], why => $values[2], changes => $values[3] };
}

# The next call of the status, without its comment
sub status_call
{
	my ($database) = @_;

	return rows_of($node, $database, q(SELECT split_part(next_call, ';', 1) || ';' FROM ops.menuca_status() WHERE next_call IS NOT NULL ORDER BY ticket LIMIT 1));
}

# Executes what it returns, with what a person puts in, until there is nothing to
# call, or only something to read; returns the states.
sub follow
{
	my ($database, %params) = @_;
	my @states;

	for (1 .. 60)
	{
		my $row = next_row($database);
		my $call = $row->{next_step};

		note "$row->{state}: $row->{why}\n  -> $call\n  changes $row->{changes}";
		push @states, $row->{state};
		my $looks = $call =~ /menuca_review_samples/;
		last if $call eq '' || $row->{changes} eq 'nothing' && !$looks || $call =~ /menuca_export_verdict/;
		like($call, qr/\A(?:SELECT|CALL|CREATE|ALTER)\b[^;]*;\z/, "one statement: $row->{state}");
		unlike($call, qr/(?<![\w.])menuca_\w+\(/, 'its names have a schema');
		# The runbook's own call, unless something comes before it
		is($call, status_call($database), 'the status agrees')
			if $row->{state} =~ /^ticket/ && $row->{why} !~ /^Before ticket/;

		# A person looks at the rows, which have the call that answers
		$call = rows_of($node, $database, $call =~ s/SELECT \*/SELECT DISTINCT next_step/r) if $looks;
		$call =~ s/'\.\.\.', 'combos'/'$dump', 'combos'/;
		$call =~ s/menuca_register_backup\('name', 'name'/menuca_register_backup('first', 'service:1'/;
		$call =~ s/'\.\.\.'/'a test of the way'/g;
		$call =~ s/'name'/'A. Person'/g;
		$call =~ s/'note'/'a test of the way'/g;
		$call =~ s/size => NULL/size => 500000/;
		$call =~ s/started => NULL, finished => NULL, verified => NULL/started => now() - interval '1 minute', finished => now() - interval '1 second', verified => true/;
		is(error_of($node, $database, $call)->{state}, '', 'and it can be executed') or last;

		next unless $call =~ /menuca_monitor_sample/;

		# An hour passes; the last change was long before
		rows_of($node, $database, <<'SQL') unless $states[-2] eq $row->{state};
UPDATE ops.menuca_ticket_execution SET started_at = started_at - interval '1 day', finished_at = finished_at - interval '1 day';
UPDATE ops.menuca_run SET started_at = started_at - interval '1 day', finished_at = finished_at - interval '1 day';
UPDATE ops.menuca_created_index SET created_at = created_at - interval '1 day';
UPDATE ops.menuca_access_change SET made_at = made_at - interval '1 day';
SQL
		rows_of($node, $database, "UPDATE ops.menuca_sample SET taken_at = taken_at - interval '1 hour'");
	}
	return @states;
}

#
# From an empty database to the end
#

make_database($node, 'story', $fixture, extension => $extension, load => 0);
rows_of($node, 'story', 'DROP SCHEMA IF EXISTS staging CASCADE');
is_deeply([ follow('story') ],
	[ 'not loaded', 'not loaded', 'not decided', 'refused', 'refused', 'no backup', 'to be fixed', 'repaired, with warnings' ],
	'the way');


#
# The same where the runbook is used
#

make_database($node, 'registered', $fixture, extension => $extension, load => 0);
rows_of($node, 'registered', 'CREATE ROLE anon; CREATE ROLE authenticated; CREATE ROLE service_role BYPASSRLS; GRANT USAGE ON SCHEMA ops TO anon, authenticated');
rows_of($node, 'registered', "SELECT ops.menuca_environment('staging', 'registered', system_identifier) FROM pg_control_system()");
my %times;
$times{$_}++ foreach follow('registered');
is_deeply([ sort keys %times ],
	[ (map { "ticket 0$_ is PENDING" } 0 .. 3), 'ticket 04 is IN_PROGRESS', 'ticket 04 is PENDING', map { "ticket 05 is $_" } qw(COMPLETE IN_PROGRESS PENDING) ],
	'from the first ticket to the verdict');
is(rows_of($node, 'registered', q(SELECT ops.menuca_export_verdict() ->> 'go')), 'GO', 'which is GO');

#
# An interrupted run
#

copy_database($node, 'story', 'interrupted');
rows_of($node, 'interrupted', <<'SQL');
SELECT * FROM ops.menuca_rollback(1, dry_run => false);
CREATE FUNCTION public.no_more() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
	IF (SELECT count(*) FROM menuca_v3.combo_items) > 100 THEN RAISE EXCEPTION 'no more'; END IF;
	RETURN NEW;
END $$;
CREATE TRIGGER no_more BEFORE INSERT ON menuca_v3.combo_items FOR EACH ROW EXECUTE FUNCTION public.no_more();
SQL
is(error_of($node, 'interrupted', 'CALL ops.menuca_fix_combos_batched(dry_run => false, batch_size => 50)')->{state}, 'P0001', 'a run is interrupted');
rows_of($node, 'interrupted', 'DROP TRIGGER no_more ON menuca_v3.combo_items');
my $next = next_row('interrupted');
my $resume = 'CALL ops.menuca_resume(2, dry_run => false);';
is("$next->{state}: $next->{next_step}", "run interrupted: $resume", 'it comes before everything else');
like($next->{why}, qr/^Run 2 \(fix_combos\) was interrupted after inserting \d+ rows into menuca_v3\.combo_items\. .*ops\.menuca_rollback\(2, dry_run => false\);$/, 'with the way back');
like(rows_of($node, 'interrupted', "SELECT to_jsonb(f) FROM ops.menuca_fix_combos() f"), qr/run 2 \(fix_combos\) was interrupted.*\Q$resume\E/, 'a dry run names it');
like(rows_of($node, 'interrupted', "SELECT to_jsonb(f) FROM ops.menuca_fix_combo_steps() f"), qr/run 2 \(fix_combos\) was interrupted.*"next_step": "\Q$resume\E"/, 'one of the steps of V1\'s items, too');
like(rows_of($node, 'interrupted', "SELECT to_jsonb(f) FROM ops.menuca_fix_combos(max_orphan_pct => 1) f"), qr/run 2 \(fix_combos\) was interrupted.*\Q$resume\E/, 'so does one that is refused');
like(rows_of($node, 'interrupted', "SELECT actual, next_step FROM ops.menuca_validate() WHERE name = 'ledger'"), qr/run 2 was interrupted.*\Q$resume\E/, 'so does the validation');
rows_of($node, 'interrupted', "SELECT ops.menuca_environment('staging', 'interrupted', system_identifier) FROM pg_control_system()");
is(rows_of($node, 'interrupted', 'SELECT next_call FROM ops.menuca_status() WHERE next_call IS NOT NULL'), $resume, 'so does the status');
rows_of($node, 'interrupted', $resume);
is(next_row('interrupted')->{state}, 'ticket 00 is PENDING', 'it is finished');

#
# Names that look like statements
#

copy_database($node, 'story', 'hostile');
rows_of($node, 'hostile', <<'SQL');
ALTER TABLE staging.menuca_v1_combos RENAME TO "SELECT pg_sleep(9); x";
ALTER DATABASE hostile SET menuca.source_table = 'staging."SELECT pg_sleep(9); x"';
SELECT * FROM ops.menuca_rollback(1, dry_run => false);
SQL
my @calls = split /\n/, rows_of($node, 'hostile', <<'SQL');
SELECT next_step FROM ops.menuca_next()
UNION SELECT next_step FROM ops.menuca_validate() WHERE next_step IS NOT NULL
UNION SELECT next_step FROM ops.menuca_decide() WHERE next_step IS NOT NULL
UNION SELECT next_step FROM ops.menuca_plan_combos() WHERE next_step IS NOT NULL
SQL
cmp_ok(scalar @calls, '>=', 3, 'names that look like statements:');
unlike($_, qr/^SELECT pg_sleep/, $_) foreach @calls;

#
# Another schema, and tables that are not there
#

copy_database($node, 'story', 'moved');
rows_of($node, 'moved', 'ALTER SCHEMA menuca_v3 RENAME TO platform');
$next = next_row('moved');
is($next->{next_step}, "ALTER DATABASE moved SET menuca.target_schema = 'platform';", 'the schema that has the tables is proposed');
rows_of($node, 'moved', $next->{next_step});
isnt(next_row('moved')->{state}, 'no tables', 'and holds for new sessions');
rows_of($node, 'moved', 'DROP TABLE platform.combo_items CASCADE');
$next = next_row('moved');
is("$next->{state}|$next->{next_step}", 'no tables|', 'a dropped table of the platform');
like($next->{why}, qr/lacks: combo_items;/, 'is named');

foreach my $table (split /\n/, rows_of($node, 'story', q(SELECT relname FROM pg_class WHERE relkind = 'r' AND relnamespace = 'ops'::regnamespace)))
{
	copy_database($node, 'story', 'damaged');
	rows_of($node, 'damaged', <<"SQL");
-- What the extension needs is dropped only with it
SELECT format('ALTER EXTENSION menuca_migrate DROP %s %s', i.type, i.identity)
FROM pg_depend d
JOIN pg_extension e ON d.refclassid = 'pg_extension'::regclass AND e.oid = d.refobjid AND e.extname = 'menuca_migrate'
CROSS JOIN pg_identify_object(d.classid, d.objid, 0) i
WHERE d.deptype = 'e' AND (i.type IN ('table', 'view', 'sequence') OR d.objid IN (SELECT p.oid FROM pg_proc p WHERE p.prosqlbody IS NOT NULL)) \\gexec
SET client_min_messages = error;
DROP TABLE ops.$table CASCADE;
SQL
	is(error_of($node, 'damaged', 'SELECT * FROM ops.menuca_next()')->{state}, '', "without $table: an answer");
	rows_of($node, 'postgres', 'DROP DATABASE damaged');
}

#
# With the rights to read, and on a standby
#

copy_database($node, 'story', 'looked_at');
rows_of($node, 'looked_at', 'SELECT * FROM ops.menuca_rollback(1, dry_run => false)');
rows_of($node, 'looked_at', 'CREATE ROLE reader LOGIN');
grant_purposes($node, 'looked_at', 'reader', 'read');
rows_of($node, 'looked_at', 'GRANT USAGE ON SCHEMA staging TO reader; GRANT SELECT ON ALL TABLES IN SCHEMA staging TO reader');
$next = next_row('looked_at', extra_params => [ '-U', 'reader', '-F', "\x1f" ]);
is("$next->{state}: $next->{next_step}", 'to be fixed: SELECT * FROM ops.menuca_fix_combos();', 'who may read only is told what is next');
like($next->{why}, qr/Role "reader" may not call menuca_fix_combos: .*ops\.menuca_grants\('reader', 'migrate'\);/, 'and who may do it');
rows_of($node, 'looked_at', 'REVOKE SELECT ON menuca_v3.dishes FROM reader');
$next = next_row('looked_at', extra_params => [ '-U', 'reader', '-F', "\x1f" ]);
is("$next->{state}: $next->{next_step}", "not allowed: SELECT * FROM ops.menuca_grants('reader', 'read');", 'what it may not look at is said');

$node->backup('copy');
my $standby = PostgreSQL::Test::Cluster->new('standby');
$standby->init_from_backup($node, 'copy', has_streaming => 1);
$standby->start;
$node->wait_for_catchup($standby);
is(rows_of($standby, 'looked_at', 'SELECT state, next_step FROM ops.menuca_next()'),
	'to be fixed|SELECT * FROM ops.menuca_fix_combos(dry_run => false);', 'a standby says what is next');
like(rows_of($standby, 'looked_at', 'SELECT why FROM ops.menuca_next()'), qr/This server is a standby: make the call on the primary\.$/, 'and where');
$standby->stop;

#
# The functions by topic
#

is(rows_of($node, 'story', <<'SQL'), '', 'every function is in the list, once');
SELECT coalesce(p.proname, h.function), h.times
FROM (SELECT DISTINCT p.proname::text
	  FROM pg_proc p
	  JOIN pg_depend d ON d.classid = 'pg_proc'::regclass AND d.objid = p.oid AND d.deptype = 'e'
	  JOIN pg_extension e ON d.refclassid = 'pg_extension'::regclass AND e.oid = d.refobjid
	  WHERE e.extname = 'menuca_migrate') p
FULL JOIN (SELECT function, count(*) AS times FROM ops.menuca_help() GROUP BY function) h ON h.function = p.proname
WHERE h.times IS DISTINCT FROM 1 OR p.proname IS NULL
SQL
is(rows_of($node, 'story', q(SELECT function FROM ops.menuca_help('LOAD') WHERE function LIKE '%lo')), 'menuca_load_dump_lo', 'a topic');
is(rows_of($node, 'story', q(SELECT string_agg(function, ' ' ORDER BY function) FROM ops.menuca_help('rollback'))),
	'menuca_preview_rollback menuca_preview_rollback_indexes menuca_rollback menuca_rollback_access menuca_rollback_access_by_table menuca_rollback_advice menuca_rollback_guide menuca_rollback_indexes', 'a part of a name');
like(rows_of($node, 'story', q(SELECT what_it_does FROM ops.menuca_help('nothing'))), qr/^There is no topic "nothing", .*topics are: begin, load, decide,/, 'none of both');
foreach my $example (split /\n/, rows_of($node, 'story', 'SELECT example FROM ops.menuca_help()'))
{
	like($example, qr/\bops\.menuca_/, "its names have a schema: $example");

	# Refusals are answers; what is not there, or of another type, is not
	my $error = error_of($node, 'story', $example =~ /^CALL/ ? $example : "BEGIN; $example ROLLBACK;");
	unlike("$error->{state} $error->{message}", qr/^42(?:601|703|883|725|804|846|P01 relation)/, $example);
}

$node->stop;
log_is_clean($node);

done_testing();

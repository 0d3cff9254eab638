
# Another session sees how far a load, a run, a validation, a snapshot and a
# restore have come, in pg_stat_progress_copy; a batch says how fast it was.
#
# What writes rows is stopped by a trigger at a known one.  What only reads runs
# no trigger, so it is repeated until it was seen, and then told to end.

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

my $fixture = fixture('fixture', '--scale', '0.05');
my $figures = $fixture->{figures};
my $node = new_node('main');

make_database($node, 'menuca', $fixture);
rows_of($node, 'menuca', <<'SQL');
CREATE SEQUENCE public.written;
GRANT ALL ON SEQUENCE public.written TO PUBLIC;
-- The rows before the last one have been written when this one waits
CREATE FUNCTION public.stop_at() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
	IF nextval('public.written') = TG_ARGV[0]::bigint THEN
		PERFORM pg_advisory_xact_lock_shared(4711, 1);
	END IF;
	RETURN NEW;
END $$;
SQL
my $item_count = rows_of($node, 'menuca', 'SELECT count(*) FROM menuca_v3.combo_items');

# What pg_stat_progress_copy has of a session
sub progress
{
	my ($pid, $columns) = @_;

	return rows_of($node, 'menuca', "SELECT $columns FROM pg_stat_progress_copy WHERE pid = $pid");
}

# Starts statements that a trigger stops at a row; returns the handle and the pid
sub start_stopped
{
	my ($holder, $sql) = @_;

	rows_of($node, 'menuca', q(SELECT setval('public.written', 1, false)));
	$holder->query_safe('SELECT pg_advisory_lock(4711, 1)');
	my $handle = start_sql($node, 'menuca', $sql);
	my $pid = wait_for_backend($node, $handle);
	$node->poll_query_until('menuca', "SELECT count(*) = 1 FROM pg_locks WHERE pid = $pid AND locktype = 'advisory' AND classid = 4711 AND NOT granted")
	  or die 'it did not come to the row';
	return ($handle, $pid);
}

sub finish_stopped
{
	my ($holder, $handle) = @_;

	$holder->query_safe('SELECT pg_advisory_unlock(4711, 1)');
	return finish_sql($handle);
}

my $holder = $node->background_psql('menuca');

#
# Loading: COPY's own rows, and the bytes of the dump
#

note 'Loading';

my $size = -s $fixture->{dump};
rows_of($node, 'menuca', "CREATE TRIGGER stop BEFORE INSERT ON staging.menuca_v1_combos FOR EACH ROW EXECUTE FUNCTION public.stop_at(3000)");
foreach my $load (
	"SELECT menuca_load_dump_file('$fixture->{dump}', 'combos', 'staging.menuca_v1_combos', append => true)",
	"SELECT lo_import('$fixture->{dump}', 900001); SELECT menuca_load_dump_lo(900001, 'combos', 'staging.menuca_v1_combos', append => true)",
	"SELECT menuca_load_dump(pg_read_file('$fixture->{dump}'), 'combos', 'staging.menuca_v1_combos', append => true)")
{
	my ($handle, $pid) = start_stopped($holder, "BEGIN; $load; ROLLBACK");

	is(progress($pid, 'relid::regclass, command, type'), 'staging.menuca_v1_combos|COPY FROM|CALLBACK', 'a load shows its table');
	is(progress($pid, 'tuples_processed BETWEEN 1000 AND 2999'), 't', 'the rows so far');
	is(progress($pid, 'bytes_total'), $size, "the dump's size");
	is(progress($pid, 'bytes_processed BETWEEN 20000 AND bytes_total'), 't', 'and how much of it was read');
	is(finish_stopped($holder, $handle)->{error}{message}, '', 'it ends well');
	is(progress($pid, 'count(*)'), 0, 'and is shown no more');
}
rows_of($node, 'menuca', 'DROP TRIGGER stop ON staging.menuca_v1_combos');

#
# Batches, with their speed
#

note 'A run';

my $batched = $node->psql('menuca', 'CALL menuca_fix_combos_batched(dry_run => false, batch_size => 600)', stderr => \my $notices);
my ($first, @others) = $notices =~ /NOTICE:  batch \d+: (.*)/g;
my $last = pop @others;
like($first, qr/^600 items inserted, 600 of [\d,]+ done$/, 'a batch alone says little of the speed');
like($_, qr/^600 items inserted, [\d,]+ of [\d,]+ done, [\d,]+ items a second, about [\d.]+ (?:s|min|h) left$/, 'a batch says how long the rest takes') foreach @others;
like($last, qr/^\d+ items inserted, ([\d,]+) of \1 done, [\d,]+ items a second$/, 'nothing is left after the last one');
my $after = $item_count + $figures->{insert};

#
# What only reads: repeated until it was seen
#

note 'Validation and snapshots';

sub is_seen
{
	my ($statements, $condition, $name) = @_;
	my $handle = start_sql($node, 'menuca', <<"SQL");
SET client_min_messages = error;
DO \$\$
BEGIN
	LOOP
		$statements
		EXIT WHEN EXISTS (SELECT FROM pg_locks WHERE locktype = 'advisory' AND classid = 4711 AND objid = 2);
	END LOOP;
END \$\$
SQL
	my $pid = wait_for_backend($node, $handle);
	my $seen = $node->poll_query_until('menuca', "SELECT count(*) = 1 FROM pg_stat_progress_copy WHERE pid = $pid AND type = 'CALLBACK' AND $condition");
	local $Test::Builder::Level = $Test::Builder::Level + 1;

	ok($seen, $name);
	$holder->query_safe('SELECT pg_advisory_lock(4711, 2)');
	is(finish_sql($handle)->{error}{message}, '', 'and ends well');
	$holder->query_safe('SELECT pg_advisory_unlock(4711, 2)');
	return;
}

my $validate = 'PERFORM FROM menuca_validate();';
is_seen($validate, "relid = 'menuca_v3.combo_items'::regclass AND command = 'COPY TO' AND tuples_processed > 0 AND bytes_processed <= bytes_total AND bytes_total = pg_relation_size(relid)",
	'a validation shows the items that it reads, with their size');
is_seen($validate, "relid = 'staging.menuca_v1_combos'::regclass AND command = 'COPY TO'", 'and the source');
my $snapshot = q(PERFORM FROM menuca_snapshot('seen'); PERFORM menuca_drop_snapshot('seen'););
is_seen($snapshot, "relid = 'menuca_v3.combo_items'::regclass AND command = 'COPY TO' AND bytes_total > 0", 'a snapshot shows the table that it copies');
is_seen($snapshot, "relid NOT IN (SELECT oid FROM pg_class WHERE relnamespace = 'menuca_v3'::regnamespace) AND tuples_processed > 0", 'and the copy that it reads back');
is_seen(q(PERFORM FROM menuca_table_checksum('menuca_v3.combo_items');), "relid = 'menuca_v3.combo_items'::regclass AND tuples_processed > 0", 'so does a checksum');

#
# A restore
#

note 'A restore';

rows_of($node, 'menuca', <<'SQL');
SELECT FROM menuca_snapshot('before');
DELETE FROM menuca_v3.combo_items;
CREATE TRIGGER stop BEFORE INSERT ON menuca_v3.combo_items FOR EACH ROW EXECUTE FUNCTION public.stop_at(1500);
SQL
my ($restore, $pid) = start_stopped($holder, q(SELECT sum(inserted) FROM menuca_restore_snapshot('before', dry_run => false, force => true)));
is(progress($pid, 'relid::regclass, command, type, tuples_processed'), 'menuca_v3.combo_items|COPY FROM|CALLBACK|1024', 'a restore shows the table and the rows that it has written');
my $restored = finish_stopped($holder, $restore);
is($restored->{stdout}, $after, 'it restores all of them');
is(rows_of($node, 'menuca', 'SELECT count(*) FROM menuca_v3.combo_items'), $after, 'which are there');

rows_of($node, 'menuca', <<'SQL');
DROP TRIGGER stop ON menuca_v3.combo_items;
UPDATE menuca_v3.combo_items SET display_order = display_order + 1;
CREATE RULE kept AS ON DELETE TO menuca_v3.combo_items WHERE OLD.id < 0 DO ALSO NOTHING;
SQL
is(rows_of($node, 'menuca', q(SELECT sum(updated) FROM menuca_restore_snapshot('before', dry_run => false, force => true))), $after, 'a table with a rule is restored, too');

#
# Others' commands
#

note "A command that is shown already";

is(rows_of($node, 'menuca', <<'SQL'), 't|0', 'a COPY around a call stays what is shown');
CREATE TEMP TABLE seen (during bigint);
CREATE FUNCTION pg_temp.look() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
	PERFORM FROM menuca_validate();
	INSERT INTO seen SELECT relid FROM pg_stat_progress_copy WHERE pid = pg_backend_pid();
	RETURN NEW;
END $$;
CREATE TABLE public.target (a int);
CREATE TRIGGER look BEFORE INSERT ON public.target FOR EACH ROW EXECUTE FUNCTION pg_temp.look();
SET client_min_messages = error;
COPY public.target FROM STDIN;
1
\.
SELECT during = 'public.target'::regclass, (SELECT count(*) FROM pg_stat_progress_copy) FROM seen;
SQL

$holder->quit;
$node->stop;
log_is_clean($node);

done_testing();

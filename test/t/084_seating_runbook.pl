
# The runbook of seating from the preparation to the verdict after 48 hours, on two
# clusters: production with the trigger, the function and the index of its own program and
# with orphaned bookings, and staging, a copy of it.  Repairs are put back to the byte, the
# rollout is refused while it is young and while a check fails, each level of the rollback
# is taken and undone while guests book, and sessions die in the middle.

# engines: auto

use strict;
use warnings;

use IPC::Run;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

use MenucaTest;

my $tmp = $PostgreSQL::Test::Utils::tmp_check;
my @clients = (0 .. 3);
my @users_tables = qw(restaurants zones table_inventory table_adjacencies bookings booking_table_assignments table_holds table_hold_members);
my %node = map { $_ => new_node($_, conf => "max_connections = 30\nrestart_after_crash = on\nmax_prepared_transactions = 0\n") } 'staging', 'production';

#
# Who calls: the owner of the users' tables, who is no superuser; the program that guests
# book with; and, for what only time or an accident does, the superuser
#

sub owner
{
	my ($where, $sql) = @_;
	local $ENV{PGUSER} = 'platform';

	return rows_of($node{$where}, 'night', "SET client_min_messages = warning;\n$sql");
}

sub owner_error
{
	my ($where, $sql) = @_;
	local $ENV{PGUSER} = 'platform';

	return error_of($node{$where}, 'night', "SET client_min_messages = warning;\n$sql");
}

sub superuser
{
	my ($where, $sql) = @_;

	return rows_of($node{$where}, 'night', $sql);
}

# Executes what the rows of a call name as the next step, as it is pasted; there is one.
sub next_step
{
	my ($where, $call) = @_;
	local $Test::Builder::Level = $Test::Builder::Level + 1;
	my $next = owner($where, "SELECT DISTINCT next_step FROM ($call) x WHERE next_step IS NOT NULL");

	like($next, qr/^SELECT \* FROM ops\.\w+\(.*\);$/, "$where: the next step is one call");
	$next =~ s/;$//;
	return $next;
}

# How many rows have which status or outcome
sub counts
{
	my ($where, $call, $column) = @_;

	$column //= 'status';
	return owner($where, "SELECT string_agg(x, ' ') FROM (SELECT format('%s:%s', $column, count(*)) AS x FROM ($call) c GROUP BY $column ORDER BY $column) y");
}

#
# What is compared
#

# All that users have, as texts of rows
sub content
{
	my ($where, @tables) = @_;

	@tables = @users_tables if !@tables;
	return owner($where, join ' UNION ALL ', map { "(SELECT '$_', count(*), md5(string_agg(t::text, '|' ORDER BY t::text)) FROM $_ t)" } @tables);
}

sub checksums
{
	my ($where) = @_;

	return owner($where, join ' UNION ALL ', map { "SELECT '$_', rows, checksum FROM ops.menuca_seating_table_checksum('$_')" } @users_tables);
}

# pg_dump 15.14 and later print a random key
sub schema_dump
{
	my ($where) = @_;
	my $file = "$tmp/$where.schema";
	my ($stdout, $stderr) = run_command([ 'pg_dump', '-s', '-f', $file, $node{$where}->connstr('night') ]);

	die $stderr if $stderr ne '';
	return slurp_file($file) =~ s/^\\(?:un)?restrict .*$//mgr;
}

sub orphans
{
	my ($where) = @_;

	return owner($where, "SELECT count(*) FROM bookings b WHERE status = 'confirmed' AND NOT EXISTS (SELECT FROM booking_table_assignments a WHERE a.booking_id = b.id)");
}

sub verdict
{
	my ($where) = @_;

	return owner($where, 'SELECT verdict FROM ops.menuca_seating_status()');
}

# Stages, deployment and runs of the monitor are that much longer ago
sub time_passes
{
	my ($where, $time) = @_;

	superuser($where, <<"SQL");
UPDATE ops.menuca_seating_stage SET begun_at = begun_at - interval '$time';
UPDATE ops.menuca_seating_guarantee SET deployed_at = deployed_at - interval '$time';
UPDATE ops.menuca_seating_monitor_run SET taken_at = taken_at - interval '$time';
UPDATE ops.menuca_seating_backup SET started = started - interval '$time', finished = finished - interval '$time';
SQL
	return;
}

sub register_backup
{
	my ($where, $path) = @_;

	return owner($where, "SELECT ops.menuca_seating_register_backup('before', '$where:$path', 'pg_dump', " . (-s $path)
		  . ", 'none', clock_timestamp() - interval '1 minute', clock_timestamp(), true, '{\"path\": \"$path\"}') > 0");
}

sub backup
{
	my ($where, $name) = @_;
	my $path = "$tmp/$name.dump";

	$node{$where}->command_ok([ 'pg_dump', '-Fc', '-f', $path, $node{$where}->connstr('night') ], "$where: backup $name");
	return $path;
}

sub backup_is_good
{
	my ($where, $name) = @_;
	local $Test::Builder::Level = $Test::Builder::Level + 1;

	return is(register_backup($where, backup($where, $name)), 't', "$where: and registered");
}

#
# Production: 20 restaurants of 12 dining tables, bookings of days past and to come, which
# its own program has seated, and its trigger, function and index
#

my $floors = '';
foreach my $n (1 .. 20)
{
	my ($out, $err) = run_command([ 'perl', 'test/fixture/seating/generate.pl', '--tables' => 12, '--zones' => 2, '--bookings' => 0, '--seed' => $n, '--name' => "Restaurant $n" ]);

	die $err if $err ne '';
	$floors .= "$out\n";
}

foreach my $where (sort keys %node)
{
	rows_of($node{$where}, 'postgres', 'CREATE ROLE platform LOGIN; CREATE ROLE guests LOGIN;');
	rows_of($node{$where}, 'postgres', 'CREATE DATABASE night OWNER platform TEMPLATE template0');
}
owner('production', slurp_file('test/fixture/seating/schema.sql'));
owner('production', $floors);
owner('production', <<'SQL');
-- What the program of the restaurants knows of each: where bookings by hand go, and a party
-- that two dining tables of one zone seat, and no single one
CREATE SCHEMA app;
CREATE VIEW app.usable AS
SELECT t.*, row_number() OVER (PARTITION BY restaurant_id ORDER BY table_number) AS place, max(capacity) OVER (PARTITION BY restaurant_id) AS largest
FROM table_inventory t WHERE status <> 'out_of_service';
CREATE TABLE app.restaurant AS
SELECT substr(r.name, 12)::int - 1 AS no, r.id, p.party, p.pair, (SELECT u.id FROM app.usable u WHERE u.restaurant_id = r.id AND u.min_party_size <= 2 ORDER BY u.place LIMIT 1) AS by_hand
FROM restaurants r LEFT JOIN LATERAL (
	SELECT a.capacity + b.capacity AS party, ARRAY[a.id, b.id] AS pair FROM app.usable a JOIN app.usable b ON b.zone_id = a.zone_id AND b.place > a.place
	WHERE a.restaurant_id = r.id AND 'movable' = ALL (ARRAY[a.mobility, b.mobility]) AND a.max_party_size IS NULL AND b.max_party_size IS NULL AND a.capacity + b.capacity > a.largest
	ORDER BY a.capacity + b.capacity, a.place, b.place LIMIT 1) p ON true;

-- Its bookings: a dining table each, one in ten has two; some wait, the first with a zone still
CREATE FUNCTION app.at(days int, hour int) RETURNS timestamptz LANGUAGE sql STABLE AS
$$ SELECT ((now() AT TIME ZONE 'Europe/London')::date + days + hour * interval '1 hour') AT TIME ZONE 'Europe/London' $$;
INSERT INTO bookings (id, restaurant_id, party_size, status, start_at, end_at, assigned_zone_id)
SELECT md5(r.no || ' single ' || n)::uuid, r.id, COALESCE(u.max_party_size, u.capacity), (CASE WHEN d.day > 0 THEN 'confirmed' WHEN n = 8 THEN 'no_show' ELSE 'completed' END)::booking_status,
	app.at(d.day, 18), app.at(d.day, 20), u.zone_id
FROM app.restaurant r, generate_series(1, 9) n, LATERAL (SELECT ('{2,3,4,5,6,-1,-2,-3,7}'::int[])[n] AS day) d JOIN app.usable u ON true WHERE u.restaurant_id = r.id AND u.place = n;
INSERT INTO booking_table_assignments (booking_id, table_id, start_at, end_at)
SELECT b.id, u.id, b.start_at, b.end_at FROM app.restaurant r, generate_series(1, 9) n, bookings b, app.usable u
WHERE b.id = md5(r.no || ' single ' || n)::uuid AND b.status <> 'no_show' AND u.restaurant_id = r.id AND u.place = n;
INSERT INTO bookings (id, restaurant_id, party_size, status, start_at, end_at, assigned_zone_id)
SELECT md5(r.no || ' joined')::uuid, r.id, r.party, 'confirmed', app.at(5, 12), app.at(5, 14), (SELECT zone_id FROM table_inventory WHERE id = r.pair[1]) FROM app.restaurant r WHERE r.party IS NOT NULL;
INSERT INTO booking_table_assignments (booking_id, table_id, start_at, end_at, merge_group_id)
SELECT md5(r.no || ' joined')::uuid, unnest(r.pair), app.at(5, 12), app.at(5, 14), md5(r.no || ' group')::uuid FROM app.restaurant r WHERE r.party IS NOT NULL;
INSERT INTO bookings (id, restaurant_id, party_size, status, start_at, assigned_zone_id)
SELECT md5(r.no || ' waits ' || n)::uuid, r.id, CASE WHEN n = 3 THEN COALESCE(r.party, 2) ELSE 2 END, (CASE WHEN n = 4 THEN 'cancelled' ELSE 'pending' END)::booking_status, app.at(n + 1, 19),
	CASE WHEN n = 1 AND r.no < 6 THEN (SELECT zone_id FROM app.usable u WHERE u.restaurant_id = r.id AND u.place = 1) END
FROM app.restaurant r, generate_series(1, 4) n;

-- Its guard: only bookings that are updated
CREATE FUNCTION validate_booking_has_assignments() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
	IF OLD.status IS DISTINCT FROM NEW.status AND NOT EXISTS (SELECT FROM public.booking_table_assignments a WHERE a.booking_id = NEW.id) THEN
		RAISE EXCEPTION 'no dining table belongs to booking %', NEW.id USING ERRCODE = 'check_violation';
	END IF;
	RETURN NEW;
END $$;
COMMENT ON FUNCTION validate_booking_has_assignments() IS 'The program''s own guard';
CREATE TRIGGER booking_assignment_validation BEFORE UPDATE ON bookings FOR EACH ROW WHEN (NEW.status = 'confirmed') EXECUTE FUNCTION validate_booking_has_assignments();
COMMENT ON TRIGGER booking_assignment_validation ON bookings IS 'It''s the program''s';
CREATE INDEX idx_booking_table_assignments_booking_id ON booking_table_assignments (booking_id);
COMMENT ON INDEX idx_booking_table_assignments_booking_id IS 'made by hand';
SQL

# What guests do, by the program: each client writes what it did into a table of its own,
# and what it writes is what it was told, not what it finds
owner('production', <<'SQL' . join '', map { "CREATE TABLE app.journal_$_ (no bigint PRIMARY KEY, booking uuid NOT NULL, status text NOT NULL, tables uuid[] NOT NULL, kind text NOT NULL);\n" } @clients);
CREATE SEQUENCE app.ticket;
CREATE SEQUENCE app.slot;
CREATE TABLE app.answer (outcome text, at timestamptz DEFAULT clock_timestamp());
CREATE FUNCTION app.book(client int) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
	n bigint := nextval('app.ticket');
	r app.restaurant := (SELECT r FROM app.restaurant r WHERE r.no = n % 20);
	b uuid := gen_random_uuid();
BEGIN
	INSERT INTO bookings (id, restaurant_id, party_size, status, start_at)
	VALUES (b, r.id, CASE WHEN (n + n / 20) % 10 = 0 THEN COALESCE(r.party, 2) ELSE 2 + n % 2 * 2 END, 'pending', app.at(8 + (n / 20 % 60)::int, 17) + n % 13 * interval '15 minutes');
	EXECUTE format('INSERT INTO app.journal_%s VALUES ($1, $2, ''pending'', ''{}'', ''booked'')', client) USING n, b;
END $$;
CREATE FUNCTION app.seat(client int) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
	b uuid;
	told record;
BEGIN
	EXECUTE format('SELECT booking FROM app.journal_%s WHERE kind = ''booked'' ORDER BY no DESC LIMIT 1', client) INTO b;
	IF b IS NULL THEN RETURN; END IF;
	SELECT * INTO STRICT told FROM ops.menuca_auto_assign(b);
	INSERT INTO app.answer VALUES (told.outcome);
	EXECUTE format('UPDATE app.journal_%s SET kind = ''asked'', status = $2, tables = $3 WHERE booking = $1', client)
		USING b, CASE WHEN told.outcome = 'assigned' THEN 'confirmed' ELSE 'pending' END, CASE WHEN told.outcome = 'assigned' THEN told.table_ids ELSE '{}' END;
END $$;
-- As the program did before: a dining table of its own choice, then the status
CREATE FUNCTION app.by_hand(client int) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
	n bigint := nextval('app.slot');
	r app.restaurant := (SELECT r FROM app.restaurant r WHERE r.no = n % 20);
	b uuid := gen_random_uuid();
	start timestamptz := app.at(100 + (n / 20)::int, 18);
BEGIN
	INSERT INTO bookings (id, restaurant_id, party_size, status, start_at) VALUES (b, r.id, 2, 'pending', start);
	INSERT INTO booking_table_assignments (booking_id, table_id, start_at, end_at) VALUES (b, r.by_hand, start, start + interval '1 hour');
	UPDATE bookings SET status = 'confirmed' WHERE id = b;
	EXECUTE format('INSERT INTO app.journal_%s VALUES ($1, $2, ''confirmed'', ARRAY[$3], ''by hand'')', client) USING -n, b, r.by_hand;
END $$;
CREATE FUNCTION app.cancel(client int) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
	b uuid;
BEGIN
	EXECUTE format('UPDATE app.journal_%1$s SET kind = ''cancelled'', status = ''cancelled'', tables = ''{}'' WHERE no = (SELECT no FROM app.journal_%1$s WHERE status <> ''cancelled'' ORDER BY random() LIMIT 1) RETURNING booking', client) INTO b;
	DELETE FROM booking_table_assignments WHERE booking_id = b;
	UPDATE bookings SET status = 'cancelled' WHERE id = b;
END $$;
-- Confirmed, and waiting again, with the dining tables kept
CREATE FUNCTION app.waver(client int) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
	b record;
BEGIN
	EXECUTE format('UPDATE app.journal_%1$s SET kind = ''wavered'', status = CASE status WHEN ''confirmed'' THEN ''pending'' ELSE ''confirmed'' END WHERE no = (SELECT no FROM app.journal_%1$s WHERE tables <> ''{}'' ORDER BY random() LIMIT 1) RETURNING booking, status', client) INTO b;
	UPDATE bookings SET status = b.status::booking_status WHERE id = b.booking;
END $$;
SQL
owner('production', 'CREATE VIEW app.journal AS ' . join ' UNION ALL ', map { "SELECT $_ AS client, j.* FROM app.journal_$_ j" } @clients);
owner('production', <<'SQL');
GRANT USAGE ON SCHEMA app TO guests;
GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA app TO guests;
GRANT USAGE ON ALL SEQUENCES IN SCHEMA app TO guests;
GRANT SELECT ON ALL TABLES IN SCHEMA public TO guests;
GRANT INSERT, UPDATE, DELETE ON bookings, booking_table_assignments TO guests;
SQL

note 'orphans of four kinds';

owner('production', <<'SQL');
INSERT INTO bookings (id, restaurant_id, party_size, start_at) SELECT md5('inserted')::uuid, id, 2, app.at(3, 18) FROM app.restaurant WHERE no = 1;
ALTER TABLE bookings DISABLE TRIGGER booking_assignment_validation;
UPDATE bookings SET status = 'confirmed' WHERE id = md5('2 waits 1')::uuid;
ALTER TABLE bookings ENABLE TRIGGER booking_assignment_validation;
DELETE FROM booking_table_assignments WHERE booking_id = md5('3 single 2')::uuid;
DELETE FROM table_inventory t USING booking_table_assignments a WHERE a.table_id = t.id AND a.booking_id = (
	SELECT md5('4 single ' || n)::uuid FROM generate_series(1, 5) n JOIN app.usable u ON u.place = n JOIN app.restaurant r ON r.id = u.restaurant_id WHERE r.no = 4 AND u.id <> ALL (r.pair) ORDER BY n LIMIT 1);
SQL
is(owner_error('production', q(UPDATE bookings SET status = 'confirmed' WHERE id = md5('5 waits 1')::uuid))->{state}, '23514', 'the program guards updates');
is(orphans('production'), 4, 'four confirmed bookings have no dining table all the same');

#
# The extension on production, which is known as such; staging is a copy of it
#

superuser('production', <<'SQL');
CREATE SCHEMA ops;
CREATE EXTENSION menuca_seating SCHEMA ops;
GRANT USAGE ON SCHEMA ops TO platform, guests;
GRANT EXECUTE ON ALL FUNCTIONS IN SCHEMA ops TO platform;
GRANT SELECT ON ALL TABLES IN SCHEMA ops TO platform;
GRANT EXECUTE ON FUNCTION ops.menuca_auto_assign TO guests;
SQL
sub register
{
	my ($where, $environment) = @_;

	return "SELECT environment, newly_registered FROM ops.menuca_seating_environment('$environment', 'night', (SELECT system_identifier FROM pg_control_system()))";
}

is(owner('production', register('production', 'production')), 'production|t', 'production is registered');
my $copy = backup('production', 'copy');
my ($out, $err) = run_command([ 'pg_restore', '--exit-on-error', '-d', $node{staging}->connstr('night'), $copy ]);
is($err, '', 'staging is a copy of it');
is(content('staging'), content('production'), 'with the same rows');
like(owner('staging', q(SELECT status || ' ' || actual FROM ops.menuca_seating_verify() WHERE name = 'environment')), qr/^WARN it is not registered/, 'the copy is not production');
is(owner('staging', register('staging', 'staging')), 'staging|t', 'it is staging');
is(owner_error('staging', register('staging', 'production'))->{state}, 'MC020', 'and not production as well');

#
# Preparation, on staging first and then on production
#

# The same steps, to compare what they say
sub prepare
{
	my ($where) = @_;
	my $dump = schema_dump($where);
	my $before = content($where);
	my $refused;

	note "$where: before";
	is(verdict($where), $where eq 'staging' ? 'NO-GO' : 'NO-GO', "$where: orphans are critical before it begins");
	is(owner($where, q(SELECT string_agg(format('%s=%s', flag, value), ' ' ORDER BY flag) FROM ops.menuca_seating_flags((SELECT id FROM app.restaurant WHERE no = 0)) WHERE flag IS NOT NULL)),
		'FEATURE_ALLOCATOR_K_MAX=3 FEATURE_ALLOCATOR_MERGES_ENABLED=true FEATURE_ALLOCATOR_REQUIRE_ADJACENCY="off" FEATURE_COMBINATION_PLANNER=true FEATURE_SELECTOR_MAX_COMBINATION_EVALUATIONS=10000000', "$where: flags");

	note "$where: orphans";
	$refused = owner_error($where, 'SELECT * FROM ops.menuca_seating_deploy(dry_run => false)');
	is($refused->{state}, 'MC047', "$where: refused while there are orphans");
	like($refused->{detail}, qr/\b4 confirmed bookings without a dining table: (?:[0-9a-f-]{36}(?:; )?){4}\./, "$where: which are named");
	is(content($where) . schema_dump($where), $before . $dump, "$where: nothing was changed");
	repair($where, 'menuca_fix_orphaned_bookings', 4, 'pending');
	is(orphans($where), 0, "$where: no orphan is left");

	note "$where: zone locks";
	repair($where, 'menuca_clear_zone_locks', 5, 'cleared');

	note "$where: the guarantees";
	is(verdict($where), 'NOT BEGUN', "$where: now it can begin");
	my $deploy = next_step($where, 'SELECT * FROM ops.menuca_seating_deploy()');
	is($deploy, 'SELECT * FROM ops.menuca_seating_deploy(dry_run => false)', "$where: after the dry run");
	is(schema_dump($where), $dump, "$where: which changes nothing");
	is(owner($where, "SELECT name, status FROM ($deploy) d WHERE status <> 'created' ORDER BY 1"),
		"booking_assignment_validation|replaced\nidx_booking_table_assignments_booking_id|unchanged", "$where: the program's trigger is replaced, its index kept");
	is(counts($where, 'SELECT * FROM ops.menuca_seating_deploy()'), 'unchanged:9', "$where: again");
	isnt(schema_dump($where), $dump, "$where: the dump shows it");
	is(owner($where, q(SELECT string_agg(DISTINCT status, ' ') FROM ops.menuca_seating_verify() WHERE name IN ('booking_assignment_validation', 'idx_booking_table_assignments_booking_id', 'functions', 'booking_release', 'environment', 'summary'))), 'PASS', "$where: verified by name");
	is(owner_error($where, q(INSERT INTO bookings (restaurant_id, party_size) SELECT id, 2 FROM restaurants LIMIT 1))->{state}, '23514', "$where: no orphan is inserted any more");
	is(owner_error($where, 'TRUNCATE booking_table_assignments')->{state}, '23514', "$where: nor made by TRUNCATE");

	note "$where: smoke test";
	my ($sums, $rows, $attempts) = (checksums($where), content($where), owner($where, 'SELECT count(*) FROM ops.menuca_seating_attempt'));
	is(counts($where, 'SELECT * FROM ops.menuca_seating_smoke_test((SELECT id FROM app.restaurant WHERE no = 0))'), 'PASS:7', "$where: a booking of 5");
	is(checksums($where), $sums, "$where: leaves nothing by checksum");
	is(content($where), $rows, "$where: nor by content");
	is(owner($where, 'SELECT count(*) FROM ops.menuca_seating_attempt'), $attempts, "$where: nor in the log");
	return $dump;
}

# A dry run, for real, put back to the byte, and again
sub repair
{
	my ($where, $function, $n, $done) = @_;
	my $before = content($where);
	my $planned = next_step($where, "SELECT * FROM ops.$function()");

	is(content($where), $before, "$where: a dry run of $function changes nothing");
	is(counts($where, $planned, 'outcome'), "$done:$n", "$where: for real");
	isnt(content($where), $before, "$where: it is changed");
	my $undo = next_step($where, "SELECT * FROM ops.$function(undo => true)");
	if ($function eq 'menuca_fix_orphaned_bookings')
	{
		my $refused = owner_error($where, $undo);

		is($refused->{state}, '23514', "$where: the program's trigger refuses to have orphans put back");
		like($refused->{hint}, qr/^Triggers of yours may refuse it\. Without them, by the table's owner: ALTER TABLE public\.bookings DISABLE TRIGGER /, "$where: it is said how they are");
		is(owner($where, 'SELECT count(*) FROM ops.menuca_seating_change WHERE what LIKE \'%undone\''), 0, "$where: nothing was changed");
		my @restored = split /\n/, owner($where, $refused->{hint} =~ s/^.*?(?=ALTER)//r);
		is(scalar(grep { /\|restored\|/ } @restored), $n, "$where: put back");
	}
	else
	{
		is(counts($where, $undo, 'outcome'), "restored:$n", "$where: put back");
	}
	is(content($where), $before, "$where: to the byte");
	is(counts($where, "SELECT * FROM ops.$function(dry_run => false)", 'outcome'), "$done:$n", "$where: and again");
	is(counts($where, "SELECT * FROM ops.$function(dry_run => false)", 'outcome'), '', "$where: nothing is left to repair");
	return;
}

note 'all at once, by TRUNCATE, on a copy of staging';
superuser('staging', 'SELECT 1');
rows_of($node{staging}, 'postgres', 'CREATE DATABASE truncated TEMPLATE night');
is(rows_of($node{staging}, 'truncated', <<'SQL'), 't|t|t', 'orphans by TRUNCATE are repaired and put back');
SET client_min_messages = warning;
ALTER TABLE bookings DISABLE TRIGGER booking_assignment_validation;
TRUNCATE booking_table_assignments;
CREATE TEMP TABLE was AS SELECT b::text FROM bookings b;
CREATE TEMP TABLE n AS SELECT count(*) FROM bookings WHERE status = 'confirmed';
SELECT (SELECT count(*) FROM ops.menuca_fix_orphaned_bookings(dry_run => false)) = (TABLE n), (SELECT count(*) FROM ops.menuca_fix_orphaned_bookings(dry_run => false, undo => true)) = (TABLE n),
	NOT EXISTS (SELECT b::text FROM bookings b EXCEPT TABLE was);
SQL
rows_of($node{staging}, 'postgres', 'DROP DATABASE truncated');

my %dump = (staging => prepare('staging'));
done_testing();

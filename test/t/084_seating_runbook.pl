
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
use Time::HiRes qw(time usleep);

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

# Texts of many lines: the first one that differs
sub is_same
{
	my ($got, $expected, $name) = @_;
	local $Test::Builder::Level = $Test::Builder::Level + 1;
	my @got = split /\n/, $got;
	my @expected = split /\n/, $expected;

	while (@got && @expected && $got[0] eq $expected[0])
	{
		shift @got;
		shift @expected;
	}
	return is($got[0], $expected[0], $name);
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
CREATE TABLE app.begin AS SELECT (now() AT TIME ZONE 'Europe/London')::date AS today;
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
$$ SELECT ((SELECT today FROM app.begin) + days + hour * interval '1 hour') AT TIME ZONE 'Europe/London' $$;
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
CREATE VIEW app.others AS SELECT * FROM bookings WHERE id NOT IN (SELECT booking FROM app.journal);
CREATE VIEW app.others_tables AS SELECT * FROM booking_table_assignments WHERE booking_id NOT IN (SELECT booking FROM app.journal);
GRANT USAGE ON SCHEMA app TO guests;
GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA app TO guests;
GRANT USAGE ON ALL SEQUENCES IN SCHEMA app TO guests;
GRANT SELECT ON ALL TABLES IN SCHEMA public TO guests;
GRANT INSERT, UPDATE, DELETE ON bookings, booking_table_assignments TO guests;
GRANT UPDATE ON table_inventory TO guests;
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
GRANT SELECT ON ALL TABLES IN SCHEMA ops TO guests;
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
	is(verdict($where), 'NO-GO', "$where: orphans are critical before it begins");
	is(owner($where, q(SELECT string_agg(format('%s=%s', flag, value), ' ' ORDER BY flag) FROM ops.menuca_seating_flags((SELECT id FROM app.restaurant WHERE no = 0)) WHERE flag IS NOT NULL)),
		'FEATURE_ALLOCATOR_K_MAX=3 FEATURE_ALLOCATOR_MERGES_ENABLED=true FEATURE_ALLOCATOR_REQUIRE_ADJACENCY="off" FEATURE_COMBINATION_PLANNER=true FEATURE_SELECTOR_MAX_COMBINATION_EVALUATIONS=10000000', "$where: flags");

	note "$where: orphans";
	$refused = owner_error($where, 'SELECT * FROM ops.menuca_seating_deploy(dry_run => false)');
	is($refused->{state}, 'MC047', "$where: refused while there are orphans");
	like($refused->{detail}, qr/\b4 confirmed bookings without a dining table: (?:[0-9a-f-]{36}(?:; )?){4}\./, "$where: which are named");
	is_same(content($where) . schema_dump($where), $before . $dump, "$where: nothing was changed");
	repair($where, 'menuca_fix_orphaned_bookings', 4, 'pending');
	is(orphans($where), 0, "$where: no orphan is left");

	note "$where: zone locks";
	repair($where, 'menuca_clear_zone_locks', 5, 'cleared');

	note "$where: the guarantees";
	is(verdict($where), 'NOT BEGUN', "$where: now it can begin");
	my $deploy = next_step($where, 'SELECT * FROM ops.menuca_seating_deploy()');
	is($deploy, 'SELECT * FROM ops.menuca_seating_deploy(dry_run => false)', "$where: after the dry run");
	is_same(schema_dump($where), $dump, "$where: which changes nothing");
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
	is_same(checksums($where), $sums, "$where: leaves nothing by checksum");
	is_same(content($where), $rows, "$where: nor by content");
	is(owner($where, 'SELECT count(*) FROM ops.menuca_seating_attempt'), $attempts, "$where: nor in the log");
	return $dump;
}

# A dry run, for real, put back to the byte, and again
sub repair
{
	my ($where, $function, $n, $done) = @_;
	my $before = content($where);
	my $planned = next_step($where, "SELECT * FROM ops.$function()");

	is_same(content($where), $before, "$where: a dry run of $function changes nothing");
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
	is_same(content($where), $before, "$where: to the byte");
	is(counts($where, "SELECT * FROM ops.$function(dry_run => false)", 'outcome'), "$done:$n", "$where: and again");
	is(counts($where, "SELECT * FROM ops.$function(dry_run => false)", 'outcome'), '', "$where: nothing is left to repair");
	return;
}

note 'all at once, by TRUNCATE, on a copy of staging';
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

note 'staging: a day at once, and what the checks say';

my $room = '(SELECT id FROM app.restaurant WHERE no = 0)';
my $day = "ops.menuca_auto_assign_day($room, (app.at(4, 12) AT TIME ZONE 'Europe/London')::date";
my $before = content('staging');
is(counts('staging', "SELECT * FROM $day)", 'outcome'), 'assigned:1', 'the party for several dining tables');
is_same(content('staging'), $before, 'a dry run');
is(counts('staging', "SELECT * FROM $day, dry_run => false)", 'outcome'), 'assigned:1', 'for real');
is(owner('staging', "SELECT combined, tables LIKE '% + %' FROM ops.menuca_booking_tables WHERE booking_id = md5('0 waits 3')::uuid"), 't|t', 'programs show both');
is(owner('staging', "SELECT count(*) FROM ops.menuca_check_combinations($room, (app.at(4, 12) AT TIME ZONE 'Europe/London')::date)"), 1, 'and the check of combinations');
my $edges = owner('staging', "SELECT string_agg(statement, ' ') FROM ops.menuca_suggest_adjacency($room) WHERE NOT known");
like(owner('staging', "SELECT string_agg(name || ' ' || status, ', ' ORDER BY check_no) FROM ops.menuca_check_adjacency($room)"), qr/coverage SKIP.*summary PASS$/, 'adjacency is not known, and not required');
owner('staging', $edges);
is(owner('staging', "SELECT count(*) > 0, count(*) FILTER (WHERE NOT known) FROM ops.menuca_suggest_adjacency($room)"), 't|0', 'until what is suggested is entered');
is(owner('staging', q(SELECT status FROM ops.menuca_check_assignments() WHERE name = 'summary')), 'PASS', 'assignments against the dining tables of today');
is(owner('staging', "SELECT count(*) > 3, bool_and(plans_without >= plans) FROM ops.menuca_debug_combinations($room, 4, app.at(4, 18))"), 't|t', 'which rule takes how many plans');
like(owner('staging', "SELECT ops.menuca_seating_floor($room, app.at(4, 19))"), qr/^<svg /, 'the floor');
like(owner('staging', 'SELECT ops.menuca_seating_report(7)'), qr/^<!DOCTYPE html>/, 'the report');
unlike(owner('staging', 'SELECT string_agg(status, \' \') FROM ops.menuca_seating_monitor(7)'), qr/FAIL|ERROR/, 'the monitor');
is(owner('staging', 'SELECT name FROM ops.menuca_seating_alert(7)'), 'summary', 'no alert');

#
# Sessions that die in the middle leave all or nothing
#

note 'staging: killed';

my $deployed = schema_dump('staging');
superuser('staging', <<'SQL');
CREATE FUNCTION ops.brake() RETURNS event_trigger LANGUAGE plpgsql AS 'BEGIN PERFORM pg_catalog.pg_advisory_xact_lock_shared(84); END';
CREATE EVENT TRIGGER brake ON ddl_command_end WHEN TAG IN ('CREATE TRIGGER') EXECUTE FUNCTION ops.brake();
CREATE EVENT TRIGGER brake_drop ON sql_drop WHEN TAG IN ('DROP TRIGGER') EXECUTE FUNCTION ops.brake();
SQL

my $rows = content('staging');
my $reach = owner('staging', 'SELECT count(*) FROM restaurants r WHERE ops.menuca_seating_is_in(r.id)');
is($reach, 20, 'without a rollout, all are in');

sub state_of
{
	my ($where) = @_;

	return schema_dump($where) . content($where) . superuser($where, 'SELECT count(*) FROM ops.menuca_seating_guarantee UNION ALL SELECT count(*) FROM ops.menuca_seating_stage');
}

# Calls it, and ends it in the middle of its work by that way
sub die_in_the_middle
{
	my ($sql, $way) = @_;
	my $holder = $node{staging}->background_psql('night');

	$holder->query_safe('SELECT pg_advisory_lock(84)');
	my $session = do { local $ENV{PGUSER} = 'platform'; start_sql($node{staging}, 'night', $sql, name => 'dies'); };
	$node{staging}->poll_query_until('night', q(SELECT count(*) = 1 FROM pg_locks WHERE locktype = 'advisory' AND objid = 84 AND NOT granted)) or die 'it did not come to the middle';
	my $pid = rows_of($node{staging}, 'postgres', q(SELECT pid FROM pg_stat_activity WHERE application_name = 'dies'));
	if ($way eq 'terminate')
	{
		rows_of($node{staging}, 'postgres', "SELECT pg_terminate_backend($pid)");
	}
	elsif ($way eq 'client')
	{
		$session->{run}->signal('KILL');
	}
	else
	{
		kill 'KILL', $pid;
	}
	eval { $session->{run}->finish };
	eval { $holder->query('SELECT pg_advisory_unlock_all()') } if $way eq 'client';
	eval { $holder->quit };
	$node{staging}->poll_query_until('postgres', q(SELECT count(*) = 0 FROM pg_stat_activity WHERE application_name = 'dies')) or die 'it is still there';
	return;
}

my $was = state_of('staging');
die_in_the_middle('SELECT * FROM ops.menuca_seating_rollback(2, dry_run => false)', 'terminate');
is_same(state_of('staging'), $was, 'level 2, its session terminated: nothing');
die_in_the_middle('SELECT * FROM ops.menuca_seating_rollback(3, dry_run => false)', 'terminate');
is_same(state_of('staging'), $was, 'level 3, its session terminated: nothing, neither flags nor objects');
die_in_the_middle('SELECT * FROM ops.menuca_seating_rollback(3, dry_run => false)', 'backend');
is_same(state_of('staging'), $was, 'level 3, its backend killed: nothing');
die_in_the_middle('SELECT * FROM ops.menuca_seating_rollback(2, dry_run => false)', 'client');
is(owner('staging', 'SELECT count(*) FROM ops.menuca_seating_guarantee'), 0, 'level 2, its client killed: all');
superuser('staging', 'ALTER EVENT TRIGGER brake DISABLE; ALTER EVENT TRIGGER brake_drop DISABLE');
is(counts('staging', 'SELECT * FROM ops.menuca_seating_rollback(2, dry_run => false)'), 'unchanged:1', 'a second call does nothing');
superuser('staging', 'ALTER EVENT TRIGGER brake ENABLE; ALTER EVENT TRIGGER brake_drop ENABLE');
$was = state_of('staging');
die_in_the_middle('SELECT * FROM ops.menuca_seating_deploy(dry_run => false)', 'terminate');
is_same(state_of('staging'), $was, 'deploying, its session terminated: nothing');
die_in_the_middle('SELECT * FROM ops.menuca_seating_deploy(dry_run => false)', 'backend');
is_same(state_of('staging'), $was, 'deploying, its backend killed: nothing');
superuser('staging', 'DROP EVENT TRIGGER brake; DROP EVENT TRIGGER brake_drop; DROP FUNCTION ops.brake()');
is_same(schema_dump('staging'), $dump{staging}, 'the schema is as before the deployment, to the byte');
is_same(content('staging'), $rows, 'no row is lost');
is(counts('staging', 'SELECT * FROM ops.menuca_seating_rollback(2, dry_run => false, undo => true)'), 'created:7 replaced:1 unchanged:1', 'deployed again');
is_same(schema_dump('staging'), $deployed, 'as it was, to the byte');

#
# Level 3 on staging, with the restore that it prints
#

note 'staging: restored';

my $path = backup('staging', 'staging');
is(owner('staging', q(SELECT status FROM ops.menuca_seating_rollback(3) WHERE step = 'restore')), 'impossible', 'no backup, no restore');
is(register_backup('staging', $path), 't', 'the backup is registered');
$was = content('staging') . schema_dump('staging');
owner('staging', q(UPDATE bookings SET party_size = 1 WHERE status = 'pending'));
my $restore = owner('staging', q(SELECT statement FROM ops.menuca_seating_rollback(3, dry_run => false) WHERE step = 'restore'));
is_same(schema_dump('staging'), $dump{staging}, 'level 3: the schema is as before the deployment, to the byte');
{
	local %ENV = (%ENV, PGHOST => $node{staging}->host, PGPORT => $node{staging}->port);
	my ($out, $err) = run_command([ 'sh', '-c', $restore ]);

	is($err, '', 'the command that it prints');
}
is_same(content('staging') . schema_dump('staging'), $was, 'restores rows and schema, guarantees and all');

#
# Production: the gate of the backup, and the rollout
#

note 'production: the backup';

my $refused = owner_error('production', 'SELECT * FROM ops.menuca_seating_deploy(dry_run => false)');
is($refused->{state}, 'MC022', 'production is not changed without a backup');
like($refused->{hint}, qr/menuca-backup --label .*ops\.menuca_seating_register_backup\(/, 'it is said how one is made');
backup_is_good('production', 'production');
$dump{production} = prepare('production');

note 'production: one restaurant';

# What the status names is called as a dry run, and what that names, for real
sub next_stage
{
	my ($stage) = @_;
	local $Test::Builder::Level = $Test::Builder::Level + 1;
	my $call = next_step('production', next_step('production', 'SELECT * FROM ops.menuca_seating_status()'));

	is(owner('production', "SELECT status, stage FROM ($call) c"), "begun|$stage", "production: $stage");
	return;
}

# A wider stage is refused in the dry run and for real
sub is_refused
{
	my ($percent, $why, $name) = @_;
	local $Test::Builder::Level = $Test::Builder::Level + 1;
	my $refused = owner_error('production', "SELECT * FROM ops.menuca_seating_rollout($percent, dry_run => false)");
	my $planned = owner('production', "SELECT status, refused_by FROM ops.menuca_seating_rollout($percent)");

	like("$refused->{state} $refused->{detail}", qr/^MC049 $why\. Nothing was changed\.$/, "$name: refused");
	like($planned, qr/^refused\|$why$/, "$name: and in the dry run");
	return;
}

sub reached
{
	return owner('production', q(SELECT string_agg(format('%s', r.no), ' ' ORDER BY r.no) FROM app.restaurant r WHERE ops.menuca_seating_is_in(r.id)));
}

sub by_hand
{
	my ($percent) = @_;

	return owner('production', "SELECT string_agg(format('%s', no), ' ' ORDER BY no) FROM app.restaurant WHERE ('x' || left(md5(id::text), 8))::bit(32)::bigint % 10000 < $percent * 100 OR id = (SELECT restaurant_ids[1] FROM ops.menuca_seating_stage ORDER BY stage_no LIMIT 1)");
}

is(verdict('production'), 'NOT BEGUN', 'not begun');
next_stage('1 named restaurant');
is(reached(), by_hand(0), 'it is in, and no other one');
is(verdict('production'), 'IN PROGRESS', 'in progress');
is_refused(10, qr/stage 1 named restaurant began [^;]* ago and is watched for 01:00:00/, 'while it is young');

note 'production: the monitor, when it is due';
is(owner('production', 'SELECT task, late FROM ops.menuca_seating_due() LIMIT 1'), 'first hour|t', 'late, since it never ran');
owner('production', owner('production', 'SELECT statement FROM ops.menuca_seating_due() LIMIT 1'));
is(owner('production', 'SELECT task, late FROM ops.menuca_seating_due() LIMIT 1'), 'first hour|f', 'and not any more');
time_passes('production', '10 minutes');
is(owner('production', 'SELECT task, late FROM ops.menuca_seating_due() LIMIT 1'), 'first hour|t', 'late ten minutes later');
is_refused(10, qr/stage 1 named restaurant began [^;]* ago and is watched for 01:00:00/, 'still young');
time_passes('production', '51 minutes');
is(owner('production', 'SELECT task FROM ops.menuca_seating_due() LIMIT 1'), 'next three hours', 'the schedule goes on');
next_stage('10 % of the restaurants and 1 named restaurant');
is(reached(), by_hand(10), 'those of 10 % by their hash');
my $tenth = reached();

note 'production: a check fails';
time_passes('production', '121 minutes');
is(owner_error('production', 'SELECT * FROM ops.menuca_seating_alert(7)')->{state}, '', 'no alert');
superuser('production', <<'SQL');
SET session_replication_role = replica;
INSERT INTO bookings (id, restaurant_id, party_size, status, start_at) SELECT md5('accident')::uuid, id, 2, 'confirmed', app.at(6, 18) FROM app.restaurant WHERE no = 7;
SQL
my $orphan = qr/booking_assignment_validation of menuca_seating_verify\(\) is FAIL: it is there, but rows break it/;
is_refused(50, qr/$orphan; .*orphans of menuca_seating_monitor\(\) is FAIL: 1 of \d+ confirmed bookings/, 'an orphan');
is(verdict('production'), 'NO-GO', 'no go');
my $alert = owner_error('production', 'SELECT * FROM ops.menuca_seating_alert(7)');
is($alert->{state}, 'MC048', 'an alert');
like($alert->{detail}, qr/orphans/, 'which names the check');
is(counts('production', 'SELECT * FROM ops.menuca_fix_orphaned_bookings(dry_run => false)', 'outcome'), 'pending:1', 'repaired');
owner('production', 'ALTER TABLE bookings DISABLE TRIGGER booking_release');
is_refused(50, qr/booking_release of menuca_seating_verify\(\) is FAIL: .*/, 'a trigger that is disabled');
owner('production', 'ALTER TABLE bookings ENABLE TRIGGER booking_release');
is(verdict('production'), 'IN PROGRESS', 'in progress again');
is(owner_error('production', 'SELECT * FROM ops.menuca_seating_alert(7)')->{state}, '', 'no alert any more');
next_stage('50 % of the restaurants and 1 named restaurant');
is(reached(), by_hand(50), 'those of 50 %');
my $half = reached();
my %is_in = map { $_ => 1 } split / /, $half;
is(join(' ', grep { !$is_in{$_} } split / /, $tenth), '', 'who was in stays in');

#
# Each level's rollback while guests book
#

note 'production: the crowd';

# Rows of before, and those that nobody of the crowd has anything to do with
sub kept
{
	return content('production', qw(restaurants zones table_inventory table_adjacencies table_holds table_hold_members app.others app.others_tables));
}

my $kept = kept();
my $script = write_file('crowd.pgbench', <<'EOS');
\set kind random(1, 100)
\set pause random(0, 4)
\if :kind <= 30
SELECT app.book(:client_id);
\elif :kind <= 60
SELECT app.seat(:client_id);
\elif :kind <= 75
SELECT app.by_hand(:client_id);
\elif :kind <= 87
SELECT app.cancel(:client_id);
\else
SELECT app.waver(:client_id);
\endif
\sleep :pause ms
EOS
my ($crowd_out, $crowd_err) = ('', '');
my $crowd;
{
	local %ENV = (%ENV, PGUSER => 'guests', PGAPPNAME => 'crowd');
	$crowd = IPC::Run::start([ 'pgbench', '-n', '-c', scalar @clients, '-j', 1, '-T', 3600, '-f', $script, '-h', $node{production}->host, '-p', $node{production}->port, 'night' ], '>', \$crowd_out, '2>', \$crowd_err);
}

# Each client does that much more of each kind that is asked for
sub bookings_go_on
{
	my ($name) = @_;
	local $Test::Builder::Level = $Test::Builder::Level + 1;
	my %was = map { split /\|/ } split /\n/, superuser('production', 'SELECT client, count(*) FROM app.journal GROUP BY 1');
	my $more = join ' AND ', map { "(SELECT count(*) FROM app.journal_$_) >= " . (($was{$_} // 0) + 25) } @clients;
	my $end = time + $PostgreSQL::Test::Utils::timeout_default;

	# A client that is gone is nothing to wait for
	while (time < $end && $crowd_err !~ /aborted|FATAL/ && $crowd->pumpable && superuser('production', "SELECT $more") ne 't')
	{
		$crowd->pump_nb;
		usleep(100_000);
	}
	die $crowd_err if $crowd_err =~ /aborted|FATAL/;
	return is(superuser('production', "SELECT $more AND (SELECT count(*) FROM pg_stat_activity WHERE application_name = 'crowd') = 4"), 't', "$name: bookings go on");
}

# Both tables are locked at once or not at all, so a call may have to be made again
sub in_the_crowd
{
	my ($call) = @_;
	my $error;

	foreach my $try (1 .. 60)
	{
		my $file = "$tmp/in_the_crowd";

		$error = owner_error('production', "CREATE TEMP TABLE done AS $call;\n\\o $file\nSELECT format('%s:%s', status, count(*)) FROM done GROUP BY status ORDER BY 1");
		return join ' ', split /\n/, slurp_file($file) if $error->{state} eq '';
		last if $error->{state} ne '55P03';
		note "try $try: $error->{message}";
	}
	return "$error->{state} $error->{message}";
}

# What a party gets that no single dining table seats, in a restaurant that the rollout had reached
my $large = superuser('production', "SELECT min(no) FROM app.restaurant WHERE party IS NOT NULL AND no IN (@{[ $half =~ tr/ /,/r ]})");
sub large_party
{
	return owner('production', <<"SQL");
BEGIN;
INSERT INTO bookings (id, restaurant_id, party_size, status, start_at) SELECT md5('large')::uuid, id, party, 'pending', app.at(7, 18) FROM app.restaurant WHERE no = $large;
SELECT outcome, COALESCE(cardinality(table_ids), 0) > 1 FROM ops.menuca_auto_assign(md5('large')::uuid);
ROLLBACK;
SQL
}

bookings_go_on('50 %');
is(large_party(), 'assigned|t', 'a large party gets several dining tables');
my $joined = superuser('production', 'SELECT md5(string_agg(a::text, \'\' ORDER BY a.id)) FROM booking_table_assignments a WHERE merge_group_id IS NOT NULL AND booking_id NOT IN (SELECT booking FROM app.journal)');

note 'level 1';
is(in_the_crowd(next_step('production', 'SELECT * FROM ops.menuca_seating_rollback(1)')), 'done:1', 'level 1');
is(verdict('production'), 'ROLLED BACK', 'rolled back');
is(reached(), '', 'nobody is in');
is(large_party(), 'off|f', 'single dining tables only');
is(superuser('production', 'SELECT md5(string_agg(a::text, \'\' ORDER BY a.id)) FROM booking_table_assignments a WHERE merge_group_id IS NOT NULL AND booking_id NOT IN (SELECT booking FROM app.journal)'), $joined, 'combinations stay');
bookings_go_on('level 1');
is(in_the_crowd('SELECT * FROM ops.menuca_seating_rollback(1, dry_run => false)'), 'unchanged:1', 'again: nothing');
is(in_the_crowd(next_step('production', next_step('production', 'SELECT * FROM ops.menuca_seating_status()'))), 'done:1', 'undone');
is(in_the_crowd('SELECT * FROM ops.menuca_seating_rollback(1, dry_run => false, undo => true)'), 'unchanged:1', 'again: nothing');
is(reached(), $half, 'the reach is as before');
is(large_party(), 'assigned|t', 'several dining tables again');

note 'level 2';
my $deployed_production = schema_dump('production');
is(in_the_crowd(next_step('production', 'SELECT * FROM ops.menuca_seating_rollback(2)')), 'dropped:7 restored:1', 'level 2');
is_same(schema_dump('production'), $dump{production}, 'the schema is as before the deployment, to the byte');
is(reached(), $half, 'flags stay');
bookings_go_on('level 2');
is(in_the_crowd('SELECT * FROM ops.menuca_seating_rollback(2, dry_run => false)'), 'unchanged:1', 'again: nothing');
like(in_the_crowd('SELECT * FROM ops.menuca_seating_rollback(2, dry_run => false, undo => true)'), qr/^MC022 /, 'production is not changed without a fresh backup');
backup_is_good('production', 'again');
is(in_the_crowd(next_step('production', 'SELECT * FROM ops.menuca_seating_rollback(2, undo => true)')), 'created:7 replaced:1 unchanged:1', 'undone');
is_same(schema_dump('production'), $deployed_production, 'as it was, to the byte');
is(in_the_crowd('SELECT * FROM ops.menuca_seating_rollback(2, dry_run => false, undo => true)'), 'unchanged:9', 'again: nothing');
bookings_go_on('level 2 undone');

note 'level 3';
is(in_the_crowd(next_step('production', q(SELECT * FROM ops.menuca_seating_rollback(3) WHERE step <> 'restore'))), 'done:1 dropped:7 in a shell:1 restored:1', 'level 3');
is_same(schema_dump('production'), $dump{production}, 'the schema is as before the deployment, to the byte');
is(reached(), '', 'nobody is in');
like(owner('production', q(SELECT statement FROM ops.menuca_seating_rollback(3) WHERE step = 'restore')), qr/\bpg_restore .*again\.dump'?$/, 'the newest backup would be restored');
bookings_go_on('level 3');
is(in_the_crowd('SELECT * FROM ops.menuca_seating_rollback(3, dry_run => false)'), 'in a shell:1 unchanged:2', 'again: nothing');
is(in_the_crowd(next_step('production', 'SELECT * FROM ops.menuca_seating_rollback(3, undo => true)')), 'created:7 done:1 replaced:1 unchanged:1', 'undone');
is_same(schema_dump('production'), $deployed_production, 'as it was, to the byte');
is(reached(), $half, 'the reach is as before');
bookings_go_on('level 3 undone');

note 'nothing is lost';

# Once it is asked to end, pgbench reports what its clients ran into
$crowd->signal('TERM');
eval { $crowd->finish };
unlike($crowd_err, qr/aborted|ERROR|FATAL/, 'no client ran into an error') or diag($crowd_err);
$node{production}->poll_query_until('postgres', q(SELECT count(*) = 0 FROM pg_stat_activity WHERE application_name = 'crowd')) or die 'the crowd is still there';
is(superuser('production', <<'SQL'), '', 'each booking is as its client was told, and has these dining tables');
SELECT j.client, j.kind, j.status, b.status, count(*) FROM app.journal j LEFT JOIN bookings b ON b.id = j.booking
WHERE b.id IS NULL OR b.status::text <> j.status OR ARRAY(SELECT unnest(j.tables) ORDER BY 1) <> ARRAY(SELECT a.table_id FROM booking_table_assignments a WHERE a.booking_id = j.booking ORDER BY 1)
GROUP BY 1, 2, 3, 4 ORDER BY 1, 2, 3, 4
SQL
is(superuser('production', q(SELECT count(*) FROM bookings b WHERE b.id NOT IN (SELECT booking FROM app.journal))), superuser('staging', 'SELECT count(*) + 1 FROM bookings'), 'and there are no others');
is_same(kept(), $kept, 'what was there before is as it was');
is(superuser('production', q(SELECT count(*) FROM booking_table_assignments a JOIN booking_table_assignments b ON a.table_id = b.table_id AND a.id < b.id AND a.start_at < b.end_at AND b.start_at < a.end_at)), 0, 'no dining table is taken twice');
is(superuser('production', q(SELECT DISTINCT outcome FROM app.answer WHERE outcome NOT IN ('assigned', 'off', 'none', 'conflict'))), '', 'the planner knew each booking');
is(superuser('production', q(SELECT bool_and(n > 0) FROM (SELECT count(j.no) AS n FROM generate_series(0, 3) c CROSS JOIN unnest('{asked,"by hand",cancelled,wavered}'::text[]) k(kind) LEFT JOIN app.journal j ON j.client = c AND j.kind = k.kind GROUP BY c, k.kind) x)), 't', 'each client did all');
note(superuser('production', 'SELECT kind, status, count(*) FROM app.journal GROUP BY 1, 2 ORDER BY 1, 2'));

#
# On to all restaurants, and the verdict
#

note 'production: all restaurants';

is_refused(100, qr/stage 50 % of the restaurants and 1 named restaurant began [^;]* ago and is watched for 1 day/, '50 % is young');
is(owner_error('production', 'SELECT * FROM ops.menuca_seating_rollout(75, dry_run => false, force => true)')->{state}, '22004', 'force needs a reason');
is(owner('production', q(SELECT status FROM ops.menuca_seating_rollout(75, dry_run => false, force => true, reason => 'the season begins'))), 'begun', 'forced');
is(owner('production', 'SELECT reason, jsonb_array_length(failures), begun_by FROM ops.menuca_seating_stage ORDER BY stage_no DESC LIMIT 1'), 'the season begins|1|platform', 'it is recorded: why, what it passed over, and who');
time_passes('production', '25 hours');
next_stage('all restaurants');
is(reached(), join(' ', 0 .. 19), 'all are in');
is(verdict('production'), 'WATCHING', 'it is watched');
is(owner('production', q(SELECT string_agg(DISTINCT outcome, ' ' ORDER BY outcome) FROM bookings b, LATERAL ops.menuca_auto_assign(b.id) a WHERE b.status = 'pending' AND b.start_at > now() AND NOT EXISTS (SELECT FROM booking_table_assignments a WHERE a.booking_id = b.id) AND outcome <> 'none')), 'assigned', 'who waits gets dining tables');
time_passes('production', '47 hours');
is(verdict('production'), 'WATCHING', 'after 47 hours, too');
time_passes('production', '61 minutes');
is(owner('production', q(SELECT string_agg(criterion || ' ' || status, ', ' ORDER BY criterion_no) FROM ops.menuca_seating_success())),
	'48 hours have passed PASS, no critical error PASS, usage PASS, success PASS, orphans PASS, latency PASS, feedback SKIP, tickets PASS', 'after 48 hours nobody has said anything')
  or diag(owner('production', 'SELECT criterion, status, expected, actual FROM ops.menuca_seating_success()'));
is(verdict('production'), 'NOT YET', 'so it is no success yet');
owner('production', "SELECT ops.menuca_seating_note('ticket', 'Two dining tables, number $_')") foreach 1 .. 4;
owner('production', q(SELECT ops.menuca_seating_note('feedback', 'Families sit together now.', true)));
is(verdict('production'), 'SUCCESS', 'with good feedback, and four tickets, it is');
like(owner('production', 'SELECT announcement FROM ops.menuca_seating_status()'), qr/^Seating is deployed successfully for all 20 restaurants\. Combinations: [0-9.]+ % .*\. Success: [0-9.]+ %/, 'the text to send');
owner('production', q(SELECT ops.menuca_seating_note('ticket', 'The fifth')));
is(verdict('production'), 'NOT YET', 'a fifth ticket is one too many');
like(owner('production', 'SELECT reasons FROM ops.menuca_seating_status()'), qr/^tickets: 5 \(expected: fewer than 5 of support\)$/, 'which is said');
is(owner('production', 'SELECT task, late FROM ops.menuca_seating_due() LIMIT 1'), 'days 2 and 3|t', 'the monitor is due every four hours now');
is(owner('production', 'SELECT string_agg(action, \' \' ORDER BY stage_no) FROM ops.menuca_seating_stage'), 'rollout rollout rollout rollback undo rollback undo rollout rollout', 'the stages');

$_->stop foreach values %node;
log_is_clean($node{$_}) foreach sort keys %node;
done_testing();

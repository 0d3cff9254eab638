
=pod

=head1 NAME

MenucaTest - what the TAP tests of menuca_migrate have in common

=head1 DESCRIPTION

Nodes, databases with a generated fixture, statements that run in the
background, a brake that halts a run at a chosen point of a chosen batch, and
what is always to be compared: the items, and the items with the ledger.

=cut

package MenucaTest;

use strict;
use warnings;

use Exporter 'import';
use IPC::Run;
use POSIX ();
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;
use Time::HiRes qw(time usleep);

our @EXPORT = qw(
  new_node new_production is_same_version kill9_and_start
  fixture make_database load_real_case copy_database grant_purposes write_file
  rows_of error_of start_sql finish_sql wait_for_backend
  install_brake hold release wait_until_held
  items pairs completed_run ledger_fits run_status log_is_clean
  engine install_amcheck indexes_whole damage index_files set_trap trap_calls
);

# The advisory locks that install_brake() makes runs wait for.
my %brake_class = (inside => 471101, commit => 471102);

=pod

=head2 Nodes

=over

=item new_node($name, %params)

A started cluster in the C locale and UTF8, without autovacuum, which would take
locks at a time of its own.  C<conf> is added to its configuration, C<install_path>
is another installation of the server than the tested one, all else goes to init().

=cut

sub new_node
{
	my ($name, %params) = @_;
	my $conf = delete $params{conf} // '';
	my @installation = map { defined $_ ? (install_path => $_) : () } delete $params{install_path};
	my $node = PostgreSQL::Test::Cluster->new($name, @installation);

	$node->init(
		extra => [ '--locale=C', '--encoding=UTF8', '--username=postgres' ],
		auth_extra => [ '--create-role', 'postgres' ],
		%params);
	$ENV{PGUSER} = 'postgres';
	$node->append_conf('postgresql.conf', <<CONF . $conf);
log_statement = none
max_connections = 20
autovacuum = off
CONF
	$node->start;
	return $node;
}

=pod

=item new_production($name, %params)

A node that stands for a hosted service's server: it has no extension, and may be of
another major version than its copy.  The environment variable
C<MENUCA_PRODUCTION_PG_CONFIG> names the pg_config of its installation; without it,
it is the tested one.

=cut

sub new_production
{
	my ($name, %params) = @_;
	my ($installation) = ($ENV{MENUCA_PRODUCTION_PG_CONFIG} // '') =~ m{^(/.*)/bin/pg_config$};

	die "MENUCA_PRODUCTION_PG_CONFIG is not the path of a pg_config" if $ENV{MENUCA_PRODUCTION_PG_CONFIG} && !$installation;
	return new_node($name, install_path => $installation, %params);
}

=pod

=item is_same_version($production, $copy)

True when both servers are of the same major version.

=cut

sub is_same_version
{
	my ($production, $copy) = @_;
	my ($there, $here) = map { int(rows_of($_, 'postgres', 'SHOW server_version_num') / 10000) } $production, $copy;

	return $there == $here;
}

=pod

=item kill9_and_start($node)

Kills the postmaster the hard way, and starts the node again.

=cut

sub kill9_and_start
{
	my ($node) = @_;
	my $pidfile = $node->data_dir . '/postmaster.pid';
	my ($pid, $rest) = split /\n/, slurp_file($pidfile), 2;
	my $end = time + $PostgreSQL::Test::Utils::timeout_default;

	$node->kill9;

	# In a container whose first process reaps no orphans it would stay there
	# as a zombie, which the next postmaster takes for a living one.
	my $patience = time + 10;
	usleep(20_000) while kill(0, $pid) && time < $patience;
	write_over($pidfile, dead_pid() . "\n$rest") if kill(0, $pid);

	# The last of its backends may be there for a moment more.
	while (time < $end)
	{
		return if $node->start(fail_ok => 1);
		usleep(100_000);
		$node->stop('fast', fail_ok => 1);
	}
	$node->start;
	return;
}

sub dead_pid
{
	my $pid = fork // die "could not fork: $!";

	POSIX::_exit(0) if $pid == 0;
	waitpid $pid, 0;
	return $pid;
}

=pod

=back

=head2 Fixtures and databases

=over

=item fixture($name, @args)

Runs the generator with these arguments, without the tables that no combo
needs.  Returns a hash: C<schema> and C<dump> are files, C<figures> a hash.  With
"--case real", C<v2_dump> is a file, too, see load_real_case().

=cut

sub fixture
{
	my ($name, @args) = @_;
	my $dir = "$PostgreSQL::Test::Utils::tmp_check/$name";
	my %fixture = (schema => "$dir/schema.sql", dump => "$dir/combos.sql");

	mkdir $dir or die "could not create $dir: $!";
	if ("@args" =~ /--case real/)
	{
		$fixture{v2_dump} = "$dir/v2.sql";
		push @args, '--v2-dump', $fixture{v2_dump};
	}
	system_or_bail('perl', 'test/fixture/generate.pl', '--core-only', '--quiet',
		'--schema', $fixture{schema}, '--dump', $fixture{dump},
		'--figures', "$dir/figures", @args);
	$fixture{figures} =
	  { map { /^(\w+)=(.*)/ } split /\n/, slurp_file("$dir/figures") };
	return \%fixture;
}

=pod

=item make_database($node, $database, $fixture, %params)

A database with the fixture's schema, the extension, and the dump loaded into
staging.menuca_v1_combos.  C<extension>: what creates the extension;
C<load>: 0 leaves the staging table away.

=cut

sub make_database
{
	my ($node, $database, $fixture, %params) = @_;
	my $extension = $params{extension} // 'CREATE EXTENSION menuca_migrate';

	$node->safe_psql('postgres', "CREATE DATABASE $database");
	$node->safe_psql($database, slurp_file($fixture->{schema}));
	$node->safe_psql($database, $extension) if $extension;
	$node->safe_psql($database,
		"SELECT rows_loaded FROM menuca_load_dump_file('$fixture->{dump}', 'combos', 'staging.menuca_v1_combos')"
	) if $extension && ($params{load} // 1);
	$node->safe_psql($database, 'VACUUM ANALYZE');
	return;
}

=pod

=item load_real_case($node, $database, $fixture)

Loads the tables of V1 and V2 that a fixture of "--case real" has in its dumps, but
for V1's combos, which make_database() has loaded.

=cut

sub load_real_case
{
	my ($node, $database, $fixture) = @_;

	$node->safe_psql($database,
		"SELECT menuca_load_dump_file('$fixture->{dump}', '$_', 'staging.menuca_v1_$_')"
	) foreach qw(menu combo_groups ingredients);
	$node->safe_psql($database,
		"SELECT menuca_load_dump_file('$fixture->{v2_dump}', 'restaurants_combo_groups_items', 'staging.menuca_v2_restaurants_combo_groups_items')"
	);
	return;
}

=pod

=item copy_database($node, $from, $to)

An identical database.

=cut

sub copy_database
{
	my ($node, $from, $to) = @_;

	$node->safe_psql('postgres', "CREATE DATABASE $to TEMPLATE $from");
	return;
}

=pod

=item grant_purposes($node, $database, $role, @purposes)

Executes what menuca_grants() returns for each purpose.

=cut

sub grant_purposes
{
	my ($node, $database, $role, @purposes) = @_;
	my $schema = rows_of($node, $database,
		"SELECT extnamespace::regnamespace FROM pg_extension WHERE extname = 'menuca_migrate'");

	rows_of($node, $database, "SELECT statement FROM $schema.menuca_grants('$role', '$_') \\gexec") foreach @purposes;
	return;
}

=pod

=item write_file($name, $bytes)

Writes a file into the test's directory; returns its path.

=cut

sub write_file
{
	my ($name, $bytes) = @_;

	return write_over("$PostgreSQL::Test::Utils::tmp_check/$name", $bytes);
}

sub write_over
{
	my ($path, $bytes) = @_;

	open my $fh, '>:raw', $path or die "could not write $path: $!";
	print $fh $bytes;
	close $fh or die "could not write $path: $!";
	return $path;
}

=pod

=back

=head2 Statements

=over

=item rows_of($node, $database, $sql, %params)

The result, as psql -At prints it.  Dies on an error.

=cut

sub rows_of
{
	my ($node, $database, $sql, %params) = @_;
	my ($stdout, $stderr);

	$node->psql(
		$database, $sql,
		stdout => \$stdout,
		stderr => \$stderr,
		on_error_die => 1,
		%params);
	return $stdout;
}

=pod

=item error_of($node, $database, $sql, %params)

The error that the statement raises, as a hash of state, message, detail and
hint; an empty state when it raises none.

=cut

sub error_of
{
	my ($node, $database, $sql, %params) = @_;
	my ($status, $stdout, $stderr) =
	  $node->psql($database, $sql,
		extra_params => [ '-v', 'VERBOSITY=verbose' ], %params);

	return _parse_error($stderr);
}

sub _parse_error
{
	my ($stderr) = @_;
	my %error = (state => '', message => '', detail => '', hint => '');

	return \%error
	  unless $stderr =~ /^(?:psql:[^\n]*? )?(?:ERROR|FATAL):  (\w{5}): /m;
	$error{state} = $1;
	($error{message}, my $rest) = split /\n/, substr($stderr, $+[0]), 2;
	$rest //= '';
	$error{detail} = $1 if $rest =~ /^DETAIL:  (.*?)(?=^(?:HINT|CONTEXT|LOCATION|SCHEMA NAME):|\z)/ms;
	$error{hint} = $1 if $rest =~ /^HINT:  (.*?)(?=^(?:CONTEXT|LOCATION|SCHEMA NAME):|\z)/ms;
	chomp @error{qw(detail hint)};
	return \%error;
}

my $started = 0;

=pod

=item start_sql($node, $database, $sql, %params)

Begins statements in a session of their own, whose application_name is
C<name>; returns a handle for the functions below.

=item finish_sql($handle)

Waits for the end.  Returns a hash: C<status> of psql, C<stdout>, C<stderr>,
C<error> as error_of() returns it.

=item wait_for_backend($node, $handle)

Waits until the statement is running; returns its backend's process id.

=cut

sub start_sql
{
	my ($node, $database, $sql, %params) = @_;
	my $number = ++$started;
	my $name = $params{name} // "background_$number";
	my $base = "$PostgreSQL::Test::Utils::tmp_check/background_$number";
	my %handle = (
		name => $name,
		stdout => "$base.stdout",
		stderr => "$base.stderr");

	# Files, not pipes: they need no reader while the statement runs.
	$handle{run} = IPC::Run::start(
		[
			$node->installed_command('psql'), '-XAtq',
			'-d', $node->connstr($database) . " application_name='$name'",
			'-v', 'ON_ERROR_STOP=1',
			'-v', 'VERBOSITY=verbose',
			'-f', write_file("background_$number.sql", "$sql;\n")
		],
		'<', \undef,
		'>', $handle{stdout},
		'2>', $handle{stderr},
		IPC::Run::timeout($PostgreSQL::Test::Utils::timeout_default));
	return \%handle;
}

sub finish_sql
{
	my ($handle) = @_;
	my %result;

	$handle->{run}->finish;
	$result{status} = $handle->{run}->result(0);
	$result{$_} = slurp_file($handle->{$_}) for qw(stdout stderr);
	chomp $result{stdout};
	$result{error} = _parse_error($result{stderr});
	return \%result;
}

sub wait_for_backend
{
	my ($node, $handle) = @_;

	$node->poll_query_until('postgres',
		"SELECT count(*) = 1 FROM pg_stat_activity WHERE application_name = '$handle->{name}' AND state = 'active' AND backend_type = 'client backend'"
	) or die "$handle->{name} did not begin";
	return rows_of($node, 'postgres',
		"SELECT pid FROM pg_stat_activity WHERE application_name = '$handle->{name}' AND backend_type = 'client backend'");
}

=pod

=back

=head2 The brake

A run can be halted while batch N is being written ("inside": its items are
inserted, the ledger does not know them yet), when it is about to be committed
("commit": its ledger entry is written, too), or after its commit, while it
waits for the lock on the table ("between").

=over

=item install_brake($node, $database)

=item hold($node, $database, $where, $batch)

Pulls the brake; returns what release() wants.

=item wait_until_held($node, $brake)

Waits until a run has come that far.

=item release($brake)

=cut

sub install_brake
{
	my ($node, $database) = @_;

	# On the ledger, not on the items: a trigger there would choose the engine.
	# A batch's items have been stored by then, its ledger entry has not.  Runs
	# on other targets go free.
	$node->safe_psql($database, <<SQL);
CREATE FUNCTION public.brake_inside() RETURNS trigger LANGUAGE plpgsql SET search_path = public, ops AS \$\$
BEGIN
	PERFORM pg_advisory_xact_lock_shared($brake_class{inside}, NEW.batch_no)
	FROM public.menuca_run WHERE run_id = NEW.run_id AND target = 'combo_items';
	RETURN NEW;
END \$\$;
CREATE FUNCTION public.brake_commit() RETURNS trigger LANGUAGE plpgsql SET search_path = public, ops AS \$\$
BEGIN
	PERFORM pg_advisory_xact_lock_shared($brake_class{commit}, (SELECT max(batch_no) FROM menuca_run_batch WHERE run_id = NEW.run_id));
	RETURN NULL;
END \$\$;
CREATE TRIGGER brake_inside BEFORE INSERT ON menuca_run_batch
	FOR EACH ROW EXECUTE FUNCTION public.brake_inside();
CREATE TRIGGER brake AFTER UPDATE OF inserted ON menuca_run
	FOR EACH ROW EXECUTE FUNCTION public.brake_commit();
SQL
	return;
}

sub hold
{
	my ($node, $database, $where, $batch) = @_;
	my $class = $where eq 'commit' ? $brake_class{commit} : $brake_class{inside};
	my $session = $node->background_psql($database);

	$session->query_safe("SELECT pg_advisory_lock($class, $batch)");
	return {
		node => $node,
		database => $database,
		where => $where,
		session => $session,
		class => $class,
		batch => $batch
	};
}

sub wait_until_held
{
	my ($node, $brake) = @_;

	$node->poll_query_until($brake->{database},
		"SELECT count(*) = 1 FROM pg_locks WHERE locktype = 'advisory' AND NOT granted"
		  . " AND classid = $brake->{class} AND objid = $brake->{batch}"
	) or die "no run came to batch $brake->{batch}";
	return unless $brake->{where} eq 'between';

	# A session that waits for the table now gets it before the run's next batch.
	my $blocker = $node->background_psql($brake->{database});
	$blocker->query_until(qr/begun/, <<'SQL');
\echo begun
BEGIN;
LOCK TABLE menuca_v3.combo_items IN ROW EXCLUSIVE MODE;
SQL
	$node->poll_query_until($brake->{database}, <<'SQL') or die;
SELECT count(*) = 1 FROM pg_locks WHERE relation = 'menuca_v3.combo_items'::regclass
	AND mode = 'RowExclusiveLock' AND NOT granted
SQL
	$brake->{session}->query_safe("SELECT pg_advisory_unlock_all()");
	$node->poll_query_until($brake->{database}, <<'SQL') or die;
SELECT count(*) = 1 FROM pg_locks WHERE relation = 'menuca_v3.combo_items'::regclass
	AND mode = 'ShareRowExclusiveLock' AND NOT granted
SQL
	$brake->{blocker} = $blocker;
	return;
}

# The server may be gone, and the sessions with it.
sub release
{
	my ($brake) = @_;

	for my $session (grep { defined } @$brake{qw(session blocker)})
	{
		eval { $session->quit };
	}
	return;
}

=pod

=back

=head2 What is compared

=over

=item items($node, $database)

Number and content of the items.

=item pairs($node, $database)

Number and content of the items apart from what differs between two runs of
the same plan: key, uuid and time.

=item ledger_fits($node, $database, $run_id, $name)

Tests that the items that came since the baseline of a run are those of its
ledger, whole batches, key by key.

=item run_status($node, $database, $run_id)

=item engine()

The engine that writes to the fixture's tables in this run of the suite:
native or executor.

=item install_amcheck($node, $database)

Where it can be had.

=item indexes_whole($node, $database, $name)

Tests that each index of the items leads to all of their rows, and that amcheck
finds nothing wrong.  Works on a standby, too.

=item damage($node, $database)

What amcheck finds wrong with the items' trees: nothing, or a message.

=item index_files($node, $database)

The files that the indexes of the items are in, as a string; other ones after
the indexes were rebuilt.

=item completed_run($run, $inserted, $before, $after, $orphans, $band)

What the row of a procedure matches that completed a run with full coverage and
without expected orphans.

=item set_trap($node, $database), trap_calls($node, $database)

Schema trap has operators, functions and types with the names of the server's, which count
that they were called; how often that was.

=item log_is_clean($node)

Tests that the server neither crashed, apart from being killed, nor leaked.

=back

=cut

sub items
{
	my ($node, $database) = @_;

	return rows_of($node, $database, <<'SQL');
SELECT count(*), md5(string_agg(i::text, E'\n' ORDER BY id)) FROM menuca_v3.combo_items i
SQL
}

sub completed_run
{
	my ($run, $inserted, $before, $after, $orphans, $band) = @_;

	return qr/^$run\|completed\|\d+\|$inserted\|100\.00\|\Q$orphans\E\|\{\}\|\{.*\}\|SELECT \* FROM public\.menuca_validate\(\);\|(?=.*"band": "$band")(?=.*"items_before": $before\b)(?=.*"items_after": $after\b)(?=.*"expected_orphan_pct_after": 0\.00)/;
}

sub pairs
{
	my ($node, $database) = @_;

	return rows_of($node, $database, <<'SQL');
SELECT count(*), count(DISTINCT (combo_group_id, dish_id)),
	md5(string_agg(concat_ws(',', combo_group_id, dish_id, quantity, is_required, display_order,
			source_system, source_id), E'\n'
		ORDER BY combo_group_id, dish_id, source_id))
FROM menuca_v3.combo_items
SQL
}

sub ledger_fits
{
	my ($node, $database, $run_id, $name) = @_;
	local $Test::Builder::Level = $Test::Builder::Level + 1;

	# Keys that are in one of both sets only; ledger rows whose count is off;
	# batches but the last that are not whole
	return is(
		rows_of(
			$node, $database, <<SQL), '0|0|0|0|t',
WITH ledger AS (
		SELECT k AS id FROM menuca_run_batch b, unnest(b.keys) AS r, generate_series(lower(r), upper(r) - 1) AS k
		WHERE b.run_id = $run_id),
	baseline AS (
		SELECT k AS id FROM menuca_run_baseline b, unnest(b.keys) AS r, generate_series(lower(r), upper(r) - 1) AS k
		WHERE b.run_id = $run_id),
	added AS (SELECT id FROM menuca_v3.combo_items EXCEPT SELECT id FROM baseline)
SELECT (SELECT count(*) FROM (TABLE ledger EXCEPT TABLE added) x),
	(SELECT count(*) FROM (TABLE added EXCEPT TABLE ledger) x),
	(SELECT count(*) FROM menuca_run_batch b WHERE b.run_id = $run_id
		AND (row_count <> octet_length(row_hashes) / 8
			OR row_count <> (SELECT sum(upper(r) - lower(r)) FROM unnest(b.keys) r))),
	(SELECT count(*) FROM menuca_run_batch b JOIN menuca_run r USING (run_id) WHERE run_id = $run_id
		AND row_count <> (r.parameters ->> 'batch_size')::int
		AND batch_no < (SELECT max(batch_no) FROM menuca_run_batch WHERE run_id = $run_id)),
	(SELECT inserted = (SELECT count(*) FROM ledger) FROM menuca_run WHERE run_id = $run_id)
SQL
		$name // "run $run_id: its items and its ledger are the same");
}

sub run_status
{
	my ($node, $database, $run_id) = @_;

	return rows_of($node, $database,
		"SELECT status FROM menuca_runs WHERE run_id = $run_id");
}

sub engine
{
	return ($ENV{PGOPTIONS} // '') =~ /menuca\.engine=executor/ ? 'executor' : 'native';
}

sub install_amcheck
{
	my ($node, $database) = @_;

	rows_of($node, $database, <<'SQL');
DO $$ BEGIN
	IF EXISTS (SELECT FROM pg_available_extensions WHERE name = 'amcheck') THEN
		CREATE EXTENSION amcheck;
	END IF;
END $$
SQL
	return;
}

my %condition = (
	combo_items_pkey => 'id > 0',
	combo_items_uuid_key => "uuid > '00000000-0000-0000-0000-000000000000'",
	idx_combo_items_combo => 'combo_group_id > 0');

sub indexes_whole
{
	my ($node, $database, $name) = @_;
	local $Test::Builder::Level = $Test::Builder::Level + 1;
	my $content =
	  "SELECT count(*), md5(string_agg(i::text, E'\\n' ORDER BY id)) FROM menuca_v3.combo_items i";
	my @wrong;

	my $expected = rows_of($node, $database, "SET enable_indexscan = off; SET enable_bitmapscan = off; $content");
	foreach my $index (sort keys %condition)
	{
		my $query = "$content WHERE $condition{$index}";
		my ($settings, $plan);

		# What makes a planner use an index differs from version to version
		foreach my $way ('enable_indexscan', 'enable_sort')
		{
			$settings = "SET enable_seqscan = off; SET $way = off;";
			$plan = rows_of($node, $database, "$settings EXPLAIN (COSTS off) $query");
			last if $plan =~ /$index/;
		}
		push @wrong, "$index is not used: $plan" if $plan !~ /$index/;
		push @wrong, "$index leads to other rows"
		  if rows_of($node, $database, "$settings $query") ne $expected;
	}
	push @wrong, damage($node, $database);
	return is(join("\n", @wrong), '', $name // 'the indexes are whole');
}

sub damage
{
	my ($node, $database) = @_;
	my $check = rows_of($node, $database, 'SELECT pg_is_in_recovery()') eq 't'
	  ? 'bt_index_check(c.oid, true)'
	  : 'bt_index_parent_check(c.oid, true, true)';

	return if !rows_of($node, $database, "SELECT count(*) FROM pg_extension WHERE extname = 'amcheck'");
	my $error = error_of($node, $database, <<SQL);
SELECT $check FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid JOIN pg_am m ON m.oid = c.relam
WHERE i.indrelid = 'menuca_v3.combo_items'::regclass AND i.indisvalid AND m.amname = 'btree'
SQL
	return $error->{state} ? $error->{message} : ();
}

sub index_files
{
	my ($node, $database) = @_;

	return rows_of($node, $database, <<'SQL');
SELECT string_agg(indexrelid::regclass || '=' || pg_relation_filenode(indexrelid), ' ' ORDER BY 1)
FROM (SELECT indexrelid FROM pg_index WHERE indrelid = 'menuca_v3.combo_items'::regclass ORDER BY indexrelid::regclass::text) i
SQL
}

sub set_trap
{
	my ($node, $database) = @_;

	rows_of($node, $database, <<'SQL');
SET client_min_messages = error;
CREATE SCHEMA trap;
CREATE SEQUENCE trap.calls;
CREATE FUNCTION trap.spring() RETURNS boolean LANGUAGE plpgsql AS 'BEGIN PERFORM pg_catalog.nextval(''trap.calls''); RETURN true; END';
DO $$
DECLARE
	body constant text := quote_literal('BEGIN PERFORM pg_catalog.nextval(''trap.calls''); RETURN NULL; END');
	f record;
BEGIN
	FOR f IN
		SELECT format('CREATE FUNCTION trap.%I(%s) RETURNS %s LANGUAGE plpgsql AS %s', proname, pg_get_function_identity_arguments(oid), format_type(prorettype, NULL), body) AS command
		FROM pg_proc WHERE pronamespace = 'pg_catalog'::regnamespace AND prokind = 'f' AND NOT proretset
	UNION ALL
		SELECT format('CREATE FUNCTION trap."operator %s"(%s, %s) RETURNS %s LANGUAGE plpgsql AS %s', oid, oprleft::regtype, oprright::regtype, oprresult::regtype, body)
		FROM pg_operator WHERE oprnamespace = 'pg_catalog'::regnamespace AND oprleft <> 0
	UNION ALL
		SELECT format('CREATE OPERATOR trap.%s (FUNCTION = trap."operator %s", LEFTARG = %s, RIGHTARG = %s)', oprname, oid, oprleft::regtype, oprright::regtype)
		FROM pg_operator WHERE oprnamespace = 'pg_catalog'::regnamespace AND oprleft <> 0
	UNION ALL
		SELECT format('CREATE DOMAIN trap.%1$I AS pg_catalog.%1$I CHECK (trap.spring())', typname)
		FROM pg_type WHERE typnamespace = 'pg_catalog'::regnamespace AND typtype = 'b' AND typelem = 0
	LOOP
		BEGIN
			EXECUTE f.command;
		EXCEPTION WHEN OTHERS THEN
			NULL;	-- some types cannot be used in it
		END;
	END LOOP;
END $$;
GRANT USAGE ON SCHEMA trap TO PUBLIC;
GRANT USAGE ON SEQUENCE trap.calls TO PUBLIC;
SQL
	cmp_ok(rows_of($node, $database, "SELECT count(*) FROM pg_operator WHERE oprnamespace = 'trap'::regnamespace"), '>', 500, 'operators of a stranger are there');
	return;
}

sub trap_calls
{
	my ($node, $database) = @_;

	return rows_of($node, $database, 'SELECT CASE WHEN is_called THEN last_value ELSE 0 END FROM trap.calls');
}

sub log_is_clean
{
	my ($node) = @_;
	local $Test::Builder::Level = $Test::Builder::Level + 1;
	my @suffered = grep {
		/PANIC:|TRAP:|leak|was not closed|still referenced(?! from table)|was terminated by signal (?!9:)/
	} split /\n/, slurp_file($node->logfile);

	return is(join("\n", @suffered), '', $node->name . ': no crash and no leak');
}

1;

# The runbook of a hosted production, where no extension can be loaded: on its copy,
# tickets 0 to 5 as staging's and 6 to 10 as production's.  The files are executed
# there by psql, as the role that owns the tables, and their receipts are pasted here.

use strict;
use warnings;

use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

use MenucaRunbook;
use MenucaTest;

my $fixture = fixture('fixture', '--scale', '0.1');
my $figures = $fixture->{figures};

#
# Initialize: production without the extension, and its copy
#

my $production = new_production('production', conf => "autovacuum = off\n");
my $copy = new_node('copy', conf => runbook_conf());

rows_of($_, 'postgres', <<'SQL') foreach $production, $copy;
CREATE ROLE anon;
CREATE ROLE authenticated;
CREATE ROLE service_role;
CREATE ROLE runner LOGIN CREATEDB;
GRANT anon, authenticated, service_role TO runner;
SQL
rows_of($copy, 'postgres', 'ALTER ROLE runner SET search_path = ops, public');
make_database($production, 'platform', $fixture, extension => '');
rows_of($production, 'platform', own_all('runner'));
rows_of($production, 'platform', 'GRANT CREATE ON DATABASE platform TO runner');

my $dump = "$PostgreSQL::Test::Utils::tmp_check/copy.dump";
$production->command_ok([ $production->installed_command('pg_dump'), '-Fc', '--quote-all-identifiers', '-f', $dump, $production->connstr('platform') ], 'a dump of production');
rows_of($copy, 'postgres', 'CREATE DATABASE platform_copy TEMPLATE template0');
$copy->command_ok([ 'pg_restore', '--exit-on-error', '-d', $copy->connstr('platform_copy'), $dump ], 'is restored as a copy');
rows_of($copy, 'platform_copy', <<"SQL");
CREATE SCHEMA ops;
CREATE EXTENSION menuca_migrate SCHEMA ops;
SELECT rows_loaded FROM ops.menuca_load_dump_file('$fixture->{dump}', 'combos', 'staging.menuca_v1_combos');
SQL
hand_over($copy, 'platform_copy', 'runner', qw(menuca_v3 staging));
rows_of($copy, 'platform_copy', 'ALTER TABLE staging.menuca_v1_combos OWNER TO runner');

my %identity = map { $_->name => rows_of($_, 'postgres', 'SELECT system_identifier FROM pg_control_system()') } $production, $copy;

# Statements that make the role the owner of the platform's tables and schemas
sub own_all
{
	my ($role) = @_;

	return <<"SQL";
DO \$\$
DECLARE
	name regclass;
BEGIN
	FOR name IN SELECT oid FROM pg_class WHERE relnamespace = 'menuca_v3'::regnamespace AND relkind IN ('r', 'p') LOOP
		EXECUTE format('ALTER TABLE %s OWNER TO $role', name);
	END LOOP;
END \$\$;
ALTER SCHEMA menuca_v3 OWNER TO $role;
SQL
}

# As the role, on the copy
sub by_runner
{
	my ($sql) = @_;

	return rows_of($copy, 'platform_copy', "SET client_min_messages = error;\n$sql", extra_params => [ '-U', 'runner' ]);
}

sub refusal
{
	my ($sql) = @_;
	my $error = error_of($copy, 'platform_copy', $sql, extra_params => [ '-U', 'runner', '-v', 'VERBOSITY=verbose' ]);

	return "$error->{state} $error->{message}";
}

# The result of a ticket, after the rows that fail
sub ticket
{
	my ($no, $options) = @_;

	return by_runner(<<"SQL");
SELECT string_agg(name || ' ' || status, ', ' ORDER BY check_no) FILTER (WHERE status IN ('FAIL', 'ERROR') AND name <> 'summary'),
	max(detail) FILTER (WHERE name = 'summary')
FROM menuca_ticket($no@{[ $options ? ", $options" : '' ]}, dry_run => false)
SQL
}

sub states
{
	return by_runner("SELECT string_agg(state, ' ' ORDER BY ticket) FROM menuca_status() WHERE ticket BETWEEN $_[0] AND $_[1]");
}

# What menuca_next() proposes; it can be executed
sub next_call
{
	my ($call) = by_runner('SELECT next_step FROM menuca_next()');

	return $call;
}

sub executes
{
	my ($call, $name) = @_;
	my $status = $copy->psql('platform_copy', "BEGIN; $call\nROLLBACK;", extra_params => [ '-U', 'runner' ], on_error_stop => 1);

	return is($status, 0, "$name: $call");
}

# The files of a set whose names fit, as pairs of name and text; a set is exported once
my %exported;

sub files
{
	my ($export, $pattern) = @_;

	$exported{$export} //= [ map { [ split /\x01/ ] } split /\x02/,
		by_runner("SELECT string_agg(file_name || chr(1) || sql, chr(2) ORDER BY file_no) FROM $export") ];
	return grep { $_->[0] =~ /$pattern/ } @{ $exported{$export} };
}

# Executes such files on production, in their order
sub execute
{
	my ($export, $pattern) = @_;
	my @files = files($export, $pattern);

	cmp_ok(scalar @files, '>', 0, "there are files $pattern");
	foreach my $file (@files)
	{
		my $path = write_file("on_production_$file->[0]", $file->[1]);

		$production->command_ok([ 'psql', '-X', '-q', '-v', 'ON_ERROR_STOP=1', '-U', 'runner', '-d', $production->connstr('platform'), '-f', $path ],
			"$file->[0] is executed on production");
	}
	return;
}

# What a file that only reads returns on production, with these options of psql
sub result
{
	return result_in('platform', @_);
}

sub result_in
{
	my ($database, $export, $pattern, @options) = @_;
	my ($file, @more) = files($export, $pattern);
	my $path = write_file("on_production_$file->[0]", $file->[1]);
	my ($stdout, $stderr);

	is(scalar @more, 0, "there is one file $pattern");
	IPC::Run::run([ 'psql', '-X', '-q', @options, '-U', 'runner', '-d', $production->connstr($database), '-f', $path ], '>', \$stdout, '2>', \$stderr)
	  or die "$file->[0]: $stderr";
	return $stdout;
}

# Its receipt alone
sub receipt
{
	return receipt_in('platform', @_);
}

sub receipt_in
{
	my ($last) = result_in(@_, '-At', '-R', "\x02", '-F', "\x01") =~ /\d+\x01receipt\x01([^\x02]*)/;

	return (split /\x01/, $last)[2];
}

sub quoted
{
	my ($text) = @_;

	return "'" . ($text =~ s/'/''/gr) . "'";
}

sub pasted
{
	my ($text) = @_;

	return by_runner("SELECT set_name, file, status, failed, newly_accepted FROM menuca_accept_receipt(@{[ quoted($text) ]})");
}

sub refused_receipt
{
	my ($text) = @_;

	return refusal("SELECT * FROM menuca_accept_receipt(@{[ quoted($text) ]})");
}

my $indexes = "menuca_export_indexes(style => 'psql')";
my $access = "menuca_export_access(style => 'psql')";

#
# Whose copy it is
#

note 'Whose copy it is';

like(refusal("SELECT * FROM menuca_environment('production', 'platform', $identity{production}, hosted => true)"),
	qr/^MC020 it is not recorded of which database this one is a copy/, 'no hosted production without a record of it');
is(by_runner("SELECT newly_recorded FROM menuca_copy_of('platform', $identity{production})"), 't', 'it is recorded');
like(refusal("SELECT * FROM menuca_environment('staging', 'platform', $identity{production}, hosted => true)"), qr/^22023 with hosted => true/, 'staging is not hosted');
like(refusal("SELECT * FROM menuca_environment('production', 'platform', $identity{copy}, hosted => true)"),
	qr/^MC020 this is not a copy of the database that was expected/, 'another cluster is refused');
like(refusal("SELECT * FROM menuca_environment('production', 'platform', NULL, hosted => true)"),
	qr/^MC020 this is not a copy of the database that was expected/, 'so is none, where it is known');
like(refusal('SELECT * FROM menuca_ticket(6, dry_run => false)'), qr/^MC020 this database is not registered/, 'no ticket without a registration');
is(by_runner("SELECT environment, newly_registered FROM menuca_environment('staging', 'platform_copy', $identity{copy})"), 'staging|t', 'the copy is staging');
like(refusal('SELECT * FROM menuca_ticket(6, dry_run => false)'), qr/^MC020 ticket 06 may not begin: it is production's/, '06: not without production');

#
# Staging: tickets 0 to 5 on the copy
#

note 'Staging';

like(ticket(0), qr/^\|Ticket 00 is COMPLETE/, '00: pre-flight');
ok(drilled_backup($copy, 'platform_copy', 'before'), 'a backup of the copy');
like(ticket($_), qr/^\|Ticket 0$_ is COMPLETE/, "0$_: passes") foreach 1 .. 3;
like(ticket(4), qr/^\|Ticket 04 is IN_PROGRESS\. Its checks have passed/, '04: its checks pass');
is(people_do($copy, 'platform_copy', 'runner', 4), 'COMPLETE', '04: people look at samples');
my $run = by_runner('SELECT max(run_id) FROM menuca_runs');
my $fix = "menuca_export_fix($run, style => 'psql')";
long_ago($copy, 'platform_copy');
take_samples($copy, 'platform_copy', 4, 30);
like(ticket(5), qr/^\|Ticket 05 is IN_PROGRESS\. Its checks have passed/, '05: validation');
is(people_do($copy, 'platform_copy', 'runner', 5), 'COMPLETE', '05: people try the platform');
is(by_runner("SELECT menuca_sign_off(5, 'A. Lead', 'GO', 'quiet night')"), 'GO', '05: signed');

#
# The hosted production, in the same database
#

note 'Production is registered in its copy';

my $call = next_call();
is($call, "SELECT * FROM ops.menuca_environment('production', 'platform', $identity{production}, hosted => true);", 'next: it is registered');
is(by_runner($call), "production|platform|$identity{production}|t", 'it is');
is(by_runner($call), "production|platform|$identity{production}|f", 'once');
like(refusal("SELECT * FROM menuca_environment('production', 'platform_copy', $identity{copy})"), qr/^MC020 this database is already registered as staging/, 'the copy is no production');
is(by_runner("SELECT string_agg(concat_ws(' ', name, hosted, of_database), ', ' ORDER BY environment_id) FROM menuca_registered_environment"),
	'staging f, production t platform', 'two environments in one database');
is(states(0, 10), 'COMPLETE COMPLETE COMPLETE COMPLETE COMPLETE COMPLETE BLOCKED BLOCKED BLOCKED BLOCKED BLOCKED', 'eleven tickets here');

# A change of this database is still a change of staging: no backup is asked for
rows_of($copy, 'platform_copy', "UPDATE ops.menuca_backup SET started = started - interval '2 days', finished = finished - interval '2 days'");
is(by_runner("BEGIN; SELECT inserted FROM menuca_fix_combos(dry_run => false); ROLLBACK;"), '0', 'a fix of the copy is not one of production');

note 'The verdict';

like(refusal('SELECT * FROM menuca_ticket(6, dry_run => false)'), qr/^MC022 ticket 06 may not begin: staging's verdict is not imported/, '06: not without the verdict');
is(next_call(), 'SELECT ops.menuca_import_verdict(ops.menuca_export_verdict());', 'next: it is imported where it is');
is(by_runner(next_call()), 'GO', 'it is GO');
is(by_runner('SELECT count(*) FROM menuca_acceptance'), 0, 'nothing is accepted twice');
is(next_call(), "SELECT ops.menuca_sign_off(5, 'name', 'GO', 'note');", 'next: the window is signed off');
is(by_runner("SELECT menuca_sign_off(5, 'B. Owner', 'GO', 'announced, two people')"), 'GO', 'it is');
is(by_runner("SELECT string_agg(name || ' ' || approver, ', ' ORDER BY signature_id) FROM menuca_signature JOIN menuca_registered_environment USING (environment_id)"),
	'staging A. Lead, production B. Owner', 'by another person, on production');

#
# Ticket 6
#

note 'Ticket 06: the check before the window, and the backup';

like(refusal('SELECT * FROM menuca_ticket(7, dry_run => false)'), qr/^MC021 ticket 07 may not begin: the earlier ticket 06 is PENDING/, '07: not before 06');
like(refusal(q(SELECT * FROM menuca_ticket(6, '{"lock_timeout": "1s"}', dry_run => false))), qr/^22023 ticket 06 has no option "lock_timeout"/, '06: no option of another one');
like(refusal(q(SELECT * FROM menuca_ticket(9, '{"source": "staging.menuca_v1_combos"}', dry_run => false))), qr/^22023 ticket 09 has no option "source"/, '09: nor what native production has');
like(refusal(q(SELECT * FROM menuca_ticket(6, '{"run_id": 999999}', dry_run => false))), qr/^22023 run_id must be a completed run/, '06: a run that does not exist');
is(next_call(), "SELECT file_name, sql FROM ops.menuca_export_fix($run, style => 'statements');", 'next: the files of the fix');
executes(next_call(), 'which can be called');
like(ticket(6), qr/^receipt_fix_00_check FAIL, backup FAIL\|Ticket 06 is IN_PROGRESS/, '06: it waits');
is(states(6, 7), 'IN_PROGRESS BLOCKED', '06: so it is recorded');
is(next_call(), "SELECT file_name, sql FROM ops.menuca_export_fix($run, style => 'statements');", 'next: still the files');

my $check = receipt($fix, '^00_check');
(my $edited = $check) =~ s/"status": "(PASS|WARN)"/"status": "FAIL"/;
isnt($edited, $check, 'a receipt is edited');
like(refused_receipt($edited), qr/^MC024 the receipt does not match its checksum/, 'and refused');
like(refused_receipt(substr($check, 0, length($check) / 2)), qr/^MC024 the text has no receipt/, 'one that was cut, too');
rows_of($production, 'postgres', 'CREATE DATABASE other TEMPLATE platform');
my $elsewhere = receipt_in('other', $fix, '^00_check');
like($elsewhere, qr/"name": "database", "actual": "other", "detail": null, "status": "FAIL"/, 'in another database the file fails');
like(refused_receipt($elsewhere), qr/^MC020 the receipt is of another database/, 'its receipt is refused');
my $passed = is_same_version($production, $copy) ? 'PASS' : 'WARN';	# another major version than the copy's
is(pasted($check), "menuca_fix_$run|00_check|$passed|0|t", 'the receipt is accepted') or diag $check;
is(pasted($check), "menuca_fix_$run|00_check|$passed|0|f", 'once');
is(by_runner("SELECT next_step FROM menuca_accept_receipt(@{[ quoted($check) ]})"), 'SELECT * FROM ops.menuca_next();', 'and says what is next');

$call = next_call();
is($call, q(SELECT * FROM ops.menuca_ticket(6, '{"backup": "...", "backup_time": "..."}', dry_run => false);), 'next: the backup is named');
like(refusal($call), qr/^22023 backup must not be "\.\.\."/, '06: by its id');
like(ticket(6, q('{"backup": "b-17", "backup_time": "2001-01-01 00:00 UTC"}')), qr/^backup FAIL\|Ticket 06 is FAILED/, '06: an old backup fails');
like(refusal(q(SELECT * FROM menuca_ticket(6, '{"max_backup_age": "30 days"}', dry_run => false))), qr/^MC022 ticket 06 may not begin: its backup may be at most 24 hours old/, '06: more needs a reason');
my $now = by_runner("SELECT now() - interval '1 hour'");
like(ticket(6, qq('{"backup": "b-17", "backup_time": "$now"}')), qr/^\|Ticket 06 is IN_PROGRESS\. Its checks have passed/, '06: the backup is attested');
is(next_call(), "SELECT * FROM ops.menuca_attest(6, 'notice', 'PASS', 'name', 'note');", 'next: people attest that all are ready');
like(refusal(next_call()), qr/^22023 argument "who" must say something/, '06: by their names');
is(people_do($copy, 'platform_copy', 'runner', 6), 'COMPLETE', '06: they do');
is(by_runner("SELECT string_agg(DISTINCT concat_ws(' ', e.name, a.ticket_no), ', ') FROM menuca_attestation a JOIN menuca_registered_environment e USING (environment_id)"),
	'production 6, staging 5', '06: of production');
like(by_runner("SELECT c.status, c.detail FROM menuca_ticket_check c JOIN menuca_ticket_executions x USING (execution_id) WHERE x.ticket_no = 6 AND c.name = 'backup' ORDER BY execution_id DESC LIMIT 1"),
	qr/^WARN\|runner says so; the extension has not seen it/, '06: by somebody');

# An hour later, the check is too old to open the window
rows_of($copy, 'platform_copy', "UPDATE ops.menuca_hosted_receipt SET made_at = made_at - interval '61 minutes'");
like(by_runner("SELECT string_agg(actual, ',') FROM menuca_ticket(6) WHERE name = 'receipt_fix_00_check'"), qr/^the newest one is older$/, '06: after an hour it is made again');
rows_of($copy, 'platform_copy', "UPDATE ops.menuca_hosted_receipt SET made_at = made_at + interval '61 minutes'");

#
# Tickets 7 and 8
#

note 'Ticket 07: indexes';

is(next_call(), "SELECT file_name, sql FROM ops.menuca_export_indexes(style => 'statements');", 'next: the files of the indexes');
executes(next_call(), 'which can be called');
like(ticket(7), qr/^receipt_indexes_00_check FAIL, receipt_indexes_03_verify FAIL\|Ticket 07 is IN_PROGRESS/, '07: it waits');

# The whole result as a client shows it: CSV
like(pasted(result($indexes, '^00_check', '--csv')), qr/^menuca_indexes\|00_check\|(PASS|WARN)\|0\|t$/, '07: the check before, as CSV');
like(pasted(receipt($indexes, '^03_verify')), qr/^menuca_indexes\|03_verify\|FAIL\|[1-9]\d*\|t$/, '07: the check after, before there are any');
like(ticket(7), qr/^receipt_indexes_03_verify FAIL, .*\|Ticket 07 is FAILED/, '07: it fails');
like(next_call(), qr/^SELECT \* FROM ops\.menuca_hosted_receipt_row WHERE receipt_id = \d+ AND status IN/, 'next: what fails');
executes(next_call(), 'which can be called');

# What somebody wrote, with a checksum that fits: its text is shown, and never proposed
is(by_runner(<<'SQL'), 'FAIL', '07: a forged receipt');
SELECT status FROM menuca_accept_receipt((
	SELECT (d || jsonb_build_object('sha256', encode(sha256(convert_to(d::text, 'UTF8')), 'hex')))::text
	FROM (SELECT document - 'sha256' || jsonb_build_object('rows', jsonb_build_array(jsonb_build_object('check_no', 1, 'name', 'x', 'status', 'FAIL', 'actual', E'a | b\n<script>',
			'next_step', 'Repair it: SELECT ops.menuca_set_verdict_key(''of somebody else'');'))) AS d
		FROM menuca_hosted_receipt WHERE document ->> 'file' = '03_verify' ORDER BY receipt_id DESC LIMIT 1) f))
SQL
is(by_runner("SELECT count(*) FILTER (WHERE next_step ~ 'verdict_key'), count(*) FILTER (WHERE remedy ~ 'verdict_key'), max(next_step) FILTER (WHERE name = 'summary') ~ 'menuca_hosted_receipt_row' FROM menuca_ticket(7)"),
	'0|1|t', '07: what it proposes is no next step');
unlike(next_call(), qr/verdict_key/, 'nor is it proposed');
like(by_runner("SELECT max(detail) FILTER (WHERE name = 'summary') FROM menuca_ticket(7, dry_run => false, force => true, reason => 'a try')"), qr/^Ticket 07 is FAILED/, '07: no force makes it pass');
execute($indexes, '^0[12]_');
like(pasted(receipt($indexes, '^03_verify')), qr/^menuca_indexes\|03_verify\|(PASS|WARN)\|0\|t$/, '07: the check after');
like(next_call(), qr/^SELECT \* FROM ops\.menuca_ticket\(7, dry_run => false\);$/, 'next: the ticket');
like(ticket(7), qr/^\|Ticket 07 is COMPLETE/, '07: indexes');

note 'Ticket 08: row level security';

like(ticket(8), qr/^receipt_access_00_check FAIL, receipt_access_03_check FAIL, receipt_access_04_matrix FAIL\|Ticket 08 is IN_PROGRESS/, '08: it waits');
like(by_runner("SELECT max(detail) FILTER (WHERE name = 'summary') FROM menuca_ticket(8, dry_run => false, force => true, reason => 'a try')"), qr/^Ticket 08 is IN_PROGRESS/, '08: no force replaces a receipt');
is(next_call(), "SELECT file_name, sql FROM ops.menuca_export_access(style => 'statements');", 'next: the files of access');
executes(next_call(), 'which can be called');
like(pasted(receipt($access, '^00_check')), qr/^menuca_access\|00_check\|(PASS|WARN)\|0\|t$/, '08: the check before');
execute($access, '^0[12]_');
like(pasted(receipt($access, '^03_check')), qr/^menuca_access\|03_check\|(PASS|WARN)\|0\|t$/, '08: the check after');
like(pasted(result($access, '^04_matrix', '-A')), qr/^menuca_access\|04_matrix\|(PASS|WARN)\|0\|t$/, '08: the matrix, in a table');
like(ticket(8), qr/^\|Ticket 08 is COMPLETE/, '08: row level security');

#
# Ticket 9
#

note 'Ticket 09: the fix';

is(next_call(), "SELECT file_name, sql FROM ops.menuca_export_fix($run, style => 'statements');", 'next: the files of the fix');
like(ticket(9), qr/^receipt_fix_03_verify FAIL\|Ticket 09 is IN_PROGRESS/, '09: the check before it is there, it waits for the one after it');
execute($fix, '^0[12]_');
is(rows_of($production, 'platform', 'SELECT count(*) FROM menuca_v3.combo_items'), rows_of($copy, 'platform_copy', 'SELECT count(*) FROM menuca_v3.combo_items'), '09: as many items as on the copy');
my $verified = receipt($fix, '^03_verify');
like(pasted($verified), qr/^menuca_fix_$run\|03_verify\|(PASS|WARN)\|0\|t$/, '09: the check after') or diag $verified;

# Once the fix is there, the check before it fails, as it must: the one from before counts
like(pasted(receipt($fix, '^00_check')), qr/^menuca_fix_$run\|00_check\|FAIL\|/, '09: the check before, afterwards');
like(ticket(9), qr/^\|Ticket 09 is IN_PROGRESS\. Its checks have passed/, '09: the fix');
is(next_call(), 'SELECT * FROM ops.menuca_review_samples(9);', 'next: people look at samples');
is(by_runner("BEGIN; SELECT verdict, next_step FROM menuca_review(9, 1, 1, 'group 7 has sauces', 'A. Person'); ROLLBACK"), 'FAIL|SELECT * FROM ops.menuca_rollback_guide();', '09: bad ones are rolled back by the guide');
is(people_do($copy, 'platform_copy', 'runner', 9), 'COMPLETE', '09: they are right, and the combos can be ordered');

#
# Ticket 10
#

note 'Ticket 10: validation';

like(ticket(10), qr/^receipt_indexes_03_verify FAIL, .*soak FAIL\|Ticket 10 is IN_PROGRESS/, '10: receipts from before the last change do not count');
sub final_receipts
{
	like(pasted(receipt($indexes, '^03_verify')), qr/\|(PASS|WARN)\|0\|t$/, '10: the indexes');
	like(pasted(receipt($access, '^03_check')), qr/\|(PASS|WARN)\|0\|t$/, '10: row level security');
	like(pasted(receipt($access, '^04_matrix')), qr/\|(PASS|WARN)\|0\|t$/, '10: the matrix');
	like(pasted(receipt($fix, '^03_verify')), qr/\|(PASS|WARN)\|0\|t$/, '10: the fix');
	return;
}
rows_of($copy, 'platform_copy', 'SELECT pg_sleep(2.1)');
final_receipts();
like(ticket(10), qr/^soak FAIL\|Ticket 10 is IN_PROGRESS/, '10: seconds are not 24 hours');
executes(next_call(), 'next, while time passes');
like(refusal(q(SELECT * FROM menuca_ticket(10, '{"stability": "1 second"}', dry_run => false))), qr/^MC022 ticket 10 may not begin: it needs 24 hours/, '10: less needs a reason');
like(refusal("SELECT menuca_sign_off(10, 'B. Owner', 'GO', 'done')"), qr/^MC021 ticket 10 is IN_PROGRESS: it cannot be signed off with GO/, '10: no GO while it waits');

like(by_runner(q(SELECT max(detail) FILTER (WHERE name = 'summary') FROM menuca_ticket(10, '{"stability": "1 second"}', dry_run => false, force => true, reason => 'a rehearsal'))),
	qr/^Ticket 10 is IN_PROGRESS\. Its checks have passed/, '10: and is in the log');

# A day later
long_ago($copy, 'platform_copy');
rows_of($copy, 'platform_copy', 'SELECT pg_sleep(1.1)');
final_receipts();
like(ticket(10), qr/^\|Ticket 10 is IN_PROGRESS\. Its checks have passed/, '10: validation');
is(people_do($copy, 'platform_copy', 'runner', 10), 'COMPLETE', '10: people try the platform once more');
is(next_call(), "SELECT ops.menuca_sign_off(10, 'name', 'GO', 'note');", 'next: it is signed off');
is(by_runner("SELECT menuca_sign_off(10, 'B. Owner', 'GO', 'done')"), 'GO', '10: GO');
is(states(0, 10), join(' ', ('COMPLETE') x 11), 'all tickets are complete');
is(by_runner('SELECT state FROM menuca_next()'), 'done', 'and nothing is next');

is(by_runner("SELECT string_agg(statement, E'\\n' ORDER BY position) FROM menuca_rollback_guide() WHERE what ~ '^on production'"), <<"SQL" =~ s/\n\z//r, 'the guide begins with production');
SELECT file_name, sql FROM ops.menuca_export_fix($run, style => 'statements') WHERE file_name ~ 'rollback';
SELECT file_name, sql FROM ops.menuca_export_access(style => 'statements') WHERE file_name ~ 'rollback';
SELECT file_name, sql FROM ops.menuca_export_indexes(style => 'statements') WHERE file_name ~ 'rollback';
SQL
my $log = by_runner('SELECT menuca_execution_log()');
like($log, qr/^# Execution log: staging\n.*^- Verdict: \*\*GO\*\*\n.*^# Execution log: production\n/ms, 'the log has both');
like($log, qr/^- Database: `platform` in cluster $identity{production}, hosted; its copy is `platform_copy` in cluster $identity{copy}$/m, 'with whose copy it is');
like($log, qr/^# Execution log: production\n.*^- Verdict: \*\*GO\*\*\n.*^## Ticket 09, Production: combo fix: COMPLETE/ms, 'and GO on production');
like($log, qr/OVERRIDDEN by runner: a rehearsal/, 'with what was overridden');
like($log, qr/^- Ticket 10: \*\*GO\*\* by B\. Owner/m, 'by a person');

#
# A copy of the copy
#

note 'Neither the registration nor the receipts apply in a copy of the copy';

$copy->command_ok([ 'pg_dump', '-Fc', '-f', "$dump.2", $copy->connstr('platform_copy') ], 'a dump of the copy');
rows_of($copy, 'postgres', 'CREATE DATABASE second_copy TEMPLATE template0');
$copy->command_ok([ 'pg_restore', '--exit-on-error', '-d', $copy->connstr('second_copy'), "$dump.2" ], 'is restored');
like(join(' ', @{ error_of($copy, 'second_copy', 'SELECT * FROM ops.menuca_status()') }{qw(state message)}), qr/^MC020 this database is not registered/, 'no ticket is executed there');
is(rows_of($copy, 'second_copy', 'SELECT count(*) FILTER (WHERE applies), count(*) > 0 FROM ops.menuca_hosted_receipts'), rows_of($copy, 'platform_copy', 'SELECT count(*) FILTER (WHERE applies), count(*) > 0 FROM ops.menuca_hosted_receipts'),
	'the receipts are of the first copy');
like(join(' ', @{ error_of($copy, 'second_copy', "SELECT * FROM ops.menuca_accept_receipt(" . quoted($verified) . ")") }{qw(state message)}),
	qr/^MC020 it is not recorded of which database this one is a copy/, 'and none is accepted there');

log_is_clean($copy);
done_testing();

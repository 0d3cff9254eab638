
=pod

=head1 NAME

MenucaRunbook - what an administrator prepares for the runbook, and time that passes

=head1 DESCRIPTION

The clusters' settings, the role that owns the platform's tables, a backup, and the
hours between two tickets.

=cut

package MenucaRunbook;

use strict;
use warnings;

use Exporter 'import';
use PostgreSQL::Test::Utils;

use MenucaTest;

our @EXPORT = qw(runbook_conf hand_over drilled_backup long_ago take_samples people_do);

=pod

=item runbook_conf()

Settings of a cluster: how long a query takes on this machine is not judged.

=cut

sub runbook_conf
{
	return <<'CONF';
autovacuum = off
menuca.max_query_time = 1000000000
menuca.max_planning_time = 1000000000
menuca.max_access_overhead = 1000000000
CONF
}

=pod

=item hand_over($node, $database, $role, @schemas)

The role owns the platform's tables and these schemas, and has the rights for the
purpose "runbook".

=cut

sub hand_over
{
	my ($node, $database, $role, @schemas) = @_;

	rows_of($node, $database, <<"SQL" . join '', map { "ALTER SCHEMA $_ OWNER TO $role;\n" } @schemas);
DO \$\$
DECLARE
	name regclass;
BEGIN
	FOR name IN SELECT oid FROM pg_class WHERE relnamespace = 'menuca_v3'::regnamespace AND relkind IN ('r', 'p') LOOP
		EXECUTE format('ALTER TABLE %s OWNER TO $role', name);
	END LOOP;
END \$\$;
SQL
	grant_purposes($node, $database, $role, 'runbook');
	return;
}

=pod

=item drilled_backup($node, $database, $label)

Calls menuca-backup with a drill; returns whether it succeeded.

=cut

sub drilled_backup
{
	my ($node, $database, $label) = @_;
	my $directory = "$PostgreSQL::Test::Utils::tmp_check/backups";
	local $ENV{PGHOST} = $node->host;
	local $ENV{PGPORT} = $node->port;

	# A superuser's, since the restored database needs the extension
	delete local $ENV{PGAPPNAME};
	mkdir $directory;
	return system_log($node->config_data('--bindir') . '/menuca-backup',
		'--directory', $directory, '-d', $database, '--drill', '--label', $label) == 0;
}

=pod

=item long_ago($node, $database)

What was done so far was done two days ago.

=cut

sub long_ago
{
	my ($node, $database) = @_;

	rows_of($node, $database, <<'SQL');
UPDATE ops.menuca_ticket_execution SET started_at = started_at - interval '2 days', finished_at = finished_at - interval '2 days';
UPDATE ops.menuca_run SET started_at = started_at - interval '2 days', finished_at = finished_at - interval '2 days', rolled_back_at = rolled_back_at - interval '2 days';
UPDATE ops.menuca_created_index SET created_at = created_at - interval '2 days', dropped_at = dropped_at - interval '2 days';
UPDATE ops.menuca_access_change SET made_at = made_at - interval '2 days', undone_at = undone_at - interval '2 days';
UPDATE ops.menuca_access_deployment SET made_at = made_at - interval '2 days', undone_at = undone_at - interval '2 days';
UPDATE ops.menuca_snapshot_restore SET restored_at = restored_at - interval '2 days';
UPDATE ops.menuca_load_run SET started_at = started_at - interval '2 days', finished_at = finished_at - interval '2 days';
UPDATE ops.menuca_attestation SET attested_at = attested_at - interval '2 days';
UPDATE ops.menuca_review_answer SET answered_at = answered_at - interval '2 days';
SQL
	return;
}

=pod

=item take_samples($node, $database, $hours, $step)

The monitor has taken a sample every $step minutes for $hours hours.

=cut

sub take_samples
{
	my ($node, $database, $hours, $step) = @_;

	rows_of($node, $database, <<"SQL");
DELETE FROM ops.menuca_sample;
SELECT ops.menuca_monitor_sample() FROM generate_series(0, $hours * 60 + $step, $step);
UPDATE ops.menuca_sample s SET taken_at = clock_timestamp() - (m.n - 1) * interval '$step minutes'
FROM (SELECT sample_id, row_number() OVER (ORDER BY sample_id DESC) AS n FROM ops.menuca_sample) m WHERE m.sample_id = s.sample_id;
SQL
	return;
}

=pod

=item people_do($node, $database, $role, $no)

People have looked at what a ticket asks of them, and found it right: as that role,
who may be any that executes tickets.  Returns the ticket's state afterwards.

=cut

sub people_do
{
	my ($node, $database, $role, $no) = @_;
	my %as = (extra_params => [ '-U', $role ]);

	if (rows_of($node, $database, "SELECT count(*) FROM ops.menuca_ticket_open WHERE ticket_no = $no AND kind = 'review'", %as) > 0)
	{
		my $n = rows_of($node, $database, "SELECT count(*) FROM ops.menuca_review_samples($no)", %as);
		rows_of($node, $database, "SELECT * FROM ops.menuca_review($no, $n, 0, 'as in the old menus', 'A. Person')", %as);
	}
	foreach my $item (split /\n/, rows_of($node, $database, "SELECT item FROM ops.menuca_checklist WHERE ticket_no = $no AND must ORDER BY \"position\"", %as))
	{
		rows_of($node, $database, "SELECT * FROM ops.menuca_attest($no, '$item', 'PASS', 'A. Person')", %as);
	}
	return rows_of($node, $database, "SELECT state FROM ops.menuca_status() WHERE ticket = $no", %as);
}

1;

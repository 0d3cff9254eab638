
# The demo of an evening: what it says at each step is what is known of these 76
# bookings, and its proof fails when a guarantee is missing or a row is wrong.

# engines: auto

use strict;
use warnings;

use IPC::Run;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

use MenucaTest;

my $node = new_node('main');
my $story = slurp_file('test/demo-seating.sql');
my $wrapped = '';

my ($ok, $output) = show('seating', $story);
ok($ok, 'the demo ends without an error') or diag $output;
my %section = map { /^(\d+)\. [^\n]*\n(.*)/s ? ($1 => $2) : () } split /^== /m, $output;

is(join(' ', sort { $a <=> $b } keys %section), join(' ', 1 .. 11), 'it has its 11 steps');
foreach my $no (1 .. 11)
{
	like($section{$no}, qr/\A[A-Z][^\n]+[.;,:a-z]?\n/, "step $no begins with a sentence");
}
is(join(' ', map { my $no = $_; map { $no } $section{$no} =~ /^(?:ERROR|FATAL|WARNING|psql)/mg } 1 .. 11), '2 10', 'two statements are refused, as told');

#
# The story, in figures
#

says(1, rows_of_table('pending', 76, 456, 10, '17:00', '21:30'), 'the evening');
says(1, rows_of_table('MD', 12, 68, '2 2 4 4 4 4 6 6 8 8 10 10'), 'the floor');
says(2, rows_of_table('booking_table_assignments_no_overlap', 'booking_table_assignments', 'planned'), 'a dry run of the guarantees');
says(2, rows_of_table('created', 8), 'then they are created');
says(2, qr/^ERROR:  booking \S+ is confirmed, but has no dining table$/m, 'one of them refuses at once');
says(3, rows_of_table(1, '{MD-01,MD-11}', 12, 0, 9, 45 + 121, 't'), 'the plans of a party of 12');
says(4, rows_of_table(76, 73, 73, 't', 367, 14), 'two hours: 73, proven');
says(4, rows_of_table('19:30', 11, 'none', 'full: it could be seated only in place of others'), 'who is turned away, and why');
says(5, qr/^73 \| 73 \| t \| 367 \| 14 \| \{\}\n62 \| 62 \| t \| 135 \| 0 \| .*^76 \| 76 \| t \| 376 \| 16 \| /ms, 'other rules');
says(6, rows_of_table(76, 76, 76, 't', 376, 372, 16), 'all 76, proven');
is(scalar(() = $section{6} =~ /^ assigned \| +76 \| +376$/mg), 2, 'step 6: the run does what its dry run said');
says(6, qr/^ rows \n-+\n +0\n/m, 'a second run finds nothing to do');
says(7, rows_of_table('18:45', 12, 'confirmed', 'MD-02, MD-12'), 'the party of 12 has two dining tables');
says(7, rows_of_table('18:45', 12, 'cancelled', '-'), 'and none after it is cancelled');
says(8, rows_of_table('moved', '{MD-12}', '18:45', '20:20'), 'one is moved');
says(9, rows_of_table('{MD-02}', '18:50', '19:55'), 'one walks in');
says(10, qr/^ERROR:  conflicting key value violates exclusion constraint "booking_table_assignments_no_overlap"$/m, 'the constraint refuses a double booking');
says(11, rows_of_table('dining tables taken twice', 0), 'no dining table is taken twice');
says(11, rows_of_table(76, 76, 376, 376, '23514', '23P01'), 'what was proven');
like($output, qr/^It holds: 76 of 76 were seated, which is the most, and no dining table has two parties\.\n\z/m, 'the last line says so');

#
# The end state
#

is(rows_of($node, 'seating', 'SELECT status, count(*) FROM bookings GROUP BY 1 ORDER BY 1'), "confirmed|75\nchecked_in|1\ncancelled|1", 'the bookings');
is(rows_of($node, 'seating', 'SELECT scope, outcome, count(*) FROM ops.menuca_seating_attempt GROUP BY 1, 2'), 'day|assigned|76', 'the log of attempts');
is(rows_of($node, 'seating', 'SELECT what, count(*) FROM ops.menuca_seating_change GROUP BY 1 ORDER BY 1'), "assignment|1\nsettings|3", 'the ledger: a row for each setting, and the move');

#
# As it is shown
#

IPC::Run::run([ 'perl', 'test/wrap.pl' ], '<', \$output, '>', \$wrapped) or die 'wrap.pl failed';
is(join("\n", grep { length > 100 } split /\n/, $wrapped), '', 'no line is longer than 100 characters');
is($wrapped =~ s/\s+//gr, $output =~ s/\s+//gr, 'nothing is lost by that');
is(join("\n", grep { length > 97 && /\|/ && /^ / } split /\n/, $output), '', 'no row of a table is wrapped');

#
# The proof fails when something is wrong
#

my %harm = (
	'no exclusion constraint' => [ 'ALTER TABLE booking_table_assignments DROP CONSTRAINT booking_table_assignments_no_overlap;', '10' ],
	'no check of confirmed bookings' => [ 'DROP TRIGGER booking_assignment_validation ON bookings;', '3', 'UPDATE' ],
	'a dining table twice' => [ 'ALTER TABLE booking_table_assignments DROP CONSTRAINT booking_table_assignments_no_overlap;'
		  . " INSERT INTO booking_table_assignments (booking_id, table_id, start_at, end_at) SELECT (SELECT id FROM bookings WHERE status = 'checked_in'), table_id, '2025-11-15 18:50', end_at"
		  . " FROM booking_table_assignments WHERE booking_id = md5('booking 11')::uuid;", '11' ],
	'a dining table lost' => [ 'SET session_replication_role = replica; DELETE FROM booking_table_assignments WHERE booking_id = md5(\'booking 11\')::uuid;', '11' ],
	'a booking fewer' => [ "DELETE FROM bookings WHERE id = md5('booking 76')::uuid;", '6' ]);
my $database = 0;
foreach my $what (sort keys %harm)
{
	my ($sql, $step, $before) = @{ $harm{$what} };
	my $harmed = $story;

	# Other rules are tried for the story alone, and take most of its time.
	$harmed =~ s/^SELECT [^;]*menuca_replay_day[^;]*;\n//m or die 'no replay';
	if ($before)
	{
		$harmed =~ s/^$before bookings SET/$sql\n$&/m or die "no $before";
	}
	else
	{
		$harmed =~ s/^\\echo '== $step\. [^\n]*\n/$sql\n$&/m or die "no step $step";
	}
	($ok, $output) = show('harmed_' . ++$database, $harmed);
	ok(!$ok, "$what: the demo fails");
	like($output, qr/^ERROR:  the proof does not hold: the evening is not as it was proven, or has a fault\n/m, "$what: it says so");
}

$node->stop;

done_testing();

# Runs the script in a database of its own; whether it succeeded, and what it said
sub show
{
	my ($name, $sql) = @_;
	my $said = '';

	rows_of($node, 'postgres', "CREATE DATABASE $name");
	rows_of($node, $name, slurp_file("test/fixture/seating/$_.sql")) foreach qw(schema evening);
	my $succeeded = IPC::Run::run(
		[ $node->installed_command('psql'), '-Xqd', $node->connstr($name), '-v', 'ON_ERROR_STOP=1' ],
		'<', \$sql, '>&', \$said,
		init => sub { $ENV{PGCLIENTENCODING} = 'UTF8' });
	return ($succeeded, $said);
}

# A row of an aligned table with these values
sub rows_of_table
{
	my $row = join ' *\| *', map { quotemeta } @_;
	return qr/^ *$row *$/m;
}

sub says
{
	my ($no, $pattern, $name) = @_;
	local $Test::Builder::Level = $Test::Builder::Level + 1;

	like($section{$no}, $pattern, "step $no: $name");
	return;
}

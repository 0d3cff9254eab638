
# A table with all types, dumped by MariaDB's own program in many ways: each load
# has as many rows and the same values as MariaDB says.
#
# The server of MariaDB is one of this test, with its own data directory and
# socket; without one on the machine, the test is skipped.

use strict;
use warnings;

use File::Temp;
use IPC::Run qw(run start);
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;
use Time::HiRes qw(usleep);

use MenucaTest;

#
# MariaDB
#

sub program
{
	foreach my $name (@_)
	{
		foreach my $dir (split(/:/, $ENV{PATH}), '/usr/sbin', '/usr/libexec')
		{
			return "$dir/$name" if -x "$dir/$name";
		}
	}
	return undef;
}

my %program = (
	server => program('mariadbd'),
	install => program('mariadb-install-db'),
	client => program('mariadb'),
	dump => program('mariadb-dump'));

foreach my $name (sort keys %program)
{
	plan skip_all => "MariaDB is not installed (no $name); in Debian it is mariadb-server"
	  unless $program{$name};
}

# A socket's path has at most 107 bytes
my $dir = File::Temp->newdir('mariaXXXXXX', TMPDIR => 1);
my ($out, $err);

run([ $program{install}, '--no-defaults', "--datadir=$dir/data",
		'--auth-root-authentication-method=normal', '--skip-test-db' ],
	'>', \$out, '2>', \$err)
  or plan skip_all => "MariaDB cannot be installed into a directory here: $err";

my $server = start(
	[
		$program{server}, '--no-defaults', "--datadir=$dir/data", "--socket=$dir/s",
		"--pid-file=$dir/pid", '--skip-networking', '--innodb-buffer-pool-size=16M',
		'--default-time-zone=+05:30', '--secure-file-priv='
	],
	'<', '/dev/null', '>', "$dir/log", '2>', "$dir/log");

END
{
	if ($server)
	{
		my $status = $?;
		$server->kill_kill(grace => 20);
		$? = $status;
	}
}

# Runs SQL; returns the output, a row a line, its values between tabs.
sub mariadb
{
	my ($sql) = @_;

	# a client that cannot connect would leave a broken pipe
	open my $file, '>:raw', "$dir/sql" or die;
	print $file $sql;
	close $file;
	run([ $program{client}, '--no-defaults', "--socket=$dir/s", '--user=root', '--batch', '--skip-column-names',
			'--raw', '--default-character-set=utf8mb4' ],
		'<', "$dir/sql", '>', \$out, '2>', \$err)
	  or return undef;
	return $out;
}

foreach (1 .. 300)
{
	last if defined mariadb('SELECT 1');
	usleep(100_000);
}
my $version = mariadb('SELECT version()')
  or BAIL_OUT("MariaDB does not start: " . slurp_file("$dir/log"));
chomp $version;
note "MariaDB $version";

#
# A table with all types
#

# Each column: its type in MariaDB, its values, and how both servers show them.
# Texts are compared by their bytes in UTF-8; [charset] is that of the dump.
my $text = [ 'HEX(CONVERT(CONVERT(%s USING [charset]) USING utf8mb4))', "upper(encode(convert_to(%s, 'UTF8'), 'hex'))" ];
my $bytes = [ 'HEX(%s)', "upper(encode(%s, 'hex'))" ];
my $plain = [ '%s', '%s' ];
my $odd = q{'it''s \\\\ \\"q\\"; -- # /* */\\n\\r\\t),(1'};
my @columns = (
	[ 'id', 'int unsigned NOT NULL AUTO_INCREMENT PRIMARY KEY', [ 1 .. 5 ], $plain ],
	(
		map {
			my $n = $_;
			[
				"b$n", "bit($n)",
				[ "b'" . '1' x $n . "'", "b'0'", 'NULL', "b'1'", "b'1" . '0' x ($n - 1) . "'" ],
				[ "LPAD(BIN(%s+0),$n,'0')", '%s::text' ]
			]
		} 1 .. 64),
	[ 'l1', 'varchar(200) CHARACTER SET latin1', [ "CONVERT(x'8081e9ff' USING latin1)", "''", 'NULL', $odd, "CONVERT(x'c3a9' USING latin1)" ], $text ],
	[ 'u8', 'text CHARACTER SET utf8mb4', [ "CONVERT(x'c3a9e282acf09f8d95' USING utf8mb4)", "''", 'NULL', $odd, "'INSERT INTO `kinds` VALUES (9);'" ], $text ],
	[ 'ru', 'varchar(20) CHARACTER SET cp1251', [ "CONVERT(x'c6e6' USING cp1251)", "''", 'NULL', "'x'", "'0'" ], $text ],
	[ 'nä', 'varchar(20) CHARACTER SET utf8mb4', [ "'a'", "''", 'NULL', "' '", "'b '" ], $text ],
	[ 'xmin', 'char(10) CHARACTER SET latin1', [ "'a'", "''", 'NULL', "'NULL'", "'\\\\N'" ], $text ],
	[ 'js', 'json', [ q{'{"a": [1, 2.50, "\\\\u0000", "x"]}'}, "'{}'", 'NULL', "'[]'", "'null'" ], $text ],
	[ 'en', "enum('a','ü','it''s')", [ "'a'", "'ü'", 'NULL', "'it''s'", "'a'" ], $text ],
	[ 'se', "set('x','y')", [ "'x,y'", "''", 'NULL', "'y'", "'x'" ], $text ],
	[ 'bl', 'blob', [ "x'00ff27225c0a0d1a'", "''", 'NULL', "x'8081'", "'text'" ], $bytes ],
	[ 'vb', 'varbinary(9)', [ "x'00'", "''", 'NULL', "x'ffff'", "'0x41'" ], $bytes ],
	[ 'bi', 'binary(3)', [ "x'00ff00'", "x'000000'", 'NULL', "'abc'", "'a'" ], $bytes ],
	[ 'po', 'point', [ 'ST_GeomFromText(\'POINT(1 2)\')', 'ST_GeomFromText(\'POINT(0 0)\')', 'NULL', 'ST_GeomFromText(\'POINT(-1.5 1e10)\')', 'NULL' ], $bytes ],
	[ 'ts', 'timestamp(6) NULL', [ "'2038-01-19 03:14:07.999999'", "'1970-01-02 00:00:00'", 'NULL', "'2024-03-31 02:30:00.5'", "0" ],
		[ "DATE_FORMAT(NULLIF(%s, '0000-00-00'), '%%Y-%%m-%%d %%H:%%i:%%s.%%f')", "to_char(%s [zone], 'YYYY-MM-DD HH24:MI:SS.US')" ] ],
	[ 'dt', 'datetime(6)', [ "'9999-12-31 23:59:59.999999'", "'1000-01-01 00:00:00'", 'NULL', "'2024-03-31 02:30:00.25'", "'0000-00-00 00:00:00'" ],
		[ "DATE_FORMAT(NULLIF(%s, '0000-00-00'), '%%Y-%%m-%%d %%H:%%i:%%s.%%f')", "to_char(%s, 'YYYY-MM-DD HH24:MI:SS.US')" ] ],
	[ 'da', 'date', [ "'9999-12-31'", "'1000-01-01'", 'NULL', "'2024-02-29'", "'0000-00-00'" ], [ "NULLIF(%s, '0000-00-00')", "to_char(%s, 'YYYY-MM-DD')" ] ],
	[ 'ti', 'time', [ "'838:59:59'", "'-838:59:59'", 'NULL', "'00:00:01'", "'-00:30:00'" ], [ 'TIME_TO_SEC(%s)', 'extract(epoch FROM %s)::int' ] ],
	[ 'ye', 'year', [ 2155, 0, 'NULL', 1901, 2024 ], [ '%s + 0', '%s' ] ],
	[ 't1', 'tinyint', [ 127, -128, 'NULL', 0, 1 ], $plain ],
	[ 'u4', 'int unsigned', [ 4294967295, 0, 'NULL', 1, 2 ], $plain ],
	[ 'bu', 'bigint unsigned', [ '18446744073709551615', 0, 'NULL', 1, 2 ], $plain ],
	[ 'be', 'bigint', [ '9223372036854775807', '-9223372036854775808', 'NULL', 1, 2 ], $plain ],
	[ 'de', 'decimal(30,10)', [ '12345678901234567890.0123456789', '-0.0000000001', 'NULL', 1, 0 ], $plain ],
	[ 'do', 'double', [ '1.5', '-1e10', 'NULL', '0.1', '0' ], [ 'CAST(%s AS DECIMAL(40,15))', '%s::numeric(40,15)' ] ],
	[ 'fl', 'float', [ '1.5', '-1024', 'NULL', '0.25', '0' ], [ 'CAST(%s AS DECIMAL(40,15))', '%s::numeric(40,15)' ] ],
	[ 'gv', 'int GENERATED ALWAYS AS (t1 + 2) VIRTUAL', undef, $plain ],
	[ 'gs', 'int GENERATED ALWAYS AS (t1 * 3) STORED', undef, $plain ],
);

# Without a mode, so that zero dates can be inserted
mariadb('CREATE DATABASE menuca CHARACTER SET latin1; CREATE DATABASE other;');
my $create = 'CREATE TABLE kinds (' . join(', ', map { "`$_->[0]` $_->[1]" } @columns) . ')';
my $insert = 'INSERT INTO kinds (' . join(', ', map { "`$_->[0]`" } grep { $_->[2] } @columns) . ') VALUES '
  . join(', ', map { my $i = $_; '(' . join(', ', map { $_->[2][$i] } grep { $_->[2] } @columns) . ')' } 0 .. 4);
defined mariadb("SET sql_mode = ''; USE menuca; $create; $insert; CREATE TABLE u (a int); INSERT INTO u VALUES (1);"
	. "CREATE TRIGGER tr AFTER INSERT ON kinds FOR EACH ROW INSERT INTO u VALUES (NEW.id); CREATE VIEW v AS SELECT 1 AS a;"
	. 'USE other; CREATE TABLE kinds (id int); INSERT INTO kinds VALUES (7),(8);')
  or BAIL_OUT("the table cannot be made: " . ($err =~ s{.*(?=^ERROR)}{}msr));

# What MariaDB says about the rows, a line for each value
sub expected_of
{
	my (%how) = @_;
	my $charset = $how{charset} // 'utf8mb4';
	my $zone = $how{zone} // '+00:00';
	my $rows = mariadb("SET time_zone = '$zone'; SELECT CONCAT_WS('|', "
		  . join(', ', map {
			my $expression = sprintf $_->[3][0] =~ s/\[charset\]/$charset/gr, "`$_->[0]`";
			"COALESCE($expression, '-')" } @columns)
		  . ') FROM menuca.kinds ORDER BY id')
	  // BAIL_OUT("MariaDB cannot show the rows: $err");
	return [ map { [ split /\|/, $_, -1 ] } split /\n/, $rows ];
}

#
# The loads
#

my $node = new_node('main');
rows_of($node, 'postgres', 'CREATE DATABASE menuca');
rows_of($node, 'menuca', "CREATE EXTENSION menuca_migrate; CREATE SCHEMA staging; ALTER DATABASE menuca SET TimeZone = 'America/Toronto'");

sub loaded_of
{
	my ($table, %how) = @_;
	my $zone = $how{zone} ? '' : "AT TIME ZONE 'UTC'";

	return [
		map { [ split /\|/, $_, -1 ] }
		split /\n/,
		rows_of($node, 'menuca', "SELECT concat_ws('|', " . join(', ', map {
			my $name = $_->[0] eq 'xmin' ? 'xmin_' : $_->[0];
			my $expression = sprintf $_->[3][1] =~ s/\[zone\]/$zone/gr, qq("$name");
			"coalesce(($expression)::text, '-')" } @columns)
			. ") FROM $table ORDER BY id")
	];
}

sub dump_file
{
	my ($name, @options) = @_;
	my $file = "$PostgreSQL::Test::Utils::tmp_check/$name.sql";

	run([ $program{dump}, '--no-defaults', "--socket=$dir/s", '--user=root', @options ], '>', $file, '2>', \$err)
	  or BAIL_OUT("mariadb-dump @options: $err");
	return $file;
}

# Compares all values; names those that differ
sub compare
{
	my ($got, $expected, $name) = @_;
	my @wrong;

	foreach my $row (0 .. $#$expected)
	{
		foreach my $i (0 .. $#columns)
		{
			my ($is, $should) = map { $_ // '(none)' } $got->[$row][$i], $expected->[$row][$i];
			push @wrong, "$columns[$i][0] of row $row is $is, not $should" if $is ne $should;
		}
	}
	is("@wrong[0 .. ($#wrong < 4 ? $#wrong : 4)]", '', "$name: all " . @$expected * @columns . ' values are the same');
}

my @variants = (
	[ 'as by default', [ 'menuca', 'kinds' ] ],
	[ '--hex-blob', [ '--hex-blob', 'menuca', 'kinds' ] ],
	[ '--complete-insert', [ '--complete-insert', 'menuca' ] ],
	[ '--skip-extended-insert', [ '--skip-extended-insert', 'menuca' ] ],
	[ '--compatible=ansi', [ '--compatible=ansi', '--default-character-set=utf8mb4', 'menuca' ] ],
	[ '--default-character-set=latin1', [ '--default-character-set=latin1', 'menuca' ], charset => 'latin1' ],
	[ '--default-character-set=latin2', [ '--default-character-set=latin2', '--hex-blob', 'menuca' ], charset => 'latin2' ],
	# text is in each column's own character set, which only CREATE TABLE says
	[ '--default-character-set=binary', [ '--default-character-set=binary', 'menuca', 'kinds' ] ],
	[ '--default-character-set=binary --hex-blob', [ '--default-character-set=binary', '--hex-blob', 'menuca', 'kinds' ] ],
	[ '--no-autocommit', [ '--no-autocommit', '--net-buffer-length=4096', 'menuca' ] ],
	[ '--skip-tz-utc', [ '--skip-tz-utc', 'menuca' ], zone => '+05:30' ],
	[ '--skip-quote-names', [ '--skip-quote-names', 'menuca' ] ],
	[ '--replace', [ '--replace', 'menuca' ], warns => 1 ],
	[ '--insert-ignore', [ '--insert-ignore', '--complete-insert', 'menuca' ], warns => 1 ],
	[ '--skip-opt', [ '--skip-opt', 'menuca' ] ],
	# in UTC, but without SET TIME_ZONE: the column has no time zone then
	[ '--compact', [ '--compact', '--default-character-set=utf8mb4', 'menuca' ], zone => '+00:00' ],
	[ '--databases', [ '--databases', 'other', 'menuca' ], table => 'menuca.kinds' ],
	[ '--all-databases', [ '--all-databases', '--add-drop-database' ], table => 'menuca.kinds' ],
	[ '--single-transaction', [ '--single-transaction', '--no-autocommit', '--order-by-primary', '--triggers', '--routines', 'menuca' ] ],
);
my $n = 0;
foreach my $variant (@variants)
{
	my ($name, $options, %how) = @$variant;
	my $table = 'staging.kinds_' . ++$n;
	my $file = dump_file("kinds_$n", @$options);
	my $from = $how{table} // 'kinds';
	my ($stdout, $stderr);

	$node->psql('menuca', "SELECT rows_loaded FROM menuca_load_dump_file('$file', '$from', '$table')", stdout => \$stdout, stderr => \$stderr);
	is($stdout, 5, "$name: as many rows") || diag $stderr;
	is($stderr =~ /WARNING/ ? 1 : 0, $how{warns} // 0, $how{warns} ? 'with a warning' : 'without a warning');
	compare(loaded_of($table, %how), expected_of(%how), $name);
}

note 'Into an existing table, from a dump without CREATE TABLE';

my $file = dump_file('rows', '--no-create-info', '--skip-triggers', '--complete-insert', 'menuca', 'kinds');
rows_of($node, 'menuca', 'CREATE TABLE staging.mine (LIKE staging.kinds_1)');
is(rows_of($node, 'menuca', "SELECT rows_loaded FROM menuca_load_dump_file('$file', 'kinds', 'staging.mine')"), 5, '--no-create-info: as many rows');
compare(loaded_of('staging.mine'), expected_of(), '--no-create-info');

note 'What cannot be loaded is refused';

foreach my $refused (
	[ '--databases', [ '--databases', 'other', 'menuca' ], '22P04', qr/in more than one database: in other and in menuca/ ],
	[ '--xml', [ '--xml', 'menuca', 'kinds' ], '22P04', qr/XML, as of mysqldump --xml/ ],
	[ '--no-data', [ '--no-data', 'menuca' ], 'P0002', qr/no rows of table "kinds"/ ],
	[ 'latin1 that is not declared', [ '--default-character-set=latin1', '--skip-set-charset', 'menuca' ], '22021', qr/not valid UTF8/ ])
{
	my ($name, $options, $state, $message) = @$refused;
	my $error = error_of($node, 'menuca', "SELECT rows_loaded FROM menuca_load_dump_file('"
		  . dump_file('refused', @$options) . "', 'kinds', 'staging.refused')");

	is($error->{state}, $state, "$name is refused");
	like($error->{message}, $message, 'in words');
}

note 'Dates that MariaDB stores and no calendar has: an error, whose hint loads them';

defined mariadb("SET sql_mode = 'ALLOW_INVALID_DATES'; USE menuca; CREATE TABLE odd (id int, d date, t datetime(2));"
	  . "INSERT INTO odd VALUES (1, '2021-00-10', '2021-02-30 01:02:03.04'), (2, '0000-05-01', NULL), (3, '2021-05-00', '0000-00-00 00:00:00'), (4, '2021-02-30', '2021-05-00 23:59:59.99')")
  or BAIL_OUT("the odd dates cannot be stored: $err");
my $odd_file = dump_file('odd', 'menuca', 'odd');
foreach my $column ('d', 't')
{
	my $error = error_of($node, 'menuca', "SELECT rows_loaded FROM menuca_load_dump_file('$odd_file', 'odd', 'staging.odd')");

	like($error->{message}, qr/the value '[-0-9:. ]+' of column "$column" is no date of the calendar/, "column $column is refused");
	like($error->{detail}, qr/at line \d+, byte offset \d+/, 'with its place');
	rows_of($node, 'menuca', $error->{hint} =~ s{.*?(?=CREATE|ALTER)}{}sr);
}
is(rows_of($node, 'menuca', "SELECT rows_loaded FROM menuca_load_dump_file('$odd_file', 'odd', 'staging.odd')"), 4, 'after the statements of the hints, as many rows');
is(rows_of($node, 'menuca', "SELECT concat_ws('|', id, d, coalesce(t, '-')) FROM staging.odd ORDER BY id"),
	mariadb("SELECT CONCAT_WS('|', id, d, COALESCE(t, '-')) FROM menuca.odd ORDER BY id") =~ s/\n\z//r, 'and the same values');

note '--tab writes the rows into another file, which is no dump';

my $tab = "$dir/tab";
mkdir $tab;
chmod 0777, $tab;
run([ $program{dump}, '--no-defaults', "--socket=$dir/s", '--user=root', "--tab=$tab", 'menuca', 'kinds' ], '>', \$out, '2>', \$err)
  or BAIL_OUT("mariadb-dump --tab: $err");
is(error_of($node, 'menuca', "SELECT rows_loaded FROM menuca_load_dump_file('$tab/kinds.sql', 'kinds', 'staging.refused')")->{state},
	'P0002', 'the file with CREATE TABLE has no rows');
like(error_of($node, 'menuca', "SELECT rows_loaded FROM menuca_load_dump_file('$tab/kinds.txt', 'kinds', 'staging.refused')")->{message},
	qr/does not begin a statement of MySQL/, 'the file with the rows is refused');

$node->stop;
log_is_clean($node);

done_testing();


# Dump files: in any encoding, of the server and of a client, cut at any byte, and
# large.

use strict;
use warnings;

use Encode qw(encode);
use IO::Compress::Gzip qw(gzip);
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

use MenucaTest;

#
# Initialize node
#

# Few shared buffers, because a backend's memory includes those that it touched.
my $node = new_node('main', conf => "shared_buffers = 4MB\nmax_wal_size = 4GB\n");
rows_of($node, 'postgres', 'CREATE DATABASE menuca');
rows_of($node, 'menuca', <<'SQL');
CREATE EXTENSION menuca_migrate;
CREATE SCHEMA staging;
SQL

sub load_sql
{
	my ($path, $table) = @_;

	return "SELECT rows_loaded FROM menuca_load_dump_file('$path', '$table', 'staging.$table')";
}

# The number of tables that a load may have left in the schema
my $left_behind =
  "SELECT count(*) FROM pg_class WHERE relnamespace = 'staging'::regnamespace";

#
# Encodings
#

note 'One dump in five encodings';

my @names = (
	"Cr\x{e8}me br\x{fb}l\x{e9}e", "\x{5bff}\x{53f8} \x{1f363}",
	"line\\nbreak, tab\\t, quote\\'s", '');
my $dump = <<"SQL";
-- MySQL dump 10.13  Distrib 8.0.43, for Linux (x86_64)
--
-- Host: localhost    Database: menuca_v1
/*!50503 SET NAMES utf8mb4 */;

DROP TABLE IF EXISTS `names`;
CREATE TABLE `names` (
  `id` int unsigned NOT NULL,
  `name` varchar(100) DEFAULT NULL,
  PRIMARY KEY (`id`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4;
LOCK TABLES `names` WRITE;
INSERT INTO `names` VALUES (1,'$names[0]'),(2,'$names[1]'),(3,'$names[2]'),(4,'$names[3]'),(5,NULL);
UNLOCK TABLES;

-- Dump completed on 2025-10-10  3:15:27
SQL
(my $dos = $dump) =~ s/\n/\r\n/g;

my $expected = encode('UTF-8', <<"TEXT");
1:Cr\x{e8}me br\x{fb}l\x{e9}e
2:\x{5bff}\x{53f8} \x{1f363}
3:line
break, tab\t, quote's
4:
5:-
TEXT
chomp $expected;

my %files = (
	'UTF-8' => encode('UTF-8', $dump),
	'UTF-8 with BOM' => encode('UTF-8', "\x{feff}$dump"),
	'UTF-8 with BOM and CRLF' => encode('UTF-8', "\x{feff}$dos"),
	'UTF-16LE with BOM and CRLF' => encode('UTF-16LE', "\x{feff}$dos"),
	'UTF-16BE with BOM and CRLF' => encode('UTF-16BE', "\x{feff}$dos"));

sub names_of
{
	return rows_of($node, 'menuca',
		"SELECT string_agg(id || ':' || coalesce(name, '-'), E'\n' ORDER BY id) FROM staging.names; DROP TABLE staging.names"
	);
}

foreach my $encoding (sort keys %files)
{
	my $path = write_file('names.sql', $files{$encoding});

	is(rows_of($node, 'menuca', load_sql($path, 'names')),
		5, "$encoding: rows loaded");
	is(names_of(), $expected, "$encoding: every character is right");
}

note 'A latin1 dump';

($dump) = $dump =~ s/utf8mb4/latin1/gr;
$dump =~ s/,\(2,[^)]*\)//;
my $path = write_file('latin1.sql', encode('latin1', $dump));
is(rows_of($node, 'menuca', load_sql($path, 'names')), 4, 'rows loaded');
like(names_of(), qr/^1:\Q${\ encode('UTF-8', $names[0])}\E\n/,
	'SET NAMES is followed');

# The same bytes are not UTF-8, which SET NAMES now declares
$path = write_file('wrong.sql', encode('latin1', $dump =~ s/SET NAMES latin1/SET NAMES utf8mb4/r));
is(error_of($node, 'menuca', load_sql($path, 'names'))->{state},
	'22021', 'bytes that are not what SET NAMES says are an error');

$path = write_file('unknown.sql', encode('latin1', $dump =~ s/SET NAMES latin1/SET NAMES klingon/r));
is(error_of($node, 'menuca', load_sql($path, 'names'))->{state},
	'0A000', 'an unknown character set is an error');
is(rows_of($node, 'menuca', $left_behind), 0, 'nothing is left behind');

note 'A database whose encoding lacks a character';

rows_of($node, 'postgres', "CREATE DATABASE latin ENCODING 'LATIN1' TEMPLATE template0 LC_COLLATE 'C' LC_CTYPE 'C'");
rows_of($node, 'latin', 'CREATE EXTENSION menuca_migrate; CREATE SCHEMA staging;');
my $lacking = "$PostgreSQL::Test::Utils::tmp_check/lacking.sql";
PostgreSQL::Test::Utils::append_to_file($lacking,
	encode('UTF-8', "CREATE TABLE t (`\x{e9}` text, b text);\nINSERT INTO t VALUES ('\x{e9}','b'),\n('c','\x{20ac}');\n"));
my $error = error_of($node, 'latin', load_sql($lacking, 't'));
is($error->{state}, '22P05', 'it is refused');
like($error->{detail}, qr/in column "b"\. It is at or before line 3, byte offset 69 of the dump/, 'with column, line and byte');

note 'A UTF-16 dump that is cut within a character, or a pair of surrogates';

my $utf16 = $files{'UTF-16LE with BOM and CRLF'};
my $sushi = index $utf16, encode('UTF-16LE', "\x{1f363}");
foreach my $length ($sushi + 1, $sushi + 2, $sushi + 3, $sushi + 4)
{
	$path = write_file('cut.sql', substr $utf16, 0, $length);
	is(error_of($node, 'menuca', load_sql($path, 'names'))->{state},
		'22P04', "cut at byte $length");
}
is(rows_of($node, 'menuca', $left_behind), 0, 'nothing is left behind');

note 'A compressed dump';

my $compressed;
gzip(\$files{'UTF-8'}, \$compressed) or die;
$path = write_file('names.sql.gz', $compressed);
$error = error_of($node, 'menuca', load_sql($path, 'names'));
is($error->{state}, '22P04', 'is refused');
like("$error->{message} $error->{hint}", qr/compressed with gzip.*[Uu]npack/, 'with a hint what to do');

note 'Files that cannot be read';

$error = error_of($node, 'menuca', load_sql('/nonexistent/combos.sql', 'names'));
is($error->{state}, '58P01', 'a file that does not exist');
like($error->{hint}, qr/server opens the file.*\\lo_import/, 'the hint shows the other way');
$error = error_of($node, 'menuca', load_sql($node->data_dir, 'names'));
like($error->{state}, qr/^(42809|58|22P04|XX)/, 'a directory is an error');
# Opening a pipe would wait for its writer
$path = "$PostgreSQL::Test::Utils::tmp_check/pipe.sql";
system_or_bail('mkfifo', $path);
foreach my $other ($path, '/dev/zero', $node->host . '/.s.PGSQL.' . $node->port)
{
	$error = error_of($node, 'menuca', "SET statement_timeout = '60s';\n" . load_sql($other, 'names'));
	is($error->{state}, '42809', 'what is no file is refused');
	like($error->{message}, qr/^"\Q$other\E" is a device, a pipe or a socket/, 'in words');
}
symlink 'circle.sql', "$PostgreSQL::Test::Utils::tmp_check/circle.sql";
foreach my $other ('x' x 300, 'x/' x 1000, "$PostgreSQL::Test::Utils::tmp_check/circle.sql")
{
	is(error_of($node, 'menuca', load_sql($other, 'names'))->{state}, '42602', 'so is a path that cannot be');
}

$path = write_file('empty.sql', '');
is(error_of($node, 'menuca', load_sql($path, 'names'))->{state},
	'P0002', 'an empty file is an error');

#
# Cut at every byte
#

note 'A small dump, cut at every byte';

my $small = <<'SQL';
-- MySQL dump 10.13  Distrib 8.0.43, for Linux (x86_64)
/*!40101 SET NAMES utf8mb4 */;
CREATE TABLE `cut` (
  `id` int unsigned NOT NULL,
  `label` varchar(20) DEFAULT 'a;b',
  `price` decimal(5,2)
) ENGINE=InnoDB;
LOCK TABLES `cut` WRITE;
/*!40000 ALTER TABLE `cut` DISABLE KEYS */;
INSERT INTO `cut` VALUES (1,'it''s; \'x\\',1.50),(2,NULL,-3);
INSERT INTO `cut` VALUES (30,'(3,4);',20e1);
/*!40000 ALTER TABLE `cut` ENABLE KEYS */;
UNLOCK TABLES;
-- Dump completed on 2025-10-10  3:15:27
SQL
my $complete = rindex($small, '-- Dump completed') + length '-- Dump completed';
my @inserts;
push @inserts, $+[0] while $small =~ /^INSERT.*;$/mg;

# One psql for all prefixes; a line on both outputs between them
my $script = "\\set ON_ERROR_STOP 0\n";
foreach my $length (0 .. length $small)
{
	my $file = write_file("cut_$length.sql", substr $small, 0, $length);
	$script .= "\\echo == $length\n\\warn == $length\n" . load_sql($file, 'cut') . ";\n"
	  . "SELECT count(*) FROM pg_class WHERE relnamespace = 'staging'::regnamespace;\n"
	  . "SET client_min_messages = error; DROP TABLE IF EXISTS staging.cut; RESET client_min_messages;\n";
}
my ($stdout, $stderr);
$node->psql(
	'menuca', $script,
	stdout => \$stdout,
	stderr => \$stderr,
	on_error_stop => 0);

my %said = map { /^(\d+)\n(.*)/s } split /^(?:psql:[^\n]*? )?== /m, $stderr;
my %got = map { /^(\d+)\n(.*)/s } split /^== /m, $stdout;
my %wrong;
my %seen;
foreach my $length (0 .. length $small)
{
	my @lines = split /\n/, $got{$length};
	my $error = $said{$length} =~ /ERROR:/;
	my $warning = $said{$length} =~ /WARNING:.*Dump completed/;
	my $whole = grep { $_ <= $length } @inserts;

	# Rows without a warning that some may be missing would be wrong
	if ($error)
	{
		$seen{refused}++;
		push @{ $wrong{'an error left something behind'} }, $length
		  unless "@lines" eq '0';
		push @{ $wrong{'complete, but refused'} }, $length if $length >= $complete;
		push @{ $wrong{'an error without a position in the dump'} }, $length
		  if $length > $inserts[0] && $said{$length} !~ /byte offset \d+/;
	}
	else
	{
		$seen{ $warning ? 'warned' : 'loaded' }++;
		push @{ $wrong{'loaded without a warning'} }, $length
		  if !$warning && $length < $complete;
		push @{ $wrong{'rows that are not those of the whole INSERTs'} }, $length
		  unless $lines[0] == (0, 2, 3)[$whole];
		push @{ $wrong{'a warning for a complete dump'} }, $length
		  if $warning && $length >= $complete;
	}
}
is(join('; ', map { "$_: @{ $wrong{$_} }" } sort keys %wrong),
	'', 'no prefix loads a part without a warning, or leaves anything behind');
is($seen{loaded}, length($small) - $complete + 1,
	'the complete dump loads, with and without the end of its last line');
note "prefixes refused: $seen{refused}, loaded with a warning: "
  . ($seen{warned} // 0);

# A file that is cut between two INSERTs
my %parts = map { $_ => 1 }
  grep { $_ >= $inserts[0] && $_ < $inserts[1] && $said{$_} !~ /ERROR:/ }
  (0 .. length $small);
is(join(' ', sort { $a <=> $b } keys %parts),
	'', 'no prefix loads only the first of two INSERTs');

#
# A client's file
#

note "\\lo_import, as a role that may not read the server's files";

rows_of($node, 'menuca', <<'SQL');
CREATE ROLE lead LOGIN;
GRANT USAGE, CREATE ON SCHEMA staging TO lead;
GRANT EXECUTE ON FUNCTION menuca_load_dump_lo, menuca_load_dump_file TO lead;
SQL
$path = write_file('names.sql', $files{'UTF-8'});
my @as_lead = (connstr => $node->connstr('menuca') . ' user=lead');
$error = error_of($node, 'menuca', load_sql($path, 'names'), @as_lead);
is($error->{state}, '42501', 'the file itself is refused');
like($error->{detail}, qr/"lead" lacks the privileges of pg_read_server_files/, 'for this reason');
like($error->{hint}, qr/\\lo_import/, 'the hint shows the other way');
like(
	rows_of($node, 'menuca', <<"SQL", @as_lead),
\\lo_import '$path'
SELECT rows_loaded FROM menuca_load_dump_lo(:LASTOID, 'names', 'staging.names');
\\lo_unlink :LASTOID
SQL
	qr/^5$/m,
	'as a large object it is loaded');
is(rows_of($node, 'menuca', "SELECT tableowner FROM pg_tables WHERE tablename = 'names'"),
	'lead', 'into a table of the role');
is(names_of(), $expected, 'to the same rows');

$error = error_of($node, 'menuca', <<"SQL", @as_lead);
SELECT rows_loaded FROM menuca_load_dump_lo(4711, 'names', 'staging.names')
SQL
is($error->{state}, '42704', 'an unknown large object is an error');
rows_of($node, 'menuca', 'SELECT lo_from_bytea(4712, $$x$$)');
is( error_of($node, 'menuca',
		"SELECT rows_loaded FROM menuca_load_dump_lo(4712, 'names', 'staging.names')", @as_lead)->{state},
	'42501', "another role's large object is refused");

#
# Large values
#

note 'Strings of a million characters, and of 64 MB';

foreach my $length (1_000_000, 64 * 1024 * 1024)
{
	my $string = '\\\'é' . 'x' x ($length - 2);
	$path = write_file('large.sql', <<"SQL");
CREATE TABLE `large` (`id` int, `a` longtext, `b` int);
INSERT INTO `large` VALUES (1,'$string',7),(2,'end',8);
SQL
	is(rows_of($node, 'menuca', load_sql($path, 'large')),
		2, "$length characters are loaded");
	is( rows_of(
			$node, 'menuca',
			"SELECT string_agg(concat_ws(' ', id, length(a), left(a, 3), right(a, 1), b), ',' ORDER BY id) FROM staging.large; DROP TABLE staging.large"
		),
		"1 $length 'éx x 7,2 3 end d 8",
		'and the values beside them are right');
	unlink $path;
}

#
# Memory
#

SKIP:
{
	skip 'no /proc here', 4 unless -r '/proc/self/status';

	note 'The memory of a backend that loads 2 MB, and 300 MB';

	# Rows of two lengths, in INSERTs of 1 MB, as mysqldump writes them
	my %peak;
	foreach my $megabytes (2, 300)
	{
		my $file = "$PostgreSQL::Test::Utils::tmp_check/memory.sql";
		my $tuples = 0;
		open my $fh, '>:raw', $file or die;
		print $fh "CREATE TABLE `memory` (`id` int, `a` text, `b` int);\n";
		foreach (1 .. $megabytes)
		{
			my @tuples;
			push @tuples, "($tuples,'" . 'x' x ($tuples % 2 ? 10 : 1900) . "',$tuples)"
			  for map { $tuples++ } 1 .. 1075;
			print $fh 'INSERT INTO `memory` VALUES ', join(',', @tuples), ";\n";
		}
		close $fh;
		cmp_ok(-s $file, '>', $megabytes * 1_000_000, "a dump of $megabytes MB")
		  if $megabytes > 100;

		my ($loaded, $peak) = split /\n/, rows_of($node, 'menuca', <<"SQL");
CREATE UNLOGGED TABLE staging.memory (id int, a text, b int);
${\ load_sql($file, 'memory')};
SELECT substring(pg_read_file('/proc/self/status') FROM 'VmHWM:\\s+(\\d+)');
DROP TABLE staging.memory;
SQL
		is($loaded, $tuples, "$tuples tuples are $tuples rows");
		$peak{$megabytes} = $peak;
		unlink $file;
	}
	note "peak of $peak{2} kB and $peak{300} kB";
	cmp_ok($peak{300} - $peak{2}, '<', 32 * 1024, 'memory stays flat');
}

$node->stop;
log_is_clean($node);

done_testing();

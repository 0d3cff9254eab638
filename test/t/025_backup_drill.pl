
# What a drill must restore and compare, and what it must not: kinds of tables
# and of databases of which a restored copy differs by nature, and what happens
# meanwhile.

use strict;
use warnings;

use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;
use Time::HiRes qw(usleep);

use MenucaBackup;
use MenucaTest;

#
# Initialize node
#

my $node = new_node('drill');
my $tmp = $PostgreSQL::Test::Utils::tmp_check;
my $store = backup_store($node, 'store');

sub has_extension
{
	return rows_of($node, 'postgres', "SELECT count(*) FROM pg_available_extensions WHERE name = '$_[0]'");
}

# Makes a database of what a statement creates, and drills it
sub drill
{
	my ($name, $options, $sql, @args) = @_;
	local $Test::Builder::Level = $Test::Builder::Level + 1;

	rows_of($node, 'postgres', 'DROP DATABASE IF EXISTS menuca');
	rows_of($node, 'postgres', "CREATE DATABASE menuca $options");
	rows_of($node, 'menuca', "SET client_min_messages = error; CREATE SCHEMA ops; CREATE EXTENSION menuca_migrate SCHEMA ops; $sql");
	my $result = backup('-d', 'menuca', '--directory', $store, '--label', 'drill', '--drill', @args);
	is($result->{status}, 0, "$name: succeeds");
	system('sh', '-c', "rm -rf '$store'/drill-*");
	return $result;
}

sub counted
{
	return rows_of($node, 'menuca', "SELECT string_agg(k || ' ' || (details -> 'tables' -> k ->> 'rows'), ', ' ORDER BY k) FROM ops.menuca_backups, jsonb_object_keys(details -> 'tables') k WHERE k NOT LIKE 'ops.%' AND backup_no = (SELECT max(backup_no) FROM ops.menuca_backups)");
}

#
# Tables
#

note 'Tables';

drill('partitions by hash of an enum, and below a list', '', <<'SQL');
CREATE TYPE public.kind AS ENUM ('a', 'b', 'c', 'd', 'e', 'f', 'g');
CREATE TABLE public.p (k public.kind, v int) PARTITION BY HASH (k);
CREATE TABLE public.p0 PARTITION OF public.p FOR VALUES WITH (MODULUS 2, REMAINDER 0);
CREATE TABLE public.p1 (v int, k public.kind);
ALTER TABLE public.p ATTACH PARTITION public.p1 FOR VALUES WITH (MODULUS 2, REMAINDER 1);
INSERT INTO public.p SELECT (enum_range(NULL::public.kind))[1 + i % 7], i FROM generate_series(1, 100) i;
CREATE TABLE public.l (k public.kind, v int) PARTITION BY LIST (v);
CREATE TABLE public.l0 PARTITION OF public.l FOR VALUES IN (0) PARTITION BY HASH (k);
CREATE TABLE public.l00 PARTITION OF public.l0 FOR VALUES WITH (MODULUS 2, REMAINDER 0);
CREATE TABLE public.l01 PARTITION OF public.l0 FOR VALUES WITH (MODULUS 2, REMAINDER 1);
CREATE TABLE public.l1 PARTITION OF public.l FOR VALUES IN (1);
INSERT INTO public.l SELECT k, v % 2 FROM public.p;
SQL
is(counted(), 'public.l0 50, public.l1 50, public.p 100', 'those of an enum are counted together');

my $lost = backup_of_lost_row();
is("$lost->{status} " . ($lost->{stderr} =~ /"public\.p", 100.*"public\.p", 99/s), '1 1', 'a row that is missing among them is found');

# A dump without one row of a partition, and the drill of it
sub backup_of_lost_row
{
	wrap_pg_dump(<<'SH');
for arg; do
	shift
	case $arg in --snapshot=*) ;; *) set -- "$@" "$arg" ;; esac
done
psql -XAtqd menuca -c 'DELETE FROM public.p WHERE v = 1'
exec "$real" "$@"
SH
	my $result = backup('-d', 'menuca', '--directory', $store, '--label', 'lost', '--drill');
	unwrap();
	return $result;
}

my @foreign = grep { has_extension($_) } 'file_fdw', 'postgres_fdw';
SKIP:
{
	skip 'this server has no file_fdw or postgres_fdw', 6 if @foreign < 2;
	write_file('rows', "1\n2\n");
	my $result = drill('a foreign table that inherits', '', <<SQL);
CREATE EXTENSION file_fdw;
CREATE SERVER files FOREIGN DATA WRAPPER file_fdw;
CREATE TABLE public.top (a int);
CREATE TABLE public.middle () INHERITS (public.top);
CREATE TABLE public."odd"", 1, ""name" (b int);
INSERT INTO public.top VALUES (1);
INSERT INTO public.middle VALUES (2);
CREATE FOREIGN TABLE public.bottom (a int, b int) SERVER files OPTIONS (filename '$tmp/rows');
ALTER FOREIGN TABLE public.bottom INHERIT public.middle;
ALTER FOREIGN TABLE public.bottom INHERIT public."odd"", 1, ""name";
CREATE TABLE public.plain AS SELECT 1 AS a;
SQL
	like($result->{stderr}, qr/not compared, since foreign tables inherit from them: public\.middle,public\.\\"odd\\"\\", 1, \\"\\"name\\",public\.top$/m, 'what it inherits from is named');
	is(counted(), 'public.plain 1', 'and the others are compared');

	my $host = $node->host;
	my $port = $node->port;
	drill('partitions by hash, of which one is on another server', '', <<SQL);
CREATE EXTENSION postgres_fdw;
CREATE SERVER far FOREIGN DATA WRAPPER postgres_fdw OPTIONS (host '/nowhere', dbname 'nothing');
CREATE TABLE public.p (a int) PARTITION BY HASH (a);
CREATE TABLE public.p0 PARTITION OF public.p FOR VALUES WITH (MODULUS 2, REMAINDER 0);
CREATE FOREIGN TABLE public.p1 PARTITION OF public.p FOR VALUES WITH (MODULUS 2, REMAINDER 1) SERVER far;
SQL
	is(counted(), 'public.p0 0', 'only what is here is counted');
}

drill('all kinds of tables, types and rows', '', <<'SQL');
CREATE TABLE public.parent (a int PRIMARY KEY, b text);
CREATE TABLE public.child (c int) INHERITS (public.parent);
INSERT INTO public.parent VALUES (1, 'x');
INSERT INTO public.child VALUES (1, 'x', 2), (2, NULL, 3);
CREATE TABLE public.nothing ();
INSERT INTO public.nothing DEFAULT VALUES;
CREATE TABLE public.generated (a int, b int GENERATED ALWAYS AS (a * 2) STORED, c int GENERATED ALWAYS AS IDENTITY);
INSERT INTO public.generated (a) SELECT 1 FROM generate_series(1, 3);
ALTER TABLE public.generated DROP a CASCADE;
CREATE UNLOGGED TABLE public.unlogged AS SELECT 1 AS a;
CREATE TYPE public.pair AS (a int, b text);
CREATE TABLE public.typed OF public.pair;
INSERT INTO public.typed VALUES (1, E'\n\\');
CREATE TYPE public.words AS RANGE (SUBTYPE = text);
CREATE DOMAIN public.positive AS int CHECK (VALUE > 0);
CREATE TABLE public.odd (n name, c "char", r regclass, p regprocedure, o regrole, i aclitem, t tid, x xid, l pg_lsn, m money, f float8, w public.words, d public.positive[], y public.pair[], s tsvector, g point, j json, v bit varying, z timetz);
INSERT INTO public.odd VALUES ('a', 'b', 'public.odd', 'ops.menuca_table_checksum(regclass)', 'postgres', 'postgres=r/postgres', '(1,2)', '77', '0/1', '12.50', '-0', '[a,b)', '{1,2}', '{"(1,x)",NULL}', 'a b', '(1e-300,NaN)', '{"a":  1}', '101', '12:00+05:30');
CREATE TABLE public.secret (a int);
INSERT INTO public.secret VALUES (1), (2);
ALTER TABLE public.secret ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY none ON public.secret USING (false);
CREATE VIEW public.ledger AS SELECT * FROM ops.menuca_backups;
CREATE MATERIALIZED VIEW public.ledger_copy AS SELECT count(*) FROM ops.menuca_snapshots, ops.menuca_run;
CREATE PUBLICATION everything FOR ALL TABLES;
COMMENT ON PUBLICATION everything IS 'x';
SQL

#
# Databases
#

note 'Databases';

drill('LATIN1', "TEMPLATE template0 ENCODING 'LATIN1' LOCALE 'C'", q{CREATE TABLE public."é" AS SELECT chr(233) AS "à"});
drill('SQL_ASCII', "TEMPLATE template0 ENCODING 'SQL_ASCII' LOCALE 'C'", 'CREATE TABLE public.t AS SELECT 1 AS a');
drill('without the schema public, or plpgsql', '', 'DROP SCHEMA public; DROP EXTENSION plpgsql; CREATE TABLE ops.t AS SELECT 1 AS a');
drill('with no table but the extension\'s', '', '');
my @extensions = grep { has_extension($_) } qw(pgcrypto postgres_fdw btree_gist uuid-ossp hstore citext ltree cube earthdistance lo unaccent pg_trgm pg_stat_statements);
drill('extensions, one in a schema with quotes', '', join('', 'CREATE SCHEMA "its ""own"" \'one\'";', map { qq{CREATE EXTENSION "$_"} . ($_ eq 'hstore' ? ' SCHEMA "its ""own"" \'one\'";' : ';') } @extensions));

{
	# Roles are the cluster's, and their names have the bytes of the database that they were made in
	rows_of($node, 'postgres', "CREATE DATABASE latin TEMPLATE template0 ENCODING 'LATIN1' LOCALE 'C'");
	rows_of($node, 'latin', q{DO $$ BEGIN EXECUTE format('CREATE ROLE %I', 'J' || chr(246) || 'rg'); END $$});
	drill('a role whose name is not valid in this database', '', 'CREATE TABLE public.t AS SELECT 1 AS a');
	rows_of($node, 'latin', q{DO $$ BEGIN EXECUTE format('DROP ROLE %I', 'J' || chr(246) || 'rg'); END $$});
	rows_of($node, 'postgres', 'DROP DATABASE latin');
}

#
# Meanwhile
#

note 'What others do meanwhile';

drill('a table to lock', '', 'CREATE TABLE public.t AS SELECT 1 AS a; CREATE TABLE public.dropped AS SELECT 1 AS a');
my $holder = $node->background_psql('menuca');
$holder->query_safe('BEGIN; LOCK TABLE public.t IN ACCESS EXCLUSIVE MODE');
my $handle = start_backup('-d', 'menuca', '--directory', $store, '--label', 'meanwhile', '--drill');
$node->poll_query_until('postgres', "SELECT count(*) > 0 FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND application_name = 'psql'") or die 'it does not wait';
rows_of($node, 'menuca', 'CREATE TABLE public.made AS SELECT 1 AS a');
$holder->query_safe('COMMIT');
$holder->quit;
my $result = finish_backup($handle);
is($result->{status}, 0, 'a table that is made while the drill counts: succeeds');
is(counted(), 'public.dropped 1, public.t 1', 'without it');

# Dropped between the counting and the dump, which then lacks it
wrap_pg_dump(q{psql -XAtqd menuca -c 'DROP TABLE public.made'; exec "$real" "$@"});
$result = backup('-d', 'menuca', '--directory', $store, '--label', 'dropped');
is($result->{status}, 1, 'a table that is dropped before the dump: fails');
like($result->{stderr}, qr/"public\.made"\n.*dropped or renamed meanwhile/, 'and is named');
unwrap();

note 'Background workers of what is preloaded';

SKIP:
{
	skip 'this server has no pg_prewarm', 2 if !has_extension('pg_prewarm');
	write_file('preload', "shared_preload_libraries = 'pg_prewarm'\nmax_worker_processes = 8\n");
	$result = drill('preloaded, with workers', '', 'CREATE TABLE public.t AS SELECT 1 AS a', '--keep-scratch', '--drill-settings', "$tmp/preload");
	my ($log) = map { slurp_file($_) } glob "'$store'/.menuca-backup.*/server.log";
	like($log // '', qr/too many background workers/, 'none is started');
	my ($remove) = $result->{stderr} =~ /^menuca-backup: Remove it: (.*)$/m;
	system("$remove 2>/dev/null") if $remove;
}

$node->stop;
log_is_clean($node);

done_testing();


# A fix that was made on a copy, with the extension, is applied as SQL files on the
# database that the copy was made of, which has none: by a role that owns the tables
# and is no superuser, beside a hosting service's roles and default privileges.

use strict;
use warnings;

use Digest::SHA qw(sha256_hex);
use Encode qw(encode_utf8);
use IPC::Run;
use MIME::Base64;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

use MenucaTest;

my $tmp = $PostgreSQL::Test::Utils::tmp_check;
my $production = new_production('production', conf => "restart_after_crash = on\nmax_locks_per_transaction = 512\n");
my $copy = new_node('copy');

foreach my $node ($production, $copy)
{
	rows_of($node, 'postgres', <<'SQL');
CREATE ROLE anon;
CREATE ROLE authenticated;
CREATE ROLE service_role BYPASSRLS;
CREATE ROLE app LOGIN CREATEDB CREATEROLE BYPASSRLS;
CREATE ROLE stranger LOGIN;
GRANT anon, authenticated, service_role TO app;
ALTER ROLE app SET search_path = public, menuca_v3;
SQL
}
my $identifier = rows_of($production, 'postgres', 'SELECT system_identifier FROM pg_control_system()');
my @as_app = (extra_params => [ '-U', 'app' ]);

#
# The databases
#

# Owned by app, with the privileges that the service gives its API's roles
sub make_production
{
	my ($database, $fixture, $sql) = @_;

	rows_of($production, 'postgres', "CREATE DATABASE $database OWNER app");
	rows_of($production, $database, <<'SQL', @as_app);
ALTER DEFAULT PRIVILEGES GRANT ALL ON TABLES TO anon, authenticated, service_role;
ALTER DEFAULT PRIVILEGES GRANT ALL ON SEQUENCES TO anon, authenticated, service_role;
ALTER DEFAULT PRIVILEGES GRANT USAGE ON SCHEMAS TO anon, authenticated, service_role;
SQL
	rows_of($production, $database, slurp_file($fixture->{schema}), @as_app);
	rows_of($production, $database, "DROP SCHEMA staging CASCADE;\n" . ($sql // ''), @as_app);
	return;
}

# As the page says: dump and restore, the extension in a schema of its own
sub make_copy
{
	my ($database, $fixture) = @_;
	my $dump = "$tmp/$database.dump";

	$production->command_ok([ $production->installed_command('pg_dump'), '-Fc', '--quote-all-identifiers', '-n', 'menuca_v3', '--no-privileges', '-U', 'app', '-f', $dump, $production->connstr($database) ], "$database: a dump");
	rows_of($copy, 'postgres', "CREATE DATABASE $database OWNER app");
	$copy->command_ok([ 'pg_restore', '--exit-on-error', '-d', $copy->connstr($database), $dump ], "$database: is restored");
	rows_of($copy, $database, <<"SQL");
CREATE SCHEMA ops;
CREATE SCHEMA staging;
CREATE EXTENSION menuca_migrate SCHEMA ops;
SELECT rows_loaded FROM ops.menuca_load_dump_file('$fixture->{dump}', 'combos', 'staging.menuca_v1_combos');
SQL
	return;
}

sub on_copy
{
	my ($database, $sql) = @_;

	return rows_of($copy, $database, "SET search_path = ops, public, menuca_v3; SET client_min_messages = error;\n$sql");
}

#
# The files, and who runs them
#

# Returns the files in their order, as hashes: number, name, sql, path
sub export_files
{
	my ($database, $run, $arguments) = @_;
	my $call = "ops.menuca_export_fix($run, $arguments)";
	my $directory = "$tmp/$database-" . ($arguments =~ s/\W+/_/gr);
	my @files;

	mkdir $directory;
	foreach my $line (split /\n/, on_copy($database, "SELECT file_no, file_name, replace(encode(convert_to(sql, 'UTF8'), 'base64'), E'\\n', '') FROM $call"))
	{
		my ($number, $name, $text) = split /\|/, $line;
		my $sql = MIME::Base64::decode_base64($text);
		my $path = "$directory/$name";
		open my $fh, '>:raw', $path or die "could not write $path: $!";
		print $fh $sql;
		close $fh or die;
		push @files, { number => $number, name => $name, sql => $sql, path => $path };
	}
	return @files;
}

# A file as the client of its style sends it; returns what psql printed, and its errors
sub run_file
{
	my ($style, $database, $file, %params) = @_;
	my ($stdout, $stderr) = ('', '');
	my $user = $params{user} // 'app';
	my @how = $style eq 'psql' ? ('-f', $file->{path})    # psql
	  : $style eq 'supabase' ? ('-1', '-f', $file->{path})    # a migration, in a transaction
	  :                        ('-c', $file->{sql});           # one string

	my $status = IPC::Run::run(
		[
			$production->installed_command('psql'), '-XAtq', '-v', 'VERBOSITY=verbose', '-v', 'ON_ERROR_STOP=1',
			'-d', $production->connstr($database), '-U', $user, @{ $params{before} // [] }, @how
		],
		'<', \undef, '>', \$stdout, '2>', \$stderr);
	return { ok => $status ? 1 : 0, stdout => $stdout, stderr => $stderr };
}

sub files_named
{
	my ($pattern, @files) = @_;

	return grep { $_->{name} =~ $pattern } @files;
}

# All of the files of that name, each of which has to be accepted
sub run_all
{
	my ($style, $database, $pattern, @files) = @_;
	my $output = '';
	my @chosen = files_named($pattern, @files);

	ok(@chosen > 0, "$database: there are files $pattern");
	foreach my $file (@chosen)
	{
		my $result = run_file($style, $database, $file);

		if (!$result->{ok})
		{
			fail("$database: $file->{name} is accepted");
			diag($result->{stderr});
		}
		$output .= $result->{stdout} . $result->{stderr};
	}
	return $output;
}

# The rows that did not pass; another major version than the copy's is a warning, and so is the receipt then
sub not_passed
{
	my ($output) = @_;
	my $warning = is_same_version($production, $copy) ? qr/(?!)/ : qr/^\d+\|(?:server|receipt)\|WARN\|/;

	return join "\n", grep { /^\d+\|/ && !/^\d+\|[^|]*\|PASS\|/ && !/$warning/ } split /\n/, $output;
}

#
# What is compared
#

# The rows by what they mean, without keys, uuids and times
my $meaning = <<'SQL';
SELECT concat_ws('|', 'dish', r.legacy_v1_id, d.name, d.description, d.base_price, d.prices, d.display_order, d.is_combo, d.is_active, d.course_id, d.legacy_v1_id, d.legacy_v2_id, d.source_system, d.source_id)
FROM menuca_v3.dishes d JOIN menuca_v3.restaurants r ON r.id = d.restaurant_id
UNION ALL
SELECT concat_ws('|', 'item', i.combo_group_id, d.restaurant_id, d.legacy_v1_id, d.legacy_v2_id, d.name, i.quantity, i.is_required, i.display_order, i.source_system, i.source_id)
FROM menuca_v3.combo_items i JOIN menuca_v3.dishes d ON d.id = i.dish_id
UNION ALL
SELECT concat_ws('|', 'step', i.combo_group_id, d.restaurant_id, d.legacy_v1_id, d.legacy_v2_id, d.name, i.source_id, s.step_number, s.suffix, s.step_label, s.source_system, s.source_id)
FROM menuca_v3.combo_steps s JOIN menuca_v3.combo_items i ON i.id = s.combo_item_id JOIN menuca_v3.dishes d ON d.id = i.dish_id
UNION ALL
SELECT concat_ws('|', 'used', p.combo_group_id, d.restaurant_id, d.legacy_v1_id, d.legacy_v2_id, d.name, p.is_active)
FROM menuca_v3.dish_combo_groups p JOIN menuca_v3.dishes d ON d.id = p.dish_id
ORDER BY 1
SQL

sub same_as_copy
{
	my ($database, $name, $of) = @_;
	my $there = rows_of($production, $database, $meaning);
	my $here = rows_of($copy, $of // $database, $meaning);

	cmp_ok(length $here, '>', 10_000, "$name: there is something to compare");
	return ok($there eq $here, "$name: production has the rows of the copy, one for one");
}

# All bytes of the tables, as COPY writes them
sub bytes_of
{
	my ($database) = @_;

	return sha256_hex(encode_utf8(join "\n", map { rows_of($production, $database, "COPY (SELECT * FROM menuca_v3.$_ ORDER BY id) TO STDOUT") } qw(dishes combo_items combo_steps dish_combo_groups combo_groups)));
}

sub clone
{
	my ($from, $to) = @_;

	rows_of($production, 'postgres', "DROP DATABASE IF EXISTS $to");
	rows_of($production, 'postgres', "CREATE DATABASE $to TEMPLATE $from OWNER app");
	return;
}

#
# V1's items, with dishes that are backfilled, and their steps
#

my $fixture = fixture('fixture', '--scale', '0.05', '--with', 'dish_combo_groups');
make_production('shop', $fixture, <<'SQL');
CREATE TABLE menuca_v3.menu_of_v1 AS
SELECT d.legacy_v1_id AS id, r.legacy_v1_id AS restaurant, d.name || E' "it''s" \\ $menuca$ {{x}}\t\u00e9\nl' AS name
FROM menuca_v3.dishes d JOIN menuca_v3.restaurants r ON r.id = d.restaurant_id
WHERE d.legacy_v1_id % 3 = 0 AND NOT EXISTS (SELECT FROM menuca_v3.combo_items i WHERE i.dish_id = d.id);
DELETE FROM menuca_v3.dishes WHERE legacy_v1_id IN (SELECT id FROM menuca_v3.menu_of_v1);
-- Definitions that servers print in other ways: by their version, or once they were dumped and restored
ALTER TABLE menuca_v3.combo_items
	ADD json_value integer CHECK (json_value > 0) DEFAULT 1,
	ADD json integer,
	ADD virtual text,
	ADD next_json integer GENERATED ALWAYS AS (json + json_value) STORED,
	ADD valid_from timestamptz DEFAULT '2025-01-01 00:00:00+00' CHECK (valid_from > '2024-12-31 23:00:00+03'),
	ADD day date CHECK (day BETWEEN DATE '2000-01-02' AND '2100-01-02'),
	ADD patience interval DEFAULT '1 day 02:00:00',
	ADD state varchar(10) DEFAULT 'new'::varchar CHECK (state IN ('new', 'old', 'a (b)') AND state <> ALL ('{x,y}')),
	ADD factor double precision DEFAULT 0.1,
	ADD price numeric(10,2) DEFAULT -1.50 CHECK (price BETWEEN -5 AND 1e6),
	ADD tags varchar(5)[] DEFAULT ARRAY['a', 'b', NULL]::varchar(5)[],
	ADD raw bytea DEFAULT '\x00ff5c',
	ADD origin regclass DEFAULT 'menuca_v3.dishes',
	ADD fee money DEFAULT '1.50',
	ADD label text DEFAULT 'it''s v.1 "a" x::text',
	ADD note xml DEFAULT 'a<b/>',
	ADD CONSTRAINT "one ""pair"" each" UNIQUE NULLS NOT DISTINCT (id, json) INCLUDE (virtual) DEFERRABLE,
	ADD CONSTRAINT later CHECK (json_value > 0 OR (json < -3 AND state::text = ANY (ARRAY['new'::varchar, 'old']))) NOT VALID;
CREATE INDEX ON menuca_v3.combo_items (id, quantity);
CREATE FUNCTION menuca_v3.unchanged() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END';
CREATE TRIGGER unchanged BEFORE INSERT ON menuca_v3.combo_items FOR EACH ROW
	WHEN (NEW.json_value > 1 AND NEW.state IN ('new', 'old')) EXECUTE FUNCTION menuca_v3.unchanged('a', 'b''c');
CREATE RULE never AS ON INSERT TO menuca_v3.combo_items WHERE NEW.json_value < 0 DO ALSO DELETE FROM menuca_v3.combo_steps WHERE id = NEW.json_value;
-- Triggers that find tables by the caller's search_path, the last of them at the end of the transaction
CREATE FUNCTION menuca_v3.reads_by_path() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN PERFORM FROM restaurants LIMIT 1; RETURN NULL; END';
CREATE TRIGGER reads AFTER INSERT OR DELETE ON menuca_v3.combo_items FOR EACH STATEMENT EXECUTE FUNCTION menuca_v3.reads_by_path();
CREATE CONSTRAINT TRIGGER reads_later AFTER INSERT OR DELETE ON menuca_v3.combo_steps DEFERRABLE INITIALLY DEFERRED
	FOR EACH ROW EXECUTE FUNCTION menuca_v3.reads_by_path();
SQL
make_copy('shop', $fixture);
on_copy('shop', 'CREATE TABLE staging.menuca_v1_menu AS TABLE menuca_v3.menu_of_v1');
like(on_copy('shop', 'SELECT status, inserted FROM menuca_backfill_dishes(dry_run => false)'), qr/^completed\|[1-9]\d\d?$/, 'shop: dishes are backfilled on the copy');

# Nothing is exported for nobody
like(error_of($copy, 'shop', 'SELECT ops.menuca_export_fix(1)')->{hint}, qr/ops\.menuca_copy_of\(/, 'not before it is recorded whose copy it is');
on_copy('shop', "SELECT newly_recorded FROM menuca_copy_of('shop', $identifier)");
on_copy('shop', 'SELECT inserted FROM menuca_fix_combos(dry_run => false)');
on_copy('shop', 'SELECT inserted FROM menuca_fix_combo_steps(dry_run => false)');

my %files = (
	psql => [ export_files('shop', 3, q(style => 'psql')) ],
	supabase => [ export_files('shop', 3, q(style => 'supabase', max_bytes => 65536)) ],
	statements => [ export_files('shop', 3, q(style => 'statements', max_bytes => 16384)) ]);
my @psql = @{ $files{psql} };
is(join(' ', map { $_->{name} } grep { $_->{name} !~ /01_stage/ } @psql), '00_check.sql 02_apply.sql 03_verify.sql 04_rollback.sql 05_clean.sql', 'the files');
like($_->{name}, qr/^\d{14}_menuca_fix_3_0[12]_\w+\.sql$|^0[0345]_\w+\.sql$/, "a migration's name, or a file that is none: $_->{name}") foreach grep { $_->{name} !~ /stage/ } @{ $files{supabase} };
my @times = map { /^(\d{14})_/ ? $1 : () } map { $_->{name} } @{ $files{supabase} };
is(join(' ', @times), join(' ', sort @times), 'migrations are in the order of their names');
foreach my $limit ([ 'supabase', 65536 ], [ 'statements', 16384 ])
{
	my ($style, $bytes) = @$limit;
	my @parts = files_named(qr/01_stage/, @{ $files{$style} });

	cmp_ok(scalar @parts, '>', 7, "$style: there are parts");
	is(join(' ', map { $_->{name} } grep { length $_->{sql} > $bytes } @parts), '', "$style: none has more than $bytes bytes");
}

is(join(' ', map { $_->{name} } grep { length $_->{sql} > 65536 } map { @{ $files{$_} } } qw(supabase statements)), '', 'nor has any other file more than 64 kB');

# The sums in a header are those of the files
foreach my $file (@psql)
{
	my ($header, $body) = $file->{sql} =~ /\A(.*?^-- -{60,}\n)(.*)\z/ms;
	my ($sum) = $header =~ /^-- ([0-9a-f]{64})  \Q$file->{name}\E$/m;

	is(sha256_hex($body), $sum, "$file->{name}: its SHA-256 is in its header");
	like($header, qr/^-- run: 2, fix_combos by postgres, .* rows into menuca_v3\.combo_items, gates \{.*"gate_on": "overall"/m, "$file->{name}: so are the run and its gates");
}

#
# The check changes nothing, and never fails
#

my $before = bytes_of('shop');
my ($check) = files_named(qr/^00/, @psql);
my ($apply) = files_named(qr/^02/, @psql);
my ($rollback) = files_named(qr/^04/, @psql);
my ($clean) = files_named(qr/^05/, @psql);
my $checked = run_file('psql', 'shop', $check, before => [ '-c', 'BEGIN READ ONLY' ]);
is(not_passed($checked->{stdout}) . $checked->{stderr}, '', 'every check passes, in a read-only transaction');
like($checked->{stdout}, is_same_version($production, $copy) ? qr/\|server\|PASS\|/ : qr/\|server\|WARN\|.*\|The copy is on another major version\.\|/, 'another major version than the copy\'s is a warning, and nothing else is');
my ($receipt) = $checked->{stdout} =~ /\|receipt\|(?:PASS|WARN)\|no FAIL\|(\{.*\})\|/;
like(on_copy('shop', "SELECT r ->> 'sha256' = encode(sha256(convert_to((r - 'sha256')::text, 'UTF8')), 'hex'), r ->> 'set', r ->> 'file' FROM (SELECT '" . ($receipt =~ s/'/''/gr) . "'::jsonb) x(r)"),
	qr/^t\|menuca_fix_3\|00_check$/, 'the receipt has its own checksum');
like(on_copy('shop', "SELECT r ->> 'sha256' = encode(sha256(convert_to((r - 'sha256')::text, 'UTF8')), 'hex') FROM (SELECT replace('" . ($receipt =~ s/'/''/gr) . "', '\"PASS\"', '\"FAIL\"')::jsonb) x(r)"),
	qr/^f$/, 'an edited one does not fit it');

# A session in which all names are quoted, and dates are others: as a server of another version could print definitions;
# and operators, functions and types of a stranger come before the server's
set_trap($production, 'shop');
my @others_settings = (before => [ '-c', <<'SQL' ]);
SET quote_all_identifiers = on; SET DateStyle = 'German'; SET IntervalStyle = 'sql_standard'; SET TimeZone = 'Asia/Tokyo'; SET extra_float_digits = 0;
SET bytea_output = 'escape'; SET xmloption = 'document'; SET array_nulls = off; SET standard_conforming_strings = off; SET search_path = trap, menuca_v3, pg_catalog
SQL
my $checked_otherwise = run_file('psql', 'shop', $check, @others_settings);
like($checked_otherwise->{stdout}, qr/\|receipt\|(?:PASS|WARN)\|/, 'the check arrives where literals are read in another way');
is(not_passed($checked_otherwise->{stdout}) . $checked_otherwise->{stderr}, '', 'every check passes where definitions are printed in another way');
my @settings_kept = (before => [ '-c', 'BEGIN', '-c', 'CREATE TEMP TABLE settings_before AS SELECT name, setting FROM pg_settings' ]);
my $settings_changed = "SELECT 'changed ' || s.name FROM pg_settings s JOIN settings_before b USING (name) WHERE s.setting IS DISTINCT FROM b.setting";
unlike(run_file('statements', 'shop', { %$check, sql => "$check->{sql}\n$settings_changed" }, @settings_kept)->{stdout}, qr/^changed /m, 'no setting is another one afterwards in the same transaction');
foreach my $case ([ 'stranger', 'shop', qr/\|table menuca_v3\.dishes\|FAIL\|.*this role may not read it/ ], [ 'app', 'postgres', qr/\|database\|FAIL\|shop\|postgres\|/ ])
{
	my ($user, $database, $row) = @$case;
	my $result = run_file('psql', $database, $check, user => $user);

	ok($result->{ok} && $result->{stderr} eq '', "it raises no error for $user in $database");
	like($result->{stdout}, $row, "it says what is wrong for $user in $database");
	like($result->{stdout}, qr/\|receipt\|FAIL\|/, "so does its receipt for $user in $database");
}

#
# In every style: staged, applied, verified, rolled back to the byte
#

clone('shop', 'untouched');
run_all('psql', 'shop', qr/01_stage/, @psql);
foreach my $file ($apply, files_named(qr/^03/, @psql), $rollback, $clean)
{
	my $result = run_file('psql', 'shop', $file, @others_settings);

	ok($result->{ok}, "with other settings: $file->{name} is accepted") or diag($result->{stderr});
	is(not_passed($result->{stdout}), '', "with other settings: $file->{name}: every check passes");
	same_as_copy('shop', 'with other settings') if $file == $apply;
}
is(bytes_of('shop'), $before, 'with other settings: it is rolled back to the byte');
is(trap_calls($production, 'shop'), 0, 'nothing of a stranger was called by any file');
rows_of($production, 'shop', 'SET client_min_messages = error; DROP SCHEMA trap CASCADE');
foreach my $style (qw(psql supabase statements))
{
	my @files = @{ $files{$style} };

	like(run_file($style, 'shop', (files_named(qr/02_apply/, @files))[0])->{stderr}, qr/MC022: menuca_fix_3 is refused: it is not staged/, "$style: not before it is staged");
	like(run_file($style, 'shop', (files_named(qr/01_stage_(?:00)?02/, @files))[0])->{stderr}, qr/MC022: the stage of menuca_fix_3 is not that of this export.*It has not been begun.*01_stage_(?:00)?01 first/s, "$style: no part before the first file");
	run_all($style, 'shop', qr/01_stage/, @files);
	run_all($style, 'shop', qr/01_stage/, @files);
	like(run_all($style, 'shop', qr/03_verify/, @files), qr/\|menuca_fix_3 is applied\|FAIL\|1\|0\|\|Run the files 01_stage and 02_apply of this set first\./, "$style: 03 says that it is not applied");
	is(bytes_of('shop'), $before, "$style: staging changes no row, also repeated");
	is(rows_of($production, 'shop', <<'SQL'), '', "$style: the API's roles have no right on the stage");
SELECT r.rolname, c.relname FROM pg_roles r, pg_class c
WHERE r.rolname IN ('anon', 'authenticated', 'service_role') AND c.relnamespace = 'menuca_hosted'::regnamespace AND c.relkind = 'r'
	AND (has_table_privilege(r.oid, c.oid, 'SELECT, INSERT, UPDATE, DELETE, TRUNCATE, REFERENCES, TRIGGER') OR has_schema_privilege(r.oid, c.relnamespace, 'USAGE'))
SQL
	run_all($style, 'shop', qr/02_apply/, @files);
	same_as_copy('shop', $style);
	is(not_passed(run_all($style, 'shop', qr/03_verify/, @files)), '', "$style: it is verified");
	my $applied = bytes_of('shop');
	like(run_all($style, 'shop', qr/02_apply/, @files), qr/menuca_fix_3 was applied at .* by app\. Nothing is done\./, "$style: applied again, it says so");
	is(bytes_of('shop'), $applied, "$style: and changes nothing");
	like(run_all($style, 'shop', qr/04_rollback/, @files), qr/"is_as_before_the_apply": true.*"is_as_before_the_apply": true.*"is_as_before_the_apply": true/, "$style: it is rolled back");
	is(bytes_of('shop'), $before, "$style: to the byte");
	like(run_all($style, 'shop', qr/04_rollback/, @files), qr/menuca_fix_3 is rolled back\. Nothing is done\./, "$style: once");
	run_all($style, 'shop', qr/02_apply/, @files);
	same_as_copy('shop', "$style, applied after a rollback");
	run_all($style, 'shop', qr/04_rollback/, @files);
	run_all($style, 'shop', qr/05_clean/, @files);
	is(rows_of($production, 'shop', "SELECT count(*) FROM pg_namespace WHERE nspname = 'menuca_hosted'"), 0, "$style: stage and ledger are removed");
	is(bytes_of('shop'), $before, "$style: and nothing else");
}

#
# A stage that is not whole
#

my @parts = files_named(qr/01_stage/, @{ $files{statements} });
my ($statements_apply) = files_named(qr/02_apply/, @{ $files{statements} });
run_file('statements', 'shop', $_) foreach @parts[ 0 .. $#parts - 1 ];
like(run_file('statements', 'shop', $statements_apply)->{stderr}, qr/MC006: menuca_fix_3 is refused: its stage is not complete.*Of the \d+ parts \(\d+ rows\) in the files 01_stage_\d+ to 01_stage_\d+, \d+ \(\d+ rows\) are staged/s, 'a part is missing: refused');
my %edited = (%{ $parts[-1] }, sql => $parts[-1]{sql} =~ s/(ARRAY\['.*?)expected/$1Expected/sr);
like(run_file('statements', 'shop', \%edited)->{stderr}, qr/MC006: the file 01_stage_\d+ did not arrive as it was written/, 'an edited part is refused');
run_file('statements', 'shop', $parts[-1]);
rows_of($production, 'shop', "UPDATE menuca_hosted.fix_part SET columns[1] = columns[2] WHERE kind = 'rows' AND number = 2 AND part_no = 1");
like(run_file('statements', 'shop', $statements_apply)->{stderr}, qr/MC006: .* is refused: its stage is not complete.*with other content/s, 'so is a stage that was changed');
like(run_file('statements', 'shop', $parts[0])->{stderr}, qr/\A\z/, 'the first file can be repeated');
like(join("\n", map { run_file('statements', 'shop', $_)->{stderr} } @parts), qr/MC006: another part is staged in place of the file/, 'the changed part is not taken for its own');
like(run_file('psql', 'shop', (files_named(qr/01_stage_01/, @psql))[0])->{stderr}, qr/MC022: another export of menuca_fix_3 is staged/, 'nor is the stage of an export with other parts');
is(bytes_of('shop'), $before, 'nothing was changed by any of them');
run_file('psql', 'shop', $clean);

#
# A stage that somebody else has laid out
#

rows_of($production, 'shop', <<'SQL');
CREATE SCHEMA menuca_hosted AUTHORIZATION stranger;
CREATE TABLE menuca_hosted.fix_set (set_name text PRIMARY KEY, content text NOT NULL, state text NOT NULL DEFAULT 'staged');
ALTER TABLE menuca_hosted.fix_set OWNER TO stranger;
CREATE FUNCTION menuca_hosted.spy() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RAISE WARNING ''code of a stranger runs as %'', current_user; RETURN NEW; END';
CREATE TRIGGER spy BEFORE INSERT ON menuca_hosted.fix_set FOR EACH ROW EXECUTE FUNCTION menuca_hosted.spy();
GRANT ALL ON SCHEMA menuca_hosted TO app;
GRANT ALL ON menuca_hosted.fix_set TO app;
SQL
like(run_file('psql', 'shop', $check)->{stdout}, qr/\|schema menuca_hosted\|FAIL\|[^|]*\|it belongs to role stranger\|/, '00_check says whose it is');
foreach my $user (qw(app postgres))
{
	foreach my $file ($psql[1], $psql[2], $apply, $rollback, $clean)
	{
		my $result = run_file('psql', 'shop', $file, user => $user);

		like($result->{stderr}, qr/42501: menuca_fix_3 is refused: schema menuca_hosted is not that of role $user/, "as $user, $file->{name} does not use what a stranger owns");
		unlike($result->{stderr}, qr/code of a stranger/, "as $user, $file->{name} runs no code of a stranger");
	}
}
rows_of($production, 'shop', 'DROP SCHEMA menuca_hosted CASCADE');
is(bytes_of('shop'), $before, 'nothing was changed');

#
# Killed in the middle, and repeated
#

my @psql_parts = files_named(qr/01_stage/, @psql);

# The server ends all sessions then, and recovers
my $kill9 = sub { kill 'KILL', $_[0]; };

sub killed
{
	my ($what, $file, $blocker_sql, $end) = @_;
	my $blocker = $production->background_psql('shop', on_error_stop => 0);

	$blocker->query_safe("BEGIN; $blocker_sql");
	my $run = start_sql($production, 'shop', $file->{sql}, name => "killed_$what");
	my $pid = wait_for_backend($production, $run);
	ok($production->poll_query_until('postgres', "SELECT count(*) > 0 FROM pg_stat_activity WHERE pid = $pid AND wait_event_type = 'Lock'"), "$what: it is in the middle");
	my $offset = -s $production->logfile;
	$end->($pid);
	my $result = finish_sql($run);
	isnt($result->{status}, 0, "$what: its session has ended");
	$production->wait_for_log(qr/database system is ready to accept connections/, $offset) if $end == $kill9;
	eval { $blocker->quit };
	return;
}
my $terminate = sub { rows_of($production, 'postgres', "SELECT pg_terminate_backend($_[0], 10000)"); };

run_file('psql', 'shop', $psql_parts[0]);
killed('a part', $psql_parts[1], 'LOCK TABLE menuca_hosted.fix_part IN EXCLUSIVE MODE', $terminate);
run_all('psql', 'shop', qr/01_stage/, @psql);

# A transaction with an older snapshot would not see what was committed while it waited
my @older_snapshot = (before => [ '-c', "SET default_transaction_isolation = 'repeatable read'" ]);
like(run_file('psql', 'shop', $apply, @older_snapshot)->{stderr}, qr/25000: menuca_fix_3 is refused: its transaction is repeatable read.*Nothing was changed.*SET default_transaction_isolation = 'read committed';/s, 'not in a transaction that would not see what others change');
my $uncommitted = run_file('psql', 'shop', $apply, before => [ '-v', 'AUTOCOMMIT=off' ]);
like($uncommitted->{stdout}, qr/^menuca_fix_3\|applied\|.*\|Its transaction has not ended: nothing is kept before COMMIT\.$/m, 'a client that does not commit is told');
is(bytes_of('shop'), $before, 'nothing was changed');
killed('the locks of 02', $apply, 'LOCK TABLE menuca_v3.combo_items IN ROW EXCLUSIVE MODE', $kill9);
is(bytes_of('shop'), $before, 'killed while it waits for its locks: nothing is changed');
killed('the rows of 02', $apply, 'SELECT count(*) FROM (SELECT FROM menuca_v3.combo_groups FOR UPDATE) g', $kill9);
is(bytes_of('shop'), $before, 'killed while it inserts: nothing is changed');
killed('the rows of 02, again', $apply, 'SELECT count(*) FROM (SELECT FROM menuca_v3.combo_groups FOR UPDATE) g', $terminate);
is(bytes_of('shop'), $before, 'terminated while it inserts: nothing is changed');
run_all('psql', 'shop', qr/02_apply/, @psql);
same_as_copy('shop', 'repeated');
my $applied = bytes_of('shop');
like(run_file('psql', 'shop', $rollback, @older_snapshot)->{stderr}, qr/25000: menuca_fix_3 is refused: its transaction is repeatable read/, 'nor is it rolled back in one');
is(bytes_of('shop'), $applied, 'nothing was changed');
killed('the rows of 04', $rollback, 'SELECT count(*) FROM (SELECT FROM menuca_v3.combo_items FOR UPDATE) i', $kill9);
is(bytes_of('shop'), $applied, 'killed while it deletes: nothing is changed');
run_all('psql', 'shop', qr/04_rollback/, @psql);
is(bytes_of('shop'), $before, 'repeated, it is rolled back');
killed('05', $clean, 'LOCK TABLE menuca_hosted.fix_part IN EXCLUSIVE MODE', $terminate);
run_all('psql', 'shop', qr/05_clean/, @psql);

#
# What changed since the copy is named, and nothing is changed
#

run_all('psql', 'shop', qr/01_stage/, @psql);
clone('shop', 'shop_as_copied');
my $unused = rows_of($production, 'shop', "SELECT string_agg(id::text, ',') FROM menuca_v3.dishes WHERE id NOT IN (SELECT dish_id FROM menuca_v3.combo_items) AND restaurant_id < (SELECT max(id) FROM menuca_v3.restaurants)");
my $a_dish = rows_of($copy, 'shop', "SELECT min(dish_id) FROM menuca_v3.combo_items WHERE dish_id IN ($unused)");
cmp_ok($a_dish, '>', 0, 'the set refers to a dish that no item of production refers to');
my %differences = (
	'a dish is deleted' => [ "DELETE FROM menuca_v3.dishes WHERE id = $a_dish", qr/rows of menuca_v3\.dishes that the set refers to.*missing ids \{\[$a_dish,/, qr/menuca_v3\.dishes row $a_dish is missing, and was \($a_dish,/ ],
	'a dish is moved' => [ "UPDATE menuca_v3.dishes SET restaurant_id = (SELECT max(id) FROM menuca_v3.restaurants) WHERE id = $a_dish", qr/rows of menuca_v3\.dishes that the set refers to.*other rows among the ids/, qr/menuca_v3\.dishes row $a_dish is \($a_dish,\d+,\d+,\), and was \($a_dish,\d+,\d+,\) on the copy \(id, restaurant_id, legacy_v1_id, legacy_v2_id\)/ ],
	'a dish is re-keyed' => [ "UPDATE menuca_v3.dishes SET legacy_v1_id = 999999 WHERE id = $a_dish", qr/other rows among the ids/, qr/menuca_v3\.dishes row $a_dish is \($a_dish,\d+,999999,\), and was/ ],
	'an item is added' => [ "INSERT INTO menuca_v3.combo_items (id, combo_group_id, dish_id) SELECT 9999999, min(g.id), $a_dish FROM menuca_v3.combo_groups g", qr/all rows of menuca_v3\.combo_items\|FAIL\|.*ids that the copy does not have \{\[9999999,10000000\)\}/, qr/all rows of menuca_v3\.combo_items: .*9999999/ ],
	'a group is added' => [ "INSERT INTO menuca_v3.combo_groups (restaurant_id, name) SELECT min(id), 'new' FROM menuca_v3.restaurants", qr/number of rows of menuca_v3\.combo_groups\|FAIL/, qr/number of rows of menuca_v3\.combo_groups/ ],
	'a column is added' => [ 'ALTER TABLE menuca_v3.combo_items ADD COLUMN "new ""one" text', qr/columns of menuca_v3\.combo_items\|FAIL\|.*column "new ""one" is not on the copy \(text\)/, qr/column "new ""one" is not on the copy/ ],
	'a column is dropped' => [ 'ALTER TABLE menuca_v3.combo_groups DROP COLUMN legacy_v2_id', qr/column legacy_v2_id is missing/, qr/column legacy_v2_id is missing/ ],
	'a column has another type' => [ 'ALTER TABLE menuca_v3.combo_items ALTER COLUMN display_order TYPE bigint', qr/column display_order is \(bigint NOT NULL DEFAULT 0\), on the copy \(integer NOT NULL DEFAULT 0\)/, qr/column display_order is/ ],
	'a column has another default' => [ q{ALTER TABLE menuca_v3.combo_items ALTER COLUMN label SET DEFAULT 'it''s w.1 "a" x::text'}, qr/column label is \(text DEFAULT 'it''s w\.1 "a" x::text'\), on the copy/, qr/column label is/ ],
	'a literal in a constraint differs' => [ q{ALTER TABLE menuca_v3.combo_items DROP CONSTRAINT combo_items_state_check; ALTER TABLE menuca_v3.combo_items ADD CONSTRAINT combo_items_state_check CHECK (state IN ('new', 'old', 'x.a (b)') AND state <> ALL ('{x,y}'))}, qr/constraint combo_items_state_check is \(/, qr/constraint combo_items_state_check is/ ],
	'a constraint is dropped' => [ 'ALTER TABLE menuca_v3.combo_items DROP CONSTRAINT combo_items_dish_id_fkey', qr/constraint combo_items_dish_id_fkey is missing/, qr/constraint combo_items_dish_id_fkey is missing/ ],
	'a trigger is added' => [ "CREATE FUNCTION menuca_v3.t() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END'; CREATE TRIGGER t BEFORE INSERT ON menuca_v3.combo_items FOR EACH ROW EXECUTE FUNCTION menuca_v3.t()", qr/trigger t is not on the copy/, qr/trigger t is not on the copy/ ],
	'a rule is added' => [ 'CREATE RULE r AS ON INSERT TO menuca_v3.combo_items DO ALSO DELETE FROM menuca_v3.restaurants WHERE id < 0', qr/rules of menuca_v3\.combo_items\|FAIL\|.*rule r is not on the copy/, qr/rule r is not on the copy/ ],
	'a table is renamed' => [ 'ALTER TABLE menuca_v3.combo_steps RENAME TO old_steps', qr/table menuca_v3\.combo_steps\|FAIL\|.*it does not exist/, qr/it does not exist/ ],
	'row security hides rows' => [ 'ALTER TABLE menuca_v3.dishes ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY', qr/row security of menuca_v3\.dishes\|FAIL/, qr/it may hide rows/, 'NOBYPASSRLS' ],
	'the role has lost a right' => [ 'ALTER TABLE menuca_v3.combo_items OWNER TO postgres; REVOKE ALL ON menuca_v3.combo_items FROM app, anon, authenticated, service_role; GRANT SELECT, INSERT ON menuca_v3.combo_items TO app', qr/rights on menuca_v3\.combo_items\|FAIL\|.*without UPDATE, DELETE/, qr/rights on menuca_v3\.combo_items/ ],
	'it is another database' => [ undef, qr/\|database\|FAIL\|shop\|elsewhere\|/, qr/MC020: menuca_fix_3 is refused: this is database elsewhere/ ]);
foreach my $name (sort keys %differences)
{
	my ($change, $row, $message, $attribute) = @{ $differences{$name} };
	my $database = defined $change ? 'shop' : 'elsewhere';

	rows_of($production, 'postgres', "ALTER ROLE app $attribute") if $attribute;
	clone('shop_as_copied', $database);
	rows_of($production, $database, "SET search_path = public, menuca_v3;\n$change") if defined $change;
	my $state = sub { rows_of($production, $database, 'SELECT count(*), md5(string_agg(t::text, E\'\n\' ORDER BY id)), (SELECT count(*) FROM menuca_v3.dishes) FROM menuca_v3.combo_items t'); };
	my $was = $state->();
	like(run_file('psql', $database, $check)->{stdout}, $row, "$name: 00_check names it");
	my $refused = run_file('psql', $database, $apply);
	ok(!$refused->{ok}, "$name: 02_apply is refused");
	like($refused->{stderr}, $message, "$name: with its name");
	like($refused->{stderr}, qr/ MC02[02]: .*Nothing was changed\..*^HINT:  /ms, "$name: with figures, and what to do");
	is($state->(), $was, "$name: nothing was changed");
	rows_of($production, 'postgres', 'ALTER ROLE app BYPASSRLS') if $attribute;
}
clone('shop_as_copied', 'shop');
rows_of($production, 'shop', "INSERT INTO menuca_v3.dishes (restaurant_id, name) SELECT min(id), 'new' FROM menuca_v3.restaurants", @as_app);
rows_of($production, 'shop', "SELECT setval(pg_get_serial_sequence('menuca_v3.dishes', 'id'), max(id) - 1) FROM menuca_v3.dishes");
my $behind = run_file('psql', 'shop', $apply);
like($behind->{stderr}, qr/MC003: menuca_fix_3 is undone: new keys of menuca_v3\.dishes are those of its rows.*Nothing was changed\./s, 'a sequence that is behind its table is refused');
rows_of($production, 'shop', $behind->{stderr} =~ /^HINT: .*: (SELECT .*;)$/m, @as_app);
like(run_file('psql', 'shop', $check)->{stdout}, qr/number of rows of menuca_v3\.dishes\|WARN/, 'a dish that was added is a warning');
ok(run_file('psql', 'shop', $apply)->{ok}, 'and no reason to refuse');

#
# A rollback is refused for rows that were changed, or that others depend on
#

my $new_item = rows_of($production, 'shop', 'SELECT max(id) FROM menuca_v3.combo_items');
my $new_dish = rows_of($production, 'shop', "SELECT max(id) FROM menuca_v3.dishes WHERE source_system = 'v1' AND source_id IS NOT NULL");
my %obstacles = (
	'a changed row' => [ "UPDATE menuca_v3.combo_items SET quantity = 7 WHERE id = $new_item", qr/MC005: rollback of menuca_fix_3 is refused: rows of menuca_v3\.combo_items were changed.*Their ids: $new_item\b/s ],
	'a value in a new column' => [ "ALTER TABLE menuca_v3.combo_items ADD later text; UPDATE menuca_v3.combo_items SET later = 'x' WHERE id = $new_item", qr/MC005: rollback of menuca_fix_3 is refused: rows of menuca_v3\.combo_items were changed.*Their ids: $new_item\. A value in a column that is new is a change/s ],
	'a column that is gone' => [ 'ALTER TABLE menuca_v3.combo_items RENAME json TO other_json', qr/MC005: rollback of menuca_fix_3 is refused: menuca_v3\.combo_items was changed.*Columns that it had, and has no more: "?json"?\./s ],
	'rows that are hidden' => [ 'ALTER TABLE menuca_v3.combo_items ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY; CREATE POLICY even_rows ON menuca_v3.combo_items USING (id % 2 = 0)', qr/MC005: rollback of menuca_fix_3 is refused: row security may hide rows of menuca_v3\.combo_items.*Rows that role app cannot see would stay/s, 'NOBYPASSRLS' ],
	'dependants that are hidden' => [ "INSERT INTO menuca_v3.dish_combo_groups (dish_id, combo_group_id) SELECT $new_dish, min(id) FROM menuca_v3.combo_groups; ALTER TABLE menuca_v3.dish_combo_groups ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY", qr/MC005: rollback of menuca_fix_3 is refused: its dependants cannot be seen.*Table menuca_v3\.dish_combo_groups refers to menuca_v3\.dishes, and role app may not read all of its rows/s, 'NOBYPASSRLS' ],
	'a row that the ledger has lost' => [ 'UPDATE menuca_hosted.fix_row SET keys = keys[2:], hashes = hashes[2:] WHERE layer_no = 2 AND chunk_no = 1', qr/MC005: rollback of menuca_fix_3 is refused: its ledger is not complete.*It has \d+ of the \d+ rows that were inserted into menuca_v3\.combo_items by layer 2/s ],
	'a dependant' => [ "INSERT INTO menuca_v3.combo_items (combo_group_id, dish_id) SELECT min(id), $new_dish FROM menuca_v3.combo_groups", qr/MC005: rollback of menuca_fix_3 is refused: rows depend on its rows.*1 rows of menuca_v3\.combo_items refer to rows of menuca_v3\.dishes, such as $new_dish/s ]);
foreach my $name (sort keys %obstacles)
{
	my ($change, $message, $attribute) = @{ $obstacles{$name} };

	clone('shop', 'kept');
	rows_of($production, 'shop', $change, @as_app);
	rows_of($production, 'postgres', "ALTER ROLE app $attribute") if $attribute;
	my $was = bytes_of('shop');
	like(run_file('psql', 'shop', $rollback)->{stderr}, $message, "$name: the rollback is refused");
	rows_of($production, 'postgres', 'ALTER ROLE app BYPASSRLS') if $attribute;
	is(bytes_of('shop'), $was, "$name: nothing was changed");
	clone('kept', 'shop');
}

# A dependant that is not committed yet when the rollback begins
my $dependant = $production->background_psql('shop', on_error_stop => 0);
$dependant->query_safe("BEGIN; INSERT INTO menuca_v3.dish_combo_groups (dish_id, combo_group_id) SELECT $new_dish, min(id) FROM menuca_v3.combo_groups");
my $waiting = start_sql($production, 'shop', "SET ROLE app; SET search_path = menuca_v3;\n" . $rollback->{sql}, name => 'waiting');
my $waiting_pid = wait_for_backend($production, $waiting);
ok($production->poll_query_until('postgres', "SELECT count(*) > 0 FROM pg_stat_activity WHERE pid = $waiting_pid AND wait_event_type = 'Lock'"), 'the rollback waits for a session that adds a dependant');
$dependant->query_safe('COMMIT');
$dependant->quit;
like(finish_sql($waiting)->{stderr}, qr/MC005: rollback of menuca_fix_3 is refused: rows depend on its rows.*1 rows of menuca_v3\.dish_combo_groups refer to rows of menuca_v3\.dishes, such as $new_dish/s, 'then it is refused');
is(rows_of($production, 'shop', "WITH gone AS (DELETE FROM menuca_v3.dish_combo_groups WHERE dish_id = $new_dish RETURNING 1) SELECT count(*) FROM gone"), 1, 'the dependant is there');

# A column that came later, and has no values, is no change
rows_of($production, 'shop', 'ALTER TABLE menuca_v3.combo_items ADD later text', @as_app);
rows_of($production, 'shop', "INSERT INTO menuca_v3.combo_items (combo_group_id, dish_id) SELECT min(g.id), $a_dish FROM menuca_v3.combo_groups g; DELETE FROM menuca_v3.combo_items WHERE id = $new_item", @as_app);
my $rolled_back = run_file('psql', 'shop', $rollback);
like($rolled_back->{stdout}, qr/"menuca_v3\.combo_items", "deleted": \d+.*"after menuca_v3\.combo_items": \{"rows": \d+, "is_as_before_the_apply": false\}/, "others' rows are kept, and it says that there are some") or diag($rolled_back->{stderr});
like(run_file('psql', 'shop', $clean)->{stderr}, qr/^(?!.*cannot be rolled back)/s, 'clean');
rows_of($production, 'postgres', "DROP DATABASE $_") foreach qw(kept elsewhere shop_as_copied);

#
# V1's lists and V2's items with their steps; V1's rows in dish_combo_groups
#

my $real = fixture('real', '--case', 'real', '--with', 'dish_combo_groups');
make_production('real', $real);
make_copy('real', $real);
on_copy('real', "SELECT newly_recorded FROM menuca_copy_of('real', $identifier, 'abcdefghijklmnopqrst')");
load_real_case_in_ops($real);
like(on_copy('real', <<'SQL'), qr/^(completed\|[1-9]\d*\n){3}completed\|[1-9]\d*$/, 'real: four runs on the copy');
SELECT status, inserted FROM menuca_backfill_dishes(dry_run => false);
SELECT status, inserted FROM menuca_fix_combos(dry_run => false, target => 'dish_combo_groups', min_coverage_pct => 0, max_orphan_pct => 100, max_cross_restaurant_pct => 90);
SELECT status, inserted FROM menuca_fix_group_dishes(dry_run => false, min_coverage_pct => 0, max_orphan_pct => 100, max_cross_restaurant_pct => 90);
SELECT status, inserted FROM menuca_fix_v2_groups(dry_run => false, min_coverage_pct => 0, max_orphan_pct => 100);
SQL
is(on_copy('real', "SELECT string_agg(kind, ' ' ORDER BY run_id) FROM menuca_runs"), 'backfill_dishes fix_combos fix_group_dishes fix_v2_groups fix_v2_steps', 'real: and the steps of V2 are a part of the last');

sub load_real_case_in_ops
{
	my ($of) = @_;

	on_copy('real', "SELECT menuca_load_dump_file('$of->{dump}', '$_', 'staging.menuca_v1_$_')") foreach qw(menu combo_groups ingredients);
	on_copy('real', "SELECT menuca_load_dump_file('$of->{v2_dump}', 'restaurants_combo_groups_items', 'staging.menuca_v2_restaurants_combo_groups_items')");
	return;
}
my $real_before = bytes_of('real');
foreach my $style (qw(psql statements))
{
	my @files = export_files('real', 4, "style => '$style', max_bytes => 65536");

	is(not_passed(run_all($style, 'real', qr/00_check/, @files)), '', "real, $style: every check passes");
	run_all($style, 'real', qr/01_stage|02_apply/, @files);
	same_as_copy('real', "real, $style");
	is(not_passed(run_all($style, 'real', qr/03_verify/, @files)), '', "real, $style: it is verified");
	run_all($style, 'real', qr/04_rollback/, @files);
	is(bytes_of('real'), $real_before, "real, $style: it is rolled back to the byte");
	run_all($style, 'real', qr/05_clean/, @files);
}

#
# The real data: replay A, whose menu lacks dishes that were found later, in parts of 64 kB, 256 kB and 1 MB
#

SKIP:
{
	my $data = $ENV{MENUCA_SHARED_DATA};

	skip 'the real data is not here (MENUCA_SHARED_DATA is not set)', 1 unless $data;
	my $base = fixture('base', '--scale', '0.01', '--with', 'dish_combo_groups');

	# As test/pgtap/include/real_data.psql sets it up; nothing keeps its id
	make_production('replay_a', $base);
	$production->safe_psql('replay_a', <<"SQL" =~ s/DATA/$data/gr, extra_params => [ '-U', 'app' ]);
CREATE TEMP TABLE v1_groups (id int, name text, restaurant int);
CREATE TEMP TABLE v1_menu (id int, course int, restaurant int, sku text, name text, price text, iscombo text, showinmenu text, lang text);
CREATE TEMP TABLE v1_rules (combo_group_id int, combo_rules jsonb);
\\copy v1_groups FROM 'DATA/v1_combo_groups.csv' WITH (FORMAT csv, HEADER)
\\copy v1_menu FROM 'DATA/v1_menu.csv' WITH (FORMAT csv, HEADER)
\\copy v1_rules FROM 'DATA/v1_combo_rules.csv' WITH (FORMAT csv, HEADER)
TRUNCATE menuca_v3.restaurants, menuca_v3.combo_groups, menuca_v3.dishes, menuca_v3.combo_items RESTART IDENTITY CASCADE;
INSERT INTO menuca_v3.restaurants (id, name, legacy_v1_id, source_system)
SELECT 5000 - row_number() OVER (ORDER BY r), 'restaurant ' || r, r, 'v1' FROM (SELECT restaurant FROM v1_groups UNION SELECT restaurant FROM v1_menu) s(r);
INSERT INTO menuca_v3.combo_groups (id, restaurant_id, name, combo_rules, legacy_v1_id, source_system)
SELECT 500000 - g.id, r.id, g.name, u.combo_rules, g.id, 'v1'
FROM v1_groups g JOIN menuca_v3.restaurants r ON r.legacy_v1_id = g.restaurant LEFT JOIN v1_rules u ON u.combo_group_id = g.id;
INSERT INTO menuca_v3.dishes (id, restaurant_id, name, legacy_v1_id, source_system)
SELECT 900000 - row_number() OVER (ORDER BY d.id, d.restaurant, d.name), r.id, coalesce(d.name, 'dish ' || d.id), d.id, 'v1'
FROM v1_menu d JOIN menuca_v3.restaurants r ON r.legacy_v1_id = d.restaurant;
SELECT setval(pg_get_serial_sequence('menuca_v3.dishes', 'id'), 1000000), setval(pg_get_serial_sequence('menuca_v3.combo_items', 'id'), 7);
VACUUM ANALYZE;
SQL
	make_copy('replay_a', { %$base, dump => "$data/v1_combos.sql" });
	on_copy('replay_a', "SELECT newly_recorded FROM menuca_copy_of('replay_a', $identifier)");
	$copy->safe_psql('replay_a', <<"SQL" =~ s/DATA/$data/gr);
CREATE TABLE staging.menuca_v1_menu (id int, course int, restaurant int, sku text, name text);
\\copy staging.menuca_v1_menu FROM 'DATA/v1_menu_missing.csv' WITH (FORMAT csv, HEADER)
SQL
	like(on_copy('replay_a', <<'SQL'), qr/^completed\|3668\ncompleted\|12446\ncompleted\|[1-9]\d*$/, 'replay A: 3,668 dishes, 12,446 items and their steps on the copy');
SELECT status, inserted FROM menuca_backfill_dishes(dry_run => false);
SELECT status, inserted FROM menuca_fix_combos(dry_run => false, min_coverage_pct => 0, max_orphan_pct => 100);
SELECT status, inserted FROM menuca_fix_combo_steps(dry_run => false);
SQL
	my $replay_before = bytes_of('replay_a');
	foreach my $case ([ 'statements', 65536 ], [ 'psql', 262144 ], [ 'supabase', 1048576 ])
	{
		my ($style, $bytes) = @$case;
		my @files = export_files('replay_a', 3, "style => '$style', max_bytes => $bytes");

		is(join(' ', map { $_->{name} } grep { length $_->{sql} > $bytes } files_named(qr/01_stage/, @files)), '', "replay A, $style: no part has more than $bytes bytes");
		is(not_passed(run_all($style, 'replay_a', qr/00_check/, @files)), '', "replay A, $style: every check passes");
		run_all($style, 'replay_a', qr/01_stage|02_apply/, @files);
		same_as_copy('replay_a', "replay A, $style");
		is(not_passed(run_all($style, 'replay_a', qr/03_verify/, @files)), '', "replay A, $style: it is verified");
		run_all($style, 'replay_a', qr/04_rollback/, @files);
		is(bytes_of('replay_a'), $replay_before, "replay A, $style: it is rolled back to the byte");
		run_all($style, 'replay_a', qr/05_clean/, @files);
	}
}

foreach my $node ($production, $copy)
{
	$node->stop;
	log_is_clean($node);
}

done_testing();

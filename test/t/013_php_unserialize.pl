# menuca_php_unserialize() compared with PHP: thousands of values, every
# truncation of hundreds of them, and thousands of damaged ones.

use strict;
use warnings;

use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

use MenucaTest;

my $version = `php -r 'echo PHP_VERSION_ID, " ", PHP_INT_SIZE;' 2>/dev/null` // '';

my $lack =
    $version eq '' ? 'php is not installed (Debian: php-cli)'
  : $version !~ /^(\d+) 8$/ || $1 < 70400 ? "php is too old, or of 32 bits ($version)"
  : undef;

plan skip_all => $lack if defined $lack;

#
# Initialize node
#

my $node = new_node('main');
my $seed = $ENV{MENUCA_SEED} // 1;
my $values = "$PostgreSQL::Test::Utils::tmp_check/values";

note "the seed of the values is $seed (MENUCA_SEED)";
system_or_bail('sh', '-c', 'exec php -n test/t/php_values.php "$@" >"$0"', $values, $seed, 6000, 4000, 20000);

rows_of($node, 'postgres', <<SQL);
CREATE EXTENSION menuca_migrate;
CREATE TABLE php (
	id int GENERATED ALWAYS AS IDENTITY,
	kind text, value bytea, accepted boolean, whole boolean, json bytea);
COPY php (kind, value, accepted, whole, json) FROM '$values';

-- The answer of the extension: a value or an error
CREATE FUNCTION answer(bytea, OUT value jsonb, OUT state text, OUT error text) LANGUAGE plpgsql AS \$\$
BEGIN
	value := menuca_php_unserialize(\$1);
EXCEPTION WHEN others THEN
	GET STACKED DIAGNOSTICS state = RETURNED_SQLSTATE, error = MESSAGE_TEXT;
END \$\$;

-- The text of a JSON as jsonb; NULL when jsonb cannot hold it
CREATE FUNCTION as_jsonb(bytea) RETURNS jsonb LANGUAGE plpgsql AS \$\$
BEGIN
	RETURN convert_from(\$1, 'UTF8')::jsonb;
EXCEPTION WHEN untranslatable_character THEN
	RETURN NULL;
END \$\$;

CREATE FUNCTION is_utf8(bytea) RETURNS boolean LANGUAGE plpgsql AS \$\$
BEGIN
	RETURN convert_from(\$1, 'UTF8') IS NOT NULL;
EXCEPTION WHEN character_not_in_repertoire THEN
	RETURN false;
END \$\$;

-- With every number as a double; changed digits may be more than PHP keeps
CREATE FUNCTION as_doubles(jsonb) RETURNS jsonb LANGUAGE sql AS \$\$
	SELECT CASE jsonb_typeof(\$1)
		WHEN 'number' THEN to_jsonb((\$1 #>> '{}')::float8)
		WHEN 'array' THEN (SELECT coalesce(jsonb_agg(as_doubles(v) ORDER BY n), '[]') FROM jsonb_array_elements(\$1) WITH ORDINALITY AS e(v, n))
		WHEN 'object' THEN (SELECT coalesce(jsonb_object_agg(k, as_doubles(v)), '{}') FROM jsonb_each(\$1) AS e(k, v))
		ELSE \$1 END
\$\$;
SQL

sub count_of
{
	return rows_of($node, 'postgres', "SELECT count(*) FROM $_[0]");
}

# Tests that a query has no rows; shows up to three
sub none
{
	my ($query, $name) = @_;
	local $Test::Builder::Level = $Test::Builder::Level + 1;

	return is(rows_of($node, 'postgres', "$query LIMIT 3"), '', $name);
}

#
# Values that PHP writes, and others that it reads
#

foreach my $kind (qw(serialized loose))
{
	cmp_ok(count_of("php WHERE kind = '$kind' AND accepted AND whole AND json IS NOT NULL"),
		'>=', 4000, "$kind: thousands of values");
	none(<<SQL, "$kind: each is read as by PHP");
SELECT id, encode(value, 'escape'), convert_from(json, 'UTF8') FROM php
WHERE kind = '$kind' AND menuca_php_unserialize(value) IS DISTINCT FROM convert_from(json, 'UTF8')::jsonb
SQL
}

# The values are not all simple ones
cmp_ok(rows_of($node, 'postgres', <<SQL), '>=', 200, "values with lists, objects and more levels than two");
SELECT count(*) FROM php
WHERE kind = 'serialized' AND convert_from(json, 'UTF8')::jsonb \@? '\$.*.*.*' AND convert_from(json, 'UTF8')::jsonb \@? 'strict \$.**[*]'
SQL

#
# Truncations
#

rows_of($node, 'postgres', <<'SQL');
CREATE TABLE truncated AS
SELECT id, n, a.*
FROM (SELECT id, value FROM php WHERE kind <> 'damaged' AND length(value) BETWEEN 2 AND 400 ORDER BY id % 10, id LIMIT 600) p,
	generate_series(0, length(value) - 1) n, answer(substr(value, 1, n)) a
SQL
cmp_ok(count_of('truncated'), '>=', 10000, 'every truncation of 600 values');
none(<<'SQL', 'each of them raises the expected error');
SELECT id, n, value, state, error FROM truncated
WHERE state IS DISTINCT FROM '22P02'
	OR error NOT LIKE CASE n WHEN 0 THEN 'the PHP value is empty' ELSE 'the PHP value ends in the middle of %' END
SQL

#
# Damage
#

rows_of($node, 'postgres', <<'SQL');
CREATE TABLE damaged AS
SELECT p.id, p.value, p.accepted, p.whole, as_jsonb(p.json) AS expected, a.value AS answer, a.state, a.error
FROM php p, answer(p.value) a
WHERE kind = 'damaged'
SQL
is(count_of('damaged'), 20000, 'damaged values');
cmp_ok(count_of('damaged WHERE accepted'), '>=', 2000, 'PHP accepts many of them');
cmp_ok(count_of('damaged WHERE NOT accepted'), '>=', 2000, 'PHP refuses many of them');
none(<<'SQL', 'values that PHP refuses are refused');
SELECT id, encode(value, 'escape'), answer FROM damaged WHERE NOT accepted AND state IS NULL
SQL
none(<<'SQL', 'values that are read are read as by PHP');
SELECT id, encode(value, 'escape'), answer, expected FROM damaged
WHERE state IS NULL AND (NOT whole OR answer IS DISTINCT FROM expected AND as_doubles(answer) IS DISTINCT FROM as_doubles(expected))
SQL

# Bytes after the value; lengths, integers and doubles beyond their limits;
# objects and the like; bytes that are not text, even in a key that occurs twice
none(<<'SQL', 'values that only PHP accepts are those that the documentation names');
SELECT id, encode(value, 'escape'), state, error, expected FROM damaged
WHERE accepted AND state IS NOT NULL
	AND NOT (state = '22P02' AND error LIKE 'the PHP value is followed by %' AND NOT whole)
	AND NOT (state = '22P02' AND error ~ '^the PHP value is damaged: (a string''s length|an array''s count) has more than 64 bits$')
	AND NOT (state = '22003' AND error ~ '^an integer in the PHP value has more than 64 bits$|^a double in the PHP value is ')
	AND NOT (state = '0A000' AND error LIKE 'the PHP value contains %, which cannot be read')
	AND NOT (state = '22021' AND error = 'a string in the PHP value is not valid UTF-8' AND NOT is_utf8(value))
	AND NOT (state = '22P05' AND error = 'a string in the PHP value contains a NUL character' AND position('\x00'::bytea IN value) > 0)
SQL
none(<<'SQL', 'no error is of another kind');
SELECT id, encode(value, 'escape'), state, error FROM damaged
WHERE state NOT IN ('22P02', '22003', '0A000', '22021', '22P05')
SQL
note rows_of($node, 'postgres', <<'SQL');
SELECT accepted, coalesce(state, 'read'), count(*) FROM damaged GROUP BY 1, 2 ORDER BY 1, 2
SQL

log_is_clean($node);
$node->stop;

done_testing();

-- Values that PHP's serialize() wrote, as JSON
SET client_min_messages = error;		-- the schema public is warned of
CREATE EXTENSION menuca_migrate;
RESET client_min_messages;

-- A table of values with their results; errors are shortened
CREATE FUNCTION try(bytea) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
	message text;
	detail text;
BEGIN
	RETURN menuca_php_unserialize($1);
EXCEPTION WHEN others THEN
	GET STACKED DIAGNOSTICS message = MESSAGE_TEXT, detail = PG_EXCEPTION_DETAIL;
	RETURN format('%s: %s [%s]', SQLSTATE, message, detail);
END $$;
CREATE FUNCTION try_all(VARIADIC text[]) RETURNS TABLE (value text, result text)
LANGUAGE sql AS $$
	SELECT value, try(convert_to(value, 'UTF8')) FROM unnest($1) AS value
$$;
\pset footer off

--
-- Scalars
--
SELECT * FROM try_all('N;', 'b:0;', 'b:1;', 'i:0;', 'i:-42;', 's:0:"";', 's:5:"Pizza";', 'd:0.5;', 'a:0:{}');

-- Values as PHP writes them, and others that PHP reads, too
SELECT * FROM try_all('i:+5;', 'i:-0;', 'i:007;', 'i:9223372036854775807;', 'i:-9223372036854775808;',
	'd:.5;', 'd:5.;', 'd:1;', 'd:-0;', 'd:+1.5;', 'd:007.5;', 'd:1.0E+25;', 'd:1e5;', 'd:-.5E-3;',
	's:01:"a";', 's:00000000000000000000000000001:"a";', 'a:00:{}');

-- Every digit that PHP wrote: before 7.1 it wrote 7.99 like this
SELECT * FROM try_all('d:7.9900000000000002;', 'd:0.1;', 'd:1.7976931348623157E+308;', 'd:4.9406564584124654E-324;', 'd:1e-999;');

-- b accepts only 0 and 1
SELECT * FROM try_all('b:2;', 'b:00;', 'b:;', 'b:true;', 'b:+1;');

-- More than 64 bits, which PHP replaces by the nearest number, and what JSON lacks
SELECT * FROM try_all('i:9223372036854775808;', 'i:-9223372036854775809;', 'i:99999999999999999999999999;',
	'a:1:{i:9223372036854775808;N;}', 'd:INF;', 'd:-INF;', 'd:NAN;', 'd:1e999;', 'd:-1e309;');

-- Not numbers of PHP
SELECT * FROM try_all('i:;', 'i:-;', 'i:+-1;', 'i: 1;', 'i:1 ;', 'i:1.0;', 'i:0x1F;', 'd:;', 'd:.;', 'd:1e;', 'd:1e+;', 'd:1.2.3;',
	'd: 1;', 'd:inf;', 'd:+INF;', 'd:nan;', 'd:0x1p3;');
SELECT try(convert_to(format('d:%s;', repeat('1', 1001)), 'UTF8'));
SELECT length(menuca_php_unserialize(convert_to(format('d:0.%s;', repeat('1', 998)), 'UTF8'))::text);

--
-- Strings: lengths are in bytes
--
SELECT * FROM try_all('s:13:"Crème brûlée";', 's:15:"Crème brûlée";', 's:4:"🍕";', 's:6:"";s:1:";', 's:13:"say "hi" \ ok";');
SELECT menuca_php_unserialize('\x733a353a2261090a1f62223b');
SELECT * FROM try_all('s:12:"Crème brûlée";', 's:1:"ab";', 's:3:"ab";', 's:1:''a'';', 's:+1:"a";', 's:-1:"a";', 's: 1:"a";', 's:1 :"a";',
	's:1:"a"', 's:1:"a" ;', 's::"a";', 's:99999999999999999999:"a";', 's:18446744073709551617:"a";', 's:18446744073709551615:"a";', 's:1000000000:"a";');

-- Bytes that are not UTF-8: latin1, cut in the middle of a character, a
-- surrogate, too long a form; NUL
SELECT menuca_php_unserialize('s:5:"Cr\350me";');
SELECT try(value) FROM (VALUES ('s:2:"a\303";'::bytea), ('s:3:"\355\240\200";'), ('s:2:"\300\257";'), ('a:1:{s:1:"\377";N;}'), ('a:2:{i:0;s:1:"a";i:1;s:1:"\351";}')) v(value);
SELECT menuca_php_unserialize('s:5:"ab\000cd";');
SELECT try('a:1:{s:3:"\000*\000";N;}');

--
-- Arrays
--
SELECT * FROM try_all(
	'a:3:{i:0;i:7;i:1;s:1:"a";i:2;N;}',
	'a:2:{s:4:"dish";i:44;s:5:"group";i:84;}',
	'a:2:{i:0;a:0:{}i:1;a:1:{s:1:"k";a:2:{i:0;b:1;i:1;d:1.25;}}}',
	'a:1:{i:84;a:2:{i:0;s:2:"44";i:1;s:2:"45";}}');

-- Keys that are not 0, 1, 2 ... in this order
SELECT * FROM try_all(
	'a:2:{i:1;s:1:"a";i:2;s:1:"b";}',
	'a:2:{i:1;s:1:"a";i:0;s:1:"b";}',
	'a:2:{i:0;s:1:"a";i:2;s:1:"b";}',
	'a:2:{i:0;s:1:"a";s:1:"x";s:1:"b";}',
	'a:1:{i:-1;N;}',
	'a:1:{s:0:"";N;}');

-- A string that is a decimal integer as PHP writes it is that integer
SELECT * FROM try_all(
	'a:2:{s:1:"0";s:1:"a";s:1:"1";s:1:"b";}',
	'a:1:{s:2:"-0";N;}', 'a:1:{s:2:"00";N;}', 'a:1:{s:3:"007";N;}', 'a:1:{s:2:"+0";N;}', 'a:1:{s:2:" 0";N;}', 'a:1:{s:3:"0.0";N;}',
	'a:2:{i:-5;i:1;s:2:"-5";i:2;}',
	'a:2:{i:12;i:1;s:2:"12";i:2;}',
	'a:2:{i:7;i:1;s:2:"07";i:2;}',
	'a:1:{i:+0;N;}', 'a:1:{i:-0;N;}', 'a:2:{i:000;i:1;i:01;i:2;}',
	'a:2:{s:19:"9223372036854775807";i:1;s:19:"9223372036854775808";i:2;}',
	'a:1:{s:9:"100000000";N;}');

-- Of a key that occurs twice the last value counts, at the first one's index
SELECT * FROM try_all(
	'a:2:{i:0;s:1:"a";i:0;s:1:"b";}',
	'a:3:{i:0;s:1:"a";i:1;s:1:"b";i:0;s:1:"c";}',
	'a:3:{i:0;s:1:"a";s:1:"0";s:1:"b";i:1;s:1:"c";}',
	'a:3:{i:1;s:1:"a";i:0;s:1:"b";i:1;s:1:"c";}',
	'a:3:{s:1:"x";i:1;s:1:"y";i:2;s:1:"x";i:3;}',
	'a:4:{i:0;i:1;s:1:"x";i:2;i:0;i:3;i:1;a:2:{i:0;N;i:0;b:1;}}');

-- Whether an array is a list depends on PHP's order of keys, not on jsonb's
SELECT menuca_php_unserialize(convert_to('a:12:{' || string_agg(format('i:%s;i:%s;', i, i * i), '' ORDER BY i) || '}', 'UTF8'))
FROM generate_series(0, 11) i;
SELECT jsonb_array_length(menuca_php_unserialize(convert_to('a:100000:{' || string_agg(format('i:%s;N;', i), '' ORDER BY i) || '}', 'UTF8')))
FROM generate_series(0, 99999) i;

-- Wrong counts, keys that are not keys, arrays that do not end
SELECT * FROM try_all(
	'a:2:{i:0;i:1;}', 'a:3:{i:0;i:1;i:1;i:2;}', 'a:1:{i:0;i:1;i:1;i:2;}', 'a:0:{i:0;i:1;}',
	'a:1:{i:0;i:1', 'a:1:{i:0;}', 'a:1:{i:0;i:1;', 'a:1:{i:0;i:1;)', 'a:1:(i:0;i:1;)', 'a:1 :{i:0;i:1;}', 'a:-1:{}', 'a:+0:{}', 'a::{}', 'a:0:{',
	'a:1:{d:0;i:1;}', 'a:1:{b:0;i:1;}', 'a:1:{N;i:1;   }', 'a:1:{a:0:{}i:1;}', 'a:1:{R:1;i:1;}', 'a:1:{i:0;}i:1;');

--
-- Kinds of values that are refused by name
--
SELECT menuca_php_unserialize('O:8:"stdClass":1:{s:1:"a";i:1;}');
SELECT menuca_php_unserialize('a:2:{i:0;a:0:{}i:1;R:2;}');
SELECT * FROM try_all('C:11:"ArrayObject":0:{}', 'E:11:"Suit:Hearts";', 'S:1:"\61";', 'r:1;', 'o:1:{}', 'a:1:{i:0;O:1:"x":0:{}}', 'a:1:{S:1:"a";N;}');

--
-- Not exactly one value
--
SELECT menuca_php_unserialize('');
SELECT menuca_php_unserialize(NULL);
SELECT menuca_php_unserialize('a:2:{i:0;s:5:"Pizza";i:1;s:5:"Pa');
SELECT menuca_php_unserialize('s:4:"Crème";');
SELECT menuca_php_unserialize('["not", "PHP''s"]');
SELECT menuca_php_unserialize('i:5;i:6;');
SELECT * FROM try_all('i:5;x', 'a:0:{};', 'N;N;', E'i:5;\n', ' i:5;', 'n;', 'N', 'N:', '}', 'null', '0', E'b:1\\\t;');
SELECT try('i:5;\000');

-- Every prefix of a value is refused as cut
SELECT DISTINCT left(try(substr(value, 1, n)), 30) AS error, count(*)
FROM (VALUES (convert_to('a:4:{i:0;a:2:{s:6:"crème";d:-1.5E-7;s:0:"";N;}i:1;b:1;i:2;i:-12;i:3;a:1:{i:0;s:2:"";";}}', 'UTF8'))) v(value),
	generate_series(1, length(value) - 1) n
GROUP BY 1 ORDER BY 1;
SELECT menuca_php_unserialize(convert_to('a:4:{i:0;a:2:{s:6:"crème";d:-1.5E-7;s:0:"";N;}i:1;b:1;i:2;i:-12;i:3;a:1:{i:0;s:2:"";";}}', 'UTF8'));

--
-- Limits
--
CREATE FUNCTION nested(depth int) RETURNS bytea LANGUAGE sql AS $$
	SELECT convert_to(repeat('a:1:{i:0;', depth) || 'N;' || repeat('}', depth), 'UTF8')
$$;
SELECT menuca_php_unserialize(nested(512)) = (repeat('[', 512) || 'null' || repeat(']', 512))::jsonb;
SELECT menuca_php_unserialize(nested(513));
SELECT try(nested(100000));
-- Arrays beside each other are not nested
SELECT jsonb_array_length(menuca_php_unserialize(convert_to('a:1000:{' || string_agg(format('i:%s;a:1:{i:0;N;}', i), '' ORDER BY i) || '}', 'UTF8')))
FROM generate_series(0, 999) i;
-- A count alone allocates nothing
SELECT * FROM try_all('a:999999999:{', 'a:999999999:{i:0;N;', 'a:18446744073709551615:{}', 'a:99999999999999999999:{}', 's:4294967296:"');
-- Its size
SELECT length(menuca_php_unserialize(convert_to(format('s:%s:"%s";', 16777216 - 14, repeat('x', 16777216 - 14)), 'UTF8')) #>> '{}');
SELECT menuca_php_unserialize(convert_to(format('s:%s:"%s";', 16777216 - 13, repeat('x', 16777216 - 13)), 'UTF8'));

--
-- In the database's encoding
--
SET client_min_messages = warning;
DROP DATABASE IF EXISTS regression_menuca_latin9;
CREATE DATABASE regression_menuca_latin9 ENCODING 'LATIN9' LOCALE_PROVIDER libc LOCALE 'C' TEMPLATE template0;
DROP DATABASE IF EXISTS regression_menuca_ascii;
CREATE DATABASE regression_menuca_ascii ENCODING 'SQL_ASCII' LOCALE_PROVIDER libc LOCALE 'C' TEMPLATE template0;
RESET client_min_messages;
SELECT current_database() AS home \gset
\c regression_menuca_latin9
SET client_min_messages = error;		-- the schema public is warned of
CREATE EXTENSION menuca_migrate;
RESET client_min_messages;
\pset footer off
SET client_encoding = 'UTF8';
SELECT convert_to(menuca_php_unserialize('a:1:{s:4:"na\303\257";s:3:"\342\202\254";}')::text, 'UTF8') = '{"na\303\257": "\342\202\254"}';
SELECT length(menuca_php_unserialize('s:3:"\342\202\254";') ->> 0), length(menuca_php_unserialize('s:3:"\342\202\254";') #>> '{}');
-- No pizza there
SELECT menuca_php_unserialize('a:1:{i:0;s:4:"\360\237\215\225";}');
SELECT menuca_php_unserialize('a:1:{i:0;s:1:"\244";}');
\c regression_menuca_ascii
SET client_min_messages = error;		-- the schema public is warned of
CREATE EXTENSION menuca_migrate;
RESET client_min_messages;
\pset footer off
SELECT convert_to(menuca_php_unserialize('a:1:{i:0;s:4:"\360\237\215\225";}')::text, 'SQL_ASCII');
SELECT menuca_php_unserialize('a:1:{i:0;s:1:"\244";}');
\c :home
DROP DATABASE regression_menuca_latin9;
DROP DATABASE regression_menuca_ascii;

DROP FUNCTION try_all(text[]), try(bytea), nested(int);
DROP EXTENSION menuca_migrate;

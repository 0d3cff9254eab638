--
-- The claims' functions in PL/pgSQL, which files for hosted databases create: they give
-- the same results as those in C, whatever the claims are, and never raise an error.
--
\ir include/tools.psql

SELECT plan(17);

CREATE SCHEMA menuca_access;
SELECT format(E'DO $menuca$ BEGIN\n%s\nEND $menuca$', menuca_hosted_claims_template()) AS create_functions \gset
:create_functions;

-- A result, or the error
CREATE FUNCTION pg_temp.try(call text, claim text, claims text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
	result text;
BEGIN
	PERFORM set_config('request.jwt.claims', claims, true);
	EXECUTE call INTO result USING claim, claims;
	RETURN result;
EXCEPTION WHEN OTHERS THEN
	RETURN 'error ' || SQLSTATE || ' ' || SQLERRM;
END $$;

-- The texts: those of sql/access_claims, and what is made of them
CREATE TEMP TABLE texts (no int GENERATED ALWAYS AS IDENTITY, claims text);
INSERT INTO texts (claims) VALUES
	('{"restaurant_id": 5}'), ('{"restaurant_id": "5"}'),
	(' {"a": [1, {"restaurant_id": 6}, []], "b": {}, "restaurant_id" : -5 , "c": null} '),
	('{"restaurant_id": 9223372036854775807}'), ('{"restaurant_id": "-9223372036854775808"}'),
	('{"restaurant\u005fid": 7}'), ('{"restaurant_id": 1, "restaurant_id": 8}'), ('{"aud": "a \" } b", "restaurant_id": 9}'), ('{"restaurant_id": "007"}'),
	(''), ('   '), ('{}'), ('{"user_id": 5}'), ('{"nested": {"restaurant_id": 5}}'), ('{"Restaurant_id": 5}'), ('{"restaurant_id": null}'),
	('{"restaurant_id": 1, "restaurant_id": null}'), ('{"restaurant_id": 1, "restaurant_id": {"restaurant_id": 2}}'),
	('5'), ('"restaurant_id"'), ('null'), ('[{"restaurant_id": 5}]'), ('restaurant_id=5'), ('{"restaurant_id": 5'), ('{"restaurant_id": 5}}'),
	('{"restaurant_id": 5},'), ('{"restaurant_id": 5} {}'), ('{"restaurant_id": 5,}'), ('{,"restaurant_id": 5}'), ('{"restaurant_id" 5}'),
	('{"restaurant_id": 5 "a": 1}'), ('{restaurant_id: 5}'), ('{''restaurant_id'': 5}'), ('{"restaurant_id": 5, "a": [1, 2}'), ('{"restaurant_id": 5, "a": {"b": 1]}'),
	('{"restaurant_id": 5, "a": [1,]}'), ('{"restaurant_id": 5, "a": tru}'), ('{"restaurant_id": 5, "a": "\ud800"}'), ('{"restaurant_id": 5, "a": "\x"}'),
	('{"restaurant_id": 5, "a": "cut'), (E'{"restaurant_id": 5, "a": "\t"}'), ('eyJhbGciOiJIUzI1NiJ9.eyJyZXN0YXVyYW50X2lkIjo1fQ.c2ln'),
	('{"restaurant_id": 5.0}'), ('{"restaurant_id": 5e0}'), ('{"restaurant_id": 9223372036854775808}'), ('{"restaurant_id": "-9223372036854775809"}'),
	('{"restaurant_id": 99999999999999999999999999999999999999}'), ('{"restaurant_id": ""}'), ('{"restaurant_id": "-"}'), ('{"restaurant_id": " 5"}'), ('{"restaurant_id": "5 "}'),
	('{"restaurant_id": "0x5"}'), ('{"restaurant_id": "\u0035"}'), ('{"restaurant_id": true}'), ('{"restaurant_id": [5]}'), ('{"restaurant_id": {"id": 5}}'),
	('{"restaurant_id": "(SELECT id FROM menuca_v3.restaurants LIMIT 1)"}'), ('{"restaurant_id": "5 OR true"}'), ('{"restaurant_id": "5; DROP TABLE dishes"}'),
	-- Numbers
	('{"restaurant_id": 1e3}'), ('{"restaurant_id": 007}'), ('{"restaurant_id": -0}'), ('{"restaurant_id": "-0"}'), ('{"restaurant_id": +5}'), ('{"restaurant_id": "--5"}'),
	('{"restaurant_id": "00000000000000000000000000000000005"}'), ('{"restaurant_id": .5}'), ('{"restaurant_id": 5.}'), ('{"restaurant_id": 1e400000}'), ('{"restaurant_id": -9223372036854775809}'),
	('{"restaurant_id": "' || repeat('9', 200000) || '"}'), ('{"restaurant_id": "٥"}'), ('{"restaurant_id": "５"}'), ('{"restaurant_id": NaN}'), ('{"restaurant_id": Infinity}'),
	-- Escapes
	('{"restaurant_id": 5, "a": "\u0000"}'), ('{"a\u0000": 1, "restaurant_id": 5}'), ('{"restaurant_id\u0000": 5}'), ('{"\ud83d\ude00": 1, "restaurant_id": 5}'), ('{"\ude00": 1, "restaurant_id": 5}'),
	('{"restaurant_id": 5, "\u00e9": 6}'), ('{"restaurant_id": 5, "é": 7}'), ('{"restaurant_id": 5, "a": "\\u0000"}'), ('{"restaurant_id": 5, "a": "\u00g0"}'), ('{"restaurant_id": 5, "a": "\u12"}'),
	('{"restaurant\_id": 5}'), ('{"\u0072estaurant_id": 5}'), ('{"restaurant_id": "5\n"}'), ('{"restaurant_id": "\"5\""}'), ('{"sub": "\u0061"}'), (E'{"restaurant_id": 5, "a": "\x01"}'), (E'\x01{"restaurant_id": 5}'),
	('{"restaurant_id": 5, "a": "' || chr(127) || '"}'), (chr(65279) || '{"restaurant_id": 5}'), (chr(160) || '{"restaurant_id": 5}'), (E'{\f"restaurant_id": 5}'), (E'{\n\r\t"restaurant_id": 5}'),
	-- Nested claims, repeated keys
	('{"app_metadata": {"a": {"restaurant_id": 1}, "restaurant_id": "42", "l": [{"restaurant_id": 3}]}, "restaurant_id": 4}'),
	('{"app_metadata": {"restaurant_id": 1}, "app_metadata": {}}'), ('{"app_metadata": {"restaurant_id": 1}, "app_metadata": null}'), ('{"app_metadata": {}, "app_metadata": {"restaurant_id": 1}}'),
	('{"app_metadata": [{"restaurant_id": 1}]}'), ('{"app_metadata": {"restaurant_id": 1, "restaurant_id": "x"}}'), ('{"app_metadata": 1, "app_metadata": {"restaurant_id": 2}, "restaurant_id": 3}'),
	('{"app_metadata": {"app_metadata": {"restaurant_id": 1}}}'), ('{"": 5, " ": 6}'), ('{" restaurant_id ": 5}'), ('{"app_metadata -> restaurant_id": 5}'),
	-- Uuids
	('{"sub": "a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11"}'), ('{"sub": "A0EEBC99-9C0B-4EF8-BB6D-6BB9BD380A11"}'), ('{"sub": "a0eebc999c0b4ef8bb6d6bb9bd380a11"}'),
	('{"sub": "{a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11}"}'), ('{"sub": "a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a1g"}'), ('{"sub": 5}'), ('{"sub": ""}'), ('{"sub": null}'), ('{"sub": ["c4ca4238-a0b9-2382-0dcc-509a6f75849b"]}'),
	('{"sub": "1 OR true"}'), ('{"sub": " a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11"}'), ('{"sub": "a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11\n"}'), (E'{"sub": "a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11\n"}'),
	-- Depth
	('{"restaurant_id": 5, "deep": ' || repeat('[', 90) || repeat(']', 90) || '}'), ('{"restaurant_id": 5, "deep": ' || repeat('[', 300) || repeat(']', 300) || '}'),
	('{"restaurant_id": 5, "deep": ' || repeat('{"a":', 300) || '1' || repeat('}', 299) || '}'), ('{"restaurant_id": 5, "deep": ' || repeat('[', 12000) || repeat(']', 12000) || '}'),
	('{"restaurant_id": 5, "deep": ' || repeat('{"a":', 6000) || '1' || repeat('}', 5999) || '}'), (repeat('{"app_metadata":', 3000));
SELECT count(*) AS listed FROM texts \gset

CREATE TEMP TABLE names (claim text);
INSERT INTO names VALUES ('restaurant_id'), ('sub'), ('app_metadata -> restaurant_id'), ('app_metadata->a->restaurant_id'), ('app_metadata'), ('app_metadata -> '), (''), ('->'),
	(' restaurant_id '), ('é'), ('a -> restaurant_id'), ('nested->restaurant_id');

-- What the two say of each text; the third column is what the scanner alone says
CREATE FUNCTION pg_temp.differences(sample_size int, OUT tried bigint, OUT found bigint, OUT differ text) LANGUAGE sql AS $$
SELECT count(*), count(*) FILTER (WHERE c IS NOT NULL OR cu IS NOT NULL),
	string_agg(format('%s in %s: %s instead of %s', claim, left(claims, 200), concat_ws(' ', p, pu, s, su), concat_ws(' ', c, cu)), E'\n')
		FILTER (WHERE c IS DISTINCT FROM p OR cu IS DISTINCT FROM pu OR c IS DISTINCT FROM s OR cu IS DISTINCT FROM su)
FROM (SELECT no, claims FROM texts ORDER BY no LIMIT sample_size) t CROSS JOIN names,
	LATERAL (SELECT pg_temp.try($q$SELECT menuca_claim_bigint($1, 'request.jwt.claims')$q$, claim, claims),
		pg_temp.try($q$SELECT menuca_access.claim_bigint($1, 'request.jwt.claims')$q$, claim, claims),
		pg_temp.try('SELECT menuca_access.token_bigint(menuca_access.scan_claim($2, $1))', claim, claims),
		pg_temp.try($q$SELECT menuca_claim_uuid($1, 'request.jwt.claims')$q$, claim, claims),
		pg_temp.try($q$SELECT menuca_access.claim_uuid($1, 'request.jwt.claims')$q$, claim, claims),
		pg_temp.try('SELECT menuca_access.token_uuid(menuca_access.scan_claim($2, $1))', claim, claims)) r(c, p, s, cu, pu, su)
$$;

SELECT tried, found, coalesce(differ, 'none') AS differ FROM pg_temp.differences(:listed) \gset
SELECT is(:'differ'::text, 'none', 'the whole list is read the same');
SELECT ok(:tried = 12 * :listed AND :found > 60, 'and some of it says something');
SELECT is((SELECT count(*)::int FROM texts CROSS JOIN names
	WHERE pg_temp.try($q$SELECT menuca_access.claim_bigint($1, 'request.jwt.claims')$q$, claim, claims) LIKE 'error%'), 0, 'nothing of it is an error');

-- Deeper than the parser of the server can go
SELECT is(menuca_access.token_bigint(menuca_access.claim_token('{"restaurant_id": 5, "deep": ' || repeat('[', 500000) || repeat(']', 500000) || '}', 'restaurant_id')), 5::bigint, 'half a million levels');

--
-- Texts at random: each of the list with characters taken out, put in, or replaced
--
SELECT setseed(0.4711) \gset ignored_
INSERT INTO texts (claims)
SELECT CASE n % 4
		WHEN 0 THEN overlay(claims PLACING c FROM place FOR 1)
		WHEN 1 THEN overlay(claims PLACING '' FROM place FOR 1)
		WHEN 2 THEN overlay(claims PLACING c FROM place FOR 0)
		ELSE overlay(overlay(claims PLACING c FROM place FOR 1) PLACING d FROM greatest(1, length(claims) - place) FOR 1) END
FROM (SELECT n, claims, 1 + floor(random() * length(claims))::int AS place,
		  (ARRAY['"', '{', '}', '[', ']', ',', ':', '\', '\u', '\u0000', '\ud800', ' ', E'\t', '0', '-', 'e', '.', 'true', 'null', '1', E'\x02', 'é', '"restaurant_id"'])[1 + floor(random() * 23)::int] AS c,
		  (ARRAY['"', '{', '}', '[', ']', ',', ':', '\\', 'x', '9'])[1 + floor(random() * 10)::int] AS d
	  FROM (SELECT claims FROM texts WHERE length(claims) BETWEEN 1 AND 200) t, generate_series(1, 10) n) m;
SELECT tried, found, coalesce(differ, 'none') AS differ FROM pg_temp.differences(1000000) \gset
SELECT is(:'differ'::text, 'none', 'so are texts with mistakes');
SELECT cmp_ok(:found, '>', 100, 'some of which are still JSON');

--
-- A role may read backslashes in plain literals as escapes, and functions are compiled so
--
SET standard_conforming_strings = off;
SET escape_string_warning = off;
:create_functions;
SELECT coalesce(differ, 'none') AS differ FROM pg_temp.differences(1000000) \gset
SELECT is(:'differ'::text, 'none', 'all of it is read the same where literals are read in another way');
RESET standard_conforming_strings;
RESET escape_string_warning;
:create_functions;

-- And JSON that is made of parts
CREATE FUNCTION pg_temp.made(depth int) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
	kind int := floor(random() * CASE WHEN depth = 0 THEN 7 ELSE 10 END);
	parts text := '';
BEGIN
	IF kind < 7 THEN
		RETURN (ARRAY['5', '"5"', '"a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11"', 'null', '"\u00e9"', '1e3', '"\\"'])[kind + 1];
	END IF;
	FOR i IN 1 .. floor(random() * 4)::int LOOP
		parts := parts || CASE WHEN i > 1 THEN ',' ELSE '' END ||
			CASE WHEN kind > 7 THEN (ARRAY['"restaurant_id"', '"sub"', '"app_metadata"', '"a"', '"\u0061"', '""', '"é"', '"\u00e9"'])[1 + floor(random() * 8)::int] || ':' ELSE '' END ||
			pg_temp.made(depth - 1);
	END LOOP;
	RETURN CASE WHEN kind > 7 THEN '{' || parts || '}' ELSE '[' || parts || ']' END;
END $$;
TRUNCATE texts;
INSERT INTO texts (claims) SELECT '{"restaurant_id":' || pg_temp.made(3) || ',"app_metadata":' || pg_temp.made(4) || ',"sub":' || pg_temp.made(1) || '}' FROM generate_series(1, 300);
SELECT tried, found, coalesce(differ, 'none') AS differ FROM pg_temp.differences(1000000) \gset
SELECT is(:'differ'::text, 'none', 'so are made objects');
SELECT cmp_ok(:found, '>', 150, 'many of which have the claims');

-- The same from jsonb
SELECT is((SELECT count(*)::int FROM texts CROSS JOIN names
	WHERE menuca_claim_bigint(claim, claims::jsonb) IS DISTINCT FROM menuca_access.claim_bigint(claim, claims::jsonb)
		OR menuca_claim_uuid(claim, claims::jsonb) IS DISTINCT FROM menuca_access.claim_uuid(claim, claims::jsonb)), 0, 'jsonb is read the same');
SELECT is((SELECT count(*)::int FROM names, (VALUES ('null'), ('5'), ('[]'), ('"restaurant_id"'), ('[{"restaurant_id": 5}]'), ('{"restaurant_id": 5e0}'), ('{"restaurant_id": 5.0}'), ('{"restaurant_id": 99999999999999999999}')) v(claims)
	WHERE menuca_claim_bigint(claim, claims::jsonb) IS DISTINCT FROM menuca_access.claim_bigint(claim, claims::jsonb)), 0, 'whatever it is');

--
-- Settings
--
RESET request.jwt.claims;
SELECT is((SELECT array_agg(menuca_access.claim_bigint(claim, setting)) FROM (VALUES ('restaurant_id', 'no.such_setting'), ('restaurant_id', ''), ('restaurant_id', 'not a name; at all'), ('restaurant_id', 'not. a; name'),
	('restaurant_id', 'server_version'), ('restaurant_id', 'data_directory'), (NULL, 'request.jwt.claims'), ('restaurant_id', NULL), ('', 'request.jwt.claims')) v(claim, setting)),
	'{NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL}'::bigint[], 'settings that do not exist, or are the server''s, say nothing');
SET menuca_test.claims = '{"restaurant_id": 12}';
SELECT is(menuca_access.claim_bigint('restaurant_id', 'menuca_test.claims'), 12::bigint, 'another setting');

--
-- Whose operators are in the search_path does not matter
--
CREATE SCHEMA evil;
CREATE FUNCTION evil.lies(text, text) RETURNS boolean LANGUAGE sql IMMUTABLE AS 'SELECT true';
CREATE FUNCTION evil.first(json, text) RETURNS json LANGUAGE sql IMMUTABLE AS $$SELECT '"1"'::json$$;
CREATE OPERATOR evil.-> (LEFTARG = json, RIGHTARG = text, FUNCTION = evil.first);
CREATE OPERATOR evil.!~ (LEFTARG = text, RIGHTARG = text, FUNCTION = evil.lies);
SET request.jwt.claims = '{"restaurant_id": 5}';
SELECT set_config('search_path', 'evil, pg_catalog, public', false) AS path \gset ignored_
SELECT public.is('{"restaurant_id": 5}'::json -> 'restaurant_id' #>> '{}', '1', 'operators of somebody else are found first');
SELECT public.is(menuca_access.claim_bigint('restaurant_id', 'request.jwt.claims'), 5::bigint, 'but not by the claims'' functions');
RESET search_path;

-- A role of requests, in a parallel plan where that is allowed
CREATE ROLE menuca_login;
GRANT USAGE ON SCHEMA menuca_access TO menuca_login;
SET ROLE menuca_login;
SELECT is(menuca_access.claim_bigint('restaurant_id', 'request.jwt.claims'), 5::bigint, 'a role of requests reads its claim');
RESET ROLE;
SELECT is((SELECT string_agg(DISTINCT proparallel::text, '') FROM pg_proc WHERE pronamespace = 'menuca_access'::regnamespace AND proname IN ('claim_bigint', 'claim_uuid') AND pg_get_function_identity_arguments(oid) ~ 'setting'),
	CASE WHEN current_setting('server_version_num')::int >= 160000 THEN 's' ELSE 'u' END, 'where an error is caught no plan is parallel');

DROP SCHEMA menuca_access, evil CASCADE;
DROP ROLE menuca_login;
SELECT * FROM finish();

-- Claims: read when they are valid, NULL otherwise, never an error
SET client_min_messages = error;		-- the schema public is warned of
CREATE EXTENSION menuca_migrate;
RESET client_min_messages;

CREATE TABLE claims (no int GENERATED ALWAYS AS IDENTITY, claims text);
INSERT INTO claims (claims) VALUES
	-- Good ones
	('{"restaurant_id": 5}'),
	('{"restaurant_id": "5"}'),
	(' {"a": [1, {"restaurant_id": 6}, []], "b": {}, "restaurant_id" : -5 , "c": null} '),
	('{"restaurant_id": 9223372036854775807}'),
	('{"restaurant_id": "-9223372036854775808"}'),
	('{"restaurant\u005fid": 7}'),
	('{"restaurant_id": 1, "restaurant_id": 8}'),
	('{"aud": "a \" } b", "restaurant_id": 9}'),
	('{"restaurant_id": "007"}'),
	-- Nothing there
	(''),
	('   '),
	('{}'),
	('{"user_id": 5}'),
	('{"nested": {"restaurant_id": 5}}'),
	('{"Restaurant_id": 5}'),
	('{"restaurant_id": null}'),
	('{"restaurant_id": 1, "restaurant_id": null}'),
	('{"restaurant_id": 1, "restaurant_id": {"restaurant_id": 2}}'),
	-- No JSON
	('5'),
	('"restaurant_id"'),
	('null'),
	('[{"restaurant_id": 5}]'),
	('restaurant_id=5'),
	('{"restaurant_id": 5'),
	('{"restaurant_id": 5}}'),
	('{"restaurant_id": 5},'),
	('{"restaurant_id": 5} {}'),
	('{"restaurant_id": 5,}'),
	('{,"restaurant_id": 5}'),
	('{"restaurant_id" 5}'),
	('{"restaurant_id": 5 "a": 1}'),
	('{restaurant_id: 5}'),
	('{''restaurant_id'': 5}'),
	('{"restaurant_id": 5, "a": [1, 2}'),
	('{"restaurant_id": 5, "a": {"b": 1]}'),
	('{"restaurant_id": 5, "a": [1,]}'),
	('{"restaurant_id": 5, "a": tru}'),
	('{"restaurant_id": 5, "a": "\ud800"}'),
	('{"restaurant_id": 5, "a": "\x"}'),
	('{"restaurant_id": 5, "a": "cut'),
	(E'{"restaurant_id": 5, "a": "\t"}'),
	('eyJhbGciOiJIUzI1NiJ9.eyJyZXN0YXVyYW50X2lkIjo1fQ.c2ln'),
	-- No integer, or none in range
	('{"restaurant_id": 5.0}'),
	('{"restaurant_id": 5e0}'),
	('{"restaurant_id": 9223372036854775808}'),
	('{"restaurant_id": "-9223372036854775809"}'),
	('{"restaurant_id": 99999999999999999999999999999999999999}'),
	('{"restaurant_id": ""}'),
	('{"restaurant_id": "-"}'),
	('{"restaurant_id": " 5"}'),
	('{"restaurant_id": "5 "}'),
	('{"restaurant_id": "0x5"}'),
	('{"restaurant_id": "\u0035"}'),
	('{"restaurant_id": true}'),
	('{"restaurant_id": [5]}'),
	('{"restaurant_id": {"id": 5}}'),
	-- SQL instead of a value: the text that stopped the whole site
	('{"restaurant_id": "(SELECT id FROM menuca_v3.restaurants LIMIT 1)"}'),
	('{"restaurant_id": "5 OR true"}'),
	('{"restaurant_id": "5; DROP TABLE dishes"}');

SELECT no, menuca_claim_bigint('restaurant_id', 'request.jwt.claims') AS claim, claims
FROM claims, set_config('request.jwt.claims', claims, true)
ORDER BY no;

-- Valid JSON is read the same from jsonb, which writes 5e0 and "\u0035" as 5
SELECT * FROM (
	SELECT no, menuca_claim_bigint('restaurant_id', claims::jsonb) AS from_jsonb,
		CASE WHEN set_config('request.jwt.claims', claims, true) IS NOT NULL THEN menuca_claim_bigint('restaurant_id') END AS from_setting
	FROM claims WHERE no NOT BETWEEN 10 AND 11 AND no NOT BETWEEN 23 AND 42
	ORDER BY no OFFSET 0) c
WHERE from_jsonb IS DISTINCT FROM from_setting;

-- No setting at all; another setting; no arguments
RESET request.jwt.claims;
SELECT menuca_claim_bigint('restaurant_id', 'no.such_setting'), menuca_claim_bigint('restaurant_id', ''),
	menuca_claim_bigint('restaurant_id', 'not a name; at all'), menuca_claim_bigint('restaurant_id', 'server_version'),
	menuca_claim_bigint(NULL, 'request.jwt.claims'), menuca_claim_bigint('restaurant_id', NULL::text),
	menuca_claim_bigint('', 'request.jwt.claims'), menuca_claim_bigint('restaurant_id', NULL::jsonb);
SET menuca_test.claims = '{"restaurant_id": 12}';
SELECT menuca_claim_bigint('restaurant_id', 'menuca_test.claims'), menuca_claim_bigint('restaurant_id');

-- Nested claims
SET request.jwt.claims = '{"app_metadata": {"a": {"restaurant_id": 1}, "restaurant_id": "42", "l": [{"restaurant_id": 3}]}, "restaurant_id": 4}';
SELECT menuca_claim_bigint('app_metadata -> restaurant_id'), menuca_claim_bigint('app_metadata->a->restaurant_id'),
	menuca_claim_bigint('restaurant_id'), menuca_claim_bigint('app_metadata -> l -> restaurant_id'),
	menuca_claim_bigint('app_metadata'), menuca_claim_bigint('app_metadata -> '), menuca_claim_bigint('a -> restaurant_id');

-- Nested more deeply than a recursive parser could go
SELECT set_config('request.jwt.claims', '{"restaurant_id": 5, "deep": ' || repeat('[', 2000000) || repeat(']', 2000000) || '}', false) IS NOT NULL AS set;
SELECT menuca_claim_bigint('restaurant_id');
SELECT set_config('request.jwt.claims', '{"restaurant_id": 5, "deep": ' || repeat('{"a":', 500000) || '1' || repeat('}', 499999) || '}', false) IS NOT NULL AS set;
SELECT menuca_claim_bigint('restaurant_id');

-- A uuid
SELECT value, menuca_claim_uuid('sub') AS claim, menuca_claim_uuid('sub', value::jsonb) AS from_jsonb
FROM (VALUES ('{"sub": "a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11"}'), ('{"sub": "A0EEBC99-9C0B-4EF8-BB6D-6BB9BD380A11"}'),
	('{"sub": "a0eebc999c0b4ef8bb6d6bb9bd380a11"}'), ('{"sub": "a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a1g"}'), ('{"sub": 5}'), ('{"sub": ""}'), ('{}')) v (value),
	set_config('request.jwt.claims', value, true);

-- Everybody may call them, since policies do
CREATE ROLE regress_menuca_nobody;
SET ROLE regress_menuca_nobody;
SET request.jwt.claims = '{"restaurant_id": 5}';
SELECT menuca_claim_bigint('restaurant_id');
RESET ROLE;
DROP ROLE regress_menuca_nobody;
DROP TABLE claims;
DROP EXTENSION menuca_migrate;

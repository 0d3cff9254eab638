--
-- Access as SQL files: the claims' functions, for a database where no extension can be
-- loaded.  They run as the roles of requests, inside of policies.
--

CREATE FUNCTION menuca_hosted_claims_template()
RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE
SET search_path = pg_catalog, pg_temp
RETURN $template$
	-- Those that policies call pin the search_path, and with it that of what they call.

	-- A claim as its JSON token; NULL when there is none, or the text is not one JSON
	-- object.  Since PostgreSQL 16 the server says whether it is JSON, without an error;
	-- before, an error is caught, which forbids parallel plans.
	CREATE OR REPLACE FUNCTION menuca_access.claim_token(claims text, claim text)
	RETURNS text
	LANGUAGE plpgsql STABLE PARALLEL UNSAFE STRICT
	AS $function$
	DECLARE
		path text[] := CASE WHEN claim = '' THEN ARRAY[''] ELSE string_to_array(claim, '->') END;
		has_escapes boolean := strpos(claims, E'\\u') > 0;
	BEGIN
		-- A name beyond ASCII equals no escape.
		IF has_escapes AND claim ~ E'[^\\u0001-\\u007F]' THEN
			RETURN menuca_access.scan_claim(claims, claim);
		END IF;
		IF current_setting('server_version_num')::integer >= 160000 THEN
			-- The parser is recursive, and some escapes are JSON, but no character.
			IF length(claims) - length(translate(claims, '[{', '')) > 200 OR
				has_escapes AND (getdatabaseencoding() <> 'UTF8' OR claims ~ E'\\\\u(?:0000|[Dd][89A-Fa-f])') THEN
				RETURN menuca_access.scan_claim(claims, claim);
			END IF;
			IF NOT pg_input_is_valid(claims, 'json') THEN
				RETURN NULL;
			END IF;
			RETURN menuca_access.json_token(claims::json, path);
		END IF;
		BEGIN
			RETURN menuca_access.json_token(claims::json, path);
		EXCEPTION WHEN OTHERS THEN
			IF has_escapes OR SQLSTATE = '54001' THEN
				RETURN menuca_access.scan_claim(claims, claim);
			END IF;
			RETURN NULL;
		END;
	END $function$;

	-- The value at a path, as its JSON token.  Of a repeated key the last value counts.
	CREATE OR REPLACE FUNCTION menuca_access.json_token(claims json, path text[])
	RETURNS text
	LANGUAGE plpgsql STABLE PARALLEL SAFE STRICT
	AS $function$
	DECLARE
		value json := claims;
		key text;
	BEGIN
		FOREACH key IN ARRAY path LOOP
			IF json_typeof(value) <> 'object' THEN
				RETURN NULL;
			END IF;
			value := value -> btrim(key, ' ');
			IF value IS NULL THEN
				RETURN NULL;
			END IF;
		END LOOP;
		RETURN CASE WHEN json_typeof(value) IN ('string', 'number') THEN value::text END;
	END $function$;

	-- The same, token by token, for texts that are nested deeply, or have escapes that
	-- the server would not decode.
	CREATE OR REPLACE FUNCTION menuca_access.scan_claim(claims text, claim text)
	RETURNS text
	LANGUAGE plpgsql STABLE PARALLEL SAFE STRICT
	AS $function$
	DECLARE
		path text[] := CASE WHEN claim = '' THEN ARRAY[''] ELSE string_to_array(claim, '->') END;
		token text;
		first "char";
		expected text := 'value';	-- or key, colon, comma, nothing
		may_end boolean := false;	-- the object or array that was just opened may be empty
		is_object boolean[] := '{}';	-- the objects and arrays that are open
		depth integer := 0;
		matched integer := 0;	-- how many of the path's keys led to open objects
		key_matches boolean := false;
		found text;
		read bigint := 0;	-- characters
	BEGIN
		FOR token IN
			SELECT (regexp_matches(claims,
				E'"(?:[^"\\\\\\u0001-\\u001F]|\\\\(?:["\\\\/bfnrt]|u[0-9A-Fa-f]{4}))*"|-?(?:0|[1-9][0-9]*)(?:\\.[0-9]+)?(?:[eE][-+]?[0-9]+)?|true|false|null|[][{}:,]|[ \\t\\r\\n]+', 'g'))[1]
		LOOP
			read := read + length(token);
			first := token::"char";
			CONTINUE WHEN first IN (' ', E'\t', E'\r', E'\n');
			IF depth = 0 AND (first <> '{' OR expected = 'nothing') THEN
				RETURN NULL;
			END IF;

			IF first IN ('}', ']') THEN
				IF NOT (expected = 'comma' OR may_end) OR is_object[depth] <> (first = '}') THEN
					RETURN NULL;
				END IF;
				depth := depth - 1;
				IF first = '}' AND matched > 0 AND matched = depth THEN
					matched := matched - 1;
				END IF;
				may_end := false;
				expected := CASE WHEN depth > 0 THEN 'comma' ELSE 'nothing' END;
			ELSIF expected = 'key' THEN
				IF first <> '"' THEN
					RETURN NULL;
				END IF;
				key_matches := depth = matched + 1 AND matched < cardinality(path) AND
					menuca_access.is_key(token, btrim(path[matched + 1], ' '));
				IF key_matches THEN
					found := NULL;
				END IF;
				may_end := false;
				expected := 'colon';
			ELSIF expected = 'colon' THEN
				IF first <> ':' THEN
					RETURN NULL;
				END IF;
				expected := 'value';
			ELSIF expected = 'comma' THEN
				IF first <> ',' THEN
					RETURN NULL;
				END IF;
				key_matches := false;
				expected := CASE WHEN is_object[depth] THEN 'key' ELSE 'value' END;
			ELSIF first IN ('{', '[') THEN
				IF key_matches AND first = '{' THEN
					matched := matched + 1;
				END IF;
				key_matches := false;
				depth := depth + 1;
				is_object[depth] := first = '{';
				may_end := true;
				expected := CASE WHEN first = '{' THEN 'key' ELSE 'value' END;
			ELSIF first IN (':', ',') THEN
				RETURN NULL;
			ELSE
				IF key_matches AND matched + 1 = cardinality(path) AND first NOT IN ('t', 'f', 'n') THEN
					found := token;
				END IF;
				key_matches := false;
				may_end := false;
				expected := 'comma';
			END IF;
		END LOOP;
		RETURN CASE WHEN expected = 'nothing' AND read = length(claims) THEN found END;
	END $function$;

	-- Compares a string token with a key.  An escape of a character beyond ASCII matches
	-- nothing: such a key can be written without escapes.
	CREATE OR REPLACE FUNCTION menuca_access.is_key(token text, key text)
	RETURNS boolean
	LANGUAGE plpgsql STABLE PARALLEL SAFE STRICT
	AS $function$
	BEGIN
		IF strpos(token, E'\\') = 0 THEN
			RETURN substr(token, 2, length(token) - 2) = key;
		ELSIF token ~ E'\\\\u(?:0000|00[89A-Fa-f]|0[1-9A-Fa-f]|[1-9A-Fa-f])' THEN
			RETURN false;
		END IF;
		RETURN token::json #>> '{}' = key;
	END $function$;

	-- Digits after an optional minus sign, as a JSON number or string.
	CREATE OR REPLACE FUNCTION menuca_access.token_bigint(token text)
	RETURNS bigint
	LANGUAGE plpgsql STABLE PARALLEL SAFE STRICT
	AS $function$
	DECLARE
		digits text := CASE WHEN token LIKE '"%"' THEN substr(token, 2, length(token) - 2) ELSE token END;
		sign text := CASE WHEN digits LIKE '-%' THEN '-' ELSE '' END;
	BEGIN
		IF digits COLLATE "C" !~ '^-?[0-9]+$' THEN
			RETURN NULL;
		END IF;
		digits := ltrim(digits, '-0');
		IF length(digits) > 19 OR (sign || '0' || digits)::numeric NOT BETWEEN -9223372036854775808 AND 9223372036854775807 THEN
			RETURN NULL;
		END IF;
		RETURN (sign || '0' || digits)::bigint;
	END $function$;

	-- A JSON string in the canonical form of a uuid.
	CREATE OR REPLACE FUNCTION menuca_access.token_uuid(token text)
	RETURNS uuid
	LANGUAGE plpgsql STABLE PARALLEL SAFE STRICT
	AS $function$
	BEGIN
		IF token COLLATE "C" !~ '^"[0-9A-Fa-f]{8}-[0-9A-Fa-f]{4}-[0-9A-Fa-f]{4}-[0-9A-Fa-f]{4}-[0-9A-Fa-f]{12}"$' THEN
			RETURN NULL;
		END IF;
		RETURN btrim(token, '"')::uuid;
	END $function$;

	-- The text of a setting that a request may have; NULL for one of the server's own,
	-- which could be hidden from the caller.
	CREATE OR REPLACE FUNCTION menuca_access.claims_in(setting text)
	RETURNS text
	LANGUAGE plpgsql STABLE PARALLEL SAFE STRICT
	AS $function$
	BEGIN
		IF strpos(setting, '.') = 0 THEN
			RETURN NULL;
		END IF;
		RETURN current_setting(setting, true);
	END $function$;

	CREATE OR REPLACE FUNCTION menuca_access.claim_bigint(claim text, setting text)
	RETURNS bigint
	LANGUAGE plpgsql STABLE PARALLEL UNSAFE STRICT
	SET search_path = pg_catalog, pg_temp
	AS $function$
	BEGIN
		RETURN menuca_access.token_bigint(menuca_access.claim_token(menuca_access.claims_in(setting), claim));
	END $function$;

	CREATE OR REPLACE FUNCTION menuca_access.claim_bigint(claim text, claims jsonb)
	RETURNS bigint
	LANGUAGE plpgsql STABLE PARALLEL SAFE STRICT
	SET search_path = pg_catalog, pg_temp
	AS $function$
	BEGIN
		RETURN menuca_access.token_bigint(menuca_access.claim_token(claims, claim));
	END $function$;

	CREATE OR REPLACE FUNCTION menuca_access.claim_uuid(claim text, setting text)
	RETURNS uuid
	LANGUAGE plpgsql STABLE PARALLEL UNSAFE STRICT
	SET search_path = pg_catalog, pg_temp
	AS $function$
	BEGIN
		RETURN menuca_access.token_uuid(menuca_access.claim_token(menuca_access.claims_in(setting), claim));
	END $function$;

	CREATE OR REPLACE FUNCTION menuca_access.claim_uuid(claim text, claims jsonb)
	RETURNS uuid
	LANGUAGE plpgsql STABLE PARALLEL SAFE STRICT
	SET search_path = pg_catalog, pg_temp
	AS $function$
	BEGIN
		RETURN menuca_access.token_uuid(menuca_access.claim_token(claims, claim));
	END $function$;

	-- The same from claims that a function such as auth.jwt() returned.
	CREATE OR REPLACE FUNCTION menuca_access.claim_token(claims jsonb, claim text)
	RETURNS text
	LANGUAGE plpgsql STABLE PARALLEL SAFE STRICT
	AS $function$
	DECLARE
		value jsonb := claims;
		key text;
	BEGIN
		FOREACH key IN ARRAY CASE WHEN claim = '' THEN ARRAY[''] ELSE string_to_array(claim, '->') END LOOP
			IF jsonb_typeof(value) <> 'object' THEN
				RETURN NULL;
			END IF;
			value := value -> btrim(key, ' ');
			IF value IS NULL THEN
				RETURN NULL;
			END IF;
		END LOOP;
		RETURN CASE WHEN jsonb_typeof(value) IN ('string', 'number') THEN value::text END;
	END $function$;

	IF current_setting('server_version_num')::integer >= 160000 THEN
		ALTER FUNCTION menuca_access.claim_token(text, text) PARALLEL SAFE;
		ALTER FUNCTION menuca_access.claim_bigint(text, text) PARALLEL SAFE;
		ALTER FUNCTION menuca_access.claim_uuid(text, text) PARALLEL SAFE;
	END IF;
$template$;

COMMENT ON FUNCTION menuca_hosted_claims_template() IS
'The functions by which policies read claims where no extension can be loaded: the body of the file 01_functions of menuca_export_access(). In PL/pgSQL, in schema menuca_access; the same results as menuca_claim_bigint() and menuca_claim_uuid(), and never an error. Without placeholders.';

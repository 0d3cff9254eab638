--
-- Access as SQL files: what each role of requests can actually do, tried on rows that are
-- there.  Everything is undone.
--

CREATE FUNCTION menuca_hosted_matrix_template()
RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE
SET search_path = pg_catalog, pg_temp
RETURN $template$
	-- Tries the cells of the copy's matrix on one row of each kind, as the role and with
	-- its claims, and undoes each at once.  The last row says what was tried at all.  path:
	-- the search_path that triggers see.
	CREATE OR REPLACE FUNCTION menuca_access.try_access(wanted jsonb, path text)
	RETURNS TABLE (check_no integer, name text, status text, expected text, actual text, detail text, next_step text)
	LANGUAGE plpgsql
	SET search_path = pg_catalog, pg_temp
	SET lock_timeout = '500ms'
	AS $function$
	DECLARE
		entry jsonb;
		cell jsonb;
		sample jsonb;
		samples jsonb;
		cascades boolean;
		ntried integer := 0;
		roles_tried text[] := '{}';
		tables_tried text[] := '{}';
	BEGIN
		check_no := 3;
		FOR entry IN SELECT e.value FROM jsonb_array_elements(wanted -> 'tables') e LOOP
			actual := NULL;
			BEGIN
				samples := menuca_access.sample_rows(entry);
			EXCEPTION WHEN OTHERS THEN
				actual := format('error %s', SQLSTATE);
				detail := SQLERRM;
			END;
			IF NOT EXISTS (SELECT FROM menuca_access.deployment d WHERE d.object = entry ->> 'table' AND d.version = entry ->> 'version') THEN
				actual := 'not deployed by this export';
				detail := NULL;
			END IF;
			IF actual IS NOT NULL THEN
				check_no := check_no + 1;
				name := format('%s: no cell can be tried', entry ->> 'name');
				status := 'ERROR';
				expected := 'deployed, with columns as on the copy';
				next_step := 'Run 03_check: it names each difference from the copy.';
				RETURN NEXT;
				CONTINUE;
			END IF;
			cascades := EXISTS (SELECT FROM pg_constraint
								WHERE confrelid = to_regclass(entry ->> 'table') AND contype = 'f' AND confdeltype IN ('c', 'n', 'd'));
			FOR cell IN SELECT e.value FROM jsonb_array_elements(entry -> 'cells') e LOOP
				check_no := check_no + 1;
				name := format('%s: %s, %s, %s', entry ->> 'name', cell ->> 'kind', cell ->> 'command', cell ->> 'row');
				expected := cell ->> 'expected';
				detail := NULL;
				next_step := NULL;
				sample := samples -> CASE WHEN cell ->> 'row' LIKE '%inactive' THEN 'inactive' WHEN cell ->> 'row' LIKE '%public' THEN 'public' ELSE 'any' END;
				IF sample IS NULL THEN
					actual := 'not tried';
					detail := 'there is no such row';
				ELSIF cell ->> 'command' = 'delete' AND cascades AND expected = 'allowed' THEN
					actual := 'not tried';
					detail := 'other tables'' rows would be deleted or changed with it';
				ELSE
					SELECT t.actual, t.detail INTO actual, detail
					FROM menuca_access.try_cell(wanted, entry, cell, sample, path) t;
				END IF;
				status := CASE WHEN actual = 'not tried' THEN 'SKIP' WHEN actual LIKE 'error%' THEN 'ERROR'
					WHEN actual LIKE expected || '%' THEN 'PASS' ELSE 'FAIL' END;
				IF status <> 'SKIP' AND actual <> 'error (role)' THEN
					ntried := ntried + 1;
					roles_tried := array_append(array_remove(roles_tried, cell ->> 'role'), cell ->> 'role');
					tables_tried := array_append(array_remove(tables_tried, entry ->> 'name'), entry ->> 'name');
				END IF;
				IF actual = 'error (role)' THEN
					next_step := format('Run the file as a member of the role: GRANT %I TO %I;', cell ->> 'role', session_user);
				ELSIF status = 'FAIL' THEN
					next_step := format('Run 03_check; if it passes, compare with the copy: SELECT * FROM menuca_test_access(ARRAY[%L]);', entry ->> 'name');
				END IF;
				RETURN NEXT;
			END LOOP;
		END LOOP;

		-- What was not tried is no proof
		name := 'tried';
		expected := 'each role is tried';
		actual := format('%s of %s cells', ntried, check_no - 3);
		SELECT concat_ws('; ',
			'nothing as ' || (SELECT string_agg(r, ', ' ORDER BY r) FROM jsonb_array_elements_text(wanted -> 'roles') r WHERE r <> ALL (roles_tried)),
			'nothing on ' || (SELECT string_agg(t ->> 'name', ', ' ORDER BY t ->> 'name') FROM jsonb_array_elements(wanted -> 'tables') t WHERE t ->> 'name' <> ALL (tables_tried)))
		INTO detail;
		detail := nullif(detail, '');
		status := CASE WHEN ntried = 0 THEN 'FAIL' WHEN wanted -> 'roles' <@ to_jsonb(roles_tried) THEN 'PASS' ELSE 'WARN' END;
		next_step := CASE WHEN status <> 'PASS' THEN 'Run the file where the tables have rows that this role sees.' END;
		check_no := check_no + 1;
		RETURN NEXT;
	END $function$;

	-- A row that is public, one that is not, and any; each with its restaurant and
	-- customer, and with another restaurant and customer.
	CREATE OR REPLACE FUNCTION menuca_access.sample_rows(entry jsonb)
	RETURNS jsonb
	LANGUAGE plpgsql
	SET search_path = pg_catalog, pg_temp
	AS $function$
	DECLARE
		tenant text := coalesce('(' || (entry ->> 'tenant') || ')::text', 'NULL');
		customer text := coalesce('(' || (entry ->> 'user') || ')::text', 'NULL');
		owned text := CASE WHEN entry ->> 'tenant' IS NOT NULL THEN format(' AND (%s) IS NOT NULL', entry ->> 'tenant') ELSE '' END ||
			CASE WHEN entry ->> 'user' IS NOT NULL THEN format(' AND (%s) IS NOT NULL', entry ->> 'user') ELSE '' END;
		samples jsonb := '{}';
		sample jsonb;
		condition text;
		kind text;
	BEGIN
		IF to_regclass(entry ->> 'table') IS NULL THEN
			RETURN samples;
		END IF;
		FOR kind, condition IN
			SELECT * FROM (VALUES ('public', '(' || (entry ->> 'public') || ') IS TRUE'),
						   ('inactive', '(' || (entry ->> 'public') || ') IS NOT TRUE'), ('any', 'true')) k(kind, condition)
			WHERE k.condition IS NOT NULL
		LOOP
			EXECUTE format('SELECT jsonb_build_object(''row'', to_jsonb(%2$s), ''tenant'', %3$s, ''user'', %4$s) FROM %1$s WHERE %5$s%6$s LIMIT 1',
						   entry ->> 'table', entry ->> 'qualifier', tenant, customer, condition, owned) INTO sample;
			CONTINUE WHEN sample IS NULL;
			EXECUTE format('SELECT $1 || jsonb_build_object(''other_tenant'', (SELECT %2$s FROM %1$s WHERE %2$s <> $1 ->> ''tenant'' LIMIT 1),'
						   ' ''other_user'', (SELECT %3$s FROM %1$s WHERE %3$s <> $1 ->> ''user'' LIMIT 1))',
						   entry ->> 'table', tenant, customer) INTO sample USING sample;
			samples := samples || jsonb_build_object(kind, sample);
		END LOOP;

		-- What a public row shows of inserts, any row shows.
		IF samples ? 'public' THEN
			samples := samples || jsonb_build_object('any', samples -> 'public');
		END IF;
		RETURN samples;
	END $function$;

	-- One statement as one role.  A constraint that objects does so after the policies, so
	-- the statement was allowed.
	CREATE OR REPLACE FUNCTION menuca_access.try_cell(wanted jsonb, entry jsonb, cell jsonb, sample jsonb, path text, OUT actual text, OUT detail text)
	LANGUAGE plpgsql
	SET search_path = pg_catalog, pg_temp
	AS $function$
	DECLARE
		kind text := cell ->> 'kind';
		is_own boolean := cell ->> 'row' LIKE 'own%';
		owner text := CASE kind
			WHEN 'tenant' THEN CASE WHEN is_own THEN sample ->> 'tenant' ELSE sample ->> 'other_tenant' END
			WHEN 'user' THEN CASE WHEN is_own THEN sample ->> 'user' ELSE sample ->> 'other_user' END
		END;
		claims text := CASE
			WHEN kind IN ('tenant', 'user') THEN replace(wanted -> 'claims' ->> kind, '"menuca:owner"', to_json(coalesce(owner, '9223372036854775806'))::text)
			WHEN kind = 'unclaimed' THEN '{}' ELSE '' END;
		statement text := menuca_access.cell_statement(entry, cell ->> 'command', sample -> 'row');
		affected bigint;
	BEGIN
		IF statement IS NULL THEN
			actual := 'not tried';
			detail := 'the table has no key or no column for it';
			RETURN;
		END IF;

		-- Staff by membership: a member of the one restaurant and not of the other.
		IF kind = 'tenant' AND wanted ->> 'members' IS NOT NULL THEN
			EXECUTE format('SELECT m.member FROM (%1$s) m WHERE m.tenant = $1 AND m.member NOT IN (SELECT o.member FROM (%1$s) o WHERE o.tenant = $2) LIMIT 1',
						   wanted ->> 'members')
			INTO owner USING owner, coalesce(CASE WHEN is_own THEN sample ->> 'other_tenant' ELSE sample ->> 'tenant' END, '');
			IF owner IS NULL AND entry ->> 'tenant' IS NOT NULL THEN
				actual := 'not tried';
				detail := 'no member is of the one restaurant and not of the other';
				RETURN;
			END IF;
			claims := replace(wanted -> 'claims' ->> kind, '"menuca:owner"', to_json(coalesce(owner, 'nobody'))::text);
		END IF;
		BEGIN
			PERFORM set_config(wanted ->> 'setting', claims, true);
			BEGIN
				EXECUTE format('SET LOCAL ROLE %I', cell ->> 'role');
			EXCEPTION WHEN OTHERS THEN
				RAISE EXCEPTION USING ERRCODE = 'MC998', MESSAGE = SQLERRM;
			END;
			PERFORM set_config('search_path', path, true);
			EXECUTE statement USING sample -> 'row';
			GET DIAGNOSTICS affected = ROW_COUNT;
			RAISE EXCEPTION USING ERRCODE = 'MC999', MESSAGE = 'undone';
		EXCEPTION
			WHEN SQLSTATE 'MC999' THEN
				actual := CASE WHEN affected > 0 THEN 'allowed' ELSE 'refused (no row)' END;
			WHEN SQLSTATE 'MC998' THEN
				actual := 'error (role)';
				detail := SQLERRM;
			WHEN insufficient_privilege THEN
				actual := 'refused (42501)';
				detail := SQLERRM;
			WHEN integrity_constraint_violation OR unique_violation OR foreign_key_violation OR not_null_violation OR check_violation OR exclusion_violation THEN
				actual := format('allowed (then %s)', SQLSTATE);
			WHEN lock_not_available THEN
				actual := 'not tried';
				detail := SQLERRM;
			WHEN OTHERS THEN
				actual := format('error %s', SQLSTATE);
				detail := SQLERRM;
		END;
		IF actual NOT LIKE (cell ->> 'expected') || '%' THEN
			detail := concat_ws('; ', detail, format('claims %s', CASE claims WHEN '' THEN 'none' ELSE claims END));
		END IF;
	END $function$;

	-- A statement about the row that $1 has as JSON; NULL when there is none.
	CREATE OR REPLACE FUNCTION menuca_access.cell_statement(entry jsonb, command text, sample jsonb)
	RETURNS text
	LANGUAGE plpgsql STABLE
	SET search_path = pg_catalog, pg_temp
	AS $function$
	DECLARE
		relation regclass := to_regclass(entry ->> 'table');
		its_key text;
		columns text;
	BEGIN
		SELECT string_agg(format('%s OPERATOR(pg_catalog.=) %L', quote_ident(t.attname), sample ->> t.attname), ' AND ') INTO its_key
		FROM pg_index i JOIN pg_attribute t ON t.attrelid = i.indrelid AND t.attnum = ANY (i.indkey::smallint[])
		WHERE i.indrelid = relation AND i.indisprimary;
		IF command = 'insert' THEN
			SELECT string_agg(quote_ident(t.attname), ', ' ORDER BY t.attnum) INTO columns
			FROM pg_attribute t
			WHERE t.attrelid = relation AND t.attnum > 0 AND NOT t.attisdropped AND t.attidentity <> 'a' AND t.attgenerated = ''
				AND EXISTS (SELECT FROM jsonb_array_elements_text(entry -> 'insert') c WHERE (parse_ident(c))[1] = t.attname);
			RETURN format('INSERT INTO %s (%s) SELECT %s FROM pg_catalog.jsonb_populate_record(NULL::%s, $1)', entry ->> 'table', columns, columns, entry ->> 'table');
		END IF;
		RETURN CASE command
			WHEN 'select' THEN format('SELECT FROM %s WHERE %s', entry ->> 'table', its_key)
			WHEN 'delete' THEN format('DELETE FROM %s WHERE %s', entry ->> 'table', its_key)
			WHEN 'update' THEN format('UPDATE %1$s SET %2$s = (pg_catalog.jsonb_populate_record(NULL::%1$s, $1)).%2$s WHERE %3$s',
									  entry ->> 'table', entry ->> 'column', its_key)
		END;
	END $function$;
$template$;

COMMENT ON FUNCTION menuca_hosted_matrix_template() IS
'The functions by which the file 04_matrix of menuca_export_access() tries what each role can do where no extension can be loaded: a part of the body of the file 01_functions. In schema menuca_access, for the owner of the tables alone. Without placeholders.';

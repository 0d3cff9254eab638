--
-- Access as SQL files: deploying, checking and rolling back a table, for a database where
-- no extension can be loaded.  They run as whoever owns the tables, who alone may call them.
--

CREATE FUNCTION menuca_hosted_deploy_template()
RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE
SET search_path = pg_catalog, pg_temp
RETURN $template$
	-- What tables were like before and after they were deployed.
	CREATE TABLE IF NOT EXISTS menuca_access.deployment (
		object text PRIMARY KEY,	-- table or schema, quoted
		relation_oid oid,	-- of a table
		before jsonb NOT NULL,	-- as state_of() returns it
		after jsonb,	-- the same
		version text,	-- of the file's wanted access
		deployed_by text NOT NULL DEFAULT session_user,
		deployed_at timestamptz NOT NULL DEFAULT clock_timestamp());

	-- Owner, row security, policies and privileges of a table, its columns and sequences.
	CREATE OR REPLACE FUNCTION menuca_access.state_of(relation regclass)
	RETURNS jsonb
	LANGUAGE sql STABLE
	SET search_path = pg_catalog, pg_temp
	SET quote_all_identifiers = off
	AS $function$
	SELECT jsonb_build_object(
		'owner', pg_get_userbyid(c.relowner),
		'row_security', c.relrowsecurity,
		'forced_row_security', c.relforcerowsecurity,
		'policies', (SELECT coalesce(jsonb_object_agg(p.polname, {{policy_definition}}), '{}') FROM pg_policy p WHERE p.polrelid = c.oid),
		'privileges', jsonb_build_object('table', coalesce(c.relacl, acldefault('r', c.relowner))::text)
			|| (SELECT coalesce(jsonb_object_agg('column ' || t.attname, t.attacl::text), '{}')
				FROM pg_attribute t WHERE t.attrelid = c.oid AND t.attnum > 0 AND NOT t.attisdropped AND t.attacl IS NOT NULL)
			|| (SELECT coalesce(jsonb_object_agg(format('sequence %I.%I', n.nspname, s.relname), coalesce(s.relacl, acldefault('s', s.relowner))::text), '{}')
				FROM pg_depend d JOIN pg_class s ON s.oid = d.objid JOIN pg_namespace n ON n.oid = s.relnamespace
				WHERE d.classid = 'pg_class'::regclass AND d.refclassid = 'pg_class'::regclass AND d.refobjid = c.oid
					AND d.refobjsubid > 0 AND d.deptype IN ('a', 'i') AND s.relkind = 'S'))
	FROM pg_class c WHERE c.oid = relation
	$function$;

	-- In what two states differ, for people; NULL when they are equal but for the order of
	-- privileges.
	CREATE OR REPLACE FUNCTION menuca_access.difference(a jsonb, b jsonb)
	RETURNS text
	LANGUAGE sql IMMUTABLE
	SET search_path = pg_catalog, pg_temp
	AS $function$
	SELECT string_agg(format('%s: %s instead of %s', name, coalesce(y, 'nothing'), coalesce(x, 'nothing')), '; ' ORDER BY name)
	FROM (SELECT coalesce(x.name, y.name) AS name, x.value AS x, y.value AS y
		  FROM (SELECT key AS name, value FROM jsonb_each_text(a - '{policies,privileges}'::text[])
				UNION ALL SELECT 'policy ' || key, value FROM jsonb_each_text(a -> 'policies')
				UNION ALL SELECT 'privileges on ' || key, (SELECT string_agg(i, ', ' ORDER BY i) FROM unnest(value::text[]) i) FROM jsonb_each_text(a -> 'privileges')) x
		  FULL JOIN (SELECT key AS name, value FROM jsonb_each_text(b - '{policies,privileges}'::text[])
				UNION ALL SELECT 'policy ' || key, value FROM jsonb_each_text(b -> 'policies')
				UNION ALL SELECT 'privileges on ' || key, (SELECT string_agg(i, ', ' ORDER BY i) FROM unnest(value::text[]) i) FROM jsonb_each_text(b -> 'privileges')) y ON y.name = x.name) d
	WHERE x IS DISTINCT FROM y
	$function$;

	-- A state without the privileges on columns and sequences that were dropped since.
	CREATE OR REPLACE FUNCTION menuca_access.of_present(state jsonb, relation regclass)
	RETURNS jsonb
	LANGUAGE sql STABLE
	SET search_path = pg_catalog, pg_temp
	AS $function$
	SELECT jsonb_set(state, '{privileges}', (SELECT coalesce(jsonb_object_agg(p.key, p.value), '{}') FROM jsonb_each(state -> 'privileges') p
		WHERE CASE WHEN p.key LIKE 'column %' THEN EXISTS (SELECT FROM pg_attribute t WHERE t.attrelid = relation AND t.attname = substr(p.key, 8) AND NOT t.attisdropped)
			WHEN p.key LIKE 'sequence %' THEN to_regclass(substr(p.key, 10)) IS NOT NULL ELSE true END))
	$function$;

	-- Whether a privilege is one of a role, but none of these roles and not of everybody.
	CREATE OR REPLACE FUNCTION menuca_access.is_of_others(item aclitem, roles jsonb)
	RETURNS boolean
	LANGUAGE sql STABLE
	SET search_path = pg_catalog, pg_temp
	AS $function$
	SELECT coalesce((SELECT bool_and(a.grantee <> 0 AND NOT roles ? pg_get_userbyid(a.grantee)::text) FROM aclexplode(ARRAY[item]) a), false)
	$function$;

	-- The state from before a deployment with what others have granted to, or revoked from,
	-- other roles since, so that a rollback does not undo that.
	CREATE OR REPLACE FUNCTION menuca_access.with_grants_since(before jsonb, after jsonb, now_is jsonb, roles jsonb)
	RETURNS jsonb
	LANGUAGE sql STABLE
	SET search_path = pg_catalog, pg_temp
	AS $function$
	SELECT jsonb_set(before, '{privileges}', (SELECT coalesce(jsonb_object_agg(k.name, m.items) FILTER (WHERE m.items IS NOT NULL), '{}')
		FROM (SELECT DISTINCT key FROM jsonb_each(before -> 'privileges' || (now_is -> 'privileges'))) k(name),
			LATERAL (SELECT (before -> 'privileges' ->> k.name)::aclitem[], (after -> 'privileges' ->> k.name)::aclitem[], (now_is -> 'privileges' ->> k.name)::aclitem[]) s(b, a, n),
			LATERAL (SELECT array_agg(i.item ORDER BY i.place)::text
				FROM (SELECT x.item, x.place FROM unnest(s.b) WITH ORDINALITY x(item, place)
					  WHERE x.item::text = ANY (coalesce(s.n::text[], '{}')) OR x.item::text <> ALL (coalesce(s.a::text[], '{}')) OR NOT menuca_access.is_of_others(x.item, roles)
					  UNION ALL
					  SELECT x.item, 1000000 + x.place FROM unnest(s.n) WITH ORDINALITY x(item, place)
					  WHERE x.item::text <> ALL (coalesce(s.a::text[], '{}')) AND x.item::text <> ALL (coalesce(s.b::text[], '{}')) AND menuca_access.is_of_others(x.item, roles)) i) m(items)))
	$function$;

	-- Locks a table and checks it; false when it is deployed already, with nothing to do.
	CREATE OR REPLACE FUNCTION menuca_access.begin_table(table_name text, wanted jsonb)
	RETURNS boolean
	LANGUAGE plpgsql
	SET search_path = pg_catalog, pg_temp
	AS $function$
	DECLARE
		relation regclass := to_regclass(table_name);
		own_policy text := '{{own_policy}}';
		now_is jsonb;
		known menuca_access.deployment;
		problem text;
		policy text;
	BEGIN
		IF relation IS NULL THEN
			RAISE EXCEPTION 'table % does not exist', table_name
				USING ERRCODE = '42P01', DETAIL = 'Nothing was changed.', HINT = 'Run 00_check: it names each difference from the copy.';
		END IF;
		IF (SELECT relkind FROM pg_class WHERE oid = relation) IN ('r', 'p') THEN
			EXECUTE format('LOCK TABLE ONLY %s IN ACCESS EXCLUSIVE MODE', table_name);
			relation := to_regclass(table_name);	-- another one may have the name by now
		END IF;
		SELECT string_agg(format('role "%s" does not exist', r), '; ') INTO problem
		FROM jsonb_array_elements_text(wanted -> 'roles') r WHERE to_regrole(quote_ident(r)) IS NULL;
		IF problem IS NOT NULL THEN
			RAISE EXCEPTION '%', problem
				USING ERRCODE = '42704', DETAIL = 'Policies and grants are for that role. Nothing was changed.', HINT = 'Run 00_check: it names each difference from the copy.';
		END IF;
		SELECT format('table %s belongs to role "%s"', table_name, pg_get_userbyid(relowner)) INTO problem
		FROM pg_class WHERE oid = relation AND NOT pg_has_role(relowner, 'USAGE');
		IF problem IS NOT NULL THEN
			RAISE EXCEPTION '%', problem
				USING ERRCODE = '42501', DETAIL = format('This is role "%s". Nothing was changed.', current_user), HINT = 'Run the files as the owner of the tables.';
		END IF;
		SELECT format('role "%s" owns table %s or is a member of its owner, so that no policy would bind it', r, table_name) INTO problem
		FROM pg_class, jsonb_array_elements_text(wanted -> 'visitors') r WHERE oid = relation AND pg_has_role(r::name, relowner, 'USAGE');
		IF problem IS NOT NULL THEN
			RAISE EXCEPTION '%', problem USING ERRCODE = '55000', DETAIL = 'Nothing was changed.';
		END IF;

		IF (SELECT relforcerowsecurity FROM pg_class WHERE oid = relation) THEN
			RAISE EXCEPTION 'row security of table % is forced', table_name
				USING ERRCODE = '55000', DETAIL = 'The views that policies read would show its owner no row. Nothing was changed.',
					HINT = format('ALTER TABLE %s NO FORCE ROW LEVEL SECURITY;', table_name);
		END IF;

		now_is := menuca_access.state_of(relation);
		SELECT * INTO known FROM menuca_access.deployment WHERE object = table_name;
		IF known.relation_oid <> relation THEN
			IF EXISTS (SELECT FROM pg_class WHERE oid = known.relation_oid) THEN
				RAISE EXCEPTION 'table % is now named %', table_name, known.relation_oid::regclass
					USING ERRCODE = '42P01', DETAIL = 'It was deployed by its former name, which another table has. Nothing was changed.', HINT = 'Give both their names back, then run this file again.';
			ELSIF known.after = now_is THEN
				UPDATE menuca_access.deployment SET relation_oid = to_regclass(table_name) WHERE object = table_name;	-- restored from a dump
			ELSE
				DELETE FROM menuca_access.deployment WHERE object = table_name;
				known := NULL;
			END IF;
		END IF;
		IF known.version = wanted ->> 'version' AND known.after = now_is THEN
			RAISE NOTICE '%: deployed already; nothing was changed', table_name;
			RETURN false;
		END IF;

		-- Policies of others: those of the copy, and no more.
		SELECT string_agg(CASE WHEN w.key IS NULL THEN format('policy "%s" is not on the copy: %s', e.key, e.value)
							   WHEN e.key IS NULL THEN format('policy "%s" of the copy is missing: %s', w.key, w.value)
							   ELSE format('policy "%s" differs from the copy: %s', e.key, e.value) END, '; ')
		INTO problem
		FROM (SELECT * FROM jsonb_each_text(now_is -> 'policies')
			  WHERE known.object IS NULL OR key !~ own_policy) e
		FULL JOIN jsonb_each_text(wanted -> 'kept') w ON w.key = e.key
		WHERE e.value IS DISTINCT FROM w.value;
		IF problem IS NOT NULL THEN
			RAISE EXCEPTION 'table % has other policies than the copy: %', table_name, problem
				USING ERRCODE = '55000', DETAIL = 'It was not deployed with them in mind. Nothing was changed.',
					HINT = 'Make the copy, and the files, again; or drop the policy.';
		END IF;

		IF known.object IS NULL THEN
			INSERT INTO menuca_access.deployment (object, relation_oid, before) VALUES (table_name, relation, now_is);
		ELSE
			UPDATE menuca_access.deployment d
			SET before = menuca_access.with_grants_since(menuca_access.of_present(d.before, relation), menuca_access.of_present(d.after, relation), now_is, wanted -> 'roles')
			WHERE d.object = table_name;
		END IF;
		FOR policy IN SELECT key FROM jsonb_each_text(now_is -> 'policies') WHERE key ~ own_policy LOOP
			EXECUTE format('DROP POLICY %I ON %s', policy, relation);
		END LOOP;
		RETURN true;
	END $function$;

	-- Gives and takes the privileges, and records what the table is like now.
	CREATE OR REPLACE FUNCTION menuca_access.finish_table(table_name text, wanted jsonb)
	RETURNS void
	LANGUAGE plpgsql
	SET search_path = pg_catalog, pg_temp
	AS $function$
	DECLARE
		relation regclass := to_regclass(table_name);
		problem text;
	BEGIN
		PERFORM menuca_access.revoke_excess(relation, wanted);
		PERFORM menuca_access.grant_missing(relation, wanted);
		SELECT string_agg(format('%s%s of role "%s", granted by "%s"', privilege, ' (' || column_name || ')',
								 CASE grantee WHEN 0 THEN 'public' ELSE pg_get_userbyid(grantee) END, pg_get_userbyid(grantor)), ', ')
		INTO problem FROM menuca_access.excess_of(relation, wanted);
		IF problem IS NOT NULL THEN
			RAISE EXCEPTION 'privileges on table % could not be revoked: %', table_name, problem
				USING ERRCODE = '42501', DETAIL = 'Only who granted them can revoke them. Nothing was changed.';
		END IF;
		UPDATE menuca_access.deployment
		SET after = menuca_access.state_of(relation), version = wanted ->> 'version', deployed_by = session_user, deployed_at = clock_timestamp()
		WHERE object = table_name;
	END $function$;

	-- Privileges that staff, customers or visitors have by the table's or its columns'
	-- grants and must not have, as what policies do not bind, or more columns.
	CREATE OR REPLACE FUNCTION menuca_access.excess_of(relation regclass, wanted jsonb)
	RETURNS TABLE (grantee oid, grantor oid, privilege text, column_name name)
	LANGUAGE sql STABLE
	SET search_path = pg_catalog, pg_temp
	AS $function$
	SELECT g.grantee, g.grantor, g.privilege_type, g.attname
	FROM (SELECT a.*, NULL::name AS attname FROM pg_class c, aclexplode(c.relacl) a WHERE c.oid = relation
		  UNION ALL
		  SELECT a.*, t.attname FROM pg_attribute t, aclexplode(t.attacl) a WHERE t.attrelid = relation AND NOT t.attisdropped) g,
		LATERAL (SELECT g.grantee = 0 OR pg_has_role((wanted ->> 'public')::name, g.grantee, 'USAGE') AS public_has,
				 g.grantee = 0 OR pg_has_role((wanted ->> 'tenant')::name, g.grantee, 'USAGE') AS tenant_has) h
	WHERE (h.public_has OR h.tenant_has)
		AND ((wanted -> 'closed')::boolean
			OR g.privilege_type NOT IN ('SELECT', 'INSERT', 'UPDATE', 'DELETE')
			OR wanted -> 'limited' ? g.privilege_type
				-- By name: what is quoted depends on the version
				AND NOT EXISTS (SELECT FROM (SELECT wanted -> 'may' -> (wanted ->> CASE WHEN h.public_has THEN 'public' ELSE 'tenant' END) -> g.privilege_type) m(allowed),
								jsonb_array_elements_text(CASE WHEN jsonb_typeof(m.allowed) = 'array' THEN m.allowed END) c
								WHERE (parse_ident(c))[1] = g.attname))
	$function$;

	CREATE OR REPLACE FUNCTION menuca_access.revoke_excess(relation regclass, wanted jsonb)
	RETURNS void
	LANGUAGE plpgsql
	SET search_path = pg_catalog, pg_temp
	AS $function$
	DECLARE
		item record;
	BEGIN
		FOR item IN SELECT * FROM menuca_access.excess_of(relation, wanted) LOOP
			EXECUTE format('REVOKE %s%s ON %s FROM %s', item.privilege, ' (' || quote_ident(item.column_name) || ')', relation,
						   CASE item.grantee WHEN 0 THEN 'PUBLIC' ELSE quote_ident(pg_get_userbyid(item.grantee)) END);
		END LOOP;

		-- The next value of a key is not a visitor's to set.
		FOR item IN
			SELECT s.oid::regclass AS name, a.grantee
			FROM pg_depend d JOIN pg_class s ON s.oid = d.objid, aclexplode(s.relacl) a
			WHERE d.classid = 'pg_class'::regclass AND d.refclassid = 'pg_class'::regclass AND d.refobjid = relation
				AND d.refobjsubid > 0 AND d.deptype IN ('a', 'i') AND s.relkind = 'S' AND NOT (wanted -> 'closed')::boolean
				AND a.privilege_type = 'UPDATE' AND (a.grantee = 0 OR wanted -> 'visitors' ? pg_get_userbyid(a.grantee)::text)
		LOOP
			EXECUTE format('REVOKE UPDATE ON SEQUENCE %s FROM %s', item.name,
						   CASE item.grantee WHEN 0 THEN 'PUBLIC' ELSE quote_ident(pg_get_userbyid(item.grantee)) END);
		END LOOP;
	END $function$;

	CREATE OR REPLACE FUNCTION menuca_access.grant_missing(relation regclass, wanted jsonb)
	RETURNS void
	LANGUAGE plpgsql
	SET search_path = pg_catalog, pg_temp
	AS $function$
	DECLARE
		role text;
		privileges jsonb;
		privilege text;
		columns jsonb;
		missing text;
		sequence regclass;
	BEGIN
		FOR role, privileges IN SELECT * FROM jsonb_each(wanted -> 'may') LOOP
			FOR privilege, columns IN SELECT * FROM jsonb_each(privileges) LOOP
				IF columns = 'null' THEN
					IF NOT has_table_privilege(role::name, relation, privilege) THEN
						EXECUTE format('GRANT %s ON %s TO %I', privilege, relation, role);
					END IF;
				ELSE
					SELECT string_agg(c, ', ') INTO missing
					FROM jsonb_array_elements_text(columns) c
					WHERE NOT EXISTS (SELECT FROM pg_attribute t, aclexplode(t.attacl) a
									  WHERE t.attrelid = relation AND t.attname = (parse_ident(c))[1]
										  AND a.grantee = to_regrole(quote_ident(role)) AND a.privilege_type = privilege);
					IF missing IS NOT NULL THEN
						EXECUTE format('GRANT %s (%s) ON %s TO %I', privilege, missing, relation, role);
					END IF;
				END IF;
			END LOOP;

			-- A serial column's default needs its sequence; an identity column does not.
			FOR sequence IN
				SELECT s.oid FROM pg_depend d JOIN pg_class s ON s.oid = d.objid
				WHERE d.classid = 'pg_class'::regclass AND d.refclassid = 'pg_class'::regclass AND d.refobjid = relation
					AND d.refobjsubid > 0 AND d.deptype = 'a' AND privileges ? 'INSERT'
					AND CASE WHEN s.relkind = 'S' THEN NOT has_sequence_privilege(role::name, s.oid, 'USAGE') END
			LOOP
				EXECUTE format('GRANT USAGE ON SEQUENCE %s TO %I', sequence, role);
			END LOOP;
		END LOOP;
	END $function$;

	-- Gives back the privileges, in their order from before unless somebody else than the
	-- owner granted some of them.  kind is TABLE, SEQUENCE or SCHEMA; column_name is NULL but
	-- for a column's.
	CREATE OR REPLACE FUNCTION menuca_access.give_back(kind text, object text, column_name name, was aclitem[], now_is aclitem[])
	RETURNS void
	LANGUAGE plpgsql
	SET search_path = pg_catalog, pg_temp
	AS $function$
	DECLARE
		item record;
		place text := CASE WHEN column_name IS NOT NULL THEN format(' (%I)', column_name) ELSE '' END;
		keeps_order boolean;
	BEGIN
		IF was::text IS NOT DISTINCT FROM now_is::text THEN
			RETURN;
		END IF;
		SELECT count(DISTINCT a.grantor) <= 1 INTO keeps_order FROM aclexplode(coalesce(was, '{}') || coalesce(now_is, '{}')) a;
		FOR item IN
			SELECT CASE a.grantee WHEN 0 THEN 'PUBLIC' ELSE quote_ident(pg_get_userbyid(a.grantee)) END AS grantee,
				string_agg(a.privilege_type || place, ', ') AS privileges
			FROM aclexplode(now_is) a
			WHERE keeps_order OR NOT EXISTS (SELECT FROM aclexplode(was) w WHERE w = a)
			GROUP BY a.grantee
		LOOP
			EXECUTE format('REVOKE %s ON %s %s FROM %s', item.privileges, kind, object, item.grantee);
		END LOOP;
		FOR item IN
			SELECT CASE a.grantee WHEN 0 THEN 'PUBLIC' ELSE quote_ident(pg_get_userbyid(a.grantee)) END AS grantee,
				a.privilege_type, a.is_grantable
			FROM aclexplode(was) WITH ORDINALITY a
			WHERE keeps_order OR NOT EXISTS (SELECT FROM aclexplode(now_is) n
				WHERE (n.grantor, n.grantee, n.privilege_type, n.is_grantable) = (a.grantor, a.grantee, a.privilege_type, a.is_grantable))
			ORDER BY a.ordinality
		LOOP
			EXECUTE format('GRANT %s%s ON %s %s TO %s%s', item.privilege_type, place, kind, object, item.grantee,
						   CASE WHEN item.is_grantable THEN ' WITH GRANT OPTION' ELSE '' END);
		END LOOP;
	END $function$;

	-- Makes a table what it was before it was deployed; raises an error when somebody has
	-- changed its access since.
	CREATE OR REPLACE FUNCTION menuca_access.roll_back_table(table_name text)
	RETURNS void
	LANGUAGE plpgsql
	SET search_path = pg_catalog, pg_temp
	AS $function$
	DECLARE
		relation regclass := to_regclass(table_name);
		known menuca_access.deployment;
		now_is jsonb;
		problem text;
		name text;
	BEGIN
		SELECT * INTO known FROM menuca_access.deployment WHERE object = table_name;
		IF NOT FOUND THEN
			RAISE NOTICE '%: not deployed, or rolled back already; nothing was changed', table_name;
			RETURN;
		END IF;
		IF known.relation_oid IS DISTINCT FROM relation AND EXISTS (SELECT FROM pg_class WHERE oid = known.relation_oid) THEN
			RAISE EXCEPTION 'table % is now named %', table_name, known.relation_oid::regclass
				USING ERRCODE = '42P01', DETAIL = 'Its policies went with it. Nothing was changed.', HINT = 'Give it its name back, then run this file again.';
		END IF;
		IF relation IS NULL THEN
			DELETE FROM menuca_access.deployment WHERE object = table_name;
			RAISE NOTICE '%: the table does not exist any more', table_name;
			RETURN;
		END IF;
		IF (SELECT relkind FROM pg_class WHERE oid = relation) IN ('r', 'p') THEN
			EXECUTE format('LOCK TABLE ONLY %s IN ACCESS EXCLUSIVE MODE', table_name);
			relation := to_regclass(table_name);	-- another one may have the name by now
		END IF;
		now_is := menuca_access.state_of(relation);
		known.before := menuca_access.of_present(known.before, relation);
		problem := menuca_access.difference(menuca_access.of_present(known.after, relation), now_is);
		IF problem IS NOT NULL THEN
			RAISE EXCEPTION 'the access of table % was changed after it was deployed: %', table_name, problem
				USING ERRCODE = '55000', DETAIL = 'A rollback would undo that, too. Nothing was changed.', HINT = 'Undo that change first; the 02 file of this table makes its own policies and privileges again.';
		END IF;

		FOR name IN SELECT key FROM jsonb_each(now_is -> 'policies') WHERE NOT known.before -> 'policies' ? key LOOP
			EXECUTE format('DROP POLICY %I ON %s', name, relation);
		END LOOP;
		IF NOT (known.before -> 'row_security')::boolean AND (now_is -> 'row_security')::boolean THEN
			EXECUTE format('ALTER TABLE ONLY %s DISABLE ROW LEVEL SECURITY', relation);
		END IF;

		-- Revoking a privilege on a table takes it from the columns, too, so the table's come first.
		PERFORM menuca_access.give_back('TABLE', relation::text, NULL,
			(known.before -> 'privileges' ->> 'table')::aclitem[], (now_is -> 'privileges' ->> 'table')::aclitem[]);
		now_is := menuca_access.state_of(relation);
		FOR name IN SELECT key FROM jsonb_each(known.before -> 'privileges' || (now_is -> 'privileges')) LOOP
			IF name LIKE 'column %' THEN
				PERFORM menuca_access.give_back('TABLE', relation::text, substr(name, 8)::name,
					(known.before -> 'privileges' ->> name)::aclitem[], (now_is -> 'privileges' ->> name)::aclitem[]);
			ELSIF name LIKE 'sequence %' THEN
				PERFORM menuca_access.give_back('SEQUENCE', substr(name, 10), NULL,
					(known.before -> 'privileges' ->> name)::aclitem[], (now_is -> 'privileges' ->> name)::aclitem[]);
			END IF;
		END LOOP;

		problem := menuca_access.difference(known.before, menuca_access.state_of(relation));
		IF problem IS NOT NULL THEN
			RAISE EXCEPTION 'table % would not be as before: %', table_name, problem
				USING ERRCODE = '55000', DETAIL = 'Nothing was changed.';
		END IF;
		DELETE FROM menuca_access.deployment WHERE object = table_name;
	END $function$;
$template$;

COMMENT ON FUNCTION menuca_hosted_deploy_template() IS
'The functions by which the files of menuca_export_access() deploy a table and roll it back where no extension can be loaded: a part of the body of the file 01_functions. In schema menuca_access, for the owner of the tables alone. Placeholders: policy_definition and own_policy.';

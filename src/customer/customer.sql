--
-- What customers see, and how fast
--

CREATE FUNCTION menuca_customer_view(
	restaurant bigint DEFAULT NULL,
	n integer DEFAULT 5,
	seed double precision DEFAULT NULL,
	OUT seen_by text,
	OUT restaurant_id bigint,
	OUT restaurant_name text,
	OUT group_id bigint,
	OUT group_name text,
	OUT shown boolean,
	OUT items_shown bigint,
	OUT items_owned bigint,
	OUT dish_ids bigint[],
	OUT dishes text[],
	OUT detail text)
RETURNS SETOF record
AS 'MODULE_PATHNAME'
LANGUAGE C STABLE PARALLEL UNSAFE;

COMMENT ON FUNCTION menuca_customer_view(bigint, integer, double precision) IS
'The active combos of a restaurant as the web site would show them, and whatever else row level security shows: asked as visitors without a login (seen_by is visitor) and as the restaurant''s staff (tenant, by the claim menuca.tenant_claim). shown: the combo is seen; items_shown of items_owned are, of dishes that are active; detail says what hides the others. restaurant NULL draws n restaurants that have active combos; the same seed draws the same, NULL is 0. Read only.';

CREATE FUNCTION menuca_check_customer_view(
	OUT check_no integer,
	OUT name text,
	OUT title text,
	OUT status text,
	OUT expected text,
	OUT actual text,
	OUT detail text,
	OUT remedy text,
	OUT next_step text,
	OUT metadata jsonb)
RETURNS SETOF record
AS 'MODULE_PATHNAME'
LANGUAGE C STABLE PARALLEL UNSAFE;

COMMENT ON FUNCTION menuca_check_customer_view() IS
'What customers must see and what they must not, over all combos, one row per check as in menuca_validate: visitors see every active combo of every active restaurant with all of its active dishes, by count; nothing that is inactive or deleted; no combo whose dishes are all hidden, or fewer than combo_rules.item_count; no dish without a name, and no equal ones; and the staff of the largest restaurants see all of theirs; the last row is the verdict. A policy that raises an error is an ERROR. Without the roles, the membership in them, or row level security, all rows are SKIP. Read only.';

--
-- Load
--

CREATE TABLE menuca_load_run (
	load_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
	environment_id bigint NOT NULL,
	requests integer NOT NULL,
	connections integer NOT NULL,
	errors integer NOT NULL,
	seed bigint,
	mean_ms numeric,
	p50_ms numeric,
	p50_low_ms numeric,
	p50_high_ms numeric,
	p95_ms numeric,
	p95_low_ms numeric,
	p95_high_ms numeric,
	p99_ms numeric,
	max_ms numeric,
	menu_p50_ms numeric,
	menu_p50_low_ms numeric,
	menu_p50_high_ms numeric,
	menu_p95_ms numeric,
	menu_p95_low_ms numeric,
	menu_p95_high_ms numeric,
	blocks_hit bigint,
	blocks_read bigint,
	started_at timestamptz NOT NULL,
	finished_at timestamptz NOT NULL,
	run_by text NOT NULL DEFAULT session_user,
	recorded_at timestamptz NOT NULL DEFAULT clock_timestamp()
);

COMMENT ON TABLE menuca_load_run IS
'Load runs that menuca-load has measured. Times are of whole requests, as the program saw them: one round trip each; NULL when none has succeeded.';
COMMENT ON COLUMN menuca_load_run.load_id IS
'Number of the run.';
COMMENT ON COLUMN menuca_load_run.environment_id IS
'The environment (menuca_registered_environment).';
COMMENT ON COLUMN menuca_load_run.requests IS
'Requests that were sent, those with errors included.';
COMMENT ON COLUMN menuca_load_run.connections IS
'Connections that sent them at the same time.';
COMMENT ON COLUMN menuca_load_run.errors IS
'Requests that failed.';
COMMENT ON COLUMN menuca_load_run.seed IS
'Seed by which restaurants were drawn; NULL: not known.';
COMMENT ON COLUMN menuca_load_run.mean_ms IS
'Mean time of a request in milliseconds, of those that succeeded, as the next columns.';
COMMENT ON COLUMN menuca_load_run.p50_ms IS
'Median.';
COMMENT ON COLUMN menuca_load_run.p50_low_ms IS
'Least value that the median may have: in 95 % of such runs it is between this and p50_high_ms.';
COMMENT ON COLUMN menuca_load_run.p50_high_ms IS
'Greatest value that the median may have.';
COMMENT ON COLUMN menuca_load_run.p95_ms IS
'95th percentile: 95 % of the requests took no longer.';
COMMENT ON COLUMN menuca_load_run.p95_low_ms IS
'Least value that it may have, as for the median.';
COMMENT ON COLUMN menuca_load_run.p95_high_ms IS
'Greatest value that it may have; of few requests the longest one, which is no bound.';
COMMENT ON COLUMN menuca_load_run.p99_ms IS
'99th percentile.';
COMMENT ON COLUMN menuca_load_run.max_ms IS
'Longest time.';
COMMENT ON COLUMN menuca_load_run.menu_p50_ms IS
'Median of the requests of menus alone, which a fix does not make larger; NULL when they are not known, as the next columns.';
COMMENT ON COLUMN menuca_load_run.menu_p50_low_ms IS
'Least value that this median may have.';
COMMENT ON COLUMN menuca_load_run.menu_p50_high_ms IS
'Greatest value that it may have.';
COMMENT ON COLUMN menuca_load_run.menu_p95_ms IS
'95th percentile of the requests of menus alone.';
COMMENT ON COLUMN menuca_load_run.menu_p95_low_ms IS
'Least value that it may have.';
COMMENT ON COLUMN menuca_load_run.menu_p95_high_ms IS
'Greatest value that it may have.';
COMMENT ON COLUMN menuca_load_run.blocks_hit IS
'Pages of the database that were found in the cache while the run lasted, by all sessions; NULL: not known.';
COMMENT ON COLUMN menuca_load_run.blocks_read IS
'Pages of the database that were read while it lasted, by all sessions; NULL: not known.';
COMMENT ON COLUMN menuca_load_run.started_at IS
'When the first request was sent, by the server''s clock.';
COMMENT ON COLUMN menuca_load_run.finished_at IS
'When the last one had ended.';
COMMENT ON COLUMN menuca_load_run.run_by IS
'Session user who recorded the run.';
COMMENT ON COLUMN menuca_load_run.recorded_at IS
'When it was recorded.';

SELECT pg_catalog.pg_extension_config_dump('menuca_load_run', '');
SELECT pg_catalog.pg_extension_config_dump('menuca_load_run_load_id_seq', '');

CREATE FUNCTION menuca_load_script(
	requests integer DEFAULT NULL,
	connections integer DEFAULT NULL,
	seed bigint DEFAULT 1,
	OUT script_no integer,
	OUT query text,
	OUT seen_by text,
	OUT restaurant_id bigint,
	OUT weight integer,
	OUT of_requests integer,
	OUT of_connections integer,
	OUT of_seed bigint,
	OUT request text)
RETURNS SETOF record
AS 'MODULE_PATHNAME'
LANGUAGE C STABLE PARALLEL UNSAFE;

COMMENT ON FUNCTION menuca_load_script(integer, integer, bigint) IS
'What the program menuca-load sends: the menu and the combos (query) of restaurants that were drawn by their share of active dishes, as visitors and as their staff (seen_by). request is a script of pgbench in one line, a READ ONLY transaction; weight says how often the restaurant was drawn. NULL: 100 requests by 10 connections, on production 200 by 20. The same seed draws the same restaurants. Read only.';

CREATE FUNCTION menuca_record_load(
	latencies_us bigint[],
	errors integer,
	connections integer,
	started_at timestamptz,
	finished_at timestamptz,
	seed bigint DEFAULT NULL,
	blocks_hit bigint DEFAULT NULL,
	blocks_read bigint DEFAULT NULL,
	menu_latencies_us bigint[] DEFAULT NULL)
RETURNS bigint
AS 'MODULE_PATHNAME'
LANGUAGE C VOLATILE PARALLEL UNSAFE;

COMMENT ON FUNCTION menuca_record_load(bigint[], integer, integer, timestamptz, timestamptz, bigint, bigint, bigint, bigint[]) IS
'Records a load run of this environment, as menuca-load does: the time of each request that succeeded in microseconds, the number of those that failed, and how many connections sent them; menu_latencies_us are those of menus alone, by which a run is compared with one from before a fix, when combos were empty. Returns the run''s number. Percentiles and their spread are computed here.';

REVOKE ALL ON FUNCTION menuca_record_load(bigint[], integer, integer, timestamptz, timestamptz, bigint, bigint, bigint, bigint[]) FROM PUBLIC;

CREATE FUNCTION menuca_check_load(
	load_id bigint DEFAULT NULL,
	OUT check_no integer,
	OUT name text,
	OUT title text,
	OUT status text,
	OUT expected text,
	OUT actual text,
	OUT detail text,
	OUT remedy text,
	OUT next_step text,
	OUT metadata jsonb)
RETURNS SETOF record
AS 'MODULE_PATHNAME'
LANGUAGE C STABLE PARALLEL UNSAFE;

COMMENT ON FUNCTION menuca_check_load(bigint) IS
'What a load run shows, one row per check as in menuca_validate: every request succeeded, half of them took less than 200 ms and 95 % less than 500 ms, pages were found in the cache, and neither percentile is more than 20 % above that of the newest run with as many connections from before the last change (see menuca_last_change), unless the spread of both runs explains it (of the requests of menus alone where a fix or its rollback lies between them, since it changes what combos show); the last row is the verdict. load_id NULL: the newest run since the last change, or a WARN with the command that makes one. Read only.';

CREATE VIEW menuca_load_comparison WITH (security_invoker = true) AS
SELECT n.load_id,
	n.environment_id,
	n.started_at,
	n.seed,
	b.load_id AS before_load_id,
	b.seed AS before_seed,
	f.of_menus,
	CASE WHEN f.of_menus THEN n.menu_p50_ms ELSE n.p50_ms END AS p50_ms,
	CASE WHEN f.of_menus THEN n.menu_p50_low_ms ELSE n.p50_low_ms END AS p50_low_ms,
	CASE WHEN f.of_menus THEN n.menu_p50_high_ms ELSE n.p50_high_ms END AS p50_high_ms,
	CASE WHEN f.of_menus THEN b.menu_p50_ms ELSE b.p50_ms END AS before_p50_ms,
	CASE WHEN f.of_menus THEN b.menu_p50_low_ms ELSE b.p50_low_ms END AS before_p50_low_ms,
	CASE WHEN f.of_menus THEN b.menu_p50_high_ms ELSE b.p50_high_ms END AS before_p50_high_ms,
	CASE WHEN f.of_menus THEN n.menu_p95_ms ELSE n.p95_ms END AS p95_ms,
	CASE WHEN f.of_menus THEN n.menu_p95_low_ms ELSE n.p95_low_ms END AS p95_low_ms,
	CASE WHEN f.of_menus THEN n.menu_p95_high_ms ELSE n.p95_high_ms END AS p95_high_ms,
	CASE WHEN f.of_menus THEN b.menu_p95_ms ELSE b.p95_ms END AS before_p95_ms,
	CASE WHEN f.of_menus THEN b.menu_p95_low_ms ELSE b.p95_low_ms END AS before_p95_low_ms,
	CASE WHEN f.of_menus THEN b.menu_p95_high_ms ELSE b.p95_high_ms END AS before_p95_high_ms
FROM @extschema@.menuca_load_run n
JOIN @extschema@.menuca_last_change c
	ON c.environment_id = n.environment_id AND n.started_at >= c.changed_at
CROSS JOIN LATERAL (
	SELECT l.*
	FROM @extschema@.menuca_load_run l
	WHERE l.environment_id = n.environment_id AND l.connections = n.connections
		AND l.finished_at <= c.changed_at AND l.p50_ms IS NOT NULL
	ORDER BY l.load_id DESC
	LIMIT 1) b
CROSS JOIN LATERAL (
	SELECT EXISTS (SELECT FROM @extschema@.menuca_run r
				   WHERE r.inserted > 0 AND GREATEST(r.started_at, r.finished_at, r.rolled_back_at) >= b.finished_at)
		OR EXISTS (SELECT FROM @extschema@.menuca_snapshot_restore s
				   WHERE s.restored_at >= b.finished_at) AS of_menus) f;

COMMENT ON VIEW menuca_load_comparison IS
'Each load run since the last change, beside the newest one from before it with as many connections.';
COMMENT ON COLUMN menuca_load_comparison.load_id IS
'Number of the run.';
COMMENT ON COLUMN menuca_load_comparison.environment_id IS
'The environment (menuca_registered_environment).';
COMMENT ON COLUMN menuca_load_comparison.started_at IS
'When its first request was sent.';
COMMENT ON COLUMN menuca_load_comparison.seed IS
'Seed by which its restaurants were drawn; NULL: not known.';
COMMENT ON COLUMN menuca_load_comparison.before_load_id IS
'Number of the run from before the change.';
COMMENT ON COLUMN menuca_load_comparison.before_seed IS
'Its seed; NULL: not known.';
COMMENT ON COLUMN menuca_load_comparison.of_menus IS
'True when items were inserted or removed between the two runs: then the times are those of the requests of menus alone, since combos show other dishes than before.';
COMMENT ON COLUMN menuca_load_comparison.p50_ms IS
'Median in milliseconds, of the run.';
COMMENT ON COLUMN menuca_load_comparison.p50_low_ms IS
'Least value that it may have, of the run.';
COMMENT ON COLUMN menuca_load_comparison.p50_high_ms IS
'Greatest value that it may have, of the run.';
COMMENT ON COLUMN menuca_load_comparison.before_p50_ms IS
'Median in milliseconds, of the run before the change.';
COMMENT ON COLUMN menuca_load_comparison.before_p50_low_ms IS
'Least value that it may have, of the run before the change.';
COMMENT ON COLUMN menuca_load_comparison.before_p50_high_ms IS
'Greatest value that it may have, of the run before the change.';
COMMENT ON COLUMN menuca_load_comparison.p95_ms IS
'95th percentile in milliseconds, of the run.';
COMMENT ON COLUMN menuca_load_comparison.p95_low_ms IS
'Least value that it may have, of the run.';
COMMENT ON COLUMN menuca_load_comparison.p95_high_ms IS
'Greatest value that it may have, of the run.';
COMMENT ON COLUMN menuca_load_comparison.before_p95_ms IS
'95th percentile in milliseconds, of the run before the change.';
COMMENT ON COLUMN menuca_load_comparison.before_p95_low_ms IS
'Least value that it may have, of the run before the change.';
COMMENT ON COLUMN menuca_load_comparison.before_p95_high_ms IS
'Greatest value that it may have, of the run before the change.';

CREATE VIEW menuca_load_runs WITH (security_invoker = true) AS
SELECT l.load_id,
	e.name AS environment,
	l.requests,
	l.connections,
	l.errors,
	pg_catalog.round(100.0 * (l.requests - l.errors) / NULLIF(l.requests, 0), 2) AS success_pct,
	l.p50_ms,
	l.p50_low_ms,
	l.p50_high_ms,
	l.p95_ms,
	l.p95_low_ms,
	l.p95_high_ms,
	l.p99_ms,
	l.max_ms,
	l.menu_p50_ms,
	l.menu_p95_ms,
	pg_catalog.round(100.0 * l.blocks_hit / NULLIF(l.blocks_hit + l.blocks_read, 0), 2) AS cache_hit_pct,
	l.seed,
	l.run_by,
	l.started_at,
	l.finished_at
FROM @extschema@.menuca_load_run l
LEFT JOIN @extschema@.menuca_registered_environment e USING (environment_id);

COMMENT ON VIEW menuca_load_runs IS
'The load runs, with their environment, success and cache hits.';
COMMENT ON COLUMN menuca_load_runs.load_id IS
'Number of the run, for menuca_check_load().';
COMMENT ON COLUMN menuca_load_runs.environment IS
'staging or production.';
COMMENT ON COLUMN menuca_load_runs.requests IS
'Requests that were sent.';
COMMENT ON COLUMN menuca_load_runs.connections IS
'Connections that sent them at the same time.';
COMMENT ON COLUMN menuca_load_runs.errors IS
'Requests that failed.';
COMMENT ON COLUMN menuca_load_runs.success_pct IS
'Requests that succeeded, in percent of those that were sent.';
COMMENT ON COLUMN menuca_load_runs.p50_ms IS
'Median time of a request that succeeded, in milliseconds, as the next columns.';
COMMENT ON COLUMN menuca_load_runs.p50_low_ms IS
'Least value that the median may have.';
COMMENT ON COLUMN menuca_load_runs.p50_high_ms IS
'Greatest value that the median may have.';
COMMENT ON COLUMN menuca_load_runs.p95_ms IS
'95th percentile.';
COMMENT ON COLUMN menuca_load_runs.p95_low_ms IS
'Least value that it may have.';
COMMENT ON COLUMN menuca_load_runs.p95_high_ms IS
'Greatest value that it may have.';
COMMENT ON COLUMN menuca_load_runs.p99_ms IS
'99th percentile.';
COMMENT ON COLUMN menuca_load_runs.max_ms IS
'Longest time.';
COMMENT ON COLUMN menuca_load_runs.menu_p50_ms IS
'Median of the requests of menus alone; NULL: not known.';
COMMENT ON COLUMN menuca_load_runs.menu_p95_ms IS
'95th percentile of them; NULL: not known.';
COMMENT ON COLUMN menuca_load_runs.cache_hit_pct IS
'Pages that were found in the cache, in percent; NULL: not known.';
COMMENT ON COLUMN menuca_load_runs.seed IS
'Seed by which restaurants were drawn; NULL: not known.';
COMMENT ON COLUMN menuca_load_runs.run_by IS
'Session user who recorded the run.';
COMMENT ON COLUMN menuca_load_runs.started_at IS
'When the first request was sent.';
COMMENT ON COLUMN menuca_load_runs.finished_at IS
'When the last one had ended.';

--
-- How long each way back took when it was rehearsed
--

CREATE VIEW menuca_rehearsal WITH (security_invoker = true) AS
SELECT o.rollback_option,
	pg_catalog.round(COALESCE(
		CASE WHEN pg_catalog.jsonb_typeof(v.minutes -> o.rollback_option) = 'number'
			THEN (v.minutes ->> o.rollback_option)::numeric END,
		EXTRACT(epoch FROM r.took) / 60), 2) AS minutes,
	CASE WHEN pg_catalog.jsonb_typeof(v.minutes -> o.rollback_option) = 'number' THEN 'staging'
		WHEN r.took IS NOT NULL THEN 'here'
	END AS rehearsed_on,
	CASE WHEN pg_catalog.jsonb_typeof(v.minutes -> o.rollback_option) = 'number' THEN v.exported_at
		WHEN r.took IS NOT NULL THEN r.rehearsed_at
	END AS rehearsed_at
FROM (VALUES (1, 'items'), (2, 'indexes'), (3, 'access'), (4, 'snapshot'), (5, 'restore')) o(place, rollback_option)
LEFT JOIN LATERAL (
	-- all kinds of runs that were rolled back, each the newest time
	SELECT pg_catalog.sum(k.rollback_took) AS took, pg_catalog.max(k.rolled_back_at) AS rehearsed_at
	FROM (SELECT DISTINCT ON (u.kind, u.target_schema, u.target) u.rollback_took, u.rolled_back_at
		  FROM @extschema@.menuca_run u
		  WHERE u.rollback_took IS NOT NULL AND u.part_of IS NULL
		  ORDER BY u.kind, u.target_schema, u.target, u.run_id DESC) k
	WHERE o.rollback_option = 'items'
	UNION ALL
	SELECT pg_catalog.max(i.drop_took), pg_catalog.max(i.dropped_at)
	FROM @extschema@.menuca_created_index i
	WHERE o.rollback_option = 'indexes'
	UNION ALL
	SELECT pg_catalog.max(a.undo_took), pg_catalog.max(a.undone_at)
	FROM @extschema@.menuca_access_deployment a
	WHERE o.rollback_option = 'access'
	UNION ALL
	SELECT s.took, s.restored_at
	FROM (SELECT n.took, n.restored_at FROM @extschema@.menuca_snapshot_restore n
		  WHERE n.took IS NOT NULL
		  ORDER BY n.restore_no DESC LIMIT 1) s
	WHERE o.rollback_option = 'snapshot'
	UNION ALL
	SELECT pg_catalog.make_interval(secs => b.seconds), b.finished
	FROM (SELECT (d.details ->> 'drill_seconds')::double precision AS seconds, d.finished
		  FROM @extschema@.menuca_backups d
		  WHERE d.restored_once AND d.of_this_database AND pg_catalog.jsonb_typeof(d.details -> 'drill_seconds') = 'number'
		  ORDER BY d.finished DESC, d.backup_no DESC LIMIT 1) b
	WHERE o.rollback_option = 'restore') r ON r.took IS NOT NULL
LEFT JOIN LATERAL (
	SELECT d.document -> 'rehearsals' AS minutes, d.imported_at AS exported_at
	FROM @extschema@.menuca_imported_verdict d
	ORDER BY d.verdict_id DESC LIMIT 1) v ON true
ORDER BY o.place;

COMMENT ON VIEW menuca_rehearsal IS
'How long each way back took when it was rehearsed, one row per option: as staging''s imported verdict says, and otherwise by the ledgers and the newest drill of a backup here.';
COMMENT ON COLUMN menuca_rehearsal.rollback_option IS
'items (runs were rolled back), indexes, access, snapshot or restore (the whole database, by menuca-backup --drill).';
COMMENT ON COLUMN menuca_rehearsal.minutes IS
'Minutes that it took; of items the sum over the kinds of runs. NULL when it was never rehearsed, as the next columns.';
COMMENT ON COLUMN menuca_rehearsal.rehearsed_on IS
'staging when the imported verdict says so, here when it was done in this database.';
COMMENT ON COLUMN menuca_rehearsal.rehearsed_at IS
'When it was done here, or when the verdict was imported.';

/*-------------------------------------------------------------------------
 *
 * run_damage.c
 *	  Runs that the ledger does not have as a whole: see run_damage.h.
 *
 * Where a row of menuca_run was deleted, the rows that its run inserted remain,
 * and show that there was one.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "miscadmin.h"
#include "utils/acl.h"

#include "base/extension.h"
#include "base/query.h"
#include "base/relation.h"
#include "ledger/run_damage.h"

static bool may_read_ledger(void);
pg_noreturn static void raise_lost(int64 run_id, const char *detail);


void
run_damage_refuse_gone(int64 run_id)
{
	QueryArgs	args = {0};
	bool		found;

	query_arg_int8(&args, run_id);
	query_begin_snapshot();
	found = query_bool(psprintf("SELECT EXISTS (SELECT FROM %smenuca_run WHERE run_id = $1)",
								migrate_schema()), &args);
	query_end_snapshot();
	if (!found)
		raise_lost(run_id, "Its row in menuca_run is gone.");
}

void
run_damage_refuse_end(int64 run_id, const char *status)
{
	QueryArgs	args = {0};
	char	   *damage;
	char	   *recorded;

	query_begin_snapshot();
	damage = run_damage(run_id);
	if (damage)
		raise_lost(run_id, psprintf("%s.", damage));
	query_arg_int8(&args, run_id);
	recorded = query_text(psprintf("SELECT status FROM %smenuca_run WHERE run_id = $1",
								   migrate_schema()), &args);
	query_end_snapshot();
	if (recorded == NULL || strcmp(recorded, status) != 0)
		raise_lost(run_id, "Its status could not be set.");
}

char *
run_damage(int64 run_id)
{
	QueryArgs	args = {0};
	const char *schema = migrate_schema();

	if (!may_read_ledger())
		return NULL;
	query_arg_int8(&args, run_id);
	return query_text(psprintf("SELECT CASE WHEN count(*) <> 1 THEN format('menuca_run has %%s rows of run %%s', count(*), $1)"
							   " WHEN bool_or(r.inserted IS DISTINCT FROM b.rows)"
							   " THEN format('run %%s inserted %%s rows, and menuca_run_batch has %%s of them', $1, max(r.inserted), max(b.rows))"
							   " WHEN bool_or(r.items_before IS DISTINCT FROM o.rows)"
							   " THEN format('%%s rows were there before run %%s, and menuca_run_baseline has %%s of them', max(r.items_before), $1, max(o.rows)) END"
							   " FROM %smenuca_run r, LATERAL (SELECT coalesce(sum(row_count), 0) AS rows"
							   "  FROM %smenuca_run_batch WHERE run_id = r.run_id) b,"
							   " LATERAL (SELECT coalesce(sum(row_count), 0) AS rows"
							   "  FROM %smenuca_run_baseline WHERE run_id = r.run_id) o WHERE r.run_id = $1",
							   schema, schema, schema), &args);
}

List *
run_damage_lost_ids(void)
{
	return may_read_ledger() ?
		query_texts(psprintf("SELECT DISTINCT b.run_id::text FROM %smenuca_run_batch b"
							 " WHERE NOT EXISTS (SELECT FROM %smenuca_run r WHERE r.run_id = b.run_id) ORDER BY 1",
							 migrate_schema(), migrate_schema()), NULL) : NIL;
}

bool
run_damage_is_lost(int64 run_id)
{
	char	   *id = psprintf(INT64_FORMAT, run_id);
	ListCell   *lc;

	foreach(lc, run_damage_lost_ids())
	{
		if (strcmp(lfirst(lc), id) == 0)
			return true;
	}
	return false;
}

/* Who may read the runs only is told nothing about their rows. */
static bool
may_read_ledger(void)
{
	static const char *const tables[] = {"menuca_run", "menuca_run_batch", "menuca_run_baseline"};

	for (size_t i = 0; i < lengthof(tables); i++)
	{
		if (!relation_may(migrate_table(tables[i]), ACL_SELECT))
			return false;
	}
	return true;
}

static void
raise_lost(int64 run_id, const char *detail)
{
	ereport(ERROR,
			(errcode(ERRCODE_DATA_CORRUPTED),
			 errmsg("the ledger has lost run %lld while it was written to", (long long) run_id),
			 errdetail("%s What this transaction had changed is undone.", detail),
			 errhint("Only the extension should write to its ledger. Find out who else does, or which trigger or rule its tables have.")));
}

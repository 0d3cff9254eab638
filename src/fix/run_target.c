/*-------------------------------------------------------------------------
 *
 * run_target.c
 *	  Whether a run of the ledger can have written to its table: see
 *	  run_target.h.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "utils/builtins.h"

#include "base/extension.h"
#include "base/settings.h"
#include "fix/run_target.h"
#include "target/junction.h"

/* What each kind of run writes to. */
static const struct
{
	const char *kind;
	JunctionPart part;
}			written_parts[] = {
	{"fix_combos", JUNCTION_ITEMS},
	{"fix_group_dishes", JUNCTION_ITEMS},
	{"fix_v2_groups", JUNCTION_ITEMS},
	{"fix_v2_steps", JUNCTION_STEPS},
	{"fix_combo_steps", JUNCTION_STEPS},
	{"backfill_dishes", JUNCTION_DISHES}
};

static bool kind_writes_to(const char *kind, const char *table);


void
run_target_require(const Run *run)
{
	if (!kind_writes_to(run->kind, run->target))
		ereport(ERROR,
				(errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
				 errmsg("run %lld cannot have written to table %s.%s", (long long) run->id,
						run->target_schema, run->target),
				 errdetail("A run of kind \"%s\" never writes to that table, so the ledger is not the extension's work. Nothing was changed.",
						   run->kind),
				 errhint("%s", migrate_call("Find out who changed the ledger: SELECT run_id, kind, target_schema, target, run_by, started_at FROM menuca_runs WHERE run_id = %lld;",
											(long long) run->id))));
	if (strcmp(run->target_schema, menuca_target_schema) != 0)
		ereport(ERROR,
				(errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
				 errmsg("run %lld wrote to schema %s, and the target schema is %s",
						(long long) run->id, run->target_schema, menuca_target_schema),
				 errdetail("Only tables of the target schema are changed. Nothing was changed."),
				 errhint("If that is the schema meant: SET menuca.target_schema = %s; and call it again.",
						 quote_literal_cstr(run->target_schema))));
}

static bool
kind_writes_to(const char *kind, const char *table)
{
	for (size_t i = 0; i < lengthof(written_parts); i++)
	{
		if (strcmp(written_parts[i].kind, kind) == 0)
			return junction_has_part(table, written_parts[i].part);
	}
	return false;
}

/*-------------------------------------------------------------------------
 *
 * fix_call.c
 *	  The calls that a fix proposes: see fix_call.h.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "base/attempt.h"
#include "base/extension.h"
#include "base/query.h"
#include "base/settings.h"
#include "base/sqlstate.h"
#include "fix/fix_call.h"
#include "plan/plan_call.h"
#include "source/staged_table.h"

/* Dishes that V1's menu has and the target lacks. */
typedef struct Recoverable
{
	const char *arguments;
	int64		count;
} Recoverable;

static char *backfill_call(const Fix *fix);
static void count_recoverable(void *arg);
static void append_percentage(StringInfo call, const char *name, double value,
							  double default_value);


char *
fix_call_next(const Fix *fix, bool dry_run)
{
	if (fix->interrupted && fix->interrupted->next_step)
		return fix->interrupted->next_step;
	if (dry_run && fix->refusals)
	{
		char	   *backfill = backfill_call(fix);

		return backfill ? backfill : gate_call(fix->refusals);
	}
	if (dry_run && fix_call_has_work(fix))
		return fix->real_call;
	return migrate_call("SELECT * FROM menuca_validate(%s);", fix->options.gate.target_arguments);
}

/* What can be repaired is not to be accepted: the dishes that V1's staged menu has, or NULL. */
static char *
backfill_call(const Fix *fix)
{
	int			refused_by = ((Refusal *) linitial(fix->refusals))->sqlstate;
	Recoverable recoverable = {.count = 0};

	if (fix->source->kind != SOURCE_ROWS ||
		(refused_by != ERRCODE_MENUCA_COVERAGE && refused_by != ERRCODE_MENUCA_ORPHANS) ||
		!OidIsValid(staged_table_find("menuca.menu_table", menuca_menu_table)))
		return NULL;
	recoverable.arguments = plan_call_of_rows(fix->target, fix->source);
	if (attempt(count_recoverable, &recoverable) != NULL || recoverable.count == 0)
		return NULL;
	return migrate_call("SELECT * FROM menuca_backfill_dishes(%s);", recoverable.arguments);
}

static void
count_recoverable(void *arg)
{
	Recoverable *recoverable = arg;

	recoverable->count = query_int8(psprintf("SELECT count(*) FROM %smenuca_plan_backfill(%s) WHERE outcome = 'insert'",
											 migrate_schema(), recoverable->arguments), NULL);
}

bool
fix_call_has_work(const Fix *fix)
{
	/* A resumed run has to be finished, even if nothing is left to insert. */
	return fix->figures.outcomes[OUTCOME_INSERT] > 0 || fix->resumed ||
		(fix->steps && fix_steps_planned(fix->steps) > 0);
}

char *
fix_call_new_run(const Fix *fix)
{
	const FixOptions *options = &fix->options;
	const GateSettings *gate = &options->gate;
	StringInfoData call;

	/* Only what differs from the defaults of the SQL functions */
	initStringInfo(&call);
	appendStringInfo(&call, "%s(dry_run => false%s%s",
					 migrate_qualify(options->batched ? "CALL menuca_fix_combos_batched" :
									 psprintf("SELECT * FROM %s", fix_options_call(options->kind))),
					 *gate->source_arguments ? ", " : "", gate->source_arguments);
	append_percentage(&call, "min_group_coverage_pct", gate->min_group_coverage, 95);
	append_percentage(&call, "min_dish_coverage_pct", gate->min_dish_coverage, 95);
	append_percentage(&call, "max_orphan_pct", gate->max_orphans, 20);
	append_percentage(&call, "max_cross_restaurant_pct", gate->max_cross_restaurant, 5);
	if (gate->on_expected)
		appendStringInfoString(&call, ", gate_on => 'expected'");
	if (options->batch_size != 10000)
		appendStringInfo(&call, ", batch_size => %d", options->batch_size);
	if (gate->strict)
		appendStringInfoString(&call, ", strict => true");
	if (options->exclusive)
		appendStringInfoString(&call, ", lock => 'access_exclusive'");
	appendStringInfoString(&call, ");");
	return call.data;
}

static void
append_percentage(StringInfo call, const char *name, double value, double default_value)
{
	if (value != default_value)
		appendStringInfo(call, ", %s => %.15g", name, value);
}

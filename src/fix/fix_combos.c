/*-------------------------------------------------------------------------
 *
 * fix_combos.c
 *	  The phases of a fix.
 *
 * menuca_fix_combos(dry_run := true)	plans and reports
 * menuca_fix_combos(dry_run := false)	inserts the items in one transaction
 * menuca_fix_group_dishes()			the same with V1's lists of dishes
 * menuca_fix_v2_groups()				the same with V2's, and their steps
 * menuca_preview_combos() and so on	their dry runs, for who may only look
 * menuca_fix_combos_batched()			commits each batch: see fix_batched.c
 * menuca_resume(run_id)				resumes an interrupted batched run
 *
 * The phases are the same for all: fix_prepare() makes the plan, applies the
 * gate before and opens the run in the ledger; fix_write_batch() writes until
 * nothing is left, between fix_begin_writing() and fix_end_writing();
 * fix_conclude() applies the gate after and closes the run.  In one
 * transaction an error at any point undoes everything.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "fmgr.h"
#include "utils/timestamp.h"

#include "base/arguments.h"
#include "base/given_call.h"
#include "base/preview.h"
#include "base/query.h"
#include "base/statement.h"
#include "fix/fix_conclude.h"
#include "fix/fix_options.h"
#include "fix/fix_prepare.h"
#include "fix/fix_report.h"
#include "fix/fix_state.h"
#include "fix/fix_steps.h"
#include "fix/fix_write.h"

PG_FUNCTION_INFO_V1(menuca_fix_combos);
PG_FUNCTION_INFO_V1(menuca_fix_group_dishes);
PG_FUNCTION_INFO_V1(menuca_fix_v2_groups);
PG_FUNCTION_INFO_V1(menuca_preview_combos);
PG_FUNCTION_INFO_V1(menuca_preview_group_dishes);
PG_FUNCTION_INFO_V1(menuca_preview_v2_groups);

static Datum fix_in_one_transaction(FunctionCallInfo fcinfo, SourceKind kind);


/*
 * menuca_fix_combos(dry_run, source, min_coverage_pct, max_orphan_pct,
 * gate_on, batch_size, target, min_group_coverage_pct,
 * min_dish_coverage_pct, id_column, dish_column, group_column, order_column,
 * max_cross_restaurant_pct, strict, lock)
 */
Datum
menuca_fix_combos(PG_FUNCTION_ARGS)
{
	return fix_in_one_transaction(fcinfo, SOURCE_ROWS);
}

/*
 * menuca_fix_group_dishes(...): the same, but with two column names instead of
 * four, group_column and list_column.
 */
Datum
menuca_fix_group_dishes(PG_FUNCTION_ARGS)
{
	return fix_in_one_transaction(fcinfo, SOURCE_PHP_LISTS);
}

/* menuca_fix_v2_groups(...): the same arguments as for V1's lists. */
Datum
menuca_fix_v2_groups(PG_FUNCTION_ARGS)
{
	return fix_in_one_transaction(fcinfo, SOURCE_JSON_LISTS);
}

/* The dry runs of the three: the same arguments without dry_run and lock. */
Datum
menuca_preview_combos(PG_FUNCTION_ARGS)
{
	return preview_call(fcinfo, "menuca_fix_combos");
}

Datum
menuca_preview_group_dishes(PG_FUNCTION_ARGS)
{
	return preview_call(fcinfo, "menuca_fix_group_dishes");
}

Datum
menuca_preview_v2_groups(PG_FUNCTION_ARGS)
{
	return preview_call(fcinfo, "menuca_fix_v2_groups");
}

/* Plans, or plans and writes in one transaction. */
static Datum
fix_in_one_transaction(FunctionCallInfo fcinfo, SourceKind kind)
{
	TimestampTz start = GetCurrentTimestamp();
	bool		dry_run = argument_bool(fcinfo, 0, "dry_run");
	Fix			fix = {
		.options = fix_options_read(fcinfo, 1, kind),
		.real_call = given_call_for_real(fcinfo)
	};
	char	   *call = psprintf("%s(dry_run := false)", fix_options_call(kind));

	fix.options.exclusive = fix_options_exclusive(argument_text(fcinfo, PG_NARGS() - 1, "lock"));
	if (dry_run)
		fix_plan_only(&fix);
	else
	{
		query_require_writable(call);
		query_require_read_committed(call);
		statement_require_first(fix_options_call(kind), fix.options.target_name, fix.real_call);

		fix_prepare(&fix);
		fix_begin_writing(&fix);
		while (fix_write_batch(&fix))
			 /* until nothing is left */ ;
		plan_end_inserts(fix.plan);
		fix_end_writing(&fix);
		if (fix.steps)
			fix_steps_write(fix.steps, fix.run_id, fix.options.batch_size);
		fix_conclude(&fix);
	}
	return fix_result(fcinfo, &fix, dry_run, start);
}

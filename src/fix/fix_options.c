/*-------------------------------------------------------------------------
 *
 * fix_options.c
 *	  The options of a fix: see fix_options.h.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "fmgr.h"

#include "base/arguments.h"
#include "fix/fix_options.h"
#include "source/source_arguments.h"

/* The names of the fixes, by the kind of their source. */
static const struct
{
	const char *run;			/* kind of run in the ledger */
	const char *call;			/* SQL function */
	const char *plan;			/* SQL function that shows the outcomes */
	const char *crossed;		/* SQL function that shows the rows of outcome
								 * cross_restaurant */
	const char *crossed_column; /* its column that says so */
}			fix_names[] = {

	[SOURCE_ROWS] = {"fix_combos", "menuca_fix_combos", "menuca_plan_combos",
	"menuca_explain_unmapped", "reason"},
	[SOURCE_PHP_LISTS] = {"fix_group_dishes", "menuca_fix_group_dishes", "menuca_plan_group_dishes",
	"menuca_plan_group_dishes", "outcome"},
	[SOURCE_JSON_LISTS] = {"fix_v2_groups", "menuca_fix_v2_groups", "menuca_plan_v2_groups",
	"menuca_plan_v2_groups", "outcome"}
};

static void name_functions(FixOptions *options);


FixOptions
fix_options_read(FunctionCallInfo fcinfo, int first, SourceKind kind)
{
	FixOptions	options = {0};
	bool		of_lists = kind != SOURCE_ROWS;
	int			last = first + (of_lists ? 11 : 13);
	double		min_coverage = argument_numeric(fcinfo, first + 1, "min_coverage_pct");
	char	   *gate_on = argument_text(fcinfo, first + 3, "gate_on");

	argument_check_percentage("min_coverage_pct", min_coverage);
	options.source_oid = argument_table_or_invalid(fcinfo, first, "source");
	options.gate.max_orphans = argument_numeric(fcinfo, first + 2, "max_orphan_pct");
	options.batch_size = argument_int4(fcinfo, first + 4, "batch_size");
	options.target_name = argument_text(fcinfo, first + 5, "target");
	options.gate.min_group_coverage = argument_numeric_or(fcinfo, first + 6, min_coverage);
	options.gate.min_dish_coverage = argument_numeric_or(fcinfo, first + 7, min_coverage);
	options.kind = kind;
	name_functions(&options);
	options.columns = of_lists ? source_list_columns(fcinfo, first + 8) : source_row_columns(fcinfo, first + 8);
	options.gate.max_cross_restaurant = argument_numeric(fcinfo, last - 1, "max_cross_restaurant_pct");
	options.gate.strict = argument_bool(fcinfo, last, "strict");

	if (strcmp(gate_on, "expected") == 0)
		options.gate.on_expected = true;
	else if (strcmp(gate_on, "overall") != 0)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("unknown gate_on \"%s\"", gate_on),
				 errdetail("It must be \"overall\" (the orphan rate of all groups) or \"expected\" (that of the groups that the source has a row for). Nothing was changed."),
				 errhint("Omit it to judge the overall rate.")));
	argument_check_batch_size(options.batch_size);
	gate_check_settings(&options.gate);

	return options;
}

bool
fix_options_exclusive(const char *lock)
{
	if (strcmp(lock, "access_exclusive") == 0)
		return true;
	if (strcmp(lock, "share_row_exclusive") != 0)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("unknown lock \"%s\"", lock),
				 errdetail("It must be \"share_row_exclusive\" (others may read the table meanwhile) or \"access_exclusive\" (nobody may read it, but the indexes can be rebuilt, which is faster). Nothing was changed."),
				 errhint("Omit it while customers are ordering.")));
	return false;
}

FixOptions
fix_options_restore(const Run *run)
{
	FixOptions	options = {0};
	double		batch_size;

	options.batched = true;
	options.target_schema = run->target_schema;
	options.target_name = run->target;
	options.gate.min_group_coverage = run_parameter_number(run, "min_group_coverage_pct");
	options.gate.min_dish_coverage = run_parameter_number(run, "min_dish_coverage_pct");
	options.gate.max_orphans = run_parameter_number(run, "max_orphan_pct");
	options.gate.on_expected = strcmp(run_parameter(run, "gate_on"), "expected") == 0;
	options.gate.max_cross_restaurant = run_parameter_number(run, "max_cross_restaurant_pct");
	name_functions(&options);
	options.gate.strict = strcmp(run_parameter(run, "strict"), "true") == 0;
	batch_size = run_parameter_number(run, "batch_size");
	options.batch_size = batch_size >= 1 && batch_size <= ARGUMENT_MAX_BATCH_SIZE ? (int) batch_size : 0;
	options.columns.id = run_parameter(run, "id_column");
	options.columns.dish = run_parameter(run, "dish_column");
	options.columns.group = run_parameter(run, "group_column");
	options.columns.order = run_parameter(run, "order_column");

	/* Somebody may have changed them. */
	argument_check_batch_size(options.batch_size);
	gate_check_settings(&options.gate);
	return options;
}

/* Sets the functions that the gates' hints propose. */
static void
name_functions(FixOptions *options)
{
	options->gate.plan_function = fix_names[options->kind].plan;
	options->gate.crossed_function = fix_names[options->kind].crossed;
	options->gate.crossed_column = fix_names[options->kind].crossed_column;
}

const char *
fix_options_run_kind(const FixOptions *options)
{
	return fix_names[options->kind].run;
}

const char *
fix_options_call(SourceKind kind)
{
	return fix_names[kind].call;
}

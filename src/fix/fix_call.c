/*-------------------------------------------------------------------------
 *
 * fix_call.c
 *	  The call that carries out what a dry run has shown: see fix_call.h.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "base/extension.h"
#include "fix/fix_call.h"

static void append_percentage(StringInfo call, const char *name, double value,
							  double default_value);


char *
fix_call_for_real(const Fix *fix)
{
	const FixOptions *options = &fix->options;
	const GateSettings *gate = &options->gate;
	StringInfoData call;

	if (fix->resumed)
		return migrate_call("CALL menuca_resume(%lld, dry_run => false);", (long long) fix->run_id);

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

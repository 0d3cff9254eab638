/*-------------------------------------------------------------------------
 *
 * watch_target.c
 *	  Targets and alerts of the monitor's figures: see watch_target.h.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include <math.h>

#include "utils/float.h"

#include "base/query.h"
#include "base/slot.h"
#include "seating/seating_extension.h"
#include "watch/watch_target.h"

static void *make_target(TupleTableSlot *slot);
static double limit_or(TupleTableSlot *slot, int column, double otherwise);


WatchTarget *
watch_target_read(const char *name)
{
	QueryArgs	args = {0};
	List	   *rows;

	query_arg_text(&args, name);
	rows = query_list(psprintf("SELECT t.unit, t.target_from::float8, t.target_to::float8, t.target_strict, t.alert_below::float8, t.alert_above::float8"
							   " FROM %smenuca_seating_target t WHERE t.name = $1", seating_extension_schema()),
					  &args, make_target);
	if (rows == NIL)
		ereport(ERROR,
				(errcode(ERRCODE_NO_DATA_FOUND),
				 errmsg("there is no target \"%s\"", name),
				 errdetail("The view menuca_seating_target was changed."),
				 errhint("%s", seating_call("SELECT * FROM menuca_seating_target;"))));
	return linitial(rows);
}

static void *
make_target(TupleTableSlot *slot)
{
	WatchTarget *target = palloc(sizeof(WatchTarget));

	target->unit = slot_text_or_null(slot, 0);
	target->from = limit_or(slot, 1, -get_float8_infinity());
	target->to = limit_or(slot, 2, get_float8_infinity());
	target->strict = !slot->tts_isnull[3] && slot_bool(slot, 3);
	target->below = limit_or(slot, 4, -get_float8_infinity());
	target->above = limit_or(slot, 5, get_float8_infinity());
	return target;
}

static double
limit_or(TupleTableSlot *slot, int column, double otherwise)
{
	return slot->tts_isnull[column] ? otherwise : slot_float8(slot, column);
}

FindingStatus
watch_target_judge(const WatchTarget *target, double value)
{
	if (value < target->below || value > target->above)
		return CHECK_FAIL;
	if (target->strict ? value > target->from && value < target->to : value >= target->from && value <= target->to)
		return CHECK_PASS;
	return CHECK_WARN;
}

char *
watch_target_text(const WatchTarget *target)
{
	StringInfoData text;
	bool		below = !isinf(target->below);

	initStringInfo(&text);
	if (!isinf(target->from) && !isinf(target->to))
		appendStringInfo(&text, "%g to %g", target->from, target->to);
	else if (!isinf(target->from))
		appendStringInfo(&text, "%s %g", target->strict ? "more than" : "at least", target->from);
	else if (target->to == 0)
		appendStringInfoString(&text, "0");
	else
		appendStringInfo(&text, "%s %g", target->strict ? "less than" : "at most", target->to);
	if (target->unit && *target->unit)
		appendStringInfo(&text, " %s", target->unit);
	if (below)
		appendStringInfo(&text, "; alert below %g", target->below);
	if (!isinf(target->above))
		appendStringInfo(&text, "%s above %g", below ? " or" : "; alert", target->above);
	return text.data;
}

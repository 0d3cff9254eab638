/*-------------------------------------------------------------------------
 *
 * trigger_call.c
 *	  The call of a trigger function of the extension: see trigger_call.h.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "utils/builtins.h"
#include "utils/lsyscache.h"
#include "utils/rel.h"

#include "base/relation.h"
#include "base/trigger_call.h"

static int	fired_event(TriggerEvent event);


TriggerData *
trigger_call(FunctionCallInfo fcinfo, const char *function, Oid relid, int events)
{
	TriggerData *call = (TriggerData *) fcinfo->context;

	if (!CALLED_AS_TRIGGER(fcinfo))
		ereport(ERROR,
				(errcode(ERRCODE_E_R_I_E_TRIGGER_PROTOCOL_VIOLATED),
				 errmsg("%s() can only be called as a trigger", function),
				 errdetail("Nothing was changed."),
				 errhint("The extension has the trigger on table %s.", relation_display_name(relid))));
	if (RelationGetRelid(call->tg_relation) != relid ||
		!TRIGGER_FIRED_BEFORE(call->tg_event) || !TRIGGER_FIRED_FOR_ROW(call->tg_event) ||
		(fired_event(call->tg_event) & events) == 0)
		ereport(ERROR,
				(errcode(ERRCODE_E_R_I_E_TRIGGER_PROTOCOL_VIOLATED),
				 errmsg("%s() is a trigger function of table %s only", function,
						relation_display_name(relid)),
				 errdetail("It was called by trigger \"%s\" of table %s. Nothing was changed.",
						   call->tg_trigger->tgname, relation_display_name(RelationGetRelid(call->tg_relation))),
				 errhint("DROP TRIGGER %s ON %s;", quote_identifier(call->tg_trigger->tgname),
						 relation_quoted_name(RelationGetRelid(call->tg_relation)))));
	return call;
}

int
trigger_call_column(const TriggerData *call, const char *column, Oid type)
{
	Oid			relid = RelationGetRelid(call->tg_relation);
	AttrNumber	attnum = get_attnum(relid, column);

	if (attnum <= 0 || get_atttype(relid, attnum) != type)
		ereport(ERROR,
				(errcode(ERRCODE_UNDEFINED_COLUMN),
				 errmsg("table %s has no column \"%s\" of type %s", relation_display_name(relid),
						column, format_type_be(type)),
				 errdetail("Somebody has changed the extension's table. Nothing was changed by this statement."),
				 errhint("Restore the column as CREATE EXTENSION made it.")));
	return attnum;
}

static int
fired_event(TriggerEvent event)
{
	return TRIGGER_FIRED_BY_INSERT(event) ? TRIGGER_CALL_INSERT :
		TRIGGER_FIRED_BY_UPDATE(event) ? TRIGGER_CALL_UPDATE :
		TRIGGER_FIRED_BY_DELETE(event) ? TRIGGER_CALL_DELETE : 0;
}

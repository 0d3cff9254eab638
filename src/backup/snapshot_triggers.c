/*-------------------------------------------------------------------------
 *
 * snapshot_triggers.c
 *	  Disabling triggers while a snapshot is restored: see snapshot_triggers.h.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "commands/trigger.h"
#include "miscadmin.h"
#include "utils/builtins.h"

#include "backup/snapshot_triggers.h"
#include "base/query.h"
#include "base/relation.h"
#include "base/slot.h"

/* A trigger that is to be disabled. */
typedef struct EnabledTrigger
{
	char	   *name;			/* quoted */
	char		enabled;		/* pg_trigger.tgenabled */
} EnabledTrigger;

static List *enabled_triggers(const KeyedTable *table);
static void *make_trigger(TupleTableSlot *slot);


List *
snapshot_triggers_disable(const KeyedTable *table)
{
	List	   *triggers;
	List	   *enable = NIL;
	ListCell   *lc;

	if (!relation_is_owned(table->oid))
		ereport(ERROR,
				(errcode(ERRCODE_INSUFFICIENT_PRIVILEGE),
				 errmsg("must be owner of table %s to disable its triggers", table->display_name),
				 errdetail("Nothing was changed."),
				 errhint("Omit the argument disable_triggers, or make the call as role %s.",
						 quote_identifier(GetUserNameFromId(relation_owner(table->oid), false)))));
	triggers = enabled_triggers(table);
	foreach(lc, triggers)
	{
		const EnabledTrigger *trigger = lfirst(lc);
		const char *mode = trigger->enabled == TRIGGER_FIRES_ALWAYS ? "ENABLE ALWAYS" :
			trigger->enabled == TRIGGER_FIRES_ON_REPLICA ? "ENABLE REPLICA" : "ENABLE";

		query_write(psprintf("ALTER TABLE %s DISABLE TRIGGER %s", table->name, trigger->name), NULL, NULL, NULL);
		enable = lappend(enable, psprintf("ALTER TABLE %s %s TRIGGER %s", table->name, mode, trigger->name));
	}
	return enable;
}

/* The table's own triggers that are enabled (a list of EnabledTrigger). */
static List *
enabled_triggers(const KeyedTable *table)
{
	QueryArgs	args = {0};

	query_arg(&args, OIDOID, ObjectIdGetDatum(table->oid), false);
	return query_list("SELECT tgname, tgenabled FROM pg_trigger"
					  " WHERE tgrelid = $1 AND NOT tgisinternal AND tgenabled <> 'D' ORDER BY tgname",
					  &args, make_trigger);
}

static void *
make_trigger(TupleTableSlot *slot)
{
	EnabledTrigger *trigger = palloc(sizeof(EnabledTrigger));

	trigger->name = pstrdup(quote_identifier(slot_text_of(slot, "tgname")));
	trigger->enabled = *slot_text_of(slot, "tgenabled");
	return trigger;
}

/*-------------------------------------------------------------------------
 *
 * wanted_index.c
 *	  The indexes that the platform wants: see wanted_index.h.
 *
 * menuca_keep_wanted_index()	trigger of that table
 *
 * The extension ships rows, the operator edits them, and a dump holds what
 * he edited.  Where it is restored, CREATE EXTENSION has shipped the rows
 * anew, so that an edited one comes to the one that it was made of; and one
 * that had been deleted would be back.  Hence the trigger: an edited row
 * takes the place of the shipped one, and a shipped one is not deleted but
 * switched off.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "commands/trigger.h"
#include "executor/spi.h"
#include "fmgr.h"
#include "utils/builtins.h"
#include "utils/rel.h"

#include "base/extension.h"
#include "base/query.h"
#include "base/relation.h"
#include "base/slot.h"
#include "index/wanted_index.h"

PG_FUNCTION_INFO_V1(menuca_keep_wanted_index);

/* State of wanted_indexes(): where the list belongs. */
typedef struct WantedState
{
	MemoryContext context;
	List	   *list;
} WantedState;

static void add_wanted(TupleTableSlot *slot, void *arg);
static void refuse_delete(const char *table, const char *name);


List *
wanted_indexes(void)
{
	WantedState state = {CurrentMemoryContext, NIL};
	char	   *table = psprintf("%smenuca_wanted_index", migrate_schema());
	QueryArgs	args = {0};

	query_arg_text(&args, table);
	relation_require((Oid) query_int8("SELECT $1::regclass::oid::int8", &args), ACL_SELECT);
	query_each(psprintf("SELECT section, table_name, name, method, columns,"
						" NULLIF(opclass, ''), NULLIF(predicate, ''), critical"
						" FROM %s WHERE wanted ORDER BY section, name COLLATE \"C\"", table),
			   NULL, add_wanted, &state);
	return state.list;
}

static void
add_wanted(TupleTableSlot *slot, void *arg)
{
	WantedState *state = arg;
	MemoryContext old = MemoryContextSwitchTo(state->context);
	WantedIndex *wanted = palloc0(sizeof(WantedIndex));

	wanted->section = DatumGetInt32(slot->tts_values[0]);
	wanted->table = slot_text(slot, 1);
	wanted->text.name = slot_text(slot, 2);
	wanted->text.method = slot_text(slot, 3);
	wanted->text.columns = slot_text_list(slot, 4);
	wanted->text.opclass = slot_text(slot, 5);
	wanted->text.predicate = slot_text(slot, 6);
	wanted->critical = DatumGetBool(slot->tts_values[7]);
	state->list = lappend(state->list, wanted);
	MemoryContextSwitchTo(old);
}

/*
 * Before the insert of a row that was shipped once, and before the delete of
 * such a row by somebody else than this trigger.
 */
Datum
menuca_keep_wanted_index(PG_FUNCTION_ARGS)
{
	TriggerData *trigger = (TriggerData *) fcinfo->context;
	TupleDesc	desc;
	QueryArgs	args = {0};
	char	   *table;
	char	   *name;

	if (!CALLED_AS_TRIGGER(fcinfo) || !TRIGGER_FIRED_FOR_ROW(trigger->tg_event) ||
		!TRIGGER_FIRED_BEFORE(trigger->tg_event))
		ereport(ERROR,
				(errcode(ERRCODE_E_R_I_E_TRIGGER_PROTOCOL_VIOLATED),
				 errmsg("menuca_keep_wanted_index() is a trigger function for each row, before it is written")));
	desc = RelationGetDescr(trigger->tg_relation);
	table = relation_quoted_name(RelationGetRelid(trigger->tg_relation));
	name = SPI_getvalue(trigger->tg_trigtuple, desc, SPI_fnumber(desc, "name"));

	if (TRIGGER_FIRED_BY_DELETE(trigger->tg_event))
		refuse_delete(table, name);

	/* The operator may have given it another name. */
	query_arg_text(&args, name);
	query_arg_text(&args, SPI_getvalue(trigger->tg_trigtuple, desc, SPI_fnumber(desc, "shipped")));
	query_write(psprintf("DELETE FROM %s WHERE shipped IS NOT NULL"
						 " AND (name OPERATOR(pg_catalog.=) $1 OR shipped OPERATOR(pg_catalog.=) $2)", table),
				&args, NULL, NULL);
	return PointerGetDatum(trigger->tg_trigtuple);
}

static void
refuse_delete(const char *table, const char *name)
{
	ereport(ERROR,
			(errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
			 errmsg("the wanted index \"%s\" came with the extension and is not deleted", name),
			 errdetail("It would be back wherever a dump of this database is restored. Nothing was changed."),
			 errhint("Switch it off: UPDATE %s SET wanted = false WHERE name = %s;",
					 table, quote_literal_cstr(name))));
}

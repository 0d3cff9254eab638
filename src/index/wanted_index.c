/*-------------------------------------------------------------------------
 *
 * wanted_index.c
 *	  The wanted indexes: see wanted_index.h.
 *
 * menuca_protect_wanted_index()	trigger of that table
 *
 * The extension ships rows, an operator edits them, and a dump holds the edited
 * ones.  When it is restored, CREATE EXTENSION has shipped all rows again:
 * the edited row would meet the shipped row it derives from, and a deleted row
 * would reappear.  So the trigger lets an edited row replace its shipped row,
 * and refuses to delete shipped rows: they are switched off instead.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "executor/spi.h"
#include "fmgr.h"
#include "utils/builtins.h"
#include "utils/rel.h"

#include "base/extension.h"
#include "base/query.h"
#include "base/relation.h"
#include "base/slot.h"
#include "base/trigger_call.h"
#include "index/wanted_index.h"

PG_FUNCTION_INFO_V1(menuca_protect_wanted_index);

static void *make_wanted_index(TupleTableSlot *slot);
static void refuse_delete(const char *table, const char *name);


List *
wanted_indexes(void)
{
	(void) migrate_require_table("menuca_wanted_index", ACL_SELECT);
	return query_list(psprintf("SELECT section, table_name, name, method, columns,"
							   " NULLIF(opclass, ''), NULLIF(predicate, ''), critical"
							   " FROM %smenuca_wanted_index WHERE wanted"
							   " ORDER BY section, name COLLATE \"C\"", migrate_schema()),
					  NULL, make_wanted_index);
}

static void *
make_wanted_index(TupleTableSlot *slot)
{
	WantedIndex *wanted = palloc0(sizeof(WantedIndex));

	wanted->section = slot_int4(slot, 0);
	wanted->table = slot_text(slot, 1);
	wanted->text.name = slot_text(slot, 2);
	wanted->text.method = slot_text(slot, 3);
	wanted->text.columns = slot_text_list(slot, 4);
	wanted->text.opclass = slot_text_or_null(slot, 5);
	wanted->text.predicate = slot_text_or_null(slot, 6);
	wanted->critical = slot_bool(slot, 7);
	return wanted;
}

/*
 * Called before the INSERT of a row that derives from a shipped one, and before
 * the DELETE of a shipped row by anybody but this trigger.
 */
Datum
menuca_protect_wanted_index(PG_FUNCTION_ARGS)
{
	TriggerData *trigger = trigger_call(fcinfo, "menuca_protect_wanted_index",
										migrate_table("menuca_wanted_index"),
										TRIGGER_CALL_INSERT | TRIGGER_CALL_DELETE);
	TupleDesc	desc = RelationGetDescr(trigger->tg_relation);
	char	   *table = relation_quoted_name(RelationGetRelid(trigger->tg_relation));
	char	   *name = SPI_getvalue(trigger->tg_trigtuple, desc,
									trigger_call_column(trigger, "name", TEXTOID));
	QueryArgs	args = {0};

	if (TRIGGER_FIRED_BY_DELETE(trigger->tg_event))
		refuse_delete(table, name);

	/* The operator may have renamed it. */
	query_arg_text(&args, name);
	query_arg_text(&args, SPI_getvalue(trigger->tg_trigtuple, desc,
									   trigger_call_column(trigger, "shipped", TEXTOID)));
	query_write(psprintf("DELETE FROM %s WHERE shipped IS NOT NULL"
						 " AND (name OPERATOR(pg_catalog.=) $1 OR shipped OPERATOR(pg_catalog.=) $2)", table),
				&args, NULL, NULL);
	return PointerGetDatum(trigger->tg_trigtuple);
}

static void
refuse_delete(const char *table, const char *name)
{
	if (name == NULL)
		ereport(ERROR,
				(errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
				 errmsg("a wanted index that was shipped with the extension has no name any more"),
				 errdetail("Somebody has removed the name. Nothing was changed."),
				 errhint("Restore table %s from a backup.", table)));
	ereport(ERROR,
			(errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
			 errmsg("the wanted index \"%s\" was shipped with the extension and cannot be deleted", name),
			 errdetail("It would reappear wherever a dump of this database is restored. Nothing was changed."),
			 errhint("Switch it off: UPDATE %s SET wanted = false WHERE name = %s;",
					 table, quote_literal_cstr(name))));
}

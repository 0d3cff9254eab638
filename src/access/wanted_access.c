/*-------------------------------------------------------------------------
 *
 * wanted_access.c
 *	  The wanted access, as rows of a table and as the catalog sees it: see
 *	  wanted_access.h.
 *
 * menuca_wanted_access_edited()	trigger of that table
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "catalog/namespace.h"
#include "catalog/pg_type.h"
#include "executor/spi.h"
#include "fmgr.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"
#include "utils/rel.h"
#include "utils/varlena.h"

#include "access/access_expression.h"
#include "access/claim_source.h"
#include "access/wanted_access.h"
#include "base/attempt.h"
#include "base/extension.h"
#include "base/query.h"
#include "base/relation.h"
#include "base/results.h"
#include "base/settings.h"
#include "base/slot.h"
#include "base/trigger_call.h"

PG_FUNCTION_INFO_V1(menuca_wanted_access_edited);

/* A row of menuca_wanted_access, whose keys and commands are text until resolved. */
typedef struct WantedTexts
{
	WantedAccess wanted;		/* must be the first */
	char	   *tenant_key;
	char	   *tenant_may;
	char	   *user_key;
	char	   *user_may;
	char	   *admin_may;
	List	   *hidden;			/* names of columns, sorted */
} WantedTexts;

static void *make_wanted_access(TupleTableSlot *slot);
static void require_listed(const List *names, const List *tables);
static void resolve_wanted(void *arg);
static AclMode parse_commands(const char *list);


List *
wanted_access_tables(List *names)
{
	QueryArgs	args = {0};
	List	   *tables;
	ListCell   *lc;

	(void) migrate_require_table("menuca_wanted_access", ACL_SELECT);
	query_arg(&args, TEXTARRAYOID, names ? result_text_array(names) : (Datum) 0, names == NIL);
	tables = query_list(psprintf("SELECT table_name, tenant_key, tenant_may, public_may_read_where,"
								 " user_key, user_may, admin_may,"
								 " ARRAY(SELECT c FROM unnest(hidden_columns) c WHERE c IS NOT NULL ORDER BY c)"
								 " FROM %smenuca_wanted_access WHERE wanted AND ($1 IS NULL OR table_name = ANY ($1))"
								 " ORDER BY table_name COLLATE \"C\"", migrate_schema()),
						&args, make_wanted_access);
	require_listed(names, tables);

	foreach(lc, tables)
	{
		WantedAccess *wanted = lfirst(lc);
		ErrorData  *error = attempt(resolve_wanted, wanted);

		if (error)
			wanted->problem = attempt_message(error);
	}
	return tables;
}

static void *
make_wanted_access(TupleTableSlot *slot)
{
	WantedTexts *row = palloc0(sizeof(WantedTexts));

	row->wanted.table = slot_text(slot, 0);
	row->tenant_key = slot_text_or_null(slot, 1);
	row->tenant_may = slot_text_or_null(slot, 2);
	row->wanted.public_where = slot_text_or_null(slot, 3);
	row->user_key = slot_text_or_null(slot, 4);
	row->user_may = slot_text_or_null(slot, 5);
	row->admin_may = slot_text_or_null(slot, 6);
	row->hidden = slot_text_list(slot, 7);
	return &row->wanted;
}

static void
require_listed(const List *names, const List *tables)
{
	const ListCell *lc;

	foreach(lc, names)
	{
		const ListCell *lc2;
		bool		found = false;

		foreach(lc2, tables)
			found = found || strcmp(((WantedAccess *) lfirst(lc2))->table, lfirst(lc)) == 0;
		if (!found)
			ereport(ERROR,
					(errcode(ERRCODE_NO_DATA_FOUND),
					 errmsg("table \"%s\" is not listed in menuca_wanted_access", (char *) lfirst(lc)),
					 errdetail("Nothing was changed."),
					 errhint("%s", migrate_call("See the listed tables, named without their schema: SELECT table_name FROM menuca_wanted_access WHERE wanted;"))));
	}
}

/* Resolves the row in the catalog.  Raises an error when it cannot be deployed. */
static void
resolve_wanted(void *arg)
{
	WantedTexts *row = arg;
	WantedAccess *wanted = &row->wanted;
	Oid			schema = get_namespace_oid(menuca_target_schema, true);
	ListCell   *lc;

	wanted->tenant_may = parse_commands(row->tenant_may);
	wanted->user_may = parse_commands(row->user_may);
	wanted->admin_may = parse_commands(row->admin_may);
	if (OidIsValid(schema))
		wanted->relid = get_relname_relid(wanted->table, schema);
	if (!OidIsValid(wanted->relid))
		return;

	relation_lock(wanted->relid, AccessShareLock);
	if (get_rel_relkind(wanted->relid) != RELKIND_RELATION &&
		get_rel_relkind(wanted->relid) != RELKIND_PARTITIONED_TABLE)
		ereport(ERROR,
				(errcode(ERRCODE_WRONG_OBJECT_TYPE),
				 errmsg("%s is not a table", relation_display_name(wanted->relid)),
				 errhint("%s", migrate_call("Name the table that holds its rows in menuca_wanted_access."))));
	if (row->tenant_key)
		wanted->tenant_key = access_key_parse(wanted->relid, row->tenant_key);
	if (row->user_key)
		wanted->user_key = access_key_parse(wanted->relid, row->user_key);
	if (wanted->public_where)
		wanted->public_expr = access_expression_parse(wanted->relid, wanted->public_where,
													  "public_may_read_where");

	/* A column that the table does not have need not be hidden. */
	foreach(lc, row->hidden)
	{
		if (relation_has_column(wanted->relid, lfirst(lc)))
			wanted->hidden = lappend(wanted->hidden, pstrdup(quote_identifier(lfirst(lc))));
	}
}

/*
 * The commands of a list.  update and delete include select: an UPDATE or
 * DELETE finds its rows by reading them.
 */
static AclMode
parse_commands(const char *list)
{
	List	   *words;
	ListCell   *lc;
	AclMode		mode = 0;

	if (list == NULL)
		return 0;
	if (!SplitIdentifierString(pstrdup(list), ',', &words))
		words = list_make1(pstrdup(list));
	foreach(lc, words)
	{
		const char *word = lfirst(lc);

		if (strcmp(word, "all") == 0)
			mode |= ACCESS_ALL;
		else if (strcmp(word, "select") == 0)
			mode |= ACL_SELECT;
		else if (strcmp(word, "insert") == 0)
			mode |= ACL_INSERT;
		else if (strcmp(word, "update") == 0)
			mode |= ACL_UPDATE | ACL_SELECT;
		else if (strcmp(word, "delete") == 0)
			mode |= ACL_DELETE | ACL_SELECT;
		else
			ereport(ERROR,
					(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
					 errmsg("\"%s\" is not a list of commands", list),
					 errhint("Write all, or some of select, insert, update and delete with commas between them.")));
	}
	return mode;
}

AclMode
wanted_access_of_role(const WantedAccess *wanted, AccessRole role)
{
	AclMode		mode = wanted->public_where ? ACL_SELECT : 0;

	switch (role)
	{
		case ROLE_PUBLIC:
			return mode;
		case ROLE_TENANT:
			return mode | wanted->tenant_may | wanted->user_may;
		case ROLE_ADMIN:
			break;
	}
	return wanted->admin_may;
}

char *
wanted_access_tenant_condition(const WantedAccess *wanted)
{
	return access_key_condition(wanted->tenant_key, wanted->table,
								claim_source_expression(menuca_tenant_claim,
														wanted->tenant_key->type));
}

char *
wanted_access_user_condition(const WantedAccess *wanted)
{
	return access_key_condition(wanted->user_key, wanted->table,
								claim_source_expression(menuca_user_claim,
														wanted->user_key->type));
}

char *
wanted_access_condition_of_tenant(const WantedAccess *wanted, const char *tenant)
{
	return access_key_condition(wanted->tenant_key, wanted->table, quote_literal_cstr(tenant));
}

/*
 * Marks an edited row as no longer standard, so that a dump holds it.  An
 * inserted row replaces the extension's own row of that table, so that a
 * restore does not duplicate rows.
 */
Datum
menuca_wanted_access_edited(PG_FUNCTION_ARGS)
{
	TriggerData *trigger = trigger_call(fcinfo, "menuca_wanted_access_edited",
										migrate_table("menuca_wanted_access"),
										TRIGGER_CALL_INSERT | TRIGGER_CALL_UPDATE);
	TupleDesc	desc = RelationGetDescr(trigger->tg_relation);
	int			standard = trigger_call_column(trigger, "standard", BOOLOID);
	Datum		off = BoolGetDatum(false);
	bool		not_null = false;

	if (TRIGGER_FIRED_BY_INSERT(trigger->tg_event))
	{
		QueryArgs	args = {0};

		query_arg_text(&args, SPI_getvalue(trigger->tg_trigtuple, desc,
										   trigger_call_column(trigger, "table_name", TEXTOID)));
		query_write(psprintf("DELETE FROM %s WHERE standard AND table_name OPERATOR(pg_catalog.=) $1",
							 relation_quoted_name(RelationGetRelid(trigger->tg_relation))),
					&args, NULL, NULL);
		return PointerGetDatum(heap_modify_tuple_by_cols(trigger->tg_trigtuple, desc, 1,
														 &standard, &off, &not_null));
	}
	return PointerGetDatum(heap_modify_tuple_by_cols(trigger->tg_newtuple, desc, 1,
													 &standard, &off, &not_null));
}

/*-------------------------------------------------------------------------
 *
 * guarded_tables.c
 *	  The users' tables around a trigger of ours: see guarded_tables.h.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "access/htup_details.h"
#include "catalog/pg_class.h"
#include "catalog/pg_type.h"
#include "miscadmin.h"
#include "utils/acl.h"
#include "utils/builtins.h"
#include "utils/datum.h"
#include "utils/lsyscache.h"
#include "utils/rel.h"

#include "base/relation.h"
#include "base/trigger_call.h"
#include "seating/guarded_tables.h"
#include "seating/seating_extension.h"

/* A column that the guarantees need. */
typedef struct NeededColumn
{
	const char *name;
	Oid			type;			/* InvalidOid for any */
} NeededColumn;

static char *missing_column(Oid relid, const NeededColumn *columns, size_t n);
static char *strange_table(Oid relid, Oid trusting);
static int	row_event(TriggerEvent event);
static Datum row_value(const TriggerData *call, HeapTuple row, const char *column, bool *isnull);
pg_noreturn static void refuse_call(const TriggerData *call, const char *function, const char *detail);


GuardedTables
guarded_tables_in(Oid schema)
{
	GuardedTables tables = {0};

	tables.bookings = get_relname_relid("bookings", schema);
	tables.assignments = get_relname_relid("booking_table_assignments", schema);
	tables.dining_tables = get_relname_relid("table_inventory", schema);
	tables.holds = get_relname_relid("table_holds", schema);
	tables.hold_members = get_relname_relid("table_hold_members", schema);
	if (!OidIsValid(tables.holds) || !OidIsValid(tables.hold_members) || !relation_has_column(tables.holds, "booking_id"))
		tables.holds = tables.hold_members = InvalidOid;
	return tables;
}

GuardedTables
guarded_tables_beside(Oid relid)
{
	GuardedTables tables = guarded_tables_in(get_rel_namespace(relid));
	char	   *obstacle = guarded_tables_obstacle(&tables, relid);

	if (obstacle)
		ereport(ERROR,
				(errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
				 errmsg("%s", obstacle),
				 errdetail("The guarantees on table %s cannot be kept. Nothing was changed.", relation_display_name(relid)),
				 errhint("%s", seating_call("Make the tables again as they were when the guarantees were deployed, or undo these: SELECT * FROM menuca_seating_undeploy();"))));
	return tables;
}

char *
guarded_tables_obstacle(const GuardedTables *tables, Oid relid)
{
	static const NeededColumn bookings[] = {
		{"id", UUIDOID}, {"restaurant_id", UUIDOID}, {"party_size", InvalidOid}, {"status", InvalidOid}
	};
	static const NeededColumn assignments[] = {
		{"booking_id", UUIDOID}, {"table_id", UUIDOID}, {"start_at", TIMESTAMPTZOID}, {"end_at", TIMESTAMPTZOID}
	};
	static const NeededColumn dining_tables[] = {
		{"id", UUIDOID}, {"restaurant_id", UUIDOID}, {"capacity", InvalidOid}
	};
	const Oid	all[] = {
		tables->bookings, tables->assignments, tables->dining_tables, tables->holds, tables->hold_members
	};
	char	   *obstacle = NULL;

	if (!OidIsValid(tables->bookings) || !OidIsValid(tables->assignments) || !OidIsValid(tables->dining_tables))
		return pstrdup("table bookings, booking_table_assignments or table_inventory is missing");
	for (size_t i = 0; i < lengthof(all) && obstacle == NULL; i++)
	{
		if (OidIsValid(all[i]))
			obstacle = strange_table(all[i], relation_owner(relid));
	}
	if (obstacle == NULL)
		obstacle = missing_column(tables->bookings, bookings, lengthof(bookings));
	if (obstacle == NULL)
		obstacle = missing_column(tables->assignments, assignments, lengthof(assignments));
	if (obstacle == NULL)
		obstacle = missing_column(tables->dining_tables, dining_tables, lengthof(dining_tables));
	return obstacle;
}

static char *
missing_column(Oid relid, const NeededColumn *columns, size_t n)
{
	for (size_t i = 0; i < n; i++)
	{
		AttrNumber	attnum = get_attnum(relid, columns[i].name);

		if (attnum <= 0)
			return psprintf("table %s has no column %s", relation_display_name(relid), columns[i].name);
		if (OidIsValid(columns[i].type) && get_atttype(relid, attnum) != columns[i].type)
			return psprintf("column %s of table %s has type %s, not %s", columns[i].name, relation_display_name(relid),
							format_type_be(get_atttype(relid, attnum)), format_type_be(columns[i].type));
	}
	return NULL;
}

/* Another owner's table is touched as that owner, whom the trigger's owner must be able to be. */
static char *
strange_table(Oid relid, Oid trusting)
{
	if (get_rel_relkind(relid) != RELKIND_RELATION)
		return psprintf("table %s is not an ordinary table", relation_display_name(relid));
	if (!has_privs_of_role(trusting, relation_owner(relid)))
		return psprintf("table %s belongs to role \"%s\", whose rights role \"%s\" does not have", relation_display_name(relid),
						GetUserNameFromId(relation_owner(relid), false), GetUserNameFromId(trusting, false));
	return NULL;
}

TriggerData *
guarded_tables_call(FunctionCallInfo fcinfo, const char *function, int bookings_events, int assignments_events,
					GuardedTables *tables)
{
	TriggerData *call = (TriggerData *) fcinfo->context;
	int			events = 0;

	if (!CALLED_AS_TRIGGER(fcinfo))
		refuse_call(NULL, function, "It was called as a function.");
	if (strcmp(RelationGetRelationName(call->tg_relation), "bookings") == 0)
		events = bookings_events;
	if (strcmp(RelationGetRelationName(call->tg_relation), "booking_table_assignments") == 0)
		events = assignments_events;
	if (!TRIGGER_FIRED_AFTER(call->tg_event) || !TRIGGER_FIRED_FOR_ROW(call->tg_event) ||
		(row_event(call->tg_event) & events) == 0)
		refuse_call(call, function, "It is for rows of tables bookings and booking_table_assignments, after the events for which menuca_seating_deploy() creates its triggers.");
	*tables = guarded_tables_beside(RelationGetRelid(call->tg_relation));
	return call;
}

void
guarded_tables_truncate_call(FunctionCallInfo fcinfo, const char *function, GuardedTables *tables)
{
	TriggerData *call = (TriggerData *) fcinfo->context;

	if (!CALLED_AS_TRIGGER(fcinfo))
		refuse_call(NULL, function, "It was called as a function.");
	if (strcmp(RelationGetRelationName(call->tg_relation), "booking_table_assignments") != 0 ||
		!TRIGGER_FIRED_AFTER(call->tg_event) || !TRIGGER_FIRED_FOR_STATEMENT(call->tg_event) ||
		!TRIGGER_FIRED_BY_TRUNCATE(call->tg_event))
		refuse_call(call, function, "It is for TRUNCATE of table booking_table_assignments.");
	*tables = guarded_tables_beside(RelationGetRelid(call->tg_relation));
}

static int
row_event(TriggerEvent event)
{
	return TRIGGER_FIRED_BY_INSERT(event) ? TRIGGER_CALL_INSERT :
		TRIGGER_FIRED_BY_UPDATE(event) ? TRIGGER_CALL_UPDATE :
		TRIGGER_FIRED_BY_DELETE(event) ? TRIGGER_CALL_DELETE : 0;
}

HeapTuple
guarded_tables_new_row(const TriggerData *call)
{
	return TRIGGER_FIRED_BY_UPDATE(call->tg_event) ? call->tg_newtuple : call->tg_trigtuple;
}

HeapTuple
guarded_tables_old_row(const TriggerData *call)
{
	return call->tg_trigtuple;
}

bool
guarded_tables_uuid(const TriggerData *call, HeapTuple row, const char *column, pg_uuid_t *uuid)
{
	bool		isnull;
	Datum		value = row_value(call, row, column, &isnull);

	if (!isnull)
		*uuid = *DatumGetUUIDP(value);
	return !isnull;
}

char *
guarded_tables_text(const TriggerData *call, HeapTuple row, const char *column)
{
	bool		isnull;
	Datum		value = row_value(call, row, column, &isnull);
	Oid			output;
	bool		varlena;

	if (isnull)
		return pstrdup("");
	getTypeOutputInfo(get_atttype(RelationGetRelid(call->tg_relation),
								  get_attnum(RelationGetRelid(call->tg_relation), column)), &output, &varlena);
	return OidOutputFunctionCall(output, value);
}

bool
guarded_tables_changed(const TriggerData *call, const char *column)
{
	AttrNumber	attnum = get_attnum(RelationGetRelid(call->tg_relation), column);
	Form_pg_attribute att;
	Datum		values[2];
	bool		nulls[2];

	if (attnum <= 0)
		return false;
	att = TupleDescAttr(RelationGetDescr(call->tg_relation), attnum - 1);
	values[0] = row_value(call, call->tg_trigtuple, column, &nulls[0]);
	values[1] = row_value(call, call->tg_newtuple, column, &nulls[1]);
	if (nulls[0] || nulls[1])
		return nulls[0] != nulls[1];
	return !datum_image_eq(values[0], values[1], att->attbyval, att->attlen);
}

/* The column exists: guarded_tables_beside() has looked. */
static Datum
row_value(const TriggerData *call, HeapTuple row, const char *column, bool *isnull)
{
	return heap_getattr(row, get_attnum(RelationGetRelid(call->tg_relation), column),
						RelationGetDescr(call->tg_relation), isnull);
}

static void
refuse_call(const TriggerData *call, const char *function, const char *detail)
{
	ereport(ERROR,
			(errcode(ERRCODE_E_R_I_E_TRIGGER_PROTOCOL_VIOLATED),
			 errmsg("%s() is a trigger function for the tables of bookings only", function),
			 call ? errdetail("%s It was called by trigger \"%s\" of table %s. Nothing was changed.", detail,
							  call->tg_trigger->tgname, relation_display_name(RelationGetRelid(call->tg_relation))) :
			 errdetail("%s Nothing was changed.", detail),
			 call ? errhint("DROP TRIGGER %s ON %s;", quote_identifier(call->tg_trigger->tgname),
							relation_quoted_name(RelationGetRelid(call->tg_relation))) : 0));
}

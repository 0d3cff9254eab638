/*-------------------------------------------------------------------------
 *
 * guarantee_state.c
 *	  Triggers, constraints, indexes and extensions: see guarantee_state.h.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "lib/stringinfo.h"
#include "nodes/parsenodes.h"
#include "tcop/tcopprot.h"
#include "utils/builtins.h"
#include "utils/json.h"
#include "utils/lsyscache.h"

#include "base/query.h"
#include "base/relation.h"
#include "base/slot.h"
#include "deployment/guarantee_state.h"

static const char *const kind_names[] = {"extension", "constraint", "index", "trigger"};

static void *make_object_state(TupleTableSlot *slot);
static void require_definition(const GuaranteeState *state, Oid relid, const char *name, const char *statement);
static bool is_of(const RangeVar *relation, Oid relid);
static char *restored_statement(const GuaranteeState *state, Oid relid, const char *name);
static char *comment_statement(const GuaranteeState *state, Oid relid, const char *name);
static void append_json(StringInfo json, const char *key, const char *value);


const char *
guarantee_state_kind_name(GuaranteeKind kind)
{
	return kind_names[kind];
}

GuaranteeKind
guarantee_state_kind(const char *name)
{
	for (size_t i = 0; i < lengthof(kind_names); i++)
	{
		if (strcmp(kind_names[i], name) == 0)
			return (GuaranteeKind) i;
	}
	ereport(ERROR,
			(errcode(ERRCODE_DATA_CORRUPTED),
			 errmsg("the ledger of guarantees has an object of kind \"%s\"", name),
			 errdetail("It is extension, constraint, index or trigger. Nothing was changed."),
			 errhint("Restore the ledger from a backup.")));
}

GuaranteeState *
guarantee_state_find(GuaranteeKind kind, Oid relid, const char *name)
{
	static const char *const queries[] = {
		"SELECT 'extension', 'CREATE EXTENSION ' || quote_ident(e.extname), NULL::text, 'O'"
		" FROM pg_extension e WHERE e.extname = $2 AND $1 = 0",
		"SELECT 'constraint', pg_get_constraintdef(c.oid), obj_description(c.oid, 'pg_constraint'), 'O'"
		" FROM pg_constraint c WHERE c.conrelid = $1 AND c.conname = $2 AND c.contype <> 't'",
		"SELECT 'index', pg_get_indexdef(c.oid), obj_description(c.oid, 'pg_class'), CASE WHEN i.indisvalid THEN 'O' ELSE 'invalid' END"
		" FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid WHERE i.indrelid = $1 AND c.relname = $2"
		" AND NOT EXISTS (SELECT FROM pg_constraint o WHERE o.conindid = c.oid)",
		"SELECT 'trigger', pg_get_triggerdef(t.oid), obj_description(t.oid, 'pg_trigger'), t.tgenabled::text"
		" FROM pg_trigger t WHERE t.tgrelid = $1 AND t.tgname = $2 AND NOT t.tgisinternal"
	};
	QueryArgs	args = {0};
	List	   *found;

	query_arg(&args, OIDOID, ObjectIdGetDatum(relid), false);
	query_arg_text(&args, name);
	query_begin_snapshot();
	found = query_list(queries[kind], &args, make_object_state);
	query_end_snapshot();
	return found ? linitial(found) : NULL;
}

static void *
make_object_state(TupleTableSlot *slot)
{
	GuaranteeState *state = palloc0(sizeof(GuaranteeState));

	state->kind = guarantee_state_kind(slot_text(slot, 0));
	state->definition = slot_text(slot, 1);
	state->comment = slot_text_or_null(slot, 2);
	state->enabled = slot_text(slot, 3);
	return state;
}

char *
guarantee_state_drop(GuaranteeKind kind, Oid relid, const char *name)
{
	const char *quoted = quote_identifier(name);

	switch (kind)
	{
		case GUARANTEE_CONSTRAINT:
			return psprintf("ALTER TABLE %s DROP CONSTRAINT %s;", relation_quoted_name(relid), quoted);
		case GUARANTEE_INDEX:
			return psprintf("DROP INDEX %s.%s;", quote_identifier(get_namespace_name(get_rel_namespace(relid))), quoted);
		case GUARANTEE_TRIGGER:
			return psprintf("DROP TRIGGER %s ON %s;", quoted, relation_quoted_name(relid));
		default:
			return psprintf("DROP EXTENSION %s;", quoted);
	}
}

List *
guarantee_state_restore(const GuaranteeState *state, Oid relid, const char *name)
{
	char	   *statement = restored_statement(state, relid, name);
	List	   *statements = list_make1(statement);

	require_definition(state, relid, name, statement);
	if (state->comment)
		statements = lappend(statements, comment_statement(state, relid, name));
	if (state->kind == GUARANTEE_TRIGGER && strcmp(state->enabled, "O") != 0)
		statements = lappend(statements,
							 psprintf("ALTER TABLE %s %s TRIGGER %s;", relation_quoted_name(relid),
									  strcmp(state->enabled, "D") == 0 ? "DISABLE" :
									  strcmp(state->enabled, "R") == 0 ? "ENABLE REPLICA" : "ENABLE ALWAYS",
									  quote_identifier(name)));
	return statements;
}

static char *
restored_statement(const GuaranteeState *state, Oid relid, const char *name)
{
	if (state->kind == GUARANTEE_CONSTRAINT)
		return psprintf("ALTER TABLE %s ADD CONSTRAINT %s %s;", relation_quoted_name(relid),
						quote_identifier(name), state->definition);
	return psprintf("%s;", state->definition);
}

static char *
comment_statement(const GuaranteeState *state, Oid relid, const char *name)
{
	if (state->kind == GUARANTEE_INDEX)
		return psprintf("COMMENT ON INDEX %s.%s IS %s;", quote_identifier(get_namespace_name(get_rel_namespace(relid))),
						quote_identifier(name), quote_literal_cstr(state->comment));
	return psprintf("COMMENT ON %s %s ON %s IS %s;", state->kind == GUARANTEE_TRIGGER ? "TRIGGER" : "CONSTRAINT",
					quote_identifier(name), relation_quoted_name(relid), quote_literal_cstr(state->comment));
}

static void
require_definition(const GuaranteeState *state, Oid relid, const char *name, const char *statement)
{
	List	   *parsed = pg_parse_query(statement);
	Node	   *node = list_length(parsed) == 1 ? linitial_node(RawStmt, parsed)->stmt : NULL;
	bool		fits = false;

	if (node && IsA(node, CreateTrigStmt))
		fits = state->kind == GUARANTEE_TRIGGER && is_of(castNode(CreateTrigStmt, node)->relation, relid) &&
			strcmp(castNode(CreateTrigStmt, node)->trigname, name) == 0;
	else if (node && IsA(node, IndexStmt))
		fits = state->kind == GUARANTEE_INDEX && is_of(castNode(IndexStmt, node)->relation, relid) &&
			strcmp(castNode(IndexStmt, node)->idxname, name) == 0;
	else if (node && IsA(node, AlterTableStmt))
		fits = state->kind == GUARANTEE_CONSTRAINT && is_of(castNode(AlterTableStmt, node)->relation, relid) &&
			list_length(castNode(AlterTableStmt, node)->cmds) == 1 &&
			linitial_node(AlterTableCmd, castNode(AlterTableStmt, node)->cmds)->subtype == AT_AddConstraint;
	if (!fits)
		ereport(ERROR,
				(errcode(ERRCODE_DATA_CORRUPTED),
				 errmsg("the ledger's definition does not create %s %s on table %s", kind_names[state->kind],
						quote_identifier(name), relation_display_name(relid)),
				 errdetail("It is: %s. Nothing was changed.", state->definition),
				 errhint("Restore the ledger from a backup, or create the object by hand.")));
}

static bool
is_of(const RangeVar *relation, Oid relid)
{
	return relation && relation->schemaname && strcmp(relation->relname, get_rel_name(relid)) == 0 &&
		strcmp(relation->schemaname, get_namespace_name(get_rel_namespace(relid))) == 0;
}

char *
guarantee_state_to_json(const List *states)
{
	StringInfoData json;
	const ListCell *lc;

	if (states == NIL)
		return NULL;
	initStringInfo(&json);
	foreach(lc, states)
	{
		const GuaranteeState *state = lfirst(lc);

		appendStringInfoString(&json, lc == list_head(states) ? "[{" : ", {");
		append_json(&json, "kind", kind_names[state->kind]);
		appendStringInfoString(&json, ", ");
		append_json(&json, "definition", state->definition);
		appendStringInfoString(&json, ", ");
		append_json(&json, "comment", state->comment);
		appendStringInfoString(&json, ", ");
		append_json(&json, "enabled", state->enabled);
		appendStringInfoChar(&json, '}');
	}
	appendStringInfoChar(&json, ']');
	return json.data;
}

static void
append_json(StringInfo json, const char *key, const char *value)
{
	escape_json(json, key);
	appendStringInfoString(json, ": ");
	if (value)
		escape_json(json, value);
	else
		appendStringInfoString(json, "null");
}

List *
guarantee_state_of_json(const char *json)
{
	QueryArgs	args = {0};

	if (json == NULL)
		return NIL;
	query_arg_json(&args, json);
	return query_list("SELECT e.value ->> 'kind', e.value ->> 'definition', e.value ->> 'comment', e.value ->> 'enabled'"
					  " FROM jsonb_array_elements($1) WITH ORDINALITY e ORDER BY e.ordinality", &args, make_object_state);
}

/*-------------------------------------------------------------------------
 *
 * access.c
 *	  The wanted access, as rows of a table and as the catalog sees it: see
 *	  access.h.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "access/table.h"
#include "catalog/namespace.h"
#include "catalog/pg_type.h"
#include "commands/trigger.h"
#include "executor/spi.h"
#include "fmgr.h"
#include "miscadmin.h"
#include "nodes/nodes.h"
#include "nodes/parsenodes.h"
#include "parser/parse_clause.h"
#include "parser/parse_collate.h"
#include "parser/parse_node.h"
#include "parser/parse_relation.h"
#include "parser/parser.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/fmgrprotos.h"
#include "utils/guc.h"
#include "storage/lmgr.h"
#include "utils/lsyscache.h"
#include "utils/rel.h"
#include "utils/syscache.h"
#include "utils/varlena.h"

#include "access/access.h"
#include "base/attempt.h"
#include "base/column.h"
#include "base/compat.h"
#include "base/extension.h"
#include "base/relation.h"
#include "base/results.h"
#include "base/settings.h"

PG_FUNCTION_INFO_V1(menuca_wanted_access_edited);

/* Where claims are when a function returns them: Supabase's auth.jwt(). */
#define DEFAULT_CLAIMS_SETTING "request.jwt.claims"

/* State of access_wanted(): where its rows belong. */
typedef struct WantedList
{
	MemoryContext context;
	List	   *tables;
} WantedList;

static void fetch_wanted(TupleTableSlot *slot, void *arg);
static void resolve(void *arg);
static AclMode parse_commands(const char *list);
static AccessKey *resolve_key(Oid relid, const char *path);
static char *next_word(char **rest);
static void require_names(const List *names, const List *tables);
static char *key_condition(const WantedAccess *wanted, const AccessKey *key,
						   const char *value);
static char *claim_expression(const AccessKey *key, const char *claim);


const char *
access_role_name(AccessRole role)
{
	switch (role)
	{
		case ROLE_PUBLIC:
			return menuca_public_role;
		case ROLE_TENANT:
			return menuca_tenant_role;
		case ROLE_ADMIN:
			break;
	}
	return menuca_admin_role;
}

Oid
access_role_oid(AccessRole role)
{
	return get_role_oid(access_role_name(role), true);
}

/*
 * Roles that are not there, that are one and the same, and roles of visitors
 * that no policy binds.
 */
List *
access_role_problems(List **remedies)
{
	static const char *const settings[ACCESS_ROLES] = {
		"menuca.public_role", "menuca.tenant_role", "menuca.admin_role"
	};
	List	   *problems = NIL;

	*remedies = NIL;
	for (int i = 0; i < ACCESS_ROLES; i++)
	{
		const char *name = access_role_name(i);
		Oid			oid = access_role_oid(i);

		if (!OidIsValid(oid))
		{
			problems = lappend(problems, psprintf("role \"%s\" of %s does not exist",
												  name, settings[i]));
			*remedies = lappend(*remedies, psprintf("CREATE ROLE %s NOLOGIN;",
													quote_identifier(name)));
			continue;
		}
		for (int j = 0; j < i; j++)
		{
			if (access_role_oid(j) != oid)
				continue;
			problems = lappend(problems, psprintf("%s and %s are the same role \"%s\"",
												  settings[j], settings[i], name));
			*remedies = lappend(*remedies, psprintf("SET %s = '...';", settings[i]));
		}
		if (i != ROLE_ADMIN && OidIsValid(access_role_oid(ROLE_ADMIN)) &&
			oid != access_role_oid(ROLE_ADMIN) &&
			!superuser_arg(oid) && has_privs_of_role(oid, access_role_oid(ROLE_ADMIN)))
		{
			problems = lappend(problems, psprintf("role \"%s\" of %s is a member of \"%s\", so the services' policies would be its own",
												  name, settings[i], menuca_admin_role));
			*remedies = lappend(*remedies, psprintf("REVOKE %s FROM %s;",
													quote_identifier(menuca_admin_role),
													quote_identifier(name)));
		}
		if (i != ROLE_ADMIN && (superuser_arg(oid) || has_bypassrls_privilege(oid)))
		{
			problems = lappend(problems, psprintf("role \"%s\" of %s bypasses row security, so no policy would bind it",
												  name, settings[i]));
			*remedies = lappend(*remedies, psprintf("ALTER ROLE %s NOSUPERUSER NOBYPASSRLS;",
													quote_identifier(name)));
		}
	}
	return problems;
}

List *
access_wanted(List *names)
{
	WantedList	list = {CurrentMemoryContext, NIL};
	const char *ledger = migrate_schema();
	QueryArgs	args = {0};
	ListCell   *lc;

	query_arg_text(&args, psprintf("%smenuca_wanted_access", ledger));
	relation_require((Oid) query_int8("SELECT $1::regclass::oid::int8", &args), ACL_SELECT);

	memset(&args, 0, sizeof(args));
	query_arg(&args, TEXTARRAYOID, names ? result_text_array(names) : (Datum) 0, names == NIL);
	query_each(psprintf("SELECT table_name, tenant_key, tenant_may, public_may_read_where,"
						" user_key, user_may, admin_may,"
						" (SELECT string_agg(c, ',' ORDER BY c) FROM unnest(hidden_columns) c)"
						" FROM %smenuca_wanted_access WHERE wanted"
						" AND ($1 IS NULL OR table_name = ANY ($1))"
						" ORDER BY table_name COLLATE \"C\"", ledger),
			   &args, fetch_wanted, &list);
	require_names(names, list.tables);

	foreach(lc, list.tables)
	{
		WantedAccess *wanted = lfirst(lc);
		ErrorData  *error = attempt(resolve, wanted);

		if (error)
			wanted->problem = attempt_message(error);
	}
	return list.tables;
}

/* A row of menuca_wanted_access; keys and commands are text for now. */
typedef struct WantedTexts
{
	WantedAccess wanted;		/* must be the first */
	char	   *tenant_key;
	char	   *tenant_may;
	char	   *user_key;
	char	   *user_may;
	char	   *admin_may;
	char	   *hidden;
} WantedTexts;

static void
fetch_wanted(TupleTableSlot *slot, void *arg)
{
	WantedList *list = arg;
	MemoryContext old = MemoryContextSwitchTo(list->context);
	WantedTexts *row = palloc0(sizeof(WantedTexts));
	char	  **texts[] = {
		&row->wanted.table, &row->tenant_key, &row->tenant_may, &row->wanted.public_where,
		&row->user_key, &row->user_may, &row->admin_may, &row->hidden
	};

	for (size_t i = 0; i < lengthof(texts); i++)
		*texts[i] = slot->tts_isnull[i] ? NULL : TextDatumGetCString(slot->tts_values[i]);
	list->tables = lappend(list->tables, &row->wanted);
	MemoryContextSwitchTo(old);
}

/* What the catalog says of a row.  Raises an error when it cannot be meant. */
static void
resolve(void *arg)
{
	WantedTexts *row = arg;
	WantedAccess *wanted = arg;
	Oid			schema = get_namespace_oid(menuca_target_schema, true);
	char	   *rest = row->hidden;
	char	   *column;

	wanted->tenant_may = parse_commands(row->tenant_may);
	wanted->user_may = parse_commands(row->user_may);
	wanted->admin_may = parse_commands(row->admin_may);
	if (OidIsValid(schema))
		wanted->relid = get_relname_relid(wanted->table, schema);
	if (!OidIsValid(wanted->relid))
		return;

	LockRelationOid(wanted->relid, AccessShareLock);
	if (get_rel_relkind(wanted->relid) != RELKIND_RELATION &&
		get_rel_relkind(wanted->relid) != RELKIND_PARTITIONED_TABLE)
		ereport(ERROR,
				(errcode(ERRCODE_WRONG_OBJECT_TYPE),
				 errmsg("%s is not a table", relation_display_name(wanted->relid)),
				 errhint("Name the table that holds its rows in menuca_wanted_access.")));
	if (row->tenant_key)
		wanted->tenant_key = resolve_key(wanted->relid, row->tenant_key);
	if (row->user_key)
		wanted->user_key = resolve_key(wanted->relid, row->user_key);
	if (wanted->public_where)
		wanted->public_expr = access_expression(wanted->relid, wanted->public_where);

	/* A table that has no such column has nothing to hide. */
	while (rest && (column = strsep(&rest, ",")) != NULL)
	{
		if (relation_has_column(wanted->relid, column))
			wanted->hidden = lappend(wanted->hidden, pstrdup(quote_identifier(column)));
	}
}

/*
 * The commands of a list.  What may be changed or deleted may be read, too:
 * an UPDATE or DELETE finds its rows by reading them.
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
					 errmsg("\"%s\" is no list of commands", list),
					 errhint("Write all, or some of select, insert, update and delete with commas between them.")));
	}
	return mode;
}

/* column [-> table.column ...]; each parent is reached by its primary key. */
static AccessKey *
resolve_key(Oid relid, const char *path)
{
	AccessKey  *key = palloc0(sizeof(AccessKey));
	char	   *rest = pstrdup(path);
	Oid			schema = get_rel_namespace(relid);
	Oid			last = relid;
	char	   *word = next_word(&rest);
	AttrNumber	attnum = column_require(relid, word, InvalidOid);

	key->column = word;
	key->attnum = attnum;
	while ((word = next_word(&rest)) != NULL)
	{
		AccessHop  *hop = palloc0(sizeof(AccessHop));
		char	   *dot = strchr(word, '.');

		if (dot == NULL)
			ereport(ERROR,
					(errcode(ERRCODE_INVALID_NAME),
					 errmsg("\"%s\" does not lead to an owner", path),
					 errhint("Write a column, or a column and parents with arrows, such as combo_group_id -> combo_groups.restaurant_id.")));
		*dot = '\0';
		hop->table = word;
		hop->column = dot + 1;
		hop->relid = get_relname_relid(word, schema);
		if (!OidIsValid(hop->relid))
			ereport(ERROR,
					(errcode(ERRCODE_UNDEFINED_TABLE),
					 errmsg("table %s.%s does not exist", get_namespace_name(schema), word),
					 errdetail("The key %s leads through it.", path)));
		hop->key = relation_key_column(hop->relid);
		if (hop->key == InvalidAttrNumber)
			ereport(ERROR,
					(errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
					 errmsg("table %s has no primary key of one integer column",
							relation_display_name(hop->relid)),
					 errdetail("The key %s leads through it.", path),
					 errhint("ALTER TABLE ... ADD PRIMARY KEY (id);")));
		attnum = column_require(hop->relid, hop->column, InvalidOid);
		last = hop->relid;
		key->hops = lappend(key->hops, hop);
	}

	key->type = getBaseType(get_atttype(last, attnum));
	if (key->type != INT2OID && key->type != INT4OID && key->type != INT8OID &&
		key->type != UUIDOID)
		ereport(ERROR,
				(errcode(ERRCODE_DATATYPE_MISMATCH),
				 errmsg("key %s is of type %s, neither an integer nor a uuid", path,
						format_type_be(get_atttype(last, attnum))),
				 errhint("Choose another key in menuca_wanted_access.")));
	return key;
}

/* The text before the next arrow, without spaces; NULL at the end. */
static char *
next_word(char **rest)
{
	char	   *word = *rest;
	char	   *arrow;

	if (word == NULL)
		return NULL;
	arrow = strstr(word, "->");
	*rest = arrow ? arrow + 2 : NULL;
	if (arrow)
		*arrow = '\0';
	while (*word == ' ')
		word++;
	for (char *end = word + strlen(word); end > word && end[-1] == ' ';)
		*--end = '\0';
	return word;
}

static void
require_names(const List *names, const List *tables)
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
					 errmsg("no access to table \"%s\" is wanted", (char *) lfirst(lc)),
					 errdetail("Nothing was changed."),
					 errhint("The tables are: SELECT table_name FROM menuca_wanted_access WHERE wanted; without a schema.")));
	}
}

AclMode
access_of_role(const WantedAccess *wanted, AccessRole role)
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
access_tenant_condition(const WantedAccess *wanted)
{
	return key_condition(wanted, wanted->tenant_key,
						 claim_expression(wanted->tenant_key, menuca_tenant_claim));
}

char *
access_tenant_condition_of(const WantedAccess *wanted, const char *value)
{
	return key_condition(wanted, wanted->tenant_key, quote_literal_cstr(value));
}

char *
access_user_condition(const WantedAccess *wanted)
{
	return key_condition(wanted, wanted->user_key,
						 claim_expression(wanted->user_key, menuca_user_claim));
}

/*
 * key = value, or an EXISTS over the parents: each row's own is looked up by
 * its primary key, and where many rows are asked for, the planner may collect
 * all of the value's parents once.
 */
static char *
key_condition(const WantedAccess *wanted, const AccessKey *key, const char *value)
{
	StringInfoData sql;
	char	   *left = psprintf("%s.%s", quote_identifier(wanted->table),
								quote_identifier(key->column));
	int			depth = 0;
	ListCell   *lc;

	initStringInfo(&sql);
	if (key->hops)
	{
		StringInfoData where;

		initStringInfo(&where);
		appendStringInfoString(&sql, "EXISTS (SELECT FROM ");
		foreach(lc, key->hops)
		{
			const AccessHop *hop = lfirst(lc);

			depth++;
			appendStringInfo(&sql, "%s%s AS parent_%d", depth > 1 ? ", " : "",
							 relation_quoted_name(hop->relid), depth);
			appendStringInfo(&where, "parent_%d.%s = %s AND ", depth,
							 column_quoted(hop->relid, hop->key), left);
			left = psprintf("parent_%d.%s", depth, quote_identifier(hop->column));
		}
		appendStringInfo(&sql, " WHERE %s", where.data);
	}
	appendStringInfo(&sql, "%s = %s%s", left, value,
					 key->hops ? ")" : "");
	return sql.data;
}

/* The claim, read once per statement: a scalar sub-select is an InitPlan. */
static char *
claim_expression(const AccessKey *key, const char *claim)
{
	const char *function = key->type == UUIDOID ? "menuca_claim_uuid" : "menuca_claim_bigint";
	const char *parentheses = strstr(menuca_jwt_claims, "()");
	char	   *claims;

	if (parentheses)
	{
		RangeVar   *name = relation_parse_name("menuca.jwt_claims",
											pnstrdup(menuca_jwt_claims,
													 parentheses - menuca_jwt_claims));

		claims = psprintf("%s()::pg_catalog.jsonb",
						  quote_qualified_identifier(name->schemaname, name->relname));
	}
	else
		claims = psprintf("%s::pg_catalog.text", quote_literal_cstr(menuca_jwt_claims));

	return psprintf("(SELECT %s%s(%s::pg_catalog.text, %s))", migrate_schema(), function,
					quote_literal_cstr(claim), claims);
}

const char *
access_claims_setting(void)
{
	return strstr(menuca_jwt_claims, "()") ? DEFAULT_CLAIMS_SETTING : menuca_jwt_claims;
}

/* Does what CREATE POLICY does with its expressions. */
Node *
access_expression(Oid relid, const char *condition)
{
	int			nestlevel = access_pin_search_path();
	List	   *statements = raw_parser(psprintf("SELECT %s", condition), RAW_PARSE_DEFAULT);
	SelectStmt *select = castNode(SelectStmt, linitial_node(RawStmt, statements)->stmt);
	ParseState *pstate = make_parsestate(NULL);
	Relation	rel = table_open(relid, AccessShareLock);
	ParseNamespaceItem *item;
	Node	   *expression;

	if (list_length(statements) != 1 || list_length(select->targetList) != 1 ||
		select->op != SETOP_NONE || select->fromClause || select->whereClause ||
		select->groupClause || select->sortClause || select->limitCount || select->withClause ||
		select->intoClause || select->distinctClause || select->havingClause)
		ereport(ERROR,
				(errcode(ERRCODE_SYNTAX_ERROR),
				 errmsg("\"%s\" is not a single condition", condition),
				 errhint("Correct public_may_read_where in menuca_wanted_access.")));

	item = addRangeTableEntryForRelation(pstate, rel, AccessShareLock, NULL, false, false);
	addNSItemToQuery(pstate, item, false, true, true);
	expression = transformWhereClause(pstate,
									  linitial_node(ResTarget, select->targetList)->val,
									  EXPR_KIND_POLICY, "POLICY");
	assign_expr_collations(pstate, expression);
	table_close(rel, NoLock);
	free_parsestate(pstate);
	AtEOXact_GUC(false, nestlevel);
	return expression;
}

char *
access_expression_text(Oid relid, Node *expression)
{
	int			nestlevel = access_pin_search_path();
	char	   *shown;

	/* Through the function that shows policies, so that texts are comparable. */
	shown = TextDatumGetCString(DirectFunctionCall2(pg_get_expr,
													CStringGetTextDatum(nodeToString(expression)),
													ObjectIdGetDatum(relid)));
	AtEOXact_GUC(false, nestlevel);
	return shown;
}

int
access_pin_search_path(void)
{
	int			nestlevel = NewGUCNestLevel();

	(void) set_config_option("search_path", "pg_catalog, pg_temp",
							 PGC_USERSET, PGC_S_SESSION, GUC_ACTION_SAVE,
							 true, 0, false);
	return nestlevel;
}

char *
access_commands(AclMode mode)
{
	static const struct
	{
		AclMode		mode;
		const char *name;
	}			names[] = {
		{ACL_SELECT, "SELECT"}, {ACL_INSERT, "INSERT"},
		{ACL_UPDATE, "UPDATE"}, {ACL_DELETE, "DELETE"}
	};
	StringInfoData text;

	initStringInfo(&text);
	for (size_t i = 0; i < lengthof(names); i++)
	{
		if (mode & names[i].mode)
			appendStringInfo(&text, "%s%s", text.len > 0 ? ", " : "", names[i].name);
	}
	return text.data;
}

char *
access_schema_quoted(void)
{
	return pstrdup(quote_identifier(menuca_target_schema));
}

/*
 * The trigger of menuca_wanted_access, which keeps apart what the extension
 * filled in, so that a dump holds what was edited, and a restore does not
 * bring rows twice: a new row takes the place of the extension's own.
 */
Datum
menuca_wanted_access_edited(PG_FUNCTION_ARGS)
{
	TriggerData *trigger = (TriggerData *) fcinfo->context;
	TupleDesc	desc;
	int			standard;
	Datum		off = BoolGetDatum(false);
	bool		not_null = false;

	if (!CALLED_AS_TRIGGER(fcinfo) || !TRIGGER_FIRED_BEFORE(trigger->tg_event) ||
		!TRIGGER_FIRED_FOR_ROW(trigger->tg_event) || TRIGGER_FIRED_BY_DELETE(trigger->tg_event))
		elog(ERROR, "menuca_wanted_access_edited is a trigger BEFORE INSERT OR UPDATE FOR EACH ROW");

	desc = RelationGetDescr(trigger->tg_relation);
	standard = SPI_fnumber(desc, "standard");

	if (TRIGGER_FIRED_BY_INSERT(trigger->tg_event))
	{
		QueryArgs	args = {0};

		query_arg_text(&args, SPI_getvalue(trigger->tg_trigtuple, desc,
										   SPI_fnumber(desc, "table_name")));
		query_write(psprintf("DELETE FROM %s WHERE standard AND table_name OPERATOR(pg_catalog.=) $1",
							 relation_quoted_name(RelationGetRelid(trigger->tg_relation))),
					&args, NULL, NULL);
		return PointerGetDatum(heap_modify_tuple_by_cols(trigger->tg_trigtuple, desc, 1,
														 &standard, &off, &not_null));
	}
	return PointerGetDatum(heap_modify_tuple_by_cols(trigger->tg_newtuple, desc, 1,
													 &standard, &off, &not_null));
}

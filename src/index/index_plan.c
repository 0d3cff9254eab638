/*-------------------------------------------------------------------------
 *
 * index_plan.c
 *	  What is to be done for each wanted index.
 *
 * menuca_index_plan()
 *
 * Each wanted index is parsed against its table as CREATE INDEX would, which
 * says what is impossible; then it is compared with what has its name, and,
 * when nothing has, with the other indexes of the table.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "catalog/index.h"
#include "catalog/namespace.h"
#include "catalog/pg_class.h"
#include "catalog/pg_type.h"
#include "fmgr.h"
#include "funcapi.h"
#include "miscadmin.h"
#include "storage/lmgr.h"
#include "utils/builtins.h"
#include "utils/guc.h"
#include "utils/lsyscache.h"

#include "base/arguments.h"
#include "base/attempt.h"
#include "base/compat.h"
#include "base/query.h"
#include "base/relation.h"
#include "base/results.h"
#include "base/settings.h"
#include "index/index_plan.h"

PG_FUNCTION_INFO_V1(menuca_index_plan);

/* What is done in a subtransaction. */
typedef struct Parsing
{
	PlannedIndex *planned;
	IndexShape *shape;
} Parsing;

static Oid	schema_oid(const char *schema);
static bool find_table(PlannedIndex *planned, const char *schema, Oid namespace);
static IndexShape *parse_wanted(PlannedIndex *planned);
static void parse(void *arg);
static bool says_impossible(const ErrorData *error);
static void compare_named(PlannedIndex *planned, const IndexShape *wanted);
static ExistingIndex *find_cover(PlannedIndex *planned, const IndexShape *wanted, IndexCover *best_cover);
static bool note_cover(PlannedIndex *planned, const IndexShape *wanted);
static void forbid_concurrently(PlannedIndex *planned);
static void add_detail(PlannedIndex *planned, const char *detail);
static const char *kind_of(Oid relid);
static char *definition_of(Oid index);
static void emit(ReturnSetInfo *rsinfo, const PlannedIndex *planned, const char *statement);

static const char *const action_names[INDEX_ACTION_COUNT] = {
	"exists", "create", "rebuild", "covered", "conflict", "impossible"
};


/* menuca_index_plan(): a row per wanted index and statement. */
Datum
menuca_index_plan(PG_FUNCTION_ARGS)
{
	ReturnSetInfo *rsinfo = (ReturnSetInfo *) fcinfo->resultinfo;
	ListCell   *lc;

	InitMaterializedSRF(fcinfo, 0);
	foreach(lc, index_plan_make(menuca_target_schema))
	{
		const PlannedIndex *planned = lfirst(lc);
		List	   *statements = index_plan_statements(planned, !planned->only_plainly);
		ListCell   *statement;

		if (statements == NIL)
			emit(rsinfo, planned, NULL);
		foreach(statement, statements)
			emit(rsinfo, planned, lfirst(statement));
	}
	return (Datum) 0;
}

const char *
index_action_name(IndexAction action)
{
	return action_names[action];
}

List *
index_plan_make(const char *schema)
{
	List	   *plan = NIL;
	ListCell   *lc;

	(void) schema_oid(schema);
	foreach(lc, wanted_indexes())
	{
		CHECK_FOR_INTERRUPTS();
		plan = lappend(plan, index_plan_one(schema, lfirst(lc)));
	}
	return plan;
}

PlannedIndex *
index_plan_one(const char *schema, const WantedIndex *wanted)
{
	Oid			namespace = schema_oid(schema);
	PlannedIndex *planned = palloc0(sizeof(PlannedIndex));
	IndexShape *shape;

	planned->wanted = wanted;
	planned->action = INDEX_IMPOSSIBLE;
	planned->name = quote_qualified_identifier(schema, wanted->text.name);
	planned->index = get_relname_relid(wanted->text.name, namespace);
	if (!find_table(planned, schema, namespace))
		return planned;
	shape = parse_wanted(planned);
	if (shape == NULL)
		return planned;

	if (OidIsValid(planned->index))
		compare_named(planned, shape);
	else
		planned->action = note_cover(planned, shape) ? INDEX_COVERED : INDEX_CREATE;
	if (planned->action == INDEX_CONFLICT)
		(void) note_cover(planned, shape);
	if (index_plan_is_work(planned, true))
	{
		if (get_rel_relkind(planned->table) == RELKIND_PARTITIONED_TABLE)
			forbid_concurrently(planned);
		if (!planned->owned)
			add_detail(planned, psprintf("role \"%s\" does not own the table, which building an index takes: \"%s\" does",
										 GetUserNameFromId(GetUserId(), false),
										 GetUserNameFromId(relation_owner(planned->table), false)));
	}
	return planned;
}

static Oid
schema_oid(const char *schema)
{
	Oid			namespace = get_namespace_oid(schema, true);

	if (!OidIsValid(namespace))
		ereport(ERROR,
				(errcode(ERRCODE_UNDEFINED_SCHEMA),
				 errmsg("schema \"%s\" does not exist", schema),
				 errdetail("The wanted indexes are those of its tables."),
				 errhint("Connect to the right database, or name the schema: SET menuca.target_schema = '...';")));
	return namespace;
}

/* True if there is a table to put the index on. */
static bool
find_table(PlannedIndex *planned, const char *schema, Oid namespace)
{
	const WantedIndex *wanted = planned->wanted;
	Oid			relid = get_relname_relid(wanted->table, namespace);
	char		relkind;

	if (strlen(wanted->text.name) >= NAMEDATALEN)
		add_detail(planned, psprintf("a name of more than %d bytes would be cut", NAMEDATALEN - 1));
	else if (!OidIsValid(relid))
		add_detail(planned, psprintf("table %s.%s does not exist", schema, wanted->table));
	else
	{
		LockRelationOid(relid, AccessShareLock);
		relkind = get_rel_relkind(relid);
		if (relkind == RELKIND_RELATION || relkind == RELKIND_MATVIEW ||
			relkind == RELKIND_PARTITIONED_TABLE)
		{
			planned->table = relid;
			planned->owned = menuca_owns_table(relid, GetUserId());
			return true;
		}
		add_detail(planned, psprintf("%s.%s is %s, not a table", schema, wanted->table, kind_of(relid)));
	}
	return false;
}

/* Parses it against its table; NULL when the server says that it is impossible. */
static IndexShape *
parse_wanted(PlannedIndex *planned)
{
	Parsing		parsing = {.planned = planned};
	ErrorData  *error;

	error = attempt(parse, &parsing);
	if (error && !says_impossible(error))
		ReThrowError(error);
	if (error)
		add_detail(planned, error->message);
	return error ? NULL : parsing.shape;
}

/* In the path in which query_each() asks, so that names are qualified. */
static void
parse(void *arg)
{
	Parsing    *parsing = arg;
	int			nestlevel = NewGUCNestLevel();

	(void) set_config_option("search_path", "pg_catalog, pg_temp",
							 PGC_USERSET, PGC_S_SESSION, GUC_ACTION_SAVE,
							 true, 0, false);
	parsing->shape = index_shape_parse(parsing->planned->table,
									   &parsing->planned->wanted->text,
									   &parsing->planned->body);
	AtEOXact_GUC(false, nestlevel);
}

/*
 * Not what has nothing to do with the definition, such as a timeout, or a
 * right that the caller lacks and others have.
 */
static bool
says_impossible(const ErrorData *error)
{
	if (error->sqlerrcode == ERRCODE_INSUFFICIENT_PRIVILEGE)
		return false;
	switch (ERRCODE_TO_CATEGORY(error->sqlerrcode))
	{
		case MAKE_SQLSTATE('4', '2', '0', '0', '0'):
		case MAKE_SQLSTATE('0', 'A', '0', '0', '0'):
		case MAKE_SQLSTATE('2', '2', '0', '0', '0'):
		case MAKE_SQLSTATE('5', '4', '0', '0', '0'):
			return true;
		default:
			return false;
	}
}

/* Something has the wanted name: is it the wanted index? */
static void
compare_named(PlannedIndex *planned, const IndexShape *wanted)
{
	char		relkind = get_rel_relkind(planned->index);
	ExistingIndex *there;

	planned->action = INDEX_CONFLICT;
	if (relkind != RELKIND_INDEX && relkind != RELKIND_PARTITIONED_INDEX)
	{
		add_detail(planned, psprintf("the name is that of %s", kind_of(planned->index)));
		return;
	}
	there = index_shape_read(planned->index);
	if (there == NULL)
	{
		planned->action = INDEX_IMPOSSIBLE;
		add_detail(planned, "it is being dropped at this moment");
		return;
	}
	if (IndexGetRelation(there->oid, false) != planned->table ||
		!index_shape_equal(&there->shape, wanted))
		add_detail(planned, psprintf("there is: %s", definition_of(there->oid)));
	else if (there->usable)
	{
		planned->action = INDEX_EXISTS;
		planned->more = there->shape.unique || there->shape.nincluded > 0;
		if (there->shape.unique)
			add_detail(planned, "it is unique, which is more than is wanted");
		if (there->shape.nincluded > 0)
			add_detail(planned, "it includes further columns");
	}
	else if (there->partitioned)
		add_detail(planned, "it is there, but not valid: indexes of partitions are missing. Create and attach them: ALTER INDEX ... ATTACH PARTITION");
	else if (there->constraint)
		add_detail(planned, psprintf("it is not valid, and belongs to a %s", there->constraint));
	else
	{
		planned->action = INDEX_REBUILD;
		planned->more = there->shape.unique || there->shape.nincluded > 0;
		planned->anew = planned->more;
		add_detail(planned, planned->anew ?
				   "a build that failed left it invalid; it is unique, or has more columns than are wanted, so it is made anew" :
				   "a build that failed left it invalid");
	}
}

/* The usable index that does best for the wanted one; NULL when none does. */
static ExistingIndex *
find_cover(PlannedIndex *planned, const IndexShape *wanted, IndexCover *best_cover)
{
	ExistingIndex *best = NULL;
	ListCell   *lc;

	foreach(lc, index_shapes_of(planned->table))
	{
		ExistingIndex *there = lfirst(lc);
		IndexCover	cover = index_shape_cover(&there->shape, wanted);

		if (cover == COVER_NOT || there->oid == planned->index)
			continue;
		if (!there->usable)
		{
			/* REINDEX CONCURRENTLY builds name_ccnew. */
			add_detail(planned, psprintf("%s would do, but is not valid: left over by a build that failed, unless it is being built",
										 there->display_name));
			continue;
		}

		/* The closest; of equally close ones the narrowest. */
		if (best == NULL || cover > *best_cover ||
			(cover == *best_cover && there->shape.nkeys < best->shape.nkeys))
		{
			best = there;
			*best_cover = cover;
		}
	}
	return best;
}

/* Says by which other index it is covered, if by any, and how. */
static bool
note_cover(PlannedIndex *planned, const IndexShape *wanted)
{
	IndexCover	cover = COVER_NOT;
	const ExistingIndex *other = find_cover(planned, wanted, &cover);
	const char *how;

	if (other == NULL)
		return false;
	how = cover == COVER_SAME ? "has the same definition" :
		cover == COVER_WHOLE ? "has the same columns, of all rows" :
		"begins with the same columns";
	planned->covered_by = other->display_name;
	add_detail(planned, other->constraint ?
			   psprintf("%s, of a %s, %s", other->display_name, other->constraint, how) :
			   psprintf("%s %s", other->display_name, how));
	return true;
}

static void
forbid_concurrently(PlannedIndex *planned)
{
	planned->action = INDEX_IMPOSSIBLE;
	planned->only_plainly = true;
	add_detail(planned, "a partitioned table takes no CREATE INDEX CONCURRENTLY; this statement, and menuca_deploy_indexes(), make the writers to all of its partitions wait");
}

static void
add_detail(PlannedIndex *planned, const char *detail)
{
	planned->detail = planned->detail ? psprintf("%s; %s", planned->detail, detail) : pstrdup(detail);
}

bool
index_plan_is_work(const PlannedIndex *planned, bool concurrently)
{
	return planned->action == INDEX_CREATE || planned->action == INDEX_REBUILD ||
		(!concurrently && planned->only_plainly);
}

List *
index_plan_statements(const PlannedIndex *planned, bool concurrently)
{
	const char *how = concurrently ? " CONCURRENTLY" : "";
	List	   *statements = NIL;

	if (!index_plan_is_work(planned, concurrently))
		return NIL;
	if (planned->action == INDEX_REBUILD && !planned->anew)
		return list_make1(psprintf("REINDEX INDEX%s %s;", how, planned->name));
	if (planned->anew)
		statements = list_make1(psprintf("DROP INDEX%s %s;", how, planned->name));
	return lappend(statements,
				   index_create_statement(planned->wanted->text.name, planned->body, concurrently));
}

char *
index_create_statement(const char *name, const char *body, bool concurrently)
{
	return psprintf("CREATE INDEX%s %s %s;", concurrently ? " CONCURRENTLY" : "",
					quote_identifier(name), body);
}

static const char *
kind_of(Oid relid)
{
	switch (get_rel_relkind(relid))
	{
		case RELKIND_VIEW:
			return "a view";
		case RELKIND_FOREIGN_TABLE:
			return "a foreign table";
		case RELKIND_SEQUENCE:
			return "a sequence";
		case RELKIND_COMPOSITE_TYPE:
			return "a type";
		case RELKIND_INDEX:
		case RELKIND_PARTITIONED_INDEX:
			return "an index";
		default:
			return "a table";
	}
}

static char *
definition_of(Oid index)
{
	QueryArgs	args = {0};

	query_arg(&args, OIDOID, ObjectIdGetDatum(index), false);
	return query_text("SELECT pg_get_indexdef($1)", &args);
}

static void
emit(ReturnSetInfo *rsinfo, const PlannedIndex *planned, const char *statement)
{
	const WantedIndex *wanted = planned->wanted;
	Datum		values[8];
	bool		nulls[8] = {0};

	values[0] = Int32GetDatum(wanted->section);
	values[1] = CStringGetTextDatum(wanted->text.name);
	values[2] = CStringGetTextDatum(wanted->table);
	values[3] = CStringGetTextDatum(index_action_name(planned->action));
	values[4] = BoolGetDatum(wanted->critical);
	values[5] = result_text(planned->covered_by, &nulls[5]);
	values[6] = result_text(planned->detail, &nulls[6]);
	values[7] = result_text(statement, &nulls[7]);
	tuplestore_putvalues(rsinfo->setResult, rsinfo->setDesc, values, nulls);
}

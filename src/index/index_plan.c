/*-------------------------------------------------------------------------
 *
 * index_plan.c
 *	  The index plan: see index_plan.h.
 *
 * menuca_index_plan()
 *
 * Each wanted index is parsed against its table as CREATE INDEX would, which
 * shows what is impossible.  Then it is compared with the index that has its
 * name or, when there is none, with the other indexes of the table.
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
#include "utils/builtins.h"
#include "utils/lsyscache.h"

#include "base/attempt.h"
#include "base/guc_scope.h"
#include "base/query.h"
#include "base/relation.h"
#include "base/results.h"
#include "base/settings.h"
#include "index/index_plan.h"

PG_FUNCTION_INFO_V1(menuca_index_plan);

/* The parsing of a wanted index, in an attempt. */
typedef struct IndexParsing
{
	PlannedIndex *planned;
	IndexShape *shape;			/* the result */
} IndexParsing;

static Oid	require_target_schema(const char *schema);
static bool find_indexed_table(PlannedIndex *planned, const char *schema, Oid namespace);
static IndexShape *parse_wanted(PlannedIndex *planned);
static void parse_in_pg_catalog(void *arg);
static bool is_about_definition(const ErrorData *error);
static void plan_existing(PlannedIndex *planned, const IndexShape *wanted);
static ExistingIndex *find_cover(PlannedIndex *planned, const IndexShape *wanted, IndexCover *best_cover);
static bool set_cover(PlannedIndex *planned, const IndexShape *wanted);
static void plan_partitioned(PlannedIndex *planned);
static void add_plan_detail(PlannedIndex *planned, const char *detail);
static char *create_index_statement(const PlannedIndex *planned, bool concurrently);
static const char *relation_kind(Oid relid);
static char *index_definition(Oid index);
static void return_planned_index(ReturnSetInfo *rsinfo, const PlannedIndex *planned, const char *statement);

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
		List	   *statements = index_plan_statements(planned, !planned->not_concurrently);
		ListCell   *statement;

		if (statements == NIL)
			return_planned_index(rsinfo, planned, NULL);
		foreach(statement, statements)
			return_planned_index(rsinfo, planned, lfirst(statement));
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

	(void) require_target_schema(schema);
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
	Oid			namespace = require_target_schema(schema);
	PlannedIndex *planned = palloc0(sizeof(PlannedIndex));
	IndexShape *shape;

	planned->wanted = wanted;
	planned->action = INDEX_IMPOSSIBLE;
	planned->name = quote_qualified_identifier(schema, wanted->text.name);
	planned->index = get_relname_relid(wanted->text.name, namespace);
	if (!find_indexed_table(planned, schema, namespace))
		return planned;
	shape = parse_wanted(planned);
	if (shape == NULL)
		return planned;

	if (OidIsValid(planned->index))
		plan_existing(planned, shape);
	else
		planned->action = set_cover(planned, shape) ? INDEX_COVERED : INDEX_CREATE;
	if (planned->action == INDEX_CONFLICT)
		(void) set_cover(planned, shape);
	if (index_plan_has_work(planned, true))
	{
		if (get_rel_relkind(planned->table) == RELKIND_PARTITIONED_TABLE)
			plan_partitioned(planned);
		if (!planned->owned)
			add_plan_detail(planned, psprintf("role \"%s\" cannot build it, since the table's owner is \"%s\"",
											  GetUserNameFromId(GetUserId(), false),
											  GetUserNameFromId(relation_owner(planned->table), false)));
	}
	return planned;
}

static Oid
require_target_schema(const char *schema)
{
	Oid			namespace = get_namespace_oid(schema, true);

	if (!OidIsValid(namespace))
		ereport(ERROR,
				(errcode(ERRCODE_UNDEFINED_SCHEMA),
				 errmsg("schema \"%s\" does not exist", schema),
				 errdetail("The wanted indexes belong to tables of that schema."),
				 errhint("Connect to the right database, or set the schema's name: SET menuca.target_schema = '...';")));
	return namespace;
}

/* True if a table exists to create the index on. */
static bool
find_indexed_table(PlannedIndex *planned, const char *schema, Oid namespace)
{
	const WantedIndex *wanted = planned->wanted;
	Oid			relid = relation_lock_by_name(namespace, wanted->table, AccessShareLock, 0);
	char		relkind;

	if (strlen(wanted->text.name) >= NAMEDATALEN)
		add_plan_detail(planned, psprintf("the name is longer than %d bytes and would be truncated", NAMEDATALEN - 1));
	else if (!OidIsValid(relid))
		add_plan_detail(planned, psprintf("table %s.%s does not exist", schema, wanted->table));
	else
	{
		relkind = get_rel_relkind(relid);
		if (relkind == RELKIND_RELATION || relkind == RELKIND_MATVIEW ||
			relkind == RELKIND_PARTITIONED_TABLE)
		{
			planned->table = relid;
			planned->owned = relation_is_owned(relid);
			return true;
		}
		add_plan_detail(planned, psprintf("%s.%s is %s, not a table", schema, wanted->table, relation_kind(relid)));
	}
	return false;
}

/* NULL when the server's error shows that the index is impossible. */
static IndexShape *
parse_wanted(PlannedIndex *planned)
{
	IndexParsing parsing = {.planned = planned};
	ErrorData  *error;

	error = attempt(parse_in_pg_catalog, &parsing);
	if (error && !is_about_definition(error))
		ReThrowError(error);
	if (error)
		add_plan_detail(planned, error->message);
	return error ? NULL : parsing.shape;
}

/* With the search_path of query_each(), so that the names are qualified. */
static void
parse_in_pg_catalog(void *arg)
{
	IndexParsing *parsing = arg;
	int			scope = guc_scope_begin_pg_catalog();

	parsing->shape = index_shape_parse(parsing->planned->table,
									   &parsing->planned->wanted->text,
									   &parsing->planned->body);
	guc_scope_end(scope);
}

/*
 * True if an error shows that the definition cannot be carried out.  A timeout,
 * or a right that only this caller lacks, does not.
 */
static bool
is_about_definition(const ErrorData *error)
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

/* Plans for a relation that has the wanted name. */
static void
plan_existing(PlannedIndex *planned, const IndexShape *wanted)
{
	char		relkind = get_rel_relkind(planned->index);
	ExistingIndex *existing;

	planned->action = INDEX_CONFLICT;
	if (relkind != RELKIND_INDEX && relkind != RELKIND_PARTITIONED_INDEX)
	{
		add_plan_detail(planned, psprintf("the name is used by %s", relation_kind(planned->index)));
		return;
	}
	existing = index_shape_read(planned->index);
	if (existing == NULL)
	{
		planned->action = INDEX_IMPOSSIBLE;
		add_plan_detail(planned, "it is being dropped by another session");
		return;
	}
	if (IndexGetRelation(existing->oid, false) != planned->table ||
		!index_shape_equal(&existing->shape, wanted))
		add_plan_detail(planned, psprintf("the existing index is: %s", index_definition(existing->oid)));
	else if (existing->usable)
	{
		planned->action = INDEX_EXISTS;
		planned->exceeds = existing->shape.unique || existing->shape.nincluded > 0;
		if (existing->shape.unique)
			add_plan_detail(planned, "it is also unique");
		if (existing->shape.nincluded > 0)
			add_plan_detail(planned, "it also has INCLUDE columns");
	}
	else if (existing->partitioned)
		add_plan_detail(planned, "it exists, but is not valid, because indexes of partitions are missing. Create them and attach each: ALTER INDEX ... ATTACH PARTITION ...;");
	else if (existing->constraint)
		add_plan_detail(planned, psprintf("it is not valid, and belongs to a %s", existing->constraint));
	else
	{
		planned->action = INDEX_REBUILD;
		planned->exceeds = existing->shape.unique || existing->shape.nincluded > 0;
		planned->recreate = planned->exceeds;
		add_plan_detail(planned, planned->recreate ?
						"a failed build left it invalid; since it is unique or has INCLUDE columns, it is dropped and created again" :
						"a failed build left it invalid");
	}
}

/* The usable index that covers the wanted one best, or NULL. */
static ExistingIndex *
find_cover(PlannedIndex *planned, const IndexShape *wanted, IndexCover *best_cover)
{
	ExistingIndex *best = NULL;
	ListCell   *lc;

	foreach(lc, index_shapes_of(planned->table))
	{
		ExistingIndex *existing = lfirst(lc);
		IndexCover	cover = index_shape_cover(&existing->shape, wanted);

		if (cover == COVER_NOT || existing->oid == planned->index)
			continue;
		if (!existing->usable)
		{
			/* REINDEX CONCURRENTLY builds name_ccnew. */
			add_plan_detail(planned, psprintf("%s would cover it, but is not valid: either it is being built, or a failed build left it",
											  existing->display_name));
			continue;
		}

		/* The best cover; among equals, the one with the fewest columns. */
		if (best == NULL || cover > *best_cover ||
			(cover == *best_cover && existing->shape.nkeys < best->shape.nkeys))
		{
			best = existing;
			*best_cover = cover;
		}
	}
	return best;
}

/* Sets which other index covers it, and how; false when none does. */
static bool
set_cover(PlannedIndex *planned, const IndexShape *wanted)
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
	add_plan_detail(planned, other->constraint ?
					psprintf("%s, of a %s, %s", other->display_name, other->constraint, how) :
					psprintf("%s %s", other->display_name, how));
	return true;
}

static void
plan_partitioned(PlannedIndex *planned)
{
	planned->action = INDEX_IMPOSSIBLE;
	planned->not_concurrently = true;
	add_plan_detail(planned, "CREATE INDEX CONCURRENTLY is not possible on a partitioned table; this statement and menuca_deploy_indexes() block writers to all of its partitions");
}

static void
add_plan_detail(PlannedIndex *planned, const char *detail)
{
	planned->detail = planned->detail ? psprintf("%s; %s", planned->detail, detail) : pstrdup(detail);
}

bool
index_plan_has_work(const PlannedIndex *planned, bool concurrently)
{
	return planned->action == INDEX_CREATE || planned->action == INDEX_REBUILD ||
		(!concurrently && planned->not_concurrently);
}

List *
index_plan_statements(const PlannedIndex *planned, bool concurrently)
{
	const char *how = concurrently ? " CONCURRENTLY" : "";
	List	   *statements = NIL;

	if (!index_plan_has_work(planned, concurrently))
		return NIL;
	if (planned->action == INDEX_REBUILD && !planned->recreate)
		return list_make1(psprintf("REINDEX INDEX%s %s;", how, planned->name));
	if (planned->recreate)
		statements = list_make1(psprintf("DROP INDEX%s %s;", how, planned->name));
	return lappend(statements, create_index_statement(planned, concurrently));
}

static char *
create_index_statement(const PlannedIndex *planned, bool concurrently)
{
	return psprintf("CREATE INDEX%s %s %s;", concurrently ? " CONCURRENTLY" : "",
					quote_identifier(planned->wanted->text.name), planned->body);
}

static const char *
relation_kind(Oid relid)
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
index_definition(Oid index)
{
	QueryArgs	args = {0};
	char	   *definition;

	query_arg(&args, OIDOID, ObjectIdGetDatum(index), false);
	definition = query_text("SELECT pg_get_indexdef($1)", &args);
	return definition ? definition : "dropped by another session";
}

static void
return_planned_index(ReturnSetInfo *rsinfo, const PlannedIndex *planned, const char *statement)
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

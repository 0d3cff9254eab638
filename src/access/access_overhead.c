/*-------------------------------------------------------------------------
 *
 * access_overhead.c
 *	  What row security costs: see access_overhead.h.
 *
 * menuca_access_overhead(restaurant_id, executions)
 *
 * A role's query under row security is compared with a query of the caller,
 * whom no policy binds, that contains the policies' conditions.  So both do the
 * same work apart from the policies, and nothing has to be switched off on a
 * live table.  Their plans and the pages that they need are the same on every
 * machine; their times are compared pair by pair (overhead_pairs.c).
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "fmgr.h"
#include "funcapi.h"
#include "utils/builtins.h"
#include "utils/timestamp.h"

#include "access/access_expression.h"
#include "access/access_overhead.h"
#include "access/access_public.h"
#include "access/membership.h"
#include "access/overhead_pairs.h"
#include "access/overhead_work.h"
#include "access/trial_member.h"
#include "access/wanted_access.h"
#include "base/access_session.h"
#include "base/arguments.h"
#include "base/attempt.h"
#include "base/column.h"
#include "base/extension.h"
#include "base/jwt_claim.h"
#include "base/query.h"
#include "base/relation.h"
#include "base/results.h"
#include "base/settings.h"

PG_FUNCTION_INFO_V1(menuca_access_overhead);

/* Pairs of executions that may be asked for. */
#define MAX_PAIRS 100000

/*
 * How often as many pairs are executed while they show neither, and for how long
 * another round may begin.
 */
#define MAX_ROUNDS 5
#define MAX_ROUNDS_MS 10000

/* A table that is joined to an earlier one: column of one is the key of the other. */
typedef struct JoinedTable
{
	const char *join;
	const char *table;
	int			with;			/* place of the earlier one */
	bool		is_parent;		/* the earlier one has the column */
	const char *column;			/* unless it was renamed */
} JoinedTable;

/* The queries: what they count, whose rows of which table, and its joins. */
static const struct
{
	const char *name;
	const char *counted;
	const char *table;
	JoinedTable joins[2];
}			queries[] = {

	{
		"menu", "count(t0.id) OPERATOR(pg_catalog.+) pg_catalog.count(t1.id)", "dishes",
		{{"LEFT JOIN", "courses", 0, true, "course_id"}}
	},
	{
		"combos", "count(t2.id)", "combo_groups",
		{{"JOIN", "combo_items", 0, false, "combo_group_id"}, {"JOIN", "dishes", 1, true, "dish_id"}}
	}
};

/* State of one measurement, in an attempt. */
typedef struct Measurement
{
	AccessOverhead *overhead;	/* the result */
	const List *wanted;			/* WantedAccesses of all tables */
	int			query;			/* which of queries[] */
	int			pairs;			/* of executions */
	char	   *claims;
} Measurement;

static int64 busiest_restaurant(const List *wanted, int query);
static char *next_step(const AccessOverhead *overhead, int pairs);
static char *public_row(const WantedAccess *wanted);
static char *public_condition(const WantedAccess *wanted);
static const WantedAccess *find_measurable(const List *wanted, const char *name);
static const WantedAccess *require_measurable(const List *wanted, const char *name);
static void measure_overhead(void *arg);
static OverheadVerdict judge_pairs(const OverheadPairs *pairs, const OverheadWork *work);
static char *write_query(const Measurement *m, bool with_conditions);
static char *write_table(const Measurement *m, const char *name, bool with_conditions);


/* menuca_access_overhead(restaurant_id, executions): a row per query and role. */
Datum
menuca_access_overhead(PG_FUNCTION_ARGS)
{
	ReturnSetInfo *rsinfo = (ReturnSetInfo *) fcinfo->resultinfo;
	int			pairs = argument_int4(fcinfo, 1, "executions");
	ListCell   *lc;

	if (pairs < 3 || pairs > MAX_PAIRS)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("executions must be between 3 and %d", MAX_PAIRS),
				 errdetail("A single execution proves nothing. Nothing was measured."),
				 errhint("Omit it to use 201.")));
	InitMaterializedSRF(fcinfo, 0);
	foreach(lc, access_overhead(PG_ARGISNULL(0) ? 0 : PG_GETARG_INT64(0), pairs))
	{
		const AccessOverhead *overhead = lfirst(lc);
		const OverheadVerdict *verdict = &overhead->verdict;
		bool		measured = verdict->status != CHECK_SKIP;
		Datum		values[16];
		bool		nulls[16] = {0};

		values[0] = CStringGetTextDatum(overhead->query);
		values[1] = CStringGetTextDatum(overhead->kind);
		values[2] = CStringGetTextDatum(access_role_name(overhead->role));
		values[3] = Int64GetDatum(overhead->restaurant);
		values[4] = Int64GetDatum(overhead->counted);
		values[5] = result_numeric(verdict->owner_ms, 4);
		values[6] = result_numeric(verdict->role_ms, 4);
		values[7] = result_numeric(verdict->pct, 2);
		values[8] = result_numeric(verdict->low_pct, 2);
		values[9] = result_numeric(verdict->high_pct, 2);
		values[10] = Int64GetDatum(overhead->owner_buffers);
		values[11] = Int64GetDatum(overhead->role_buffers);
		values[12] = BoolGetDatum(overhead->same_plan);
		for (int i = 4; i < 13; i++)
			nulls[i] = !measured || ((i == 8 || i == 9) && !verdict->has_interval);
		values[13] = CStringGetTextDatum(finding_status_name(verdict->status));
		values[14] = result_text(verdict->detail, &nulls[14]);
		values[15] = result_text(next_step(overhead, pairs), &nulls[15]);
		tuplestore_putvalues(rsinfo->setResult, rsinfo->setDesc, values, nulls);
	}
	return (Datum) 0;
}

List *
access_overhead(int64 restaurant_id, int pairs)
{
	static const struct
	{
		const char *name;
		AccessRole	role;
	}			kinds[] = {{"public", ROLE_PUBLIC}, {"tenant", ROLE_TENANT}};
	List	   *results = NIL;
	List	   *wanted;

	access_session_require("menuca_access_overhead");
	wanted = wanted_access_tables(NIL);

	for (size_t q = 0; q < lengthof(queries); q++)
	{
		int64		restaurant = restaurant_id != 0 ? restaurant_id : busiest_restaurant(wanted, q);

		for (size_t k = 0; k < lengthof(kinds); k++)
		{
			AccessOverhead *overhead = palloc0(sizeof(AccessOverhead));
			Measurement m = {.overhead = overhead,.wanted = wanted,.query = q,.pairs = pairs};
			ErrorData  *error;

			overhead->query = queries[q].name;
			overhead->kind = kinds[k].name;
			overhead->role = kinds[k].role;
			overhead->restaurant = restaurant;
			m.claims = overhead->role == ROLE_PUBLIC ? "" :
				jwt_claim_object(menuca_tenant_claim, psprintf(INT64_FORMAT, restaurant));
			error = attempt_and_undo(measure_overhead, &m);
			if (error)
			{
				overhead->verdict.status = CHECK_SKIP;
				overhead->verdict.detail = attempt_message(error);
			}
			results = lappend(results, overhead);
		}
	}
	return results;
}

/* The call that leads on from a result that is neither good nor skipped; NULL if there is none. */
static char *
next_step(const AccessOverhead *overhead, int pairs)
{
	if (overhead->verdict.status == CHECK_FAIL)
		return migrate_call("SELECT * FROM menuca_check_access(matrix => false, overhead => false) WHERE status <> 'PASS';");
	if (overhead->verdict.status != CHECK_WARN)
		return NULL;
	return psprintf("SELECT * FROM %smenuca_access_overhead(restaurant_id => %lld, executions => %d);",
					migrate_schema(), (long long) overhead->restaurant,
					pairs < 2001 ? 2001 : Min(pairs * 4, MAX_PAIRS));
}

/*
 * The restaurant with the most rows that visitors see, since they are counted for
 * both roles, or else the most rows.  Of combos these are the items, because the
 * restaurant with the most dishes may have none; without items it is that with the
 * most dishes.
 */
static int64
busiest_restaurant(const List *wanted, int query)
{
	const WantedAccess *dishes = require_measurable(wanted, "dishes");

	relation_require(dishes->relid, ACL_SELECT);
	if (strcmp(queries[query].name, "combos") == 0)
	{
		const WantedAccess *groups = find_measurable(wanted, "combo_groups");
		const WantedAccess *items = find_measurable(wanted, "combo_items");
		int64		restaurant;

		/*
		 * Without these, the combos cannot be measured either, which is said
		 * there
		 */
		if (groups == NULL || items == NULL)
			return 0;
		relation_require(groups->relid, ACL_SELECT);
		relation_require(items->relid, ACL_SELECT);
		restaurant = overhead_pairs_count(psprintf("SELECT g.k FROM (SELECT id, %s::int8 AS k, %s AS visible FROM %s) g"
												   " JOIN (SELECT %s AS id, count(*) AS n FROM %s GROUP BY 1) i ON i.id = g.id"
												   " WHERE g.k IS NOT NULL"
												   " GROUP BY 1 ORDER BY coalesce(sum(i.n) FILTER (WHERE g.visible), 0) DESC, sum(i.n) DESC, 1 LIMIT 1",
												   quote_identifier(groups->tenant_key->column), public_row(groups),
												   relation_quoted_name(groups->relid),
												   column_quoted(items->relid, column_require(items->relid, "combo_group_id", groups->relid)),
												   relation_quoted_name(items->relid)));
		if (restaurant != 0)
			return restaurant;
	}
	return overhead_pairs_count(psprintf("SELECT %1$s::int8 FROM %2$s WHERE %1$s IS NOT NULL"
										 " GROUP BY %1$s ORDER BY count(*) FILTER (WHERE %3$s) DESC, count(*) DESC, 1 LIMIT 1",
										 quote_identifier(dishes->tenant_key->column),
										 relation_quoted_name(dishes->relid), public_row(dishes)));
}

/* The same of the row alone, which is known even where that of its restaurant is not. */
static char *
public_row(const WantedAccess *wanted)
{
	return wanted->public_expr ?
		psprintf("(%s)", access_expression_text(wanted->relid, wanted->public_expr)) : "false";
}

/* The condition for the rows that everybody may read. */
static char *
public_condition(const WantedAccess *wanted)
{
	return wanted->public_expr ?
		psprintf("(%s)", access_public_condition(wanted, false)) : "false";
}

/*
 * The wanted access of a table; NULL unless the table exists, with an integer as
 * its tenant's key, which combo_items need not have.
 */
static const WantedAccess *
find_measurable(const List *wanted, const char *name)
{
	const ListCell *lc;

	foreach(lc, wanted)
	{
		const WantedAccess *table = lfirst(lc);

		if (strcmp(table->table, name) == 0 && OidIsValid(table->relid) &&
			!table->problem && (strcmp(name, "combo_items") == 0 || table->tenant_key) &&
			!(table->tenant_key && table->tenant_key->type == UUIDOID))
			return table;
	}
	return NULL;
}

/* The same; raises an error instead of returning NULL. */
static const WantedAccess *
require_measurable(const List *wanted, const char *name)
{
	const WantedAccess *table = find_measurable(wanted, name);

	if (table == NULL)
		ereport(ERROR,
				(errcode(ERRCODE_UNDEFINED_TABLE),
				 errmsg("table %s.%s is not in the wanted access with an integer as its tenant's key",
						menuca_target_schema, name)));
	return table;
}

/* Called in a subtransaction that is undone. */
static void
measure_overhead(void *arg)
{
	Measurement *m = arg;
	AccessOverhead *overhead = m->overhead;
	TimestampTz begun = GetCurrentTimestamp();
	OverheadPairs pairs;
	OverheadWork work;

	if (overhead->role == ROLE_TENANT && membership_is_used())
	{
		TrialWorld	world = {.wanted = (List *) m->wanted};

		m->claims = trial_member_make(&world, list_make1(psprintf(INT64_FORMAT, overhead->restaurant)));
	}

	/* The member was made just now. */
	query_begin_snapshot();
	pairs = overhead_pairs_plan(overhead->role, m->claims, write_query(m, false), write_query(m, true));
	work = overhead_work_compare(pairs.of_role.plan, pairs.of_owner.plan);

	/*
	 * Whatever else the machine does makes the interval wide: then there are
	 * more pairs.
	 */
	do
	{
		overhead_pairs_execute(&pairs, m->pairs);
		overhead->verdict = judge_pairs(&pairs, &work);
	} while (overhead->verdict.undecided && pairs.count / m->pairs < MAX_ROUNDS &&
			 !TimestampDifferenceExceeds(begun, GetCurrentTimestamp(), MAX_ROUNDS_MS));

	query_end_snapshot();
	overhead->counted = pairs.of_owner.counted;
	overhead->owner_buffers = pairs.of_owner.buffers;
	overhead->role_buffers = pairs.of_role.buffers;
	overhead->same_plan = work.same;
	if (pairs.of_role.counted != overhead->counted)
	{
		overhead->verdict.status = CHECK_FAIL;
		overhead->verdict.detail = psprintf("the role counts %lld, the caller with the same conditions %lld: the policies are not as wanted",
											(long long) pairs.of_role.counted, (long long) overhead->counted);
	}
	else if (overhead->counted == 0)
	{
		overhead->verdict.status = CHECK_SKIP;
		overhead->verdict.detail = psprintf("the query finds no row for restaurant %lld, so nothing was measured",
											(long long) overhead->restaurant);
	}
}

static OverheadVerdict
judge_pairs(const OverheadPairs *pairs, const OverheadWork *work)
{
	OverheadFigures figures = {
		.pairs = pairs->count,.owner = pairs->of_owner.ms,.role = pairs->of_role.ms,
		.has_work = true,.owner_buffers = pairs->of_owner.buffers,.role_buffers = pairs->of_role.buffers,
		.same_plan = work->same,.reads_whole = work->reads_whole,.difference = work->difference
	};

	return overhead_verdict(&figures);
}

/* with_conditions: reads only the rows that the policies of the role allow. */
static char *
write_query(const Measurement *m, bool with_conditions)
{
	StringInfoData sql;
	Oid			relids[lengthof(queries[0].joins) + 1];
	const WantedAccess *first = require_measurable(m->wanted, queries[m->query].table);

	initStringInfo(&sql);
	relids[0] = first->relid;
	appendStringInfo(&sql, "SELECT pg_catalog.%s FROM %s AS t0", queries[m->query].counted,
					 write_table(m, queries[m->query].table, with_conditions));
	for (size_t i = 0; i < lengthof(queries[0].joins) && queries[m->query].joins[i].table; i++)
	{
		const JoinedTable *joined = &queries[m->query].joins[i];
		int			place = (int) i + 1;
		int			child = joined->is_parent ? joined->with : place;
		int			parent = joined->is_parent ? place : joined->with;

		relids[place] = require_measurable(m->wanted, joined->table)->relid;
		appendStringInfo(&sql, " %s %s AS t%d ON t%d.%s OPERATOR(pg_catalog.=) t%d.id", joined->join,
						 write_table(m, joined->table, with_conditions), place, child,
						 column_quoted(relids[child], column_require(relids[child], joined->column, relids[parent])),
						 parent);
	}
	appendStringInfo(&sql, " WHERE t0.%s OPERATOR(pg_catalog.=) " INT64_FORMAT,
					 quote_identifier(first->tenant_key->column), m->overhead->restaurant);
	return sql.data;
}

static char *
write_table(const Measurement *m, const char *name, bool with_conditions)
{
	const WantedAccess *table = require_measurable(m->wanted, name);
	char	   *quoted = relation_quoted_name(table->relid);
	char	   *condition;

	if (!with_conditions)
		return quoted;
	condition = public_condition(table);

	/* As in a policy, the planner does not know which restaurant it will be. */
	if (m->overhead->role == ROLE_TENANT && table->tenant_key)
		condition = psprintf("%s OR %s",
							 access_key_condition(table->tenant_key, table->table,
												  psprintf("(SELECT " INT64_FORMAT "::pg_catalog.int8)", m->overhead->restaurant)),
							 condition);
	return psprintf("(SELECT * FROM %s WHERE %s)", quoted, condition);
}

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
 * live table.  The two take turns, and each execution is compared with its
 * neighbour, since other load on the machine affects both.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "executor/spi.h"
#include "fmgr.h"
#include "funcapi.h"
#include "miscadmin.h"
#include "portability/instr_time.h"
#include "utils/builtins.h"

#include "access/access_expression.h"
#include "access/access_overhead.h"
#include "access/access_session.h"
#include "access/jwt_claims.h"
#include "access/wanted_access.h"
#include "base/arguments.h"
#include "base/attempt.h"
#include "base/column.h"
#include "base/compare.h"
#include "base/guc_scope.h"
#include "base/query.h"
#include "base/relation.h"
#include "base/renamed_column.h"
#include "base/results.h"
#include "base/settings.h"
#include "base/slot.h"
#include "base/user_query.h"

PG_FUNCTION_INFO_V1(menuca_access_overhead);

/* A difference per query, in ms, that nobody can notice. */
#define NOTICEABLE_MS 0.05

/* The queries: their tables, what they count, the joins, and whose restaurant it is. */
static const struct
{
	const char *name;
	const char *tables[3];
	const char *counted;
	const char *joins[3];		/* each ends where a column follows */
	const char *references[3];	/* these columns, as they were called once */
	int			referring[3];	/* the tables that they are in */
	const char *where;
}			queries[] = {

	{
		"menu", {"dishes", "courses", NULL}, "count(d.id) OPERATOR(pg_catalog.+) pg_catalog.count(c.id)",
		{"FROM %s AS d", " LEFT JOIN %s AS c ON c.id OPERATOR(pg_catalog.=) d.", NULL},
		{NULL, "course_id"}, {0, 0},
		"d"
	},
	{
		"combos", {"combo_groups", "combo_items", "dishes"}, "count(d.id)",
		{"FROM %s AS g", " JOIN %s AS i ON g.id OPERATOR(pg_catalog.=) i.",
		" JOIN %s AS d ON d.id OPERATOR(pg_catalog.=) i."},
		{NULL, "combo_group_id", "dish_id"}, {0, 1, 1},
		"g"
	}
};

/* State of one measurement, in an attempt. */
typedef struct Measurement
{
	AccessOverhead *overhead;	/* the result */
	const List *wanted;			/* WantedAccesses of all tables */
	int			query;			/* which of queries[] */
	int			pairs;			/* of executions */
	SPIPlanPtr	role_plan;
	UserQuery  *owner_query;
	PlannedStmt *owner_plan;
	char	   *claims;
} Measurement;

/* A receiver that keeps the one bigint of a query. */
typedef struct CountReceiver
{
	DestReceiver pub;
	int64	   *counted;
} CountReceiver;

static int64 busiest_restaurant(const List *wanted, int query);
static const WantedAccess *find_measurable(const List *wanted, const char *name);
static const WantedAccess *require_measurable(const List *wanted, const char *name);
static void measure_overhead(void *arg);
static void judge_overhead(AccessOverhead *overhead);
static char *write_query(const Measurement *m, bool with_conditions);
static char *reference_column(const Measurement *m, int i);
static SPIPlanPtr prepare_query(const char *sql);
static double execute_once(const Measurement *m, bool as_role, int64 *counted);
static void execute_for_role(const Measurement *m, int64 *counted);
static void execute_with_conditions(const Measurement *m, int64 *counted);
static bool keep_counted(TupleTableSlot *slot, DestReceiver *self);
static void ignore_startup(DestReceiver *self, int operation, TupleDesc typeinfo);
static void ignore_receiver(DestReceiver *self);


/* menuca_access_overhead(restaurant_id, executions): a row per query and role. */
Datum
menuca_access_overhead(PG_FUNCTION_ARGS)
{
	ReturnSetInfo *rsinfo = (ReturnSetInfo *) fcinfo->resultinfo;
	int			pairs = argument_int4(fcinfo, 1, "executions");
	ListCell   *lc;

	if (pairs < 3 || pairs > 100000)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("executions must be between 3 and 100000"),
				 errdetail("A single execution proves nothing. Nothing was measured."),
				 errhint("Omit it to use 201.")));
	InitMaterializedSRF(fcinfo, 0);
	foreach(lc, access_overhead(PG_ARGISNULL(0) ? 0 : PG_GETARG_INT64(0), pairs))
	{
		const AccessOverhead *overhead = lfirst(lc);
		bool		measured = overhead->status != CHECK_SKIP;
		Datum		values[10];
		bool		nulls[10] = {0};

		values[0] = CStringGetTextDatum(overhead->query);
		values[1] = CStringGetTextDatum(overhead->kind);
		values[2] = CStringGetTextDatum(access_role_name(overhead->role));
		values[3] = Int64GetDatum(overhead->restaurant);
		values[4] = Int64GetDatum(overhead->counted);
		values[5] = result_numeric(overhead->owner_ms, 4);
		values[6] = result_numeric(overhead->role_ms, 4);
		values[7] = result_numeric(overhead->pct, 2);
		for (int i = 4; i < 8; i++)
			nulls[i] = !measured;
		values[8] = CStringGetTextDatum(finding_status_name(overhead->status));
		values[9] = result_text(overhead->detail, &nulls[9]);
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
				overhead->status = CHECK_SKIP;
				overhead->detail = attempt_message(error);
			}
			results = lappend(results, overhead);
		}
	}
	return results;
}

/*
 * The restaurant with the most rows to count: of combos, that with the most items,
 * since the one with the most dishes may have none; otherwise and without items,
 * that with the most dishes.
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
		restaurant = query_int8(psprintf("SELECT g.%s::int8 FROM %s g JOIN"
										 " (SELECT %s AS id, count(*) AS n FROM %s GROUP BY 1) i ON i.id = g.id"
										 " GROUP BY 1 ORDER BY sum(i.n) DESC, 1 LIMIT 1",
										 quote_identifier(groups->tenant_key->column), relation_quoted_name(groups->relid),
										 column_quoted(items->relid, renamed_column_require(items->relid, "combo_group_id")),
										 relation_quoted_name(items->relid)), NULL);
		if (restaurant != 0)
			return restaurant;
	}
	return query_int8(psprintf("SELECT %1$s::int8 FROM %2$s GROUP BY %1$s ORDER BY count(*) DESC, 1 LIMIT 1",
							   quote_identifier(dishes->tenant_key->column),
							   relation_quoted_name(dishes->relid)), NULL);
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

/* Called in a subtransaction that is undone, and with it the scope. */
static void
measure_overhead(void *arg)
{
	Measurement *m = arg;
	AccessOverhead *overhead = m->overhead;
	double	   *owner = palloc(sizeof(double) * m->pairs);
	double	   *role = palloc(sizeof(double) * m->pairs);
	double	   *ratio = palloc(sizeof(double) * m->pairs);
	int64		by_owner = 0;
	int64		by_role = 0;
	int			scope = guc_scope_begin_pg_catalog();	/* as in policies */

	if (SPI_connect() != SPI_OK_CONNECT)
		elog(ERROR, "SPI_connect failed");
	m->owner_query = user_query_analyze(write_query(m, true), NULL, true);
	m->owner_plan = user_query_plan(m->owner_query);
	m->role_plan = prepare_query(write_query(m, false));

	/* The first executions plan and fill the caches; they do not count. */
	execute_once(m, true, &by_role);
	execute_once(m, false, &by_owner);
	for (int i = 0; i < m->pairs; i++)
	{
		bool		role_first = i % 2 == 0;

		if (role_first)
			role[i] = execute_once(m, true, &by_role);
		owner[i] = execute_once(m, false, &by_owner);
		if (!role_first)
			role[i] = execute_once(m, true, &by_role);
		ratio[i] = owner[i] > 0 ? role[i] / owner[i] : 1;
	}
	overhead->owner_ms = compare_median(owner, m->pairs);
	overhead->role_ms = compare_median(role, m->pairs);
	overhead->pct = 100.0 * (compare_median(ratio, m->pairs) - 1);
	overhead->counted = by_owner;
	SPI_finish();
	guc_scope_end(scope);

	judge_overhead(overhead);
	if (by_owner != by_role)
	{
		overhead->status = CHECK_FAIL;
		overhead->detail = psprintf("the role counts %lld, the caller with the same conditions %lld: the policies are not as wanted",
									(long long) by_role, (long long) by_owner);
	}
	else if (by_owner == 0)
	{
		overhead->status = CHECK_SKIP;
		overhead->detail = psprintf("the query finds no row for restaurant %lld, so nothing was measured",
									(long long) overhead->restaurant);
	}
	else
		overhead->detail = psprintf("%s; medians of %d pairs of executions", overhead->detail, m->pairs);
}

static void
judge_overhead(AccessOverhead *overhead)
{
	double		extra_ms = overhead->pct / 100.0 * overhead->owner_ms;

	overhead->status = overhead->pct < menuca_max_access_overhead / 2 ? CHECK_PASS :
		overhead->pct < menuca_max_access_overhead ? CHECK_WARN : CHECK_FAIL;
	overhead->detail = psprintf("%+.4f ms per query", extra_ms);
	if (overhead->status == CHECK_FAIL && extra_ms < NOTICEABLE_MS)
	{
		overhead->status = CHECK_WARN;
		overhead->detail = psprintf("%s, less than %.2f ms: too little to notice, whatever its percentage",
									overhead->detail, NOTICEABLE_MS);
	}
}

/* with_conditions: reads only the rows that the policies of the role allow. */
static char *
write_query(const Measurement *m, bool with_conditions)
{
	char	   *value = psprintf(INT64_FORMAT, m->overhead->restaurant);
	StringInfoData sql;
	const WantedAccess *first = require_measurable(m->wanted, queries[m->query].tables[0]);

	initStringInfo(&sql);
	appendStringInfo(&sql, "SELECT pg_catalog.%s ", queries[m->query].counted);
	for (int i = 0; i < 3 && queries[m->query].tables[i]; i++)
	{
		const WantedAccess *table = require_measurable(m->wanted, queries[m->query].tables[i]);
		char	   *from = relation_quoted_name(table->relid);
		const char *place = strstr(queries[m->query].joins[i], "%s");
		char	   *public = table->public_expr ?
			access_expression_text(table->relid, table->public_expr) : "false";

		if (with_conditions)
			from = psprintf("(SELECT * FROM %s WHERE (%s)%s%s)", from, public,
							m->overhead->role == ROLE_TENANT && table->tenant_key ? " OR " : "",
							m->overhead->role == ROLE_TENANT && table->tenant_key ?
							wanted_access_condition_of_tenant(table, value) : "");
		appendBinaryStringInfo(&sql, queries[m->query].joins[i],
							   place - queries[m->query].joins[i]);
		appendStringInfoString(&sql, from);
		appendStringInfoString(&sql, place + 2);
		if (queries[m->query].references[i])
			appendStringInfoString(&sql, reference_column(m, i));
	}
	appendStringInfo(&sql, " WHERE %s.%s OPERATOR(pg_catalog.=) %s", queries[m->query].where,
					 quote_identifier(first->tenant_key->column), value);
	return sql.data;
}

/* The column by which the query's join i refers to another table, as it is called now. */
static char *
reference_column(const Measurement *m, int i)
{
	const WantedAccess *table = require_measurable(m->wanted,
												   queries[m->query].tables[queries[m->query].referring[i]]);

	return column_quoted(table->relid,
						 renamed_column_require(table->relid, queries[m->query].references[i]));
}

static SPIPlanPtr
prepare_query(const char *sql)
{
	SPIPlanPtr	plan = SPI_prepare(sql, 0, NULL);

	if (plan == NULL)
		elog(ERROR, "SPI_prepare failed: %s", SPI_result_code_string(SPI_result));
	return plan;
}

/* Returns the time in ms; *counted is set to the query's result. */
static double
execute_once(const Measurement *m, bool as_role, int64 *counted)
{
	instr_time	begun;
	instr_time	taken;

	CHECK_FOR_INTERRUPTS();
	if (as_role)
	{
		AccessSession session = access_session_begin(m->overhead->role, m->claims);

		INSTR_TIME_SET_CURRENT(begun);
		execute_for_role(m, counted);
		INSTR_TIME_SET_CURRENT(taken);
		access_session_end(&session);
	}
	else
	{
		INSTR_TIME_SET_CURRENT(begun);
		execute_with_conditions(m, counted);
		INSTR_TIME_SET_CURRENT(taken);
	}
	INSTR_TIME_SUBTRACT(taken, begun);
	return INSTR_TIME_GET_MILLISEC(taken);
}

static void
execute_for_role(const Measurement *m, int64 *counted)
{
	bool		isnull;

	if (SPI_execute_plan(m->role_plan, NULL, NULL, true, 0) != SPI_OK_SELECT || SPI_processed != 1)
		elog(ERROR, "the query did not return one row");
	*counted = DatumGetInt64(SPI_getbinval(SPI_tuptable->vals[0], SPI_tuptable->tupdesc,
										   1, &isnull));
	SPI_freetuptable(SPI_tuptable);
}

/*
 * The conditions are what somebody wrote into menuca_wanted_access, so they are
 * executed as nobody.
 */
static void
execute_with_conditions(const Measurement *m, int64 *counted)
{
	CountReceiver receiver = {
		.pub = {
			.receiveSlot = keep_counted,
			.rStartup = ignore_startup,
			.rShutdown = ignore_receiver,
			.rDestroy = ignore_receiver,
			.mydest = DestNone
		},
		.counted = counted
	};

	(void) user_query_execute(m->owner_query, m->owner_plan, &receiver.pub);
}

static bool
keep_counted(TupleTableSlot *slot, DestReceiver *self)
{
	slot_getallattrs(slot);
	*((CountReceiver *) self)->counted = slot_int8(slot, 0);
	return true;
}

static void
ignore_startup(pg_attribute_unused() DestReceiver *self, pg_attribute_unused() int operation,
			   pg_attribute_unused() TupleDesc typeinfo)
{
}

static void
ignore_receiver(pg_attribute_unused() DestReceiver *self)
{
}

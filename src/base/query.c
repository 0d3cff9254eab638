/*-------------------------------------------------------------------------
 *
 * query.c
 *	  Running SQL from C: see query.h.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "access/xact.h"
#include "access/xlog.h"
#include "catalog/pg_type.h"
#include "executor/spi.h"
#include "miscadmin.h"
#include "nodes/params.h"
#include "tcop/dest.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/fmgrprotos.h"
#include "utils/guc.h"
#include "utils/memutils.h"
#include "utils/snapmgr.h"

#include "base/function_right.h"
#include "base/guc_scope.h"
#include "base/kept_plan.h"
#include "base/query.h"
#include "base/settings.h"
#include "base/slot.h"
#include "base/user_query.h"

/* A receiver that hands each row to a function instead of storing it. */
typedef struct RowReceiver
{
	DestReceiver pub;
	QueryRowFn	fn;
	void	   *arg;
	const UserQuery *query;		/* that the rows are of; NULL: the caller's
								 * statement */
	MemoryContext row_context;
	TupleDesc	row_type;		/* the query's columns, by name */
	TupleDesc	plan_type;		/* the descriptor of the plan's slot */
	TupleTableSlot *named;		/* a slot of row_type, if plan_type lacks
								 * names */
} RowReceiver;

static uint64 execute_user_query(UserQuery *query, PlannedStmt *plan, RowReceiver *receiver);
static uint64 execute_query(const char *sql, QueryArgs *args, RowReceiver *receiver);
static uint64 execute_statement(const char *sql, QueryArgs *args, bool read_only, RowReceiver *receiver);
static ParamListInfo make_params(const QueryArgs *args);
static void add_context(void *arg);
static void begin_rows(DestReceiver *self, int operation, TupleDesc typeinfo);
static bool receive_row(TupleTableSlot *slot, DestReceiver *self);
static void end_rows(DestReceiver *self);
static void ignore_destroy(DestReceiver *self);
static RowReceiver row_receiver(QueryRowFn fn, void *arg);
static void take_int8(TupleTableSlot *slot, void *arg);
static void take_bool(TupleTableSlot *slot, void *arg);
static void take_text(TupleTableSlot *slot, void *arg);
static void *make_string(TupleTableSlot *slot);
static void add_made(TupleTableSlot *slot, void *arg);


uint64
query_each(const char *sql, QueryArgs *args, QueryRowFn fn, void *arg)
{
	RowReceiver receiver = row_receiver(fn, arg);
	int			level = guc_scope_begin_pg_catalog();
	uint64		rows = execute_query(sql, args, &receiver);

	guc_scope_end(level);

	return rows;
}

uint64
query_write(const char *sql, QueryArgs *args, QueryRowFn fn, void *arg)
{
	RowReceiver receiver = row_receiver(fn, arg);

	return execute_statement(sql, args, false, &receiver);
}

uint64
query_each_as_role(const char *sql, QueryArgs *args, QueryRowFn fn, void *arg)
{
	RowReceiver receiver = row_receiver(fn, arg);

	return execute_statement(sql, args, true, &receiver);
}

int64
query_int8(const char *sql, QueryArgs *args)
{
	int64		result = 0;

	query_each(sql, args, take_int8, &result);
	return result;
}

bool
query_bool(const char *sql, QueryArgs *args)
{
	bool		result = false;

	query_each(sql, args, take_bool, &result);
	return result;
}

/* Not with EXISTS, for which a distributed server may fetch all rows. */
bool
query_has_rows(const char *table)
{
	return query_int8(psprintf("SELECT count(*) FROM (SELECT 1 FROM %s LIMIT 1) t", table), NULL) > 0;
}

/* State of query_text(); context is its caller's. */
typedef struct TextResult
{
	MemoryContext context;
	char	   *text;
} TextResult;

char *
query_text(const char *sql, QueryArgs *args)
{
	TextResult	result = {CurrentMemoryContext, NULL};

	query_each(sql, args, take_text, &result);
	return result.text;
}

/* State of query_list(); context is its caller's. */
typedef struct MadeList
{
	MemoryContext context;
	QueryMakeFn fn;
	List	   *made;
} MadeList;

List *
query_list(const char *sql, QueryArgs *args, QueryMakeFn fn)
{
	MadeList	list = {CurrentMemoryContext, fn, NIL};

	query_each(sql, args, add_made, &list);
	return list.made;
}

List *
query_texts(const char *sql, QueryArgs *args)
{
	return query_list(sql, args, make_string);
}

void
query_arg(QueryArgs *args, Oid type, Datum value, bool isnull)
{
	Assert(args->count < QUERY_MAX_ARGS);
	args->types[args->count] = type;
	args->values[args->count] = value;
	args->nulls[args->count] = isnull;
	args->count++;
}

void
query_arg_text(QueryArgs *args, const char *value)
{
	query_arg(args, TEXTOID,
			  value ? CStringGetTextDatum(value) : (Datum) 0, value == NULL);
}

void
query_arg_int8(QueryArgs *args, int64 value)
{
	query_arg(args, INT8OID, Int64GetDatum(value), false);
}

void
query_arg_uuid(QueryArgs *args, const pg_uuid_t *value)
{
	query_arg(args, UUIDOID, value ? UUIDPGetDatum(value) : (Datum) 0, value == NULL);
}

void
query_arg_json(QueryArgs *args, const char *json)
{
	query_arg(args, JSONBOID,
			  json ? DirectFunctionCall1(jsonb_in, CStringGetDatum(json)) : (Datum) 0,
			  json == NULL);
}

Datum
query_int8_array(const int64 *values, const bool *nulls, int n)
{
	Datum	   *datums = palloc(sizeof(Datum) * Max(n, 1));
	int			dims[1] = {n};
	int			lbounds[1] = {1};
	ArrayType  *array;

	for (int i = 0; i < n; i++)
		datums[i] = Int64GetDatum(values[i]);
	array = construct_md_array(datums, unconstify(bool *, nulls), n > 0 ? 1 : 0,
							   dims, lbounds, INT8OID, sizeof(int64),
							   FLOAT8PASSBYVAL, TYPALIGN_DOUBLE);
	pfree(datums);

	return PointerGetDatum(array);
}

void
query_begin_snapshot(void)
{
	CommandCounterIncrement();
	PushActiveSnapshot(GetTransactionSnapshot());
}

void
query_end_snapshot(void)
{
	PopActiveSnapshot();
}

void
query_require_writable(const char *what)
{
	if (XactReadOnly)
		ereport(ERROR,
				(errcode(ERRCODE_READ_ONLY_SQL_TRANSACTION),
				 errmsg("cannot execute %s in a read-only transaction", what),
				 errdetail("Nothing was changed."),
				 DefaultXactReadOnly && !RecoveryInProgress() ?
				 errhint("New sessions of this database are read-only, or this one is. To write all the same: SET default_transaction_read_only = off; and inside of a transaction, as its first statement: SET transaction_read_only = off; then call it again.") :
				 errhint("On a primary server: SET TRANSACTION READ WRITE; a standby is read-only.")));
}

void
query_require_read_committed(const char *what)
{
	if (IsolationUsesXactSnapshot())
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_TRANSACTION_STATE),
				 errmsg("%s must run at isolation level READ COMMITTED", what),
				 errdetail("At a higher level, rows that another session commits just before the table is locked would not be seen. Nothing was changed."),
				 errhint("BEGIN ISOLATION LEVEL READ COMMITTED; or call it outside of a transaction block.")));
}

static void
begin_rows(DestReceiver *self, pg_attribute_unused() int operation, TupleDesc typeinfo)
{
	RowReceiver *receiver = (RowReceiver *) self;

	receiver->row_type = typeinfo;
	receiver->plan_type = NULL;
	receiver->named = NULL;
}

/*
 * The row in a slot whose columns have the query's names: a plan's inner nodes
 * do not name theirs, and a Limit, for one, passes their slots on.
 */
static TupleTableSlot *
name_columns(RowReceiver *receiver, TupleTableSlot *slot)
{
	if (receiver->plan_type != slot->tts_tupleDescriptor)
	{
		bool		named = true;

		receiver->plan_type = slot->tts_tupleDescriptor;
		for (int i = 0; i < receiver->row_type->natts; i++)
			named &= strcmp(NameStr(TupleDescAttr(receiver->row_type, i)->attname),
							NameStr(TupleDescAttr(receiver->plan_type, i)->attname)) == 0;
		if (receiver->named)
			ExecDropSingleTupleTableSlot(receiver->named);
		receiver->named = named ? NULL :
			MakeSingleTupleTableSlot(receiver->row_type, &TTSOpsVirtual);
	}
	if (receiver->named == NULL)
		return slot;

	ExecClearTuple(receiver->named);
	memcpy(receiver->named->tts_values, slot->tts_values,
		   receiver->row_type->natts * sizeof(Datum));
	memcpy(receiver->named->tts_isnull, slot->tts_isnull,
		   receiver->row_type->natts * sizeof(bool));
	return ExecStoreVirtualTuple(receiver->named);
}

static bool
receive_row(TupleTableSlot *slot, DestReceiver *self)
{
	RowReceiver *receiver = (RowReceiver *) self;

	CHECK_FOR_INTERRUPTS();
	if (receiver->fn)
	{
		MemoryContext old;

		slot_getallattrs(slot);
		slot = name_columns(receiver, slot);
		old = MemoryContextSwitchTo(receiver->row_context);
		if (receiver->query)
			user_query_pause(receiver->query);
		receiver->fn(slot, receiver->arg);
		if (receiver->query)
			user_query_resume(receiver->query);
		MemoryContextSwitchTo(old);
		MemoryContextReset(receiver->row_context);
	}
	return true;
}

static void
end_rows(DestReceiver *self)
{
	RowReceiver *receiver = (RowReceiver *) self;

	if (receiver->named)
		ExecDropSingleTupleTableSlot(receiver->named);
	receiver->named = NULL;
}

static void
ignore_destroy(pg_attribute_unused() DestReceiver *self)
{
}

/* Executes one statement, whose rows' errors name its table; returns SPI's code. */
static int
execute_known_to_slots(const char *sql, QueryArgs *args, const SPIExecuteOptions *options)
{
	const char *outer = slot_set_query(sql);
	volatile int rc = 0;

	PG_TRY();
	{
		if (args && args->keep)
			rc = SPI_execute_plan_extended(kept_plan_spi(sql, args->count, args->types), options);
		else
			rc = SPI_execute_extended(sql, options);
	}
	PG_FINALLY();
	{
		slot_set_query(outer);
	}
	PG_END_TRY();
	return rc;
}

static RowReceiver
row_receiver(QueryRowFn fn, void *arg)
{
	RowReceiver receiver = {
		.pub = {
			.receiveSlot = receive_row,
			.rStartup = begin_rows,
			.rShutdown = end_rows,
			.rDestroy = ignore_destroy,
			.mydest = DestNone
		},
		.fn = fn,
		.arg = arg
	};

	return receiver;
}

/* Executes a query, whose rows' errors name its table. */
static uint64
execute_user_query(UserQuery *query, PlannedStmt *plan, RowReceiver *receiver)
{
	const char *outer = slot_set_query(query->sql);
	volatile uint64 rows = 0;

	PG_TRY();
	{
		rows = user_query_execute(query, plan, &receiver->pub);
	}
	PG_FINALLY();
	{
		slot_set_query(outer);
	}
	PG_END_TRY();
	return rows;
}

/*
 * Executes a SELECT and hands its rows to the receiver.  Past SPI, which would
 * plan and execute it as the caller.
 */
static uint64
execute_query(const char *sql, QueryArgs *args, RowReceiver *receiver)
{
	MemoryContext context = AllocSetContextCreate(CurrentMemoryContext, "menuca query",
												  ALLOCSET_DEFAULT_SIZES);
	MemoryContext old = MemoryContextSwitchTo(context);
	ErrorContextCallback callback = {
		.previous = error_context_stack,
		.callback = add_context,
		.arg = unconstify(char *, sql)
	};
	bool		push = !ActiveSnapshotSet();
	ParamListInfo params = make_params(args);
	UserQuery  *query;
	PlannedStmt *plan;
	uint64		rows;

	settings_require();
	if (args == NULL || !args->keep)
		(void) function_require_rights(sql);
	error_context_stack = &callback;
	if (push)
		PushActiveSnapshot(GetTransactionSnapshot());
	if (args && args->keep)
		plan = kept_plan_select(sql, args->count, args->types, args->few, params, &query);
	else
	{
		query = user_query_analyze(sql, params, false);
		plan = user_query_plan(query);
	}
	receiver->query = query;
	receiver->row_context = AllocSetContextCreate(context, "menuca row", ALLOCSET_DEFAULT_SIZES);
	rows = execute_user_query(query, plan, receiver);
	if (push)
		PopActiveSnapshot();
	error_context_stack = callback.previous;

	MemoryContextSwitchTo(old);
	MemoryContextDelete(context);
	return rows;
}

/* As SPI does it */
static void
add_context(void *arg)
{
	int			position = geterrposition();

	if (position > 0)
	{
		errposition(0);
		internalerrposition(position);
		internalerrquery(arg);
	}
	else
		errcontext("SQL statement \"%s\"", (char *) arg);
}

/* Executes a statement as the caller; read_only: under the active query snapshot. */
static uint64
execute_statement(const char *sql, QueryArgs *args, bool read_only, RowReceiver *receiver)
{
	SPIExecuteOptions options = {0};
	uint64		rows;
	int			rc;

	settings_require();
	if (args == NULL || !args->keep)
		(void) function_require_rights(sql);
	if (SPI_connect() != SPI_OK_CONNECT)
		elog(ERROR, "SPI_connect failed");

	receiver->row_context = AllocSetContextCreate(CurrentMemoryContext,
												  "menuca row",
												  ALLOCSET_DEFAULT_SIZES);
	options.params = make_params(args);
	options.read_only = read_only;
	options.dest = &receiver->pub;
	rc = execute_known_to_slots(sql, args, &options);
	if (rc < 0)
		ereport(ERROR,
				(errcode(ERRCODE_SYNTAX_ERROR),
				 errmsg("a statement could not be executed: %s", SPI_result_code_string(rc)),
				 errdetail("The statement is: %s", sql)));
	rows = SPI_processed;
	SPI_finish();

	return rows;
}

/* NULL when there is none. */
static ParamListInfo
make_params(const QueryArgs *args)
{
	ParamListInfo params;

	if (args == NULL || args->count == 0)
		return NULL;
	params = makeParamList(args->count);
	for (int i = 0; i < args->count; i++)
	{
		params->params[i].ptype = args->types[i];
		params->params[i].value = args->values[i];
		params->params[i].isnull = args->nulls[i];
		params->params[i].pflags = PARAM_FLAG_CONST;
	}
	return params;
}

static void
take_int8(TupleTableSlot *slot, void *arg)
{
	if (!slot->tts_isnull[0])
		*(int64 *) arg = slot_int8(slot, 0);
}

static void
take_bool(TupleTableSlot *slot, void *arg)
{
	*(bool *) arg = !slot->tts_isnull[0] && slot_bool(slot, 0);
}

static void
take_text(TupleTableSlot *slot, void *arg)
{
	TextResult *result = arg;
	MemoryContext old;

	if (slot->tts_isnull[0])
		return;
	old = MemoryContextSwitchTo(result->context);
	result->text = slot_text(slot, 0);
	MemoryContextSwitchTo(old);
}

static void *
make_string(TupleTableSlot *slot)
{
	return slot_text(slot, 0);
}

static void
add_made(TupleTableSlot *slot, void *arg)
{
	MadeList   *list = arg;
	MemoryContext old = MemoryContextSwitchTo(list->context);

	list->made = lappend(list->made, list->fn(slot));
	MemoryContextSwitchTo(old);
}

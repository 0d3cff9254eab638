/*-------------------------------------------------------------------------
 *
 * access_rollback.c
 *	  Undoing what deployments of the access changed, and nothing else.
 *
 * menuca_rollback_access(dry_run, tables, lock_timeout)
 * CALL menuca_rollback_access_by_table(dry_run, tables, lock_timeout)
 *
 * The function locks all tables together, before any is changed, the procedure one
 * after the other, as deployments do.  Each table is rolled back in a subtransaction
 * of its own: see access_reversal.c.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "fmgr.h"
#include "funcapi.h"
#include "miscadmin.h"
#include "utils/builtins.h"

#include "access/access_deploy.h"
#include "access/access_ledger.h"
#include "access/access_reversal.h"
#include "access/access_rounds.h"
#include "access/uncovered_tables.h"
#include "base/arguments.h"
#include "base/extension.h"
#include "base/given_call.h"
#include "base/procedure_call.h"
#include "base/query.h"
#include "base/relation.h"
#include "base/results.h"
#include "base/statement.h"
#include "base/table_lock.h"

PG_FUNCTION_INFO_V1(menuca_rollback_access);
PG_FUNCTION_INFO_V1(menuca_rollback_access_by_table);

static int	compare_reversals(const ListCell *a, const ListCell *b);
static void lock_rolled_back(const List *reversals, int timeout, const char *arguments);
static void return_rollback(ReturnSetInfo *rsinfo, const AccessReversal *reversal, const char *next_step);
static bool roll_back_table(void *table);
static void explain_busy_rollbacks(const List *reversals, int timeout);
static Datum access_rollback_result(FunctionCallInfo fcinfo, List *reversals, bool dry_run, const char *real_call);


/* menuca_rollback_access(...): a row per table, and one for the schemas. */
Datum
menuca_rollback_access(PG_FUNCTION_ARGS)
{
	ReturnSetInfo *rsinfo = (ReturnSetInfo *) fcinfo->resultinfo;
	bool		dry_run = argument_bool(fcinfo, 0, "dry_run");
	List	   *names = argument_text_list(fcinfo, 1, "tables");
	int			timeout = argument_milliseconds(fcinfo, 2, "lock_timeout");
	char	   *real_call = given_call_for_real(fcinfo);
	List	   *reversals;
	ListCell   *lc;

	if (!dry_run)
	{
		query_require_writable("menuca_rollback_access(dry_run := false)");
		query_require_read_committed("menuca_rollback_access");
		statement_require_first("menuca_rollback_access", "the tables",
								real_call);
		access_ledger_open(false);
	}
	access_ledger_require_tables(names);
	if (names)
		names = list_concat_copy(names, uncovered_table_parts(names));
	reversals = access_reversals_make(names, dry_run, false);
	if (!dry_run)
		lock_rolled_back(reversals, timeout, access_deploy_arguments(names, true));
	foreach(lc, reversals)
	{
		CHECK_FOR_INTERRUPTS();
		access_reversal_carry_out(lfirst(lc));
	}

	list_sort(reversals, compare_reversals);
	InitMaterializedSRF(fcinfo, 0);
	foreach(lc, reversals)
	{
		AccessReversal *reversal = lfirst(lc);

		return_rollback(rsinfo, reversal,
						dry_run || strcmp(reversal->status, "failed") == 0 ? real_call :
						migrate_call("SELECT * FROM menuca_rollback_guide();"));
	}
	if (!dry_run)
		statement_allow_again("menuca_rollback_access");
	return (Datum) 0;
}

/* By table, the schemas last. */
static int
compare_reversals(const ListCell *a, const ListCell *b)
{
	const char *name = ((const AccessReversal *) lfirst(a))->table;
	const char *other = ((const AccessReversal *) lfirst(b))->table;

	return name && other ? strcmp(name, other) : (name == NULL) - (other == NULL);
}

/* Tables that the caller does not own are not locked: their rollback fails. */
static void
lock_rolled_back(const List *reversals, int timeout, const char *arguments)
{
	List	   *relids = NIL;
	const ListCell *lc;

	foreach(lc, reversals)
	{
		const AccessReversal *reversal = lfirst(lc);

		if (OidIsValid(reversal->relid) && relation_is_owned(reversal->relid))
			relids = lappend_oid(relids, reversal->relid);
	}
	if (relids)
		table_lock_take_all(relids, AccessExclusiveLock, timeout, "Nothing was changed.",
							migrate_call("Or roll back one table after the other, which waits for each by itself: CALL menuca_rollback_access_by_table(dry_run => false%s);", arguments));
}

static void
return_rollback(ReturnSetInfo *rsinfo, const AccessReversal *reversal, const char *next_step)
{
	Datum		values[10];
	bool		nulls[10] = {0};

	values[0] = result_text(reversal->table, &nulls[0]);
	values[1] = BoolGetDatum(reversal->dry_run);
	values[2] = CStringGetTextDatum(reversal->status);
	values[3] = Int32GetDatum(reversal->dropped);
	values[4] = Int32GetDatum(reversal->changed);
	values[5] = Int32GetDatum(reversal->gone);
	values[6] = Int32GetDatum(reversal->grants);
	values[7] = BoolGetDatum(reversal->rls_off);
	values[8] = result_text_array(reversal->reasons);
	values[9] = CStringGetTextDatum(next_step);
	tuplestore_putvalues(rsinfo->setResult, rsinfo->setDesc, values, nulls);
}

/*
 * menuca_rollback_access_by_table: the arguments of menuca_rollback_access, and INOUT
 * ones for the result.
 */
Datum
menuca_rollback_access_by_table(PG_FUNCTION_ARGS)
{
	bool		dry_run = argument_bool(fcinfo, 0, "dry_run");
	List	   *names = argument_text_list(fcinfo, 1, "tables");
	int			timeout = argument_milliseconds(fcinfo, 2, "lock_timeout");
	char	   *real_call = given_call_for_real(fcinfo);
	List	   *reversals;
	ListCell   *lc;

	if (!dry_run)
	{
		procedure_require_commits(fcinfo, "menuca_rollback_access_by_table", real_call,
								  migrate_call("To roll back in a single transaction, in which all tables are locked until it ends: SELECT * FROM menuca_rollback_access(dry_run => false%s);",
											   access_deploy_arguments(names, true)));
		query_require_writable("menuca_rollback_access_by_table(dry_run := false)");
		query_require_read_committed("menuca_rollback_access_by_table");
	}
	access_ledger_require_tables(names);
	if (names)
		names = list_concat_copy(names, uncovered_table_parts(names));
	reversals = access_reversals_make(names, dry_run, true);
	if (dry_run)
	{
		foreach(lc, reversals)
			access_reversal_carry_out(lfirst(lc));
	}
	else
	{
		int			tables = list_length(reversals);

		/* The schemas, which are the last, after all rounds of the tables. */
		if (reversals && ((AccessReversal *) llast(reversals))->table == NULL)
			tables--;
		access_rounds_run(list_copy_head(reversals, tables), roll_back_table, timeout);
		if (tables < list_length(reversals))
			access_rounds_run(list_make1(llast(reversals)), roll_back_table, timeout);
		explain_busy_rollbacks(reversals, timeout);
	}
	return access_rollback_result(fcinfo, reversals, dry_run, real_call);
}

static bool
roll_back_table(void *table)
{
	access_reversal_carry_out(table);
	return strcmp(((AccessReversal *) table)->status, "busy") != 0;
}

static void
explain_busy_rollbacks(const List *reversals, int timeout)
{
	const ListCell *lc;

	foreach(lc, reversals)
	{
		AccessReversal *reversal = lfirst(lc);

		if (strcmp(reversal->status, "busy") != 0)
			continue;
		reversal->status = "failed";
		if (OidIsValid(reversal->relid) && reversal->reasons == NIL)
			reversal->reasons = list_make1(access_rounds_reason(reversal->relid, timeout));
	}
}

static Datum
access_rollback_result(FunctionCallInfo fcinfo, List *reversals, bool dry_run, const char *real_call)
{
	List	   *undone = NIL;
	List	   *kept = NIL;
	List	   *failed = NIL;
	bool		in_part = false;
	Datum		values[5];
	bool		nulls[5] = {0};
	const ListCell *lc;

	list_sort(reversals, compare_reversals);
	foreach(lc, reversals)
	{
		const AccessReversal *reversal = lfirst(lc);
		char	   *name = reversal->table ? reversal->table : "the schemas";
		const ListCell *reason;

		if (strcmp(reversal->status, "failed") == 0)
			failed = lappend(failed, psprintf("%s: %s", name, (char *) linitial(reversal->reasons)));
		else
			undone = lappend(undone, name);
		in_part |= strstr(reversal->status, "in part") != NULL;
		foreach(reason, strcmp(reversal->status, "failed") == 0 ? NIL : reversal->reasons)
			kept = lappend(kept, psprintf("%s: %s", name, (char *) lfirst(reason)));
	}
	values[0] = CStringGetTextDatum(failed && !undone ? "failed" :
									dry_run ? "planned" : failed || in_part ? "undone in part" : "undone");
	values[1] = result_text_array(undone);
	values[2] = result_text_array(kept);
	values[3] = result_text_array(failed);
	values[4] = CStringGetTextDatum(dry_run || failed ? real_call : migrate_call("SELECT * FROM menuca_rollback_guide();"));
	return HeapTupleGetDatum(heap_form_tuple(result_row_type(fcinfo, "t" "a" "a" "a" "t"), values, nulls));
}

/*-------------------------------------------------------------------------
 *
 * accepted_change.c
 *	  Findings that a person has accepted: see accepted_change.h.
 *
 * menuca_accept_change(check_name, reason, source, target, id_column, dish_column,
 * group_column, order_column)
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "access/xlog.h"
#include "base/database_identity.h"
#include "catalog/pg_type.h"
#include "fmgr.h"
#include "miscadmin.h"
#include "utils/builtins.h"

#include "base/arguments.h"
#include "base/extension.h"
#include "base/extension_write.h"
#include "base/json.h"
#include "base/proposal.h"
#include "base/query.h"
#include "base/relation.h"
#include "base/settings.h"
#include "base/slot.h"
#include "check/accepted_change.h"
#include "target/table_counts.h"

PG_FUNCTION_INFO_V1(menuca_accept_change);

/* The member of a finding's metadata that says what can be accepted. */
#define FOUND "to_accept"

/* A row of menuca_validate() that is to be accepted. */
typedef struct ToAccept
{
	MemoryContext context;
	bool		exists;
	char	   *status;
	char	   *actual;
	char	   *found;			/* NULL: it cannot be accepted */
} ToAccept;

static void find_row(FunctionCallInfo fcinfo, const char *check, ToAccept *row);
static void take_row(TupleTableSlot *slot, void *arg);
static void require_acceptable(const char *check, const ToAccept *row);
static void record(const char *check, const char *reason, const char *target, Datum found);
static void *make_accepted_change(TupleTableSlot *slot);
static char *accepted_change_call(const Facts *facts, const char *check);


/* menuca_accept_change(...) returns what was accepted. */
Datum
menuca_accept_change(PG_FUNCTION_ARGS)
{
	char	   *check = argument_text(fcinfo, 0, "check_name");
	char	   *reason = argument_text(fcinfo, 1, "reason");
	ToAccept	row = {.context = CurrentMemoryContext};

	if (argument_says_nothing(reason))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("the reason must not be blank"),
				 errdetail("It was given as \"%s\". Nothing was accepted.", reason),
				 errhint("Say who changed the data, and why that is right.")));
	query_require_writable("menuca_accept_change()");
	(void) migrate_require_table("menuca_accepted_change", ACL_SELECT);
	find_row(fcinfo, check, &row);
	require_acceptable(check, &row);
	record(check, reason, argument_text(fcinfo, 3, "target"),
		   strcmp(row.found, ACCEPT_FIGURES_OF_NOW) == 0 ? table_counts() :
		   DirectFunctionCall1(jsonb_in, CStringGetDatum(row.found)));
	PG_RETURN_TEXT_P(cstring_to_text(psprintf("accepted: %s of check %s, %s", row.status, check,
											  row.actual ? row.actual : "without figures")));
}

/* The validation is called as users do, with the same arguments. */
static void
find_row(FunctionCallInfo fcinfo, const char *check, ToAccept *row)
{
	QueryArgs	args = {0};

	query_arg_text(&args, check);
	query_arg(&args, REGCLASSOID, PG_GETARG_DATUM(2), PG_ARGISNULL(2));
	for (int i = 3; i < 8; i++)
		query_arg_text(&args, PG_ARGISNULL(i) ? NULL : text_to_cstring(PG_GETARG_TEXT_PP(i)));
	query_begin_snapshot();
	query_each(psprintf("SELECT status, actual, metadata ->> '" FOUND "' FROM %smenuca_validate($2, $3, $4, $5, $6, $7)"
						" WHERE name = $1", migrate_schema()), &args, take_row, row);
	query_end_snapshot();
}

static void
take_row(TupleTableSlot *slot, void *arg)
{
	ToAccept   *row = arg;
	MemoryContext old = MemoryContextSwitchTo(row->context);

	row->exists = true;
	row->status = slot_text(slot, 0);
	row->actual = slot_text_or_null(slot, 1);
	row->found = slot_text_or_null(slot, 2);
	MemoryContextSwitchTo(old);
}

static void
require_acceptable(const char *check, const ToAccept *row)
{
	if (!row->exists)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("the validation has no check \"%s\"", check),
				 errdetail("Nothing was accepted."),
				 errhint("%s", migrate_call("SELECT name, status FROM menuca_validate();"))));
	if (row->found)
		return;
	ereport(ERROR,
			(errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
			 errmsg("check %s is %s, which cannot be accepted", check, row->status),
			 errdetail("What can be accepted is a WARN or FAIL of a check that compares with an earlier state. Nothing was accepted."),
			 errhint("%s", migrate_call("SELECT name, status, actual FROM menuca_validate() WHERE metadata ? '" FOUND "'; shows what can be accepted."))));
}

static void
record(const char *check, const char *reason, const char *target, Datum found)
{
	QueryArgs	args = {0};

	query_arg_text(&args, check);
	query_arg_text(&args, database_identity_name());
	query_arg_int8(&args, (int64) GetSystemIdentifier());
	query_arg_text(&args, menuca_target_schema);
	query_arg_text(&args, target);
	query_arg(&args, JSONBOID, found, false);
	query_arg_text(&args, reason);
	migrate_write("menuca_accepted_change",
				  psprintf("INSERT INTO %smenuca_accepted_change (check_name, database_name, system_identifier,"
						   " target_schema, target, found, reason) VALUES ($1, $2, $3, $4, $5, $6, $7)",
						   migrate_schema()),
				  &args, NULL, NULL);
}

void
accepted_change_apply(const Facts *facts, const char *check, const char *found,
					  Finding *finding)
{
	QueryArgs	args = {0};
	StringInfoData metadata;
	List	   *accepted = NIL;
	int			end = finding->metadata ? strlen(finding->metadata) - 1 : 0;

	if (finding->status != CHECK_WARN && finding->status != CHECK_FAIL)
		return;

	/* The metadata, a JSON object, gets one more member. */
	initStringInfo(&metadata);
	json_begin(&metadata);
	if (end > 1)
		appendBinaryStringInfo(&metadata, finding->metadata + 1, end - 1);
	json_raw(&metadata, FOUND, found);
	json_end(&metadata);
	finding->metadata = metadata.data;

	query_arg_text(&args, check);
	query_arg_text(&args, facts->target->schema);
	query_arg_text(&args, facts->target->junction->name);
	query_arg_json(&args, found);
	if (relation_may(migrate_table("menuca_accepted_change"), ACL_SELECT))
		accepted = query_list(psprintf("SELECT a.accepted_by, a.accepted_at::text, a.reason"
									   " FROM (SELECT * FROM %smenuca_accepted_change"
									   "  WHERE check_name = $1 AND target_schema = $2 AND target = $3"
									   "  ORDER BY change_id DESC LIMIT 1) a"
									   " WHERE NOT EXISTS (SELECT FROM jsonb_each($4) n WHERE CASE"
									   "  WHEN jsonb_typeof(n.value) = 'number' AND jsonb_typeof(a.found -> n.key) = 'number'"
									   "  THEN n.value > a.found -> n.key ELSE n.value IS DISTINCT FROM a.found -> n.key END)",
									   migrate_schema()),
							  &args, make_accepted_change);
	if (accepted == NIL)
	{
		/* Nobody is led to accept a loss before it was looked at. */
		if (finding->next_step == NULL && proposal_first(finding->remedy) == NULL)
			finding->next_step = migrate_call("SELECT * FROM menuca_check_backup();");
		finding->remedy = psprintf("%s%sIf this is as it should be: %s",
								   finding->remedy ? finding->remedy : "", finding->remedy ? " " : "",
								   accepted_change_call(facts, check));
		return;
	}
	finding->status = CHECK_PASS;
	finding->remedy = NULL;
	finding->detail = psprintf("%s%sAccepted by %s", finding->detail ? finding->detail : "",
							   finding->detail ? " " : "", (char *) linitial(accepted));
}

static void *
make_accepted_change(TupleTableSlot *slot)
{
	char	   *by = slot_text(slot, 0);
	char	   *at = slot_text(slot, 1);
	char	   *reason = slot_text(slot, 2);

	return psprintf("%s at %s: %s", by ? by : "?", at ? at : "?", reason ? reason : "?");
}

bool
accepted_change_exists(const char *check)
{
	QueryArgs	args = {0};

	if (!relation_may(migrate_table("menuca_accepted_change"), ACL_SELECT))
		return false;
	query_arg_text(&args, check);
	return query_bool(psprintf("SELECT EXISTS (SELECT FROM %smenuca_accepted_change WHERE check_name = $1)",
							   migrate_schema()), &args);
}

bool
accepted_change_has_run(const Facts *facts)
{
	QueryArgs	args = {0};

	if (!relation_may(migrate_table("menuca_run"), ACL_SELECT))
		return false;
	query_arg_text(&args, facts->target->schema);
	query_arg_text(&args, facts->target->junction->name);
	return query_bool(psprintf("SELECT EXISTS (SELECT FROM %smenuca_run WHERE target_schema = $1 AND target = $2"
							   " AND status IN ('completed', 'gate_failed') AND inserted > 0)",
							   migrate_schema()), &args);
}

/* The call of menuca_accept_change(), for a remedy. */
static char *
accepted_change_call(const Facts *facts, const char *check)
{
	return migrate_call("SELECT menuca_accept_change('%s', 'who changed it, and why'%s%s);", check,
						*facts->arguments ? ", " : "", facts->arguments);
}

/*-------------------------------------------------------------------------
 *
 * issue.c
 *	  Issues that people have found.
 *
 * menuca_report_issue(ticket, severity, title, who, note)
 * menuca_resolve_issue(issue, resolution, who)
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "fmgr.h"
#include "utils/builtins.h"

#include "base/arguments.h"
#include "base/extension.h"
#include "base/extension_write.h"
#include "base/query.h"
#include "base/slot.h"
#include "people/people_ticket.h"

PG_FUNCTION_INFO_V1(menuca_report_issue);
PG_FUNCTION_INFO_V1(menuca_resolve_issue);

static void require_severity(int no, const char *severity);
static void take_issue_id(TupleTableSlot *slot, void *arg);
static void *make_issue_ticket(TupleTableSlot *slot);
static void refuse_resolution(int64 issue);


/* Records an issue; returns its number. */
Datum
menuca_report_issue(PG_FUNCTION_ARGS)
{
	int			no;
	int64		environment_id = people_ticket_require(fcinfo, 0, &no);
	char	   *severity = argument_text(fcinfo, 1, "severity");
	char	   *title = argument_said(fcinfo, 2, "title");
	char	   *who = argument_said(fcinfo, 3, "who");
	QueryArgs	args = {0};
	int64		issue = 0;

	query_require_writable("menuca_report_issue()");
	require_severity(no, severity);

	query_arg_int8(&args, environment_id);
	query_arg_int8(&args, no);
	query_arg_text(&args, severity);
	query_arg_text(&args, title);
	query_arg_text(&args, who);
	query_arg_text(&args, argument_text_or_null(fcinfo, 4));
	migrate_write("menuca_issue",
				  psprintf("INSERT INTO %smenuca_issue (environment_id, ticket_no, severity, title, who, note)"
						   " VALUES ($1, $2, $3, $4, $5, $6) RETURNING issue_id", migrate_schema()),
				  &args, take_issue_id, &issue);
	PG_RETURN_INT64(issue);
}

static void
require_severity(int no, const char *severity)
{
	static const char *const severities[] = {"critical", "high", "medium", "low"};

	for (size_t i = 0; i < lengthof(severities); i++)
	{
		if (strcmp(severity, severities[i]) == 0)
			return;
	}
	ereport(ERROR,
			(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
			 errmsg("unknown severity \"%s\"", severity),
			 errdetail("A severity is 'critical', 'high', 'medium' or 'low'; an unresolved critical issue keeps its ticket from being COMPLETE. Nothing was recorded."),
			 errhint("%s", migrate_call("SELECT menuca_report_issue(%d, 'high', '...', 'name');", no))));
}

static void
take_issue_id(TupleTableSlot *slot, void *arg)
{
	*(int64 *) arg = slot_int8(slot, 0);
}

/*
 * Records how an issue was resolved; returns the state of its ticket after it.  Of an
 * issue that is resolved, the resolution stays as it is.
 */
Datum
menuca_resolve_issue(PG_FUNCTION_ARGS)
{
	QueryArgs	args = {0};
	int64		issue;
	char	   *resolution;
	char	   *who;
	List	   *tickets;
	int			no;
	int64		environment_id;

	argument_require(fcinfo, 0, "issue");
	issue = PG_GETARG_INT64(0);
	resolution = argument_said(fcinfo, 1, "resolution");
	who = argument_said(fcinfo, 2, "who");
	query_require_writable("menuca_resolve_issue()");

	query_arg_int8(&args, issue);
	tickets = query_list(psprintf("SELECT ticket_no::int8 AS ticket_no FROM %smenuca_issue WHERE issue_id = $1", migrate_schema()),
						 &args, make_issue_ticket);
	if (tickets == NIL)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("there is no issue %lld", (long long) issue),
				 errdetail("Nothing was recorded."),
				 errhint("%s", migrate_call("SELECT issue_id, severity, title FROM menuca_issue WHERE resolved_at IS NULL ORDER BY issue_id;"))));
	no = (int) *(int64 *) linitial(tickets);
	environment_id = people_ticket_environment(no);

	query_arg_text(&args, resolution);
	query_arg_text(&args, who);
	query_arg_int8(&args, environment_id);
	if (migrate_write("menuca_issue",
					  psprintf("UPDATE %smenuca_issue SET resolution = $2, resolved_who = $3, resolved_by = SESSION_USER,"
							   " resolved_at = pg_catalog.clock_timestamp()"
							   " WHERE issue_id OPERATOR(pg_catalog.=) $1 AND resolved_at IS NULL"
							   " AND environment_id OPERATOR(pg_catalog.=) $4", migrate_schema()),
					  &args, NULL, NULL) == 0)
		refuse_resolution(issue);
	return people_ticket_row(fcinfo, people_ticket_state(environment_id, no));
}

static void *
make_issue_ticket(TupleTableSlot *slot)
{
	int64	   *no = palloc(sizeof(int64));

	*no = slot_int8_of(slot, "ticket_no");
	return no;
}

/* A copy of a database has its original's issues, which are not resolved here. */
static void
refuse_resolution(int64 issue)
{
	QueryArgs	args = {0};
	char	   *resolved;

	query_arg_int8(&args, issue);
	query_begin_snapshot();
	resolved = query_text(psprintf("SELECT format('%%s says: %%s', resolved_who, resolution) FROM %smenuca_issue"
								   " WHERE issue_id = $1 AND resolved_at IS NOT NULL", migrate_schema()), &args);
	query_end_snapshot();
	ereport(ERROR,
			(errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
			 resolved ? errmsg("issue %lld is resolved already", (long long) issue) :
			 errmsg("issue %lld was found in another environment", (long long) issue),
			 resolved ? errdetail("%s. Nothing was recorded.", resolved) :
			 errdetail("This database is a copy of the one that it was recorded in, or was one. Nothing was recorded."),
			 errhint("%s", migrate_call("SELECT issue_id, severity, title FROM menuca_issue WHERE resolved_at IS NULL ORDER BY issue_id;"))));
}

/*-------------------------------------------------------------------------
 *
 * announcement_facts.c
 *	  What the database knows of a ticket: see announcement_facts.h.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "base/extension.h"
#include "base/format.h"
#include "base/query.h"
#include "base/slot.h"
#include "runbook/ticket_call.h"
#include "target/junction.h"
#include "verdict/announcement_facts.h"

/* More checks than that are read in the log. */
#define MOST_FAILURES 5

/* The newest execution of ticket $2 in environment $1. */
#define NEWEST_EXECUTION \
	"(SELECT x.* FROM %smenuca_ticket_executions x WHERE x.environment_id = $1 AND x.ticket_no = $2" \
	" AND x.superseded_by IS NULL)"

static void ticket_arguments_of(QueryArgs *args, const Environment *environment, int no);
static const char *announced_target(const Environment *environment);
static void write_execution(TupleTableSlot *slot, void *arg);
static void write_announced_run(TupleTableSlot *slot, void *arg);
static char *rate_of(TupleTableSlot *slot, const char *column);
static void write_line(TupleTableSlot *slot, void *arg);
static void write_rollback(TupleTableSlot *slot, void *arg);


bool
announcement_is_rolled_back(const Environment *environment, int no)
{
	QueryArgs	args = {0};

	ticket_arguments_of(&args, environment, no);
	return query_bool(psprintf("SELECT EXISTS (SELECT FROM " NEWEST_EXECUTION " x WHERE"
							   " EXISTS (SELECT FROM %smenuca_run r WHERE r.run_id = ANY (x.run_ids) AND r.status = 'rolled_back')"
							   " OR EXISTS (SELECT FROM %smenuca_ticket_undone u WHERE u.environment_id = x.environment_id AND u.ticket_no = x.ticket_no))",
							   migrate_schema(), migrate_schema(), migrate_schema()), &args);
}

static void
ticket_arguments_of(QueryArgs *args, const Environment *environment, int no)
{
	query_arg_int8(args, environment->id);
	query_arg_int8(args, no);
}

void
announcement_write_counts(StringInfo text, const Environment *environment, int no)
{
	Target	   *target;
	uint64		groups;
	uint64		filled;

	if (no < 4 || (no > 5 && no < 9))
		return;
	target = target_open(NULL, announced_target(environment), ACL_SELECT);
	groups = query_int8(psprintf("SELECT count(*) FROM %s", target->groups.name), NULL);
	filled = query_int8(psprintf("SELECT count(DISTINCT i.%s) FROM %s i", target->group, target->table.name), NULL);
	appendStringInfo(text, "Now: %s, %s without rows in %s (%s).\n", format_things(groups, "group"),
					 format_count(groups - Min(groups, filled)), target->junction->name,
					 format_pct(groups - Min(groups, filled), groups));
}

/* The table that the fix has filled here, or will. */
static const char *
announced_target(const Environment *environment)
{
	QueryArgs	args = {0};
	char	   *target;

	query_arg_int8(&args, environment->id);
	target = query_text(psprintf("SELECT t.options ->> 'target' FROM %smenuca_ticket_latest t WHERE t.environment_id = $1"
								 " AND t.ticket_no IN (4, 9) AND t.options ? 'target'", migrate_schema()), &args);
	if (target == NULL)
		target = ticket_call_decided_target();
	return target ? target : "combo_items";
}

void
announcement_write_execution(StringInfo text, const Environment *environment, int no)
{
	QueryArgs	args = {0};

	ticket_arguments_of(&args, environment, no);
	query_each(psprintf("SELECT x.*, (SELECT string_agg(format('%%s %%s', k.n, k.status), ', ' ORDER BY k.status) FROM"
						" (SELECT c.status, count(*) AS n FROM %smenuca_ticket_check c WHERE c.execution_id = x.execution_id"
						"  GROUP BY c.status) k) AS checks FROM " NEWEST_EXECUTION " x", migrate_schema(), migrate_schema()),
			   &args, write_execution, text);
	query_each(psprintf("SELECT r.* FROM " NEWEST_EXECUTION " x JOIN %smenuca_runs r ON r.run_id = ANY (x.run_ids) ORDER BY r.run_id",
						migrate_schema(), migrate_schema()), &args, write_announced_run, text);
	query_each(psprintf("SELECT format('Samples: %%s, says %%s.', what, reviewer) AS line FROM %smenuca_review_state"
						" WHERE environment_id = $1 AND ticket_no = $2 AND counts AND result <> 'FAIL'", migrate_schema()),
			   &args, write_line, text);
	query_each(psprintf("SELECT format('Signed off: %%s by %%s.', decision, approver) AS line FROM %smenuca_signature_latest"
						" WHERE environment_id = $1 AND ticket_no = $2", migrate_schema()), &args, write_line, text);
}

static void
write_execution(TupleTableSlot *slot, void *arg)
{
	char	   *checks = slot_text_or_null_of(slot, "checks");

	appendStringInfo(arg, "Checks: %s. Executed by %s, finished %s, after %s s.\n", checks ? checks : "none",
					 slot_text_of(slot, "executed_by"), format_utc(slot_time_of(slot, "finished_at", NULL)),
					 slot_text_of(slot, "seconds"));
	if (slot_bool_of(slot, "forced"))
		appendStringInfo(arg, "OVERRIDDEN: %s\n", format_one_line(slot_text_of(slot, "reason")));
}

static void
write_announced_run(TupleTableSlot *slot, void *arg)
{
	bool		is_undone = strcmp(slot_text_of(slot, "status"), "rolled_back") == 0;

	appendStringInfo(arg, "Run %lld, %s: %s inserted into %s%s", (long long) slot_int8_of(slot, "run_id"), slot_text_of(slot, "kind"),
					 format_things(slot_int8_of(slot, "inserted"), "row"), slot_text_of(slot, "target"),
					 is_undone ? ", and deleted again" : "");
	appendStringInfo(arg, "; groups without items: %s before, %s %s.\n", rate_of(slot, "orphan_pct_before"),
					 rate_of(slot, "orphan_pct_after"), is_undone ? "now" : "after");
}

static char *
rate_of(TupleTableSlot *slot, const char *column)
{
	char	   *rate = slot_text_or_null_of(slot, column);

	return rate ? psprintf("%s %%", rate) : pstrdup("not known");
}

static void
write_line(TupleTableSlot *slot, void *arg)
{
	appendStringInfo(arg, "%s\n", format_one_line(slot_text_of(slot, "line")));
}

void
announcement_write_failures(StringInfo text, const Environment *environment, int no)
{
	QueryArgs	args = {0};

	ticket_arguments_of(&args, environment, no);
	query_each(psprintf("SELECT format('%%s: %%s: %%s', c.status, c.title, coalesce(c.actual, '?')) AS line FROM " NEWEST_EXECUTION " x"
						" JOIN %smenuca_ticket_check c USING (execution_id) WHERE c.status IN ('FAIL', 'ERROR')"
						" ORDER BY c.check_no LIMIT %d", migrate_schema(), migrate_schema(), MOST_FAILURES),
			   &args, write_line, text);
	query_each(psprintf("SELECT format('FAIL: %%s', title) AS line FROM %smenuca_ticket_open"
						" WHERE environment_id = $1 AND ticket_no = $2 AND state = 'failed' ORDER BY kind, place", migrate_schema()),
			   &args, write_line, text);
}

void
announcement_write_context(StringInfo text, const Environment *environment, int no)
{
	QueryArgs	args = {0};

	ticket_arguments_of(&args, environment, no);
	query_each(psprintf("SELECT format('- Execution: %%s, %%s (%%s)', x.execution_id, x.status, x.result) AS line FROM "
						NEWEST_EXECUTION " x", migrate_schema()), &args, write_line, text);
	query_each(psprintf("SELECT format('- Backup: %%s (%%s)', x.backup_label, x.backup_id) AS line FROM "
						NEWEST_EXECUTION " x WHERE x.backup_label IS NOT NULL", migrate_schema()), &args, write_line, text);
	query_each(psprintf("SELECT r.run_id FROM " NEWEST_EXECUTION " x JOIN %smenuca_run r ON r.run_id = ANY (x.run_ids)"
						" WHERE r.status <> 'rolled_back' AND r.inserted > 0 ORDER BY r.run_id DESC",
						migrate_schema(), migrate_schema()), &args, write_rollback, text);
}

static void
write_rollback(TupleTableSlot *slot, void *arg)
{
	appendStringInfo(arg, "- Rollback: %s\n", migrate_call("SELECT * FROM menuca_rollback(%lld, dry_run => false);",
														   (long long) slot_int8_of(slot, "run_id")));
}

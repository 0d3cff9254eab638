/*-------------------------------------------------------------------------
 *
 * checks_ledger.c
 *	  Checks of the items against the ledger: see checks_ledger.h.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "miscadmin.h"
#include "utils/acl.h"

#include "base/extension.h"
#include "base/format.h"
#include "base/query.h"
#include "base/relation.h"
#include "check/accepted_change.h"
#include "check/check_judge.h"
#include "check/checks_ledger.h"
#include "check/validation_facts.h"
#include "ledger/run_ledger.h"


static uint64 count_backdated(Facts *facts);
static bool judge_lost_runs(const Facts *facts, Finding *finding);


/* 10: the items created recently should be those that the ledger has. */
void
check_recent_items(void *subject, Finding *finding)
{
	Facts	   *facts = subject;
	const Target *target = facts->target;
	QueryArgs	args = {0};
	uint64		created;
	uint64		recorded;
	uint64		backdated;

	if (target->created_at_attnum == InvalidAttrNumber)
	{
		finding_skip(finding, "the items have no column created_at", NULL);
		return;
	}

	created = facts_item_details(facts)->recent;
	query_arg_text(&args, target->schema);
	query_arg_text(&args, target->junction->name);
	recorded = query_int8(psprintf("SELECT coalesce(sum(b.row_count), 0)::int8 FROM %smenuca_run r"
								   " JOIN %smenuca_run_batch b USING (run_id)"
								   " WHERE r.target_schema = $1 AND r.target = $2 AND r.status <> 'rolled_back'"
								   " AND b.written_at > now() - interval '24 hours'",
								   migrate_schema(), migrate_schema()), &args);

	backdated = count_backdated(facts);
	finding->status = created == recorded && backdated == 0 ? CHECK_PASS : CHECK_WARN;
	finding->expected = psprintf("%s, by the runs of the last 24 hours", format_count(recorded));
	finding->actual = psprintf("%s created", format_count(created));
	if (created > recorded)
		finding->detail = psprintf("Not inserted by any run: %s.", format_things(created - recorded, "item"));
	else if (created < recorded)
		finding->detail = psprintf("Inserted by runs, but since deleted or given another date: %s.",
								   format_things(recorded - created, "item"));
	if (backdated > 0)
		finding->detail = psprintf("Newer than the latest run by their ids, but older by their dates: %s.%s%s",
								   format_things(backdated, "item"), finding->detail ? " " : "",
								   finding->detail ? finding->detail : "");
	if (finding->status != CHECK_PASS)
		finding->remedy = "Find out who else writes to the table; a rollback does not touch such items.";
	finding->metadata = psprintf("{\"created\": " UINT64_FORMAT ", \"recorded\": " UINT64_FORMAT ", \"backdated\": " UINT64_FORMAT "}",
								 created, recorded, backdated);
}

/* Items with ids beyond the latest run's, that claim to be older than it. */
static uint64
count_backdated(Facts *facts)
{
	const Target *target = facts->target;
	List	   *runs = run_list_in_effect(target->schema, target->junction->name);
	QueryArgs	args = {0};

	if (runs == NIL)
		return 0;
	query_arg_int8(&args, ((Run *) linitial(runs))->id);
	return query_int8(psprintf("SELECT count(*) FROM %s i, (SELECT max(upper(b.keys)) AS beyond, min(r.started_at) AS at"
							   "  FROM %smenuca_run r JOIN %smenuca_run_batch b USING (run_id) WHERE r.run_id = $1) l"
							   " WHERE i.%s >= l.beyond AND i.created_at < l.at",
							   target->table.name, migrate_schema(), migrate_schema(), target->table.id), &args);
}

/*
 * 13: the latest run that inserted items and was not rolled back, and the rows of
 * those before it.
 */
void
check_ledger(void *subject, Finding *finding)
{
	Facts	   *facts = subject;
	const LedgerFacts *ledger = facts_ledger(facts);

	if (judge_lost_runs(facts, finding) ||
		check_judge_undone(facts, &facts->target->table, facts->target->junction->name, "item", finding))
		return;
	if (ledger->run_id == 0)
		finding_skip(finding, "the ledger has no finished run that inserted items here and was not rolled back", NULL);
	else
	{
		check_judge_ledger(ledger, "item", finding);
		accepted_change_apply(facts, "ledger", check_ledger_found(ledger), finding);
	}
	check_judge_unfinished(facts, facts->target->junction->name, finding);
}

/*
 * Rows of runs that the ledger lacks: somebody has deleted the runs.  When all of
 * it is gone, their numbers still show that there were some; a run that failed
 * has used one, too.  Returns whether it has filled the finding.
 */
static bool
judge_lost_runs(const Facts *facts, Finding *finding)
{
	QueryArgs	args = {0};
	const char *schema = migrate_schema();
	char	   *of_tickets = relation_may(migrate_table("menuca_ticket_execution"), ACL_SELECT) ?
		psprintf(" UNION SELECT r FROM %smenuca_ticket_execution, unnest(run_ids) r WHERE r IS NOT NULL", schema) : "";
	char	   *lost = query_text(psprintf("SELECT string_agg(l.run_id::text, ', ' ORDER BY l.run_id) FROM ("
										   "SELECT run_id FROM %smenuca_run_batch UNION SELECT run_id FROM %smenuca_run_baseline%s) l"
										   " WHERE NOT EXISTS (SELECT FROM %smenuca_run r WHERE r.run_id = l.run_id)",
										   schema, schema, of_tickets, schema), NULL);
	bool		is_empty;

	if (lost)
	{
		finding->status = CHECK_FAIL;
		finding->expected = "every run is in the ledger";
		finding->actual = psprintf("runs of which there are rows or tickets, but that the ledger lacks: %s", lost);
		finding->remedy = "Somebody has deleted them: restore the ledger from a backup, since these runs cannot be rolled back now.";
		return true;
	}
	query_arg_text(&args, psprintf("%smenuca_run_run_id_seq", schema));
	is_empty = !query_bool(psprintf("SELECT EXISTS (SELECT FROM %smenuca_run)", schema), NULL);
	if (!is_empty || facts->census.items == 0 ||
		!query_bool("SELECT has_sequence_privilege($1, 'SELECT') AND pg_sequence_last_value($1::regclass) IS NOT NULL", &args))
		return false;
	finding->status = CHECK_WARN;
	finding->expected = "every run is in the ledger";
	finding->actual = "the ledger is empty, but runs were numbered";
	finding->detail = "Either all of them failed, or somebody has deleted them.";
	finding->remedy = "If items were inserted by a run, restore the ledger from a backup: without it no run can be rolled back.";
	return true;
}

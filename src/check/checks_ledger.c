/*-------------------------------------------------------------------------
 *
 * checks_ledger.c
 *	  Checks of the items against the ledger: see checks_ledger.h.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "base/extension.h"
#include "base/format.h"
#include "base/query.h"
#include "check/checks_ledger.h"
#include "check/validation_facts.h"
#include "ledger/run_ledger.h"


/* 10: the items created recently should be those that the ledger has. */
void
check_recent_items(void *subject, Finding *finding)
{
	Facts	   *facts = subject;
	const Target *target = facts->target;
	QueryArgs	args = {0};
	uint64		created;
	uint64		recorded;

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

	finding->status = created == recorded ? CHECK_PASS : CHECK_WARN;
	finding->expected = psprintf("%s, by the runs of the last 24 hours", format_count(recorded));
	finding->actual = psprintf("%s created", format_count(created));
	if (created > recorded)
		finding->detail = psprintf("Not inserted by any run: %s.", format_things(created - recorded, "item"));
	else if (created < recorded)
		finding->detail = psprintf("Inserted by runs, but since deleted or given another date: %s.",
								   format_things(recorded - created, "item"));
	if (finding->status != CHECK_PASS)
		finding->remedy = "Find out who else writes to the table; a rollback does not touch such items.";
	finding->metadata = psprintf("{\"created\": " UINT64_FORMAT ", \"recorded\": " UINT64_FORMAT "}",
								 created, recorded);
}

/* 13: the latest run that inserted items and was not rolled back. */
void
check_ledger(void *subject, Finding *finding)
{
	Facts	   *facts = subject;
	const LedgerFacts *ledger = facts_ledger(facts);
	const Reconciliation *found = &ledger->found;
	int64		run_id = ledger->run_id;
	QueryArgs	args = {0};
	int64		items_after;
	Run		   *run;

	if (run_id == 0)
	{
		finding_skip(finding, "the ledger has no finished run that inserted items here and was not rolled back", NULL);
		return;
	}

	run = run_find(run_id);
	query_arg_int8(&args, run_id);
	items_after = query_int8(psprintf("SELECT items_after FROM %smenuca_run WHERE run_id = $1",
									  migrate_schema()), &args);

	finding->expected = psprintf("run %lld: %s before + %s inserted = %s after, all of them unchanged",
								 (long long) run_id, format_count(run->items_before),
								 format_count(run->inserted), format_count(items_after));
	finding->actual = psprintf("unchanged: %s of %s from before, %s of %s inserted; added since: %s",
							   format_count(found->baseline_intact), format_count(found->baseline),
							   format_count(found->inserted_intact), format_count(found->inserted),
							   format_count(found->others));
	if (found->inserted != run->inserted || found->baseline != run->items_before ||
		(strcmp(run->mode, "transaction") == 0 && run->items_before + run->inserted != (uint64) items_after))
	{
		finding->status = CHECK_FAIL;
		finding->remedy = "The ledger contradicts itself: find out who changed it by hand.";
	}
	else if (found->inserted_intact != found->inserted || found->baseline_intact != found->baseline)
	{
		finding->status = CHECK_WARN;
		finding->detail = psprintf("Changed or deleted since, by others or by the rollback of another run: %s that the run inserted, %s from before it.",
								   format_count(found->inserted - found->inserted_intact),
								   format_count(found->baseline - found->baseline_intact));
		finding->remedy = migrate_call("To see what a rollback would delete: SELECT * FROM menuca_rollback(%lld);",
									   (long long) run_id);
	}
	finding->metadata = psprintf("{\"run_id\": %lld, \"items_before\": " UINT64_FORMAT ", \"inserted\": " UINT64_FORMAT ", \"items_after\": " INT64_FORMAT "}",
								 (long long) run_id, run->items_before, run->inserted, items_after);
}

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
#include "check/acceptance.h"
#include "check/check_judge.h"
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

/*
 * 13: the latest run that inserted items and was not rolled back, and the rows of
 * those before it.
 */
void
check_ledger(void *subject, Finding *finding)
{
	Facts	   *facts = subject;
	const LedgerFacts *ledger = facts_ledger(facts);

	if (ledger->run_id == 0)
	{
		finding_skip(finding, "the ledger has no finished run that inserted items here and was not rolled back", NULL);
		return;
	}

	check_judge_ledger(ledger, "item", finding);
	acceptance_apply(facts, "ledger", check_ledger_found(ledger), finding);
}

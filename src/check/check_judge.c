/*-------------------------------------------------------------------------
 *
 * check_judge.c
 *	  Judgements that several checks share: see check_judge.h.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "miscadmin.h"
#include "utils/builtins.h"

#include "base/extension.h"
#include "base/format.h"
#include "base/query.h"
#include "base/relation.h"
#include "check/accepted_change.h"
#include "check/check_judge.h"
#include "ledger/run_ledger.h"
#include "plan/orphan_figures.h"
#include "plan/plan_call.h"

static void append_keys(StringInfo text, const char *what, const int64 *keys, int n,
						uint64 all);


void
check_judge_band(Finding *finding, uint64 orphans, uint64 groups)
{
	const char *band = orphan_band(orphans, groups);

	if (band == NULL || strcmp(band, "EXCELLENT") == 0 || strcmp(band, "PASS") == 0)
		finding->status = CHECK_PASS;
	else if (strcmp(band, "WARNING") == 0)
		finding->status = CHECK_WARN;
	else
		finding->status = CHECK_FAIL;
}

void
check_expect_none(Finding *finding, uint64 count, const char *noun,
				  FindingStatus otherwise, char *remedy)
{
	finding->status = count == 0 ? CHECK_PASS : otherwise;
	finding->expected = "none";
	finding->actual = count == 0 ? "none" : format_things(count, noun);
	if (count > 0)
		finding->remedy = remedy;
}

void
check_judge_accepted(const Facts *facts, AcceptedFigure figure, double value, Finding *finding)
{
	if (facts->source)
		acceptance_judge(&facts->acceptances, figure, value,
						 accepted_change_has_run(facts) ? plan_call_acceptance(facts->target, facts->source) : NULL,
						 finding);
}

bool
check_skip_without_source(const Facts *facts, Finding *finding)
{
	if (facts->source)
		return false;
	finding_skip(finding, "no source is staged",
				 facts->load_hint);
	return true;
}

void
check_judge_ledger(const LedgerFacts *ledger, const char *noun, Finding *finding)
{
	const Reconciliation *found = &ledger->found;
	const Run  *run = run_find(ledger->run_id);
	QueryArgs	args = {0};
	int64		items_after;
	StringInfoData detail;

	query_arg_int8(&args, run->id);
	items_after = query_int8(psprintf("SELECT items_after FROM %smenuca_run WHERE run_id = $1",
									  migrate_schema()), &args);

	finding->expected = psprintf("run %lld: %s before + %s inserted = %s after, all of them unchanged",
								 (long long) run->id, format_count(run->items_before),
								 format_count(run->inserted), format_count(items_after));
	finding->actual = psprintf("unchanged: %s of %s from before, %s of %s inserted; added since: %s",
							   format_count(found->baseline_intact), format_count(found->baseline),
							   format_count(found->inserted_intact), format_count(found->inserted),
							   format_count(found->others));
	initStringInfo(&detail);
	if (found->undone > 0)
		appendStringInfo(&detail, "Deleted by the rollback of earlier runs: %s. ", format_things(found->undone, noun));
	if (found->inserted != run->inserted || found->baseline != run->items_before ||
		(strcmp(run->mode, "transaction") == 0 && run->items_before + run->inserted != (uint64) items_after))
	{
		finding->status = CHECK_FAIL;
		finding->remedy = "The ledger contradicts itself: find out who changed it by hand.";
	}
	else if (found->fingerprint != 0)
	{
		finding->status = CHECK_FAIL;
		appendStringInfo(&detail, "Changed or deleted since, by others: %s that the run inserted, %s from before it",
						 format_things(found->inserted - found->inserted_intact, noun),
						 format_count(found->baseline_changed + found->baseline_missing));
		append_keys(&detail, "changed", found->changed, found->nchanged,
					found->inserted_changed + found->baseline_changed);
		append_keys(&detail, "missing", found->missing, found->nmissing,
					found->inserted_missing + found->baseline_missing);
		appendStringInfoString(&detail, ". ");
		finding->remedy = migrate_call("Find out who did it, and restore them from the backup; or, to see what a rollback would delete: SELECT * FROM menuca_rollback(%lld);",
									   (long long) run->id);
	}
	finding->metadata = psprintf("{\"run_id\": %lld, \"items_before\": " UINT64_FORMAT ", \"inserted\": " UINT64_FORMAT ", \"items_after\": " INT64_FORMAT "}",
								 (long long) run->id, run->items_before, run->inserted, items_after);
	if (detail.len > 0)
	{
		detail.data[detail.len - 1] = '\0';
		finding->detail = detail.data;
	}
}

/* Appends the first keys: "; changed: 5, 7 and others". */
static void
append_keys(StringInfo text, const char *what, const int64 *keys, int n, uint64 all)
{
	for (int i = 0; i < n; i++)
		appendStringInfo(text, "%s" INT64_FORMAT, i == 0 ? psprintf("; %s: ", what) : ", ", keys[i]);
	if (all > (uint64) n)
		appendStringInfoString(text, " and others");
}

char *
check_ledger_found(const LedgerFacts *ledger)
{
	return psprintf("{\"run\": \"%lld\", \"rows\": \"" UINT64_FORMAT "\"}",
					(long long) ledger->run_id, ledger->found.fingerprint);
}

/*
 * A rollback deletes the rows: that they are there means that it was not one.  But a
 * restored snapshot sets sequences back, so that other rows may have their keys; and
 * what a later run has found there was there for another reason.
 */
bool
check_judge_undone(const Facts *facts, const KeyedTable *table, const char *name,
				   const char *noun, Finding *finding)
{
	QueryArgs	args = {0};
	const char *schema = migrate_schema();
	char	   *undone;

	if (!relation_may(migrate_table("menuca_snapshot_restore"), ACL_SELECT))
		return false;
	query_arg_text(&args, facts->target->schema);
	query_arg_text(&args, name);
	undone = query_text(psprintf("SELECT string_agg(format('%%s of run %%s', u.n, u.run_id), ', ' ORDER BY u.run_id)"
								 " FROM (SELECT r.run_id, count(*) AS n FROM %smenuca_run r JOIN %smenuca_run_batch b USING (run_id)"
								 "  JOIN %s i ON i.%s >= lower(b.keys) AND i.%s < upper(b.keys) AND b.keys @> i.%s::int8"
								 "  WHERE r.target_schema = $1 AND r.target = $2 AND r.status = 'rolled_back'"
								 "  AND NOT EXISTS (SELECT FROM %smenuca_snapshot_restore s WHERE s.restored_at > r.started_at)"
								 "  AND NOT EXISTS (SELECT FROM %smenuca_run e JOIN %smenuca_run_batch k USING (run_id) WHERE e.target_schema = $1"
								 "   AND e.target = $2 AND e.status <> 'rolled_back' AND k.keys @> i.%s::int8)"
								 "  AND NOT EXISTS (SELECT FROM %smenuca_run e JOIN %smenuca_run_baseline k USING (run_id) WHERE e.target_schema = $1"
								 "   AND e.target = $2 AND e.started_at > r.rolled_back_at AND k.keys @> i.%s::int8) GROUP BY 1) u",
								 schema, schema, table->name, table->id, table->id, table->id, schema, schema, schema, table->id,
								 schema, schema, table->id),
						&args);
	if (undone == NULL)
		return false;
	finding->status = CHECK_FAIL;
	finding->expected = psprintf("no %s of a run that was rolled back", noun);
	finding->actual = psprintf("%ss: %s", noun, undone);
	finding->detail = "Either somebody has changed the ledger, or the rows were inserted again by hand, with their old ids.";
	finding->remedy = "Restore the ledger, or the table, from the backup.";
	return true;
}

void
check_judge_unfinished(const Facts *facts, const char *name, Finding *finding)
{
	QueryArgs	args = {0};
	int64		run;

	if (finding->status == CHECK_FAIL)
		return;
	query_arg_text(&args, facts->target->schema);
	query_arg_text(&args, name);
	run = query_int8(psprintf("SELECT min(run_id) FROM %smenuca_runs WHERE target_schema = $1 AND target = $2 AND status = 'interrupted'",
							  migrate_schema()), &args);
	if (run == 0)
		return;
	if (finding->status == CHECK_SKIP)
		finding->detail = NULL;
	finding->status = CHECK_WARN;
	finding->expected = "every run has ended";
	finding->actual = psprintf("run %lld was interrupted", (long long) run);
	finding->remedy = migrate_call("CALL menuca_resume(%lld, dry_run => false); or SELECT * FROM menuca_rollback(%lld, dry_run => false);",
								   (long long) run, (long long) run);
}

const Reference *
check_require_reference(Facts *facts, const char *check, Finding *finding)
{
	const Reference *reference;

	/* Only an acceptance is a check's own. */
	if (accepted_change_exists(check))
		reference = reference_read(facts->target->schema, check);
	else
	{
		if (facts->reference == NULL)
			facts->reference = reference_read(facts->target->schema, "");
		reference = facts->reference;
	}

	if (reference->tables != NIL)
		return reference;
	finding_skip(finding, reference->unreadable ? "the caller may not read what tickets and backups have counted" :
				 "neither a pre-flight nor a backup of this database has counted its tables",
				 reference->unreadable ?
				 psprintf("GRANT SELECT ON %s TO %s;", reference->unreadable,
						  quote_identifier(GetUserNameFromId(GetUserId(), false))) :
				 migrate_call("Before a change, SELECT * FROM menuca_ticket(0, dry_run => false); counts them, and so does menuca_register_backup()."));
	return NULL;
}

char *
check_closed_condition(const Facts *facts, const char *id)
{
	char	   *active = table_counts_is_readable(facts->target->schema, "restaurants") ?
		table_counts_condition(facts->target->schema, "restaurants", ROWS_ACTIVE) : NULL;

	if (active == NULL)
		return "false";
	return psprintf("%s IN (SELECT t.id FROM %s t WHERE NOT (%s))", id,
					relation_quoted_name(target_table_oid(facts->target->schema, "restaurants")), active);
}

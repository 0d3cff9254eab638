/*-------------------------------------------------------------------------
 *
 * checks_orphans.c
 *	  Checks of the groups without items: see checks_orphans.h.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "base/extension.h"
#include "base/format.h"
#include "base/json.h"
#include "check/accepted_change.h"
#include "check/check_judge.h"
#include "check/checks_orphans.h"
#include "check/validation_facts.h"
#include "plan/plan_call.h"

/* Ids that a detail names. */
#define EXAMPLES 5


/* 2 */
void
check_orphan_rate(void *subject, Finding *finding)
{
	const Facts *facts = subject;
	const OrphanFigures *orphans = &facts->orphans;
	StringInfoData metadata;

	if (orphans->groups == 0)
	{
		finding_skip(finding, "there is no combo group", "Check the setting menuca.target_schema.");
		return;
	}
	check_judge_band(finding, orphans->orphans, orphans->groups);
	finding->expected = "below 5 %, ideally below 1 %";
	finding->actual = psprintf("%s (%s of %s groups)",
							   format_pct(orphans->orphans, orphans->groups),
							   format_count(orphans->orphans), format_count(orphans->groups));
	finding->detail = !orphans->has_source ?
		"No source is staged, so the rate of the expected groups is unknown." :
		psprintf("Of the groups that the source has a row for: %s (%s of %s).",
				 format_pct(orphans->expected_orphans, orphans->expected_groups),
				 format_count(orphans->expected_orphans),
				 format_count(orphans->expected_groups));
	if (finding->status != CHECK_PASS)
		finding->remedy = migrate_call("SELECT reason, count(*) FROM menuca_orphans(%s) GROUP BY 1;", facts->arguments);
	check_judge_accepted(facts, ACCEPT_ORPHAN_RATE,
						 format_percentage(orphans->orphans, orphans->groups), finding);

	initStringInfo(&metadata);
	json_begin(&metadata);
	orphan_figures_json(orphans, &metadata);
	json_end(&metadata);
	finding->metadata = metadata.data;
}

/* 6: the groups that V1 has items for; check 17 explains the other orphans. */
void
check_remaining_orphans(void *subject, Finding *finding)
{
	const Facts *facts = subject;
	const OrphanFigures *orphans = &facts->orphans;
	StringInfoData examples;
	int			named = 0;

	if (!orphans->has_source)
	{
		finding_skip(finding, "no source is staged, so the groups that V1 has items for are unknown",
					 facts->load_hint);
		return;
	}

	initStringInfo(&examples);
	for (uint32 i = 0; i < facts->groups->nrows && named < EXAMPLES; i++)
	{
		const ParentRow *row = &facts->groups->rows[i];

		if ((row->flags & PARENT_REFERENCED) && !(row->flags & PARENT_HAS_ITEMS))
		{
			format_append(&examples, ", ", INT64_FORMAT, row->id);
			named++;
		}
	}

	check_judge_band(finding, orphans->expected_orphans, orphans->expected_groups);
	if (finding->status == CHECK_PASS && orphans->expected_orphans > 0)
		finding->status = CHECK_WARN;
	finding->expected = "none";
	finding->actual = psprintf("%s of %s (%s)", format_count(orphans->expected_orphans),
							   format_things(orphans->expected_groups, "group"),
							   format_pct(orphans->expected_orphans, orphans->expected_groups));
	finding->detail = named > 0 ? psprintf("Their ids: %s.", examples.data) :
		psprintf("Orphans without a source row: %s.",
				 format_count(orphans->orphans - orphans->expected_orphans));
	if (finding->status != CHECK_PASS)
		finding->remedy = migrate_call("SELECT * FROM menuca_orphans(%s) WHERE source_rows > 0;", facts->arguments);
	check_judge_accepted(facts, ACCEPT_EXPECTED_ORPHAN_RATE,
						 format_percentage(orphans->expected_orphans, orphans->expected_groups), finding);
	finding->metadata = json_one_count("expected_orphans", orphans->expected_orphans);
}

/* 7: judged by the V1 groups, since those are what the fix can fill. */
void
check_source_systems(void *subject, Finding *finding)
{
	const Facts *facts = subject;
	const OrphanFigures *orphans = &facts->orphans;
	StringInfoData actual;

	initStringInfo(&actual);
	for (int i = 0; i < SYSTEM_COUNT; i++)
	{
		if (orphans->groups_by_system[i] > 0)
			format_append(&actual, "; ", "%s: %s of %s (%s)",
						  source_system_name((SourceSystem) i),
						  format_count(orphans->orphans_by_system[i]),
						  format_count(orphans->groups_by_system[i]),
						  format_pct(orphans->orphans_by_system[i], orphans->groups_by_system[i]));
	}

	if (orphans->groups_by_system[SYSTEM_V1] == 0)
	{
		finding_skip(finding, "no group came from V1", NULL);
		return;
	}
	check_judge_band(finding, orphans->orphans_by_system[SYSTEM_V1], orphans->groups_by_system[SYSTEM_V1]);
	finding->expected = "below 5 % of the V1 groups";
	finding->actual = actual.data;
	if (orphans->orphans_by_system[SYSTEM_V2] > 0)
		finding->detail = migrate_call("Items of V2 groups are not in the V1 source, but in V2's own table. To see these groups: SELECT * FROM menuca_orphans(%s) WHERE source_system = 'v2';",
									   facts->arguments);
	if (finding->status != CHECK_PASS)
		finding->remedy = migrate_call("SELECT * FROM menuca_orphans(%s) WHERE source_system = 'v1';", facts->arguments);

	/* What is accepted is the rate of all groups, as in check 2. */
	check_judge_accepted(facts, ACCEPT_ORPHAN_RATE,
						 format_percentage(orphans->orphans, orphans->groups), finding);
	finding->metadata = orphan_figures_by_system(orphans);
}

/* 17 */
void
check_orphans_explained(void *subject, Finding *finding)
{
	Facts	   *facts = subject;
	uint64		counts[ORPHAN_REASON_COUNT] = {0};
	uint64		pending[SYSTEM_COUNT] = {0};
	const V2Lists *v2;
	StringInfoData actual;
	StringInfoData metadata;

	if (facts->group_tallies == NULL)
	{
		finding_skip(finding, "no source is staged to explain them",
					 facts->load_hint);
		return;
	}

	v2 = facts_v2_lists(facts);
	for (uint32 i = 0; i < facts->groups->nrows; i++)
	{
		const ParentRow *row = &facts->groups->rows[i];
		OrphanStory story;

		if (row->flags & PARENT_HAS_ITEMS)
			continue;
		story = orphan_story(row, &facts->group_tallies[i], v2);
		counts[story.reason]++;
		pending[story.system] += story.reason == ORPHAN_FIX_PENDING;
	}

	initStringInfo(&actual);
	initStringInfo(&metadata);
	json_begin(&metadata);
	for (int i = 0; i < ORPHAN_REASON_COUNT; i++)
	{
		if (counts[i] == 0)
			continue;
		format_append(&actual, ", ", "%s %s", format_count(counts[i]),
					  orphan_reason_name((OrphanReason) i));
		json_count(&metadata, orphan_reason_name((OrphanReason) i), counts[i]);
	}
	json_end(&metadata);

	finding->status = counts[ORPHAN_FIX_PENDING] == 0 ? CHECK_PASS : CHECK_FAIL;
	finding->expected = "no orphan that the fix could fill";
	finding->actual = actual.len > 0 ? actual.data : "no orphans";
	if (finding->status != CHECK_PASS)
		finding->remedy = psprintf("Run the fix: %s%s%s",
								   pending[SYSTEM_V1] > 0 ? migrate_call("SELECT * FROM menuca_fix_combos(%s);", facts->arguments) : "",
								   pending[SYSTEM_V1] > 0 && pending[SYSTEM_V2] > 0 ? " " : "",
								   pending[SYSTEM_V2] > 0 ? migrate_call("SELECT * FROM menuca_fix_v2_groups(%s);",
																		 plan_call_arguments(facts->target, NULL)) : "");
	finding->metadata = metadata.data;
	if (accepted_change_has_run(facts))
		accepted_change_apply(facts, "orphans_explained",
							  psprintf("{\"fix_pending\": " UINT64_FORMAT "}", counts[ORPHAN_FIX_PENDING]), finding);
}

/*-------------------------------------------------------------------------
 *
 * ticket_items.c
 *	  The items that lists say: see ticket_items.h.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "base/format.h"
#include "base/query.h"
#include "base/slot.h"
#include "runbook/ticket_arguments.h"
#include "runbook/ticket_items.h"
#include "runbook/ticket_source.h"

#define EXPECTED "all of them are there, and the groups without items are as few as the fix's gate asks"

/* The fix of a part's lists, and the rows that report it. */
typedef struct ItemLists
{
	FixPart		part;
	const char *name;
	const char *title;
} ItemLists;

static const ItemLists item_lists[] = {
	{FIX_LISTS, "items_of_lists", "Items that V1's lists say"},
	{FIX_V2, "items_of_v2_lists", "Items that V2's lists say"}
};

static void judge_lists(const TicketExecution *execution, const ItemLists *lists, Finding *finding);
static void *make_finding(TupleTableSlot *slot);


void
ticket_report_items(TicketExecution *execution)
{
	if (!ticket_source_is_of_products(execution))
		return;
	for (size_t i = 0; i < lengthof(item_lists); i++)
	{
		Finding		row = {0};

		judge_lists(execution, &item_lists[i], &row);
		ticket_report(execution, item_lists[i].name, item_lists[i].title, &row);
	}
}

/*
 * A dry run of their fix has nothing to insert.  The overall orphan rate is judged
 * once, as the fix does it: with V1's lists if there are any.
 */
static void
judge_lists(const TicketExecution *execution, const ItemLists *lists, Finding *finding)
{
	List	   *findings;
	bool		gated = lists->part == FIX_LISTS || !OidIsValid(ticket_source_find_lists(execution, FIX_LISTS));

	if (!OidIsValid(ticket_source_find_lists(execution, lists->part)))
	{
		finding_skip(finding, "no such lists are staged", NULL);
		finding->expected = EXPECTED;
		return;
	}
	query_begin_snapshot();
	findings = query_list(psprintf("SELECT status, insert, array_to_string(reasons, '; ') AS reasons, next_step, orphan_pct_after AS orphans"
								   " FROM %s", ticket_fix_call(execution, lists->part, true, gated)),
						  NULL, make_finding);
	query_end_snapshot();
	*finding = *(Finding *) linitial(findings);

	/*
	 * Its own proposal would write with the gate that was lifted for the
	 * question.
	 */
	if (finding->status == CHECK_FAIL && !gated)
		finding->next_step = finding->remedy =
			psprintf("SELECT * FROM %s;", ticket_fix_call(execution, lists->part, true, true));
}

static void *
make_finding(TupleTableSlot *slot)
{
	Finding    *finding = palloc0(sizeof(Finding));
	bool		refused = strcmp(slot_text_of(slot, "status"), "refused") == 0;
	int64		missing = slot_int8_or_zero_of(slot, "insert");
	char	   *orphans = slot_text_or_null_of(slot, "orphans");

	finding->status = refused || missing > 0 ? CHECK_FAIL : CHECK_PASS;
	finding->expected = EXPECTED;
	finding->actual = psprintf("%s missing; %s %% of the groups have no items", format_things((uint64) missing, "item"),
							   orphans ? orphans : "?");
	if (finding->status == CHECK_FAIL)
	{
		finding->detail = refused ? slot_text_or_null_of(slot, "reasons") : NULL;
		finding->next_step = slot_text_or_null_of(slot, "next_step");
		finding->remedy = finding->next_step;
	}
	return finding;
}

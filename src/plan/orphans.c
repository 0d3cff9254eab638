/*-------------------------------------------------------------------------
 *
 * orphans.c
 *	  Combo groups without items: their rates, and the list with reasons.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "access/htup_details.h"
#include "fmgr.h"
#include "funcapi.h"
#include "miscadmin.h"
#include "utils/builtins.h"
#include "utils/snapmgr.h"

#include "base/arguments.h"
#include "base/column.h"
#include "base/extension.h"
#include "base/format.h"
#include "base/query.h"
#include "base/results.h"
#include "base/slot.h"
#include "plan/mapping_plan.h"
#include "plan/orphan_figures.h"
#include "plan/orphan_reason.h"
#include "plan/orphan_story.h"
#include "source/source.h"
#include "source/source_arguments.h"

PG_FUNCTION_INFO_V1(menuca_orphan_rate);
PG_FUNCTION_INFO_V1(menuca_orphans);

static void mark_referenced(const SourceRow *row, void *arg);
static char *explain_orphan(const OrphanStory *story, const V2Lists *lists);
static char *explain_v2_group(const V2Lists *lists);
static void return_orphan(TupleTableSlot *slot, void *arg);


/*
 * menuca_orphan_rate(source, target, group_column): both rates, in one row.
 * The table that menuca.v2_group_items_table names is read as V2's lists.
 */
Datum
menuca_orphan_rate(PG_FUNCTION_ARGS)
{
	Oid			relid = argument_table_or_invalid(fcinfo, 0, "source");
	bool		of_v2 = OidIsValid(relid) && relid == source_find_v2();
	Target	   *target = target_open_for(of_v2 ? SYSTEM_V2 : SYSTEM_V1, NULL,
										 argument_text(fcinfo, 1, "target"), ACL_SELECT);
	SourceColumns columns = {.group = argument_text(fcinfo, 2, "group_column")};
	Source	   *source;
	ParentMap  *groups;
	ParentMap  *dishes;
	ItemCensus	census;
	OrphanFigures figures;
	TupleDesc	desc;
	Datum		values[11];
	bool		nulls[11] = {0};

	if (of_v2)
	{
		columns.dish = V2_DISH_COLUMN;
		source = source_open_lists(SOURCE_JSON_LISTS, relid, &columns);
	}
	else
	{
		/* Only the groups are read, so any column will do for the dishes. */
		columns.dish = columns.group;
		source = source_open(relid, &columns, true);
	}

	groups = parent_map_read(&target->groups);
	dishes = parent_map_read(&target->dishes);
	item_census_take(target, groups, dishes, &census, NULL, NULL, NULL);
	if (source)
		source_read(source, mark_referenced, groups);
	orphan_figures_count(groups, PARENT_HAS_ITEMS, source != NULL, &figures);

	desc = result_row_type(fcinfo, "iiintiintij");

	values[0] = Int64GetDatum(figures.groups);
	values[1] = Int64GetDatum(figures.groups - figures.orphans);
	values[2] = Int64GetDatum(figures.orphans);
	values[3] = result_percent(figures.orphans, figures.groups, &nulls[3]);
	values[4] = result_text(orphan_band(figures.orphans, figures.groups), &nulls[4]);
	values[5] = Int64GetDatum(figures.expected_groups);
	values[6] = Int64GetDatum(figures.expected_orphans);
	nulls[5] = nulls[6] = !figures.has_source;
	values[7] = result_percent(figures.expected_orphans, figures.expected_groups,
							   &nulls[7]);
	values[8] = result_text(orphan_band(figures.expected_orphans, figures.expected_groups),
							&nulls[8]);
	values[9] = Int64GetDatum(census.items);
	values[10] = DirectFunctionCall1(jsonb_in,
									 CStringGetDatum(orphan_figures_by_system(&figures)));

	PG_RETURN_DATUM(HeapTupleGetDatum(heap_form_tuple(desc, values, nulls)));
}

/* State of menuca_orphans(). */
typedef struct OrphanList
{
	ReturnSetInfo *rsinfo;
	ParentMap  *groups;
	const GroupTally *tallies;	/* NULL without a source */
	const V2Lists *v2;			/* NULL: not needed */
} OrphanList;

/*
 * menuca_orphans(source, target, id_column, dish_column, group_column,
 * order_column): one row per group without items.
 */
Datum
menuca_orphans(PG_FUNCTION_ARGS)
{
	Target	   *target = target_open(NULL, argument_text(fcinfo, 1, "target"), ACL_SELECT);
	SourceColumns columns = source_row_columns(fcinfo, 2);
	Source	   *source = source_open(argument_table_or_invalid(fcinfo, 0, "source"), &columns, true);
	PlanRequest request = {.tallies = true};
	OrphanList	state = {.rsinfo = (ReturnSetInfo *) fcinfo->resultinfo};
	ParentTable *parent = &target->groups;

	InitMaterializedSRF(fcinfo, 0);

	if (source)
	{
		MappingPlan *plan = plan_make(target, source, &request);

		state.groups = plan->groups;
		state.tallies = plan->tallies;
	}
	else
	{
		ItemCensus	census;

		state.groups = parent_map_read(parent);
		item_census_take(target, state.groups, parent_map_read(&target->dishes),
						 &census, NULL, NULL, NULL);
	}

	if (orphan_lists_needed(state.groups, state.tallies))
		state.v2 = orphan_lists_read(target);

	/* The maps do not hold the groups' names. */
	query_each(psprintf("SELECT g.%s::int8, %s FROM %s g ORDER BY 1",
						parent->id,
						parent->label ? column_as_text(parent->oid, column_find(parent->oid, "name"), "g") : "NULL::text",
						parent->name),
			   NULL, return_orphan, &state);

	return (Datum) 0;
}

/* Marks the groups that a source row names. */
static void
mark_referenced(const SourceRow *row, void *arg)
{
	ParentMap  *groups = arg;

	if (!row->has_group || row->group <= 0)
		return;
	for (uint32 i = parent_map_first(groups, row->group); i != PARENT_MAP_END; i = groups->rows[i].next)
		groups->rows[i].flags |= PARENT_REFERENCED;
}

static void
return_orphan(TupleTableSlot *slot, void *arg)
{
	OrphanList *state = arg;
	ParentMap  *groups = state->groups;
	ParentRow  *row = parent_map_by_id(groups, slot_int8(slot, 0));
	const GroupTally *tally;
	OrphanStory story;
	Datum		values[8];
	bool		nulls[8] = {0};

	if (row == NULL || row->flags & PARENT_HAS_ITEMS)
		return;

	story = orphan_story(row, state->tallies ? &state->tallies[row - groups->rows] : NULL,
						 state->v2);
	tally = story.tally;

	values[0] = Int64GetDatum(row->id);
	values[1] = slot->tts_values[1];
	nulls[1] = slot->tts_isnull[1];
	values[2] = Int64GetDatum(row->restaurant);
	nulls[2] = !(row->flags & PARENT_HAS_RESTAURANT);
	values[3] = CStringGetTextDatum(source_system_name(row->system));
	values[4] = Int64GetDatum(story.group->legacy);
	nulls[4] = !(story.group->flags & PARENT_HAS_LEGACY_ID);
	values[5] = Int64GetDatum(tally ? orphan_reason_rows(tally) : 0);
	nulls[5] = tally == NULL;
	values[6] = CStringGetTextDatum(orphan_reason_name(story.reason));
	values[7] = CStringGetTextDatum(explain_orphan(&story, state->v2));
	tuplestore_putvalues(state->rsinfo->setResult, state->rsinfo->setDesc,
						 values, nulls);
}

/* The reason as a sentence. */
static char *
explain_orphan(const OrphanStory *story, const V2Lists *lists)
{
	const GroupTally *tally = story->tally;
	bool		of_v2 = story->system == SYSTEM_V2;
	const char *noun = of_v2 ? "V2 source row" : "source row";
	char	   *rows = tally ? format_things(orphan_reason_rows(tally), noun) : NULL;

	switch (story->reason)
	{
		case ORPHAN_FIX_PENDING:
			return psprintf("%s can be mapped: %s", format_things(tally->mapped, noun),
							of_v2 ? migrate_call("SELECT * FROM menuca_fix_v2_groups();") : "run the fix.");
		case ORPHAN_UNMAPPED_DISHES:
			return psprintf("The dishes of its %s are missing from the target.", rows);
		case ORPHAN_CROSS_RESTAURANT:
			return psprintf("The dishes of its %s belong to other restaurants.", rows);
		case ORPHAN_AMBIGUOUS:
			return psprintf("Legacy ids in its %s lead to several rows of one restaurant.", rows);
		case ORPHAN_INVALID:
			return psprintf("Ids or values in its %s are NULL, not positive or too large.", rows);
		case ORPHAN_MIXED:
			return psprintf("Its %s: %u with a missing dish, %u with a dish of another restaurant, %u with ambiguous ids and %u with invalid ids.",
							rows, tally->unmapped_dish, tally->cross_restaurant,
							tally->ambiguous, tally->invalid);
		case ORPHAN_NO_SOURCE_ROW:
			return of_v2 ? "V2's lists have no dish for this group: it had no items in V2 either." :
				"The source has no row for this group: it had no items in V1 either.";
		case ORPHAN_V2_GROUP:
			return explain_v2_group(lists);
		case ORPHAN_NO_LEGACY_ID:
			return of_v2 ? "The group has no V2 id, so no V2 source row can name it." :
				"The group has no V1 id, so no source row can name it.";
		case ORPHAN_NO_SOURCE_STAGED:
			return "No source is staged, so the reason is unknown.";
	}
	elog(ERROR, "unknown orphan reason %d", story->reason);
}

/* Why V2's lists do not explain a group of V2, as sentences. */
static char *
explain_v2_group(const V2Lists *lists)
{
	static const char *const start = "The group came from V2, so the V1 source does not list its dishes.";

	switch (lists->state)
	{
		case V2_USABLE:
			break;
		case V2_NOT_STAGED:
			return migrate_call("%s Load V2's table restaurants_combo_groups_items into %s: then menuca_plan_v2_groups() explains the group, and menuca_fix_v2_groups() fills it.",
								start, lists->table);
		case V2_NOT_READABLE:
			return psprintf("%s V2's table %s may list them, but you may not read all of it: ask its owner to GRANT SELECT.",
							start, lists->table);
		case V2_OTHER_COLUMNS:
			return migrate_call("%s V2's table %s lacks the columns group_id and dishes: menuca_plan_v2_groups() takes other names as group_column and list_column.",
								start, lists->table);
		case V2_NO_LEGACY_IDS:
			return psprintf("%s V2's table %s is staged, but combo_groups or dishes lacks the column legacy_v2_id, by which its ids are found.",
							start, lists->table);
		case V2_OTHER_MEANING:
			return "The group came from V2, so the V1 source does not list the combos that use it, and V2's lists only say which dishes a group offers.";
	}
	elog(ERROR, "unknown state %d of V2's lists", lists->state);
}

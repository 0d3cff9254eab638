/*-------------------------------------------------------------------------
 *
 * checks_items.c
 *	  Checks of the items themselves: see checks_items.h.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "base/format.h"
#include "base/json.h"
#include "check/check_judge.h"
#include "check/checks_items.h"
#include "check/validation_facts.h"


/* 11: four counts, all of them zero. */
void
check_references(void *subject, Finding *finding)
{
	const Facts *facts = subject;
	const ItemCensus *census = &facts->census;
	uint64		wrong = census->null_dish + census->null_group +
		census->invalid_dish + census->invalid_group;
	StringInfoData metadata;

	check_expect_none(finding, wrong, "broken reference", CHECK_FAIL,
					  "Roll back the run that inserted them; if no run did, delete these items and add the foreign keys.");
	finding->detail = psprintf("No dish: %s, no group: %s, invalid dish: %s, invalid group: %s.",
							   format_count(census->null_dish), format_count(census->null_group),
							   format_count(census->invalid_dish), format_count(census->invalid_group));

	initStringInfo(&metadata);
	json_begin(&metadata);
	json_count(&metadata, "null_dish", census->null_dish);
	json_count(&metadata, "null_group", census->null_group);
	json_count(&metadata, "invalid_dish", census->invalid_dish);
	json_count(&metadata, "invalid_group", census->invalid_group);
	json_end(&metadata);
	finding->metadata = metadata.data;
}

/* 12 */
void
check_duplicates(void *subject, Finding *finding)
{
	const Facts *facts = subject;

	check_expect_none(finding, facts->census.duplicate, "item", CHECK_FAIL,
					  "A run never adds one: find out who did, delete the newer items and add a UNIQUE constraint on group and dish.");
	finding->detail = "Counts the items that repeat the group and dish of another item.";
	finding->metadata = json_one_count("duplicate_items", facts->census.duplicate);
}

/* 14 */
void
check_cross_restaurant(void *subject, Finding *finding)
{
	const Facts *facts = subject;

	check_expect_none(finding, facts->census.cross_restaurant, "item", CHECK_FAIL,
					  "Delete these items: customers see another restaurant's dish. A run never adds one.");
	finding->metadata = json_one_count("cross_restaurant", facts->census.cross_restaurant);
}

/* 15: equal positions are allowed, since V1 had 0 nearly everywhere. */
void
check_display_order(void *subject, Finding *finding)
{
	Facts	   *facts = subject;
	const ItemDetails *details;

	if (facts->target->display_order_attnum == InvalidAttrNumber)
	{
		finding_skip(finding, "the items have no column display_order", NULL);
		return;
	}

	details = facts_item_details(facts);
	check_expect_none(finding, details->order_missing + details->order_negative,
					  "missing or negative position", CHECK_WARN,
					  "UPDATE the display_order of these items; the source has such values, too.");
	finding->detail = psprintf("Missing: %s, negative: %s, greatest position: " INT64_FORMAT ".",
							   format_count(details->order_missing), format_count(details->order_negative),
							   details->order_greatest);
	finding->metadata = psprintf("{\"missing\": " UINT64_FORMAT ", \"negative\": " UINT64_FORMAT ", \"greatest\": " INT64_FORMAT "}",
								 details->order_missing, details->order_negative, details->order_greatest);
}

/* 16 */
void
check_inactive_dishes(void *subject, Finding *finding)
{
	const Facts *facts = subject;

	if (facts->target->dishes.is_active == NULL)
	{
		finding_skip(finding, "the dishes have no column is_active", NULL);
		return;
	}
	check_expect_none(finding, facts->census.inactive_dish, "item", CHECK_WARN,
					  "Decide for each restaurant whether to sell the dish again or to delete the item.");
	if (facts->census.inactive_dish > 0)
		finding->detail = "Customers who choose such a combo find a dish that they cannot order.";
	finding->metadata = json_one_count("inactive_dish_items", facts->census.inactive_dish);
}

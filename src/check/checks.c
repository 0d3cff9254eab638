/*-------------------------------------------------------------------------
 *
 * checks.c
 *	  The checks of the validation suite: see checks.h.
 *
 * Checks 1 to 12 are the tests of the tickets' own suite, in its order and
 * with its mistakes corrected; the others find what that suite overlooked.
 * Numbers are positions in the list, so new checks go last.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "check/checks.h"
#include "check/checks_contents.h"
#include "check/checks_counts.h"
#include "check/checks_groups.h"
#include "check/checks_items.h"
#include "check/checks_ledger.h"
#include "check/checks_mapping.h"
#include "check/checks_menus.h"
#include "check/checks_orphans.h"
#include "check/checks_source.h"
#include "check/checks_steps.h"


const FindingCheck checks[] = {
	{"overall_counts", "Groups, items and dishes", check_counts},
	{"orphan_rate", "Groups without items", check_orphan_rate},
	{"item_count", "Items per group against combo_rules.item_count", check_item_count},
	{"distribution", "Items per group against the source's own distribution", check_distribution},
	{"fullest_groups", "The groups with the most items", check_fullest_groups},
	{"remaining_orphans", "Groups without items that V1 has items for", check_remaining_orphans},
	{"source_systems", "Orphans by source system", check_source_systems},
	{"restaurants", "Restaurants whose V1 combos can be ordered", check_restaurants},
	{"dish_usage", "Dishes that items use", check_dish_usage},
	{"recent_items", "Items created in the last 24 hours against the ledger", check_recent_items},
	{"references", "Items whose group or dish is missing or does not exist", check_references},
	{"duplicate_pairs", "Items that repeat a pair of group and dish", check_duplicates},
	{"ledger", "before + inserted = after, by the ledger", check_ledger},
	{"cross_restaurant", "Items whose dish belongs to another restaurant", check_cross_restaurant},
	{"display_order", "Items whose position is missing or negative", check_display_order},
	{"inactive_dishes", "Items of inactive dishes", check_inactive_dishes},
	{"orphans_explained", "Every orphan has a reason that the fix cannot remove", check_orphans_explained},
	{"orientation", "Source rows that fit as declared, and with group and dish swapped", check_orientation},
	{"id_space", "Source rows that lead to dishes of other restaurants", check_id_space},
	{"direction", "The source's rows mean what the target's rows mean", check_direction},
	{"row_counts", "Tables that were counted, against the newest backup or pre-flight", check_row_counts},
	{"row_values", "Active, named and priced rows, against the newest backup or pre-flight", check_row_values},
	{"menus", "Restaurants without a menu", check_menus},
	{"repeated_rows", "Groups and dishes that repeat another one of their restaurant", check_repeated_rows},
	{"blank_names", "Names of the groups and dishes that customers choose from", check_blank_names},
	{"source_rows", "Source rows that could be inserted, and are not", check_source_rows},
	{"unexplained_items", "Items of V1 that no source row explains", check_unexplained_items},
	{"legacy_ids", "Items against the legacy ids of their source rows", check_legacy_ids},
	{"source_unchanged", "The source against the run that has read it", check_source_unchanged},
	{"mapping_unchanged", "What source rows lead to, against the run", check_mapping_unchanged},
	{"steps", "Steps of the items: gaps, repeated and missing ones", check_steps},
	{"step_ledger", "Steps that a run inserted are unchanged", check_step_ledger},
	{"row_contents", "What the rows say, against the newest backup or pre-flight", check_row_contents},
	{"safeguards", "Constraints, triggers and sequences, against the newest backup or pre-flight", check_safeguards},
};
const int	checks_count = lengthof(checks);

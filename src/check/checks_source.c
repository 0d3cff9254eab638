/*-------------------------------------------------------------------------
 *
 * checks_source.c
 *	  The checks of the source: see checks.h.
 *
 * They tell by the probes whether the source means what it is taken for.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "base/format.h"
#include "check/checks.h"
#include "plan/gate.h"

static bool skip_without_source(const Facts *facts, Finding *finding);


/* 18 */
void
check_orientation(Facts *facts, Finding *finding)
{
	const Probes *probes;

	if (skip_without_source(facts, finding))
		return;
	probes = facts_orientation(facts);
	finding->status = probes->fits_swapped <= probes->fits_declared ? CHECK_PASS : CHECK_FAIL;
	finding->expected = "at least as many as declared";
	finding->actual = probes_orientation_text(probes);
	if (finding->status != CHECK_PASS)
		finding->remedy = "Name the columns as they are: dish_column => '...', group_column => '...'.";
	finding->metadata = psprintf("{\"source_rows\": " UINT64_FORMAT ", \"fits_declared\": " UINT64_FORMAT ", \"fits_swapped\": " UINT64_FORMAT "}",
								 probes->source_rows, probes->fits_declared, probes->fits_swapped);
}

/* 19: one number, several things. */
void
check_id_space(Facts *facts, Finding *finding)
{
	const Probes *probes;

	if (skip_without_source(facts, finding))
		return;
	probes = facts_id_space(facts);
	finding->status = format_percentage(probes->crossed_rows, probes->source_rows) <= GATE_MAX_CROSS_RESTAURANT ?
		CHECK_PASS : CHECK_FAIL;
	finding->expected = psprintf("at most %g %%", GATE_MAX_CROSS_RESTAURANT);
	finding->actual = probes_id_space_text(probes);
	if (finding->status != CHECK_PASS)
		finding->remedy = "SELECT * FROM menuca_explain_unmapped() WHERE reason = 'cross_restaurant';";
	finding->metadata = psprintf("{\"source_rows\": " UINT64_FORMAT ", \"cross_restaurant_rows\": " UINT64_FORMAT ", \"distinct_ids\": " UINT64_FORMAT ", \"ids_of_ingredients\": %s, \"ids_of_menu\": %s}",
								 probes->source_rows, probes->crossed_rows, probes->crossed_dishes,
								 probes->ingredients ? psprintf(UINT64_FORMAT, probes->crossed_ingredients) : "null",
								 probes->menu ? psprintf(UINT64_FORMAT, probes->crossed_menu) : "null");
}

/* 20 */
void
check_direction(Facts *facts, Finding *finding)
{
	const Probes *probes;

	if (skip_without_source(facts, finding))
		return;
	probes = facts_direction(facts);
	if (probes->told == 0)
	{
		finding_skip(finding, probes_direction_text(probes),
					 "Stage V1's menu with its column isCombo: setting menuca.menu_table.");
		return;
	}
	finding->status = !probes_direction_reversed(probes) ? CHECK_PASS :
		facts->strict ? CHECK_FAIL : CHECK_WARN;
	finding->expected = probes->of_products ? "most of the dishes are combo products" :
		"most of the dishes are no combo products, but what a combo consists of";
	finding->actual = probes_direction_text(probes);
	if (finding->status != CHECK_PASS)
	{
		finding->detail = probes_direction_warning(probes);
		finding->remedy = probes->of_products ?
			"SELECT * FROM menuca_fix_combos(target => 'combo_items');" :
			"SELECT menuca_create_dish_combo_groups(); SELECT * FROM menuca_fix_combos(target => 'dish_combo_groups');";
	}
	finding->metadata = psprintf("{\"dishes_known\": " UINT64_FORMAT ", \"combo_products\": " UINT64_FORMAT ", \"pairs_offered\": %s, \"pairs_in_source\": %s}",
								 probes->told, probes->combos,
								 probes->offers ? psprintf(UINT64_FORMAT, probes->offered) : "null",
								 probes->offers ? psprintf(UINT64_FORMAT, probes->offered_in_source) : "null");
}

/* There must be a source to look at. */
static bool
skip_without_source(const Facts *facts, Finding *finding)
{
	if (facts->source)
		return false;
	finding_skip(finding, "no source is staged to look at",
				 "Load the dump of the old system with menuca_load_dump.");
	return true;
}

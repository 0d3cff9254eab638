/*-------------------------------------------------------------------------
 *
 * checks_source.c
 *	  The checks of the source: see checks_source.h.
 *
 * They show by the probes whether the source means what the plan assumes.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "catalog/namespace.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"

#include "base/extension.h"
#include "base/format.h"
#include "check/check_judge.h"
#include "check/checks_source.h"
#include "check/validation_facts.h"
#include "plan/decision.h"
#include "plan/gate.h"
#include "plan/plan_call.h"
#include "source/source.h"

static void name_decision(const Facts *facts, Finding *finding);
static char *other_target_call(const Facts *facts, const char *target);


/* 18 */
void
check_orientation(void *subject, Finding *finding)
{
	Facts	   *facts = subject;
	const Probes *probes;

	if (check_skip_without_source(facts, finding))
		return;
	probes = facts_orientation(facts);
	finding->status = probes->fits_swapped <= probes->fits_declared ? CHECK_PASS : CHECK_FAIL;
	finding->expected = "at least as many rows fit as declared as with the columns swapped";
	finding->actual = probes_orientation_text(probes);
	if (finding->status != CHECK_PASS)
		finding->remedy = "Pass the right names of the columns: dish_column => '...', group_column => '...'.";
	finding->metadata = psprintf("{\"source_rows\": " UINT64_FORMAT ", \"fits_declared\": " UINT64_FORMAT ", \"fits_swapped\": " UINT64_FORMAT "}",
								 probes->source_rows, probes->fits_declared, probes->fits_swapped);
}

/* 19: V1 used the same numbers for dishes and for other things. */
void
check_id_space(void *subject, Finding *finding)
{
	Facts	   *facts = subject;
	const Probes *probes;

	if (check_skip_without_source(facts, finding))
		return;
	probes = facts_id_space(facts);
	finding->status = format_percentage(probes->crossed_rows, probes->source_rows) <= GATE_MAX_CROSS_RESTAURANT ?
		CHECK_PASS : CHECK_FAIL;
	finding->expected = psprintf("at most %g %%", GATE_MAX_CROSS_RESTAURANT);
	finding->actual = probes_id_space_text(probes);
	if (finding->status != CHECK_PASS)
		finding->remedy = migrate_call("SELECT * FROM menuca_explain_unmapped(%s) WHERE reason = 'cross_restaurant';",
									   facts->arguments);
	finding->metadata = psprintf("{\"source_rows\": " UINT64_FORMAT ", \"cross_restaurant_rows\": " UINT64_FORMAT ", \"distinct_ids\": " UINT64_FORMAT ", \"ids_of_ingredients\": %s, \"ids_of_menu\": %s}",
								 probes->source_rows, probes->crossed_rows, probes->crossed_dishes,
								 probes->ingredients_table ? psprintf(UINT64_FORMAT, probes->crossed_ingredients) : "null",
								 probes->menu_table ? psprintf(UINT64_FORMAT, probes->crossed_menu) : "null");
}

/* 20 */
void
check_direction(void *subject, Finding *finding)
{
	Facts	   *facts = subject;
	const Probes *probes;

	if (check_skip_without_source(facts, finding))
		return;
	probes = facts_direction(facts);
	if (probes->dishes_known == 0)
	{
		finding->status = CHECK_WARN;
		finding->expected = "it is known what the source's rows mean";
		finding->actual = probes_direction_text(probes);
		finding->remedy = migrate_call("SELECT * FROM menuca_decide(); says what to stage.");
		check_judge_accepted(facts, ACCEPT_DIRECTION, 0, finding);
		return;
	}
	finding->status = !probes_direction_reversed(probes) ? CHECK_PASS :
		facts->strict ? CHECK_FAIL : CHECK_WARN;
	finding->expected = probes->of_products ? "most of the dishes are combo products" :
		"most of the dishes are not combo products, but dishes that a combo consists of";
	finding->actual = probes_direction_text(probes);
	if (finding->status != CHECK_PASS)
	{
		finding->detail = probes_direction_warning(probes);
		finding->remedy = other_target_call(facts, probes->of_products ? "combo_items" : "dish_combo_groups");
		name_decision(facts, finding);
	}
	check_judge_accepted(facts, ACCEPT_DIRECTION, 0, finding);
	finding->metadata = psprintf("{\"dishes_known\": " UINT64_FORMAT ", \"combo_products\": " UINT64_FORMAT ", \"pairs_offered\": %s, \"pairs_in_source\": %s}",
								 probes->dishes_known, probes->combo_products,
								 probes->offers_table ? psprintf(UINT64_FORMAT, probes->pairs_offered) : "null",
								 probes->offers_table ? psprintf(UINT64_FORMAT, probes->pairs_in_source) : "null");
}

/* Where these rows were decided to go here, all that is left to do is to accept it. */
static void
name_decision(const Facts *facts, Finding *finding)
{
	const Decision *decision = decision_newest(facts->target->schema);

	if (decision == NULL || strcmp(decision->target, facts->target->junction->name) != 0)
		return;
	finding->detail = psprintf("%s. Decided: %s.", finding->detail, decision_text(decision));
	finding->remedy = acceptance_proposal(ACCEPT_DIRECTION, 0, plan_call_acceptance(facts->target, facts->source));
	finding->next_step = migrate_call("SELECT * FROM menuca_decide(%s);", source_call_arguments(facts->source));
}

/* The call that inserts into another target, which may have to be created first. */
static char *
other_target_call(const Facts *facts, const char *target)
{
	char	   *arguments = source_call_arguments(facts->source);
	bool		exists = OidIsValid(get_relname_relid(target, get_namespace_oid(facts->target->schema, true)));

	return migrate_call("%sSELECT * FROM menuca_fix_combos(%s%starget => %s);",
						exists ? "" : migrate_call("SELECT * FROM menuca_create_dish_combo_groups(dry_run => false); "),
						arguments, *arguments ? ", " : "", quote_literal_cstr(target));
}

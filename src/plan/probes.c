/*-------------------------------------------------------------------------
 *
 * probes.c
 *	  Whether a source means what the plan assumes: see probes.h.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "miscadmin.h"
#include "utils/builtins.h"

#include "base/extension.h"
#include "base/format.h"
#include "base/id_set.h"
#include "base/json.h"
#include "base/query.h"
#include "base/relation.h"
#include "base/settings.h"
#include "base/slot.h"
#include "plan/probes.h"
#include "source/id_space.h"
#include "source/staged_table.h"

/* Share of combo products, in percent, that separates the two directions. */
#define REVERSED 50.0

static void count_by_menu(const MappingPlan *plan, const IdSpace *menu, Probes *probes);
static void count_dish(const IdSpace *menu, int64 id, Probes *probes);
static void count_by_target(const MappingPlan *plan, Probes *probes);
static void probe_offers(const MappingPlan *plan, Probes *probes);
static void store_offers(TupleTableSlot *slot, void *arg);
static void compare_item_counts(const MappingPlan *plan, ItemCounts *item_counts,
								Probes *probes);
static void compare_stated_count(uint32 group, const StatedCount *stated, void *arg);
static bool is_first(const ParentMap *map, uint32 row);
static char *item_counts_text(const ItemCountFigures *counts);
static char *classes_text(const Distribution *distribution);
static char *distribution_warning(const Probes *probes);
static char *distribution_json(const Distribution *distribution);


/* State of compare_item_counts(). */
typedef struct ItemCountProbe
{
	const GroupCount *of_group;
	ItemCountFigures *figures;
} ItemCountProbe;


void
probes_take(const MappingPlan *plan, ItemCounts *item_counts, Probes *probes)
{
	probes_begin(plan, probes);
	probes->planned = plan->figures.planned;
	probes->in_source = plan->figures.in_source;
	if (item_counts)
		compare_item_counts(plan, item_counts, probes);
	probes_id_space(plan, probes);
	probes_direction(plan, probes);
}

void
probes_begin(const MappingPlan *plan, Probes *probes)
{
	memset(probes, 0, sizeof(Probes));
	probes->of_products = plan->target->junction->of_products;
	probes->of_rows = plan->source->kind == SOURCE_ROWS;
	probes->source_rows = plan->figures.source_rows;
	probes->fits_declared = plan->figures.fits_declared;
	probes->fits_swapped = plan->figures.fits_swapped;
}

/*
 * Finds the staged tables that have the ids which lead to other restaurants.
 * The staged ingredients and menu are V1's, so they say nothing about V2's
 * ids.
 */
void
probes_id_space(const MappingPlan *plan, Probes *probes)
{
	IdSpace    *ingredients = NULL;
	IdSpace    *menu = NULL;

	probes->crossed_rows = plan->figures.outcomes[OUTCOME_CROSS_RESTAURANT];
	if (probes->crossed_rows == 0)
		return;

	if (plan->source->system == SYSTEM_V1)
	{
		ingredients = id_space_read(InvalidOid, "ingredients", "menuca.ingredients_table",
									menuca_ingredients_table, NULL);
		menu = id_space_read(InvalidOid, "menu", "menuca.menu_table", menuca_menu_table, NULL);
	}
	probes->ingredients_table = ingredients ? pstrdup(ingredients->display_name) : NULL;
	probes->menu_table = menu ? pstrdup(menu->display_name) : NULL;
	for (uint32 i = 0; i < plan->dishes->nrows; i++)
	{
		const ParentRow *dish = &plan->dishes->rows[i];

		CHECK_FOR_INTERRUPTS();
		if ((dish->flags & PARENT_CROSSED) == 0)
			continue;
		probes->crossed_dishes++;
		if (ingredients && id_space_has(ingredients, dish->legacy))
			probes->crossed_ingredients++;
		if (menu && id_space_has(menu, dish->legacy))
			probes->crossed_menu++;
	}
	if (ingredients)
		id_space_free(ingredients);
	if (menu)
		id_space_free(menu);
}

/*
 * Counts the combo products among the dishes that the source names.  V1's own
 * menu knows best; without one, and for V2's dishes, the target's table of
 * dishes is used.
 */
void
probes_direction(const MappingPlan *plan, Probes *probes)
{
	IdSpace    *menu = NULL;

	if (plan->source->system == SYSTEM_V1)
		menu = id_space_read(InvalidOid, "menu", "menuca.menu_table",
							 menuca_menu_table, "isCombo");
	if (menu && menu->has_flags)
		count_by_menu(plan, menu, probes);
	else
		count_by_target(plan, probes);
	if (menu)
		id_space_free(menu);
	probe_offers(plan, probes);
}

static void
count_by_menu(const MappingPlan *plan, const IdSpace *menu, Probes *probes)
{
	id_set_iterator iterator;
	IdSetEntry *missing;

	probes->flag_table = pstrdup(menu->display_name);
	for (uint32 i = 0; i < plan->dishes->nrows; i++)
	{
		const ParentRow *dish = &plan->dishes->rows[i];

		CHECK_FOR_INTERRUPTS();
		if ((dish->flags & PARENT_REFERENCED) && is_first(plan->dishes, i))
			count_dish(menu, dish->legacy, probes);
	}
	id_set_start_iterate(plan->missing_dishes, &iterator);
	while ((missing = id_set_iterate(plan->missing_dishes, &iterator)) != NULL)
	{
		CHECK_FOR_INTERRUPTS();
		count_dish(menu, missing->id, probes);
	}
}

static void
count_dish(const IdSpace *menu, int64 id, Probes *probes)
{
	IdFlag		flag = id_space_flag(menu, id);

	probes->dishes_known += flag != ID_FLAG_UNKNOWN;
	probes->combo_products += flag == ID_FLAG_YES;
}

/*
 * A column is_combo that is false for every dish was never filled, so it is
 * ignored.  So is false for an inactive dish, since a backfill writes that
 * when it does not know.
 */
static void
count_by_target(const MappingPlan *plan, Probes *probes)
{
	bool		filled = false;

	if (plan->target->dishes.is_combo_attnum == InvalidAttrNumber)
		return;
	for (uint32 i = 0; i < plan->dishes->nrows; i++)
	{
		const ParentRow *dish = &plan->dishes->rows[i];
		bool		is_combo = (dish->flags & PARENT_IS_COMBO) != 0;

		CHECK_FOR_INTERRUPTS();
		filled |= is_combo;
		if ((dish->flags & PARENT_REFERENCED) == 0 || !is_first(plan->dishes, i) ||
			(!is_combo && (dish->flags & PARENT_INACTIVE)))
			continue;
		probes->dishes_known++;
		probes->combo_products += is_combo;
	}
	if (filled)
		probes->flag_table = relation_display_name(plan->target->dishes.oid);
	else
		probes->dishes_known = probes->combo_products = 0;
}

/* Counts the pairs that the staged table of offers shares with the source. */
static void
probe_offers(const MappingPlan *plan, Probes *probes)
{
	static const char *const detail = "It says which dishes a group offers, in the columns combo_group_id and dish_id; both are legacy ids.";
	static const char *const hint = "Name the right table: SET menuca.group_dishes_table = '...';";
	const Source *source = plan->source;
	Oid			relid = staged_table_find("menuca.group_dishes_table", menuca_group_dishes_table);
	char	   *offers;

	if (!OidIsValid(relid) || source->kind != SOURCE_ROWS)
		return;
	staged_table_require(relid, "group_dishes");
	staged_integer_column(relid, "group_dishes", "combo_group_id", detail, hint);
	staged_integer_column(relid, "group_dishes", "dish_id", detail, hint);

	probes->offers_table = relation_display_name(relid);
	offers = psprintf("(SELECT DISTINCT combo_group_id, dish_id FROM %s)", relation_quoted_name(relid));
	query_each(psprintf("SELECT (SELECT count(*) FROM %s o),"
						" (SELECT count(*) FROM %s o WHERE EXISTS"
						"  (SELECT FROM %s s WHERE s.%s = o.combo_group_id AND s.%s = o.dish_id))",
						offers, offers, source->name,
						quote_identifier(source->columns.group),
						quote_identifier(source->columns.dish)),
			   NULL, store_offers, probes);
}

static void
store_offers(TupleTableSlot *slot, void *arg)
{
	Probes	   *probes = arg;

	probes->pairs_offered = slot_int8(slot, 0);
	probes->pairs_in_source = slot_int8(slot, 1);
}

/*
 * Compares the planned items of each group with the number that its rules
 * state.
 */
static void
compare_item_counts(const MappingPlan *plan, ItemCounts *item_counts, Probes *probes)
{
	ItemCountProbe probe = {plan->counts->of_group, &probes->item_counts};

	item_counts_end(item_counts, compare_stated_count, &probe);
}

static void
compare_stated_count(uint32 group, const StatedCount *stated, void *arg)
{
	ItemCountProbe *probe = arg;

	item_counts_compare(probe->figures, stated, probe->of_group[group].items);
}

/* True for the first row of a legacy id, so that each id is counted once. */
static bool
is_first(const ParentMap *map, uint32 row)
{
	return parent_map_first(map, map->rows[row].legacy) == row;
}

bool
probes_direction_reversed(const Probes *probes)
{
	double		combo_share = format_percentage(probes->combo_products, probes->dishes_known);

	if (probes->dishes_known == 0)
		return false;
	return probes->of_products ? combo_share < REVERSED : combo_share >= REVERSED;
}

char *
probes_orientation_text(const Probes *probes)
{
	return psprintf("%s of %s source rows fit one restaurant as declared (%s), %s with the two columns swapped (%s)",
					format_count(probes->fits_declared), format_count(probes->source_rows),
					format_pct(probes->fits_declared, probes->source_rows),
					format_count(probes->fits_swapped),
					format_pct(probes->fits_swapped, probes->source_rows));
}

char *
probes_id_space_text(const Probes *probes)
{
	StringInfoData owners;

	initStringInfo(&owners);
	if (probes->ingredients_table)
		format_append(&owners, ", ", "%s are ids of ingredients (%s)",
					  format_count(probes->crossed_ingredients), probes->ingredients_table);
	if (probes->menu_table)
		format_append(&owners, ", ", "%s are ids of dishes on the menu (%s)",
					  format_count(probes->crossed_menu), probes->menu_table);

	return psprintf("%s of %s (%s) lead to dishes of other restaurants: %s%s%s",
					format_count(probes->crossed_rows),
					format_things(probes->source_rows, "source row"),
					format_pct(probes->crossed_rows, probes->source_rows),
					format_things(probes->crossed_dishes, "distinct legacy id"),
					owners.len > 0 ? ", of which " : "", owners.data);
}

char *
probes_direction_text(const Probes *probes)
{
	char	   *offers = probes->offers_table == NULL ? "" :
		psprintf("; of the %s that groups offer (%s), the source has %s",
				 format_things(probes->pairs_offered, "pair"), probes->offers_table,
				 format_count(probes->pairs_in_source));
	char	   *item_counts = item_counts_text(&probes->item_counts);

	if (probes->dishes_known == 0)
		return psprintf("it is not known which of the dishes are combo products%s%s",
						offers, item_counts);
	return psprintf("%s of %s referenced dishes are combo products (according to %s)%s%s",
					format_count(probes->combo_products), format_count(probes->dishes_known),
					probes->flag_table, offers, item_counts);
}

/*
 * Reported only: in V1's data item_count fits few groups, whichever way their
 * rows are read, so a difference alone is no reason to warn.
 */
static char *
item_counts_text(const ItemCountFigures *counts)
{
	char	   *unreadable = counts->unreadable == 0 ? "" :
		psprintf("; the item_count of %s is not a number", format_things(counts->unreadable, "group"));

	if (counts->groups == 0)
		return unreadable;
	return psprintf("; of %s with items and an item_count, %s will have just as many (%s), %s more, %s fewer%s",
					format_things(counts->groups, "group"), format_count(counts->equal),
					format_pct(counts->equal, counts->groups),
					format_count(counts->more), format_count(counts->fewer), unreadable);
}

char *
probes_distribution_text(const Probes *probes)
{
	const Distribution *planned = &probes->planned;
	const Distribution *in_source = &probes->in_source;

	return psprintf("planned items per group are %.2f points off the source's: groups of 1, 2, 3, 4, 5 and more items: planned %s, in the source %s; groups of a single item: planned %s, in the source %s",
					distribution_distance(in_source, planned),
					classes_text(planned), classes_text(in_source),
					format_pct(planned->groups[1], planned->all),
					format_pct(in_source->groups[1], in_source->all));
}

/* "10, 3, 2, 0, 1 and 4" */
static char *
classes_text(const Distribution *distribution)
{
	StringInfoData buf;

	initStringInfo(&buf);
	for (int class = 1; class <= LARGEST_CLASS; class++)
		appendStringInfo(&buf, "%s%s", class == 1 ? "" : class < LARGEST_CLASS ? ", " : " and ",
						 format_count(distribution->groups[class]));
	return buf.data;
}

char *
probes_direction_warning(const Probes *probes)
{
	return psprintf(probes->of_products ?
					"%s: this table says which dishes a group offers, not which groups a combo uses; consider target combo_items" :
					"%s: this table says which groups a combo uses, not which dishes a group offers; consider target dish_combo_groups",
					probes_direction_text(probes));
}

char *
probes_direction_unknown(const Probes *probes)
{
	if (!probes->of_rows || probes->dishes_known > 0)
		return NULL;
	return migrate_call("what a source row means is not known, since no staged menu says which dishes are combo products; SELECT * FROM menuca_decide(); says what to stage");
}

/* By the same rule as the validation's check "distribution". */
static char *
distribution_warning(const Probes *probes)
{
	if (probes->planned.all == 0)
		return "no group will have an item";
	return psprintf("%s; more than %g points mean that source rows cannot be mapped, or that the table has items that the source lacks",
					probes_distribution_text(probes), DISTRIBUTION_TOLERANCE);
}

List *
probes_warnings(const Probes *probes)
{
	List	   *warnings = NIL;

	if (probes_direction_reversed(probes))
		warnings = lappend(warnings, probes_direction_warning(probes));
	if (!distribution_agrees(&probes->in_source, &probes->planned))
		warnings = lappend(warnings, distribution_warning(probes));
	return warnings;
}

char *
probes_json(const Probes *probes)
{
	const ItemCountFigures *counts = &probes->item_counts;
	StringInfoData buf;

	initStringInfo(&buf);
	json_begin(&buf);
	json_count(&buf, "fits_declared", probes->fits_declared);
	json_count(&buf, "fits_swapped", probes->fits_swapped);
	json_count(&buf, "cross_restaurant_rows", probes->crossed_rows);
	json_text(&buf, "flag_table", probes->flag_table);
	json_count(&buf, "dishes_known", probes->dishes_known);
	json_count(&buf, "combo_products", probes->combo_products);
	if (probes->offers_table)
	{
		json_count(&buf, "pairs_offered", probes->pairs_offered);
		json_count(&buf, "pairs_in_source", probes->pairs_in_source);
	}
	json_count(&buf, "item_counts", counts->groups);
	json_count(&buf, "item_counts_equal", counts->equal);
	json_count(&buf, "item_counts_above", counts->more);
	json_count(&buf, "item_counts_below", counts->fewer);
	json_raw(&buf, "groups_by_items", distribution_json(&probes->planned));
	json_raw(&buf, "groups_by_items_in_source", distribution_json(&probes->in_source));
	json_raw(&buf, "distribution_points",
			 psprintf("%.2f", distribution_distance(&probes->in_source, &probes->planned)));
	json_end(&buf);
	return buf.data;
}

/* [groups of 1, of 2, ... of 6 or more] */
static char *
distribution_json(const Distribution *distribution)
{
	StringInfoData buf;

	initStringInfo(&buf);
	for (int class = 1; class <= LARGEST_CLASS; class++)
		appendStringInfo(&buf, "%s" UINT64_FORMAT, class == 1 ? "[" : ", ", distribution->groups[class]);
	appendStringInfoChar(&buf, ']');
	return buf.data;
}

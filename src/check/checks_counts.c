/*-------------------------------------------------------------------------
 *
 * checks_counts.c
 *	  Checks of the tables against the newest backup or pre-flight: see
 *	  checks_counts.h.
 *
 * A rate gets better, too, when what lowers it is deleted.  So what was counted
 * before is counted again.  Customers order and owners edit their menus
 * meanwhile: rows that are new do not count, and a few changes are no loss.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "catalog/namespace.h"
#include "catalog/pg_type.h"
#include "miscadmin.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"

#include "base/blank.h"
#include "base/column.h"
#include "base/format.h"
#include "base/int8_sort.h"
#include "base/json.h"
#include "base/query.h"
#include "base/relation.h"
#include "base/slot.h"
#include "check/accepted_change.h"
#include "check/check_judge.h"
#include "check/checks_counts.h"
#include "check/reference.h"
#include "check/validation_facts.h"

/* Loss in percent that is a FAIL; the tickets' own trigger of a rollback. */
#define MAX_LOSS 1.0

/* Ids that a detail names. */
#define EXAMPLES 5

/*
 * With this many times more items than were counted, those that were counted are
 * found by the index; otherwise all are counted, which is known already.
 */
#define OLD_ITEMS_FACTOR 10

/* What a comparison found. */
typedef struct Losses
{
	int			tables;			/* compared */
	const char *menus;			/* restaurants that had one; may be NULL */
	const ReferenceTable *restaurants;	/* likewise */
	bool		failed;
	uint64		lost;			/* rows, or states of rows */
	StringInfoData lost_text;
	StringInfoData figures;
	StringInfoData skipped;
	StringInfoData metadata;
} Losses;

/* Adds what one table has lost. */
typedef void (*CompareFn) (Facts *facts, const ReferenceTable *table, Losses *losses);

/* Groups and dishes that repeat another one. */
typedef struct Repeated
{
	const char *noun;			/* of the rows that are being counted */
	int64		newer_than;		/* greater ids are new */
	uint64		ids;			/* with the same legacy id */
	uint64		new_ids;
	uint64		new_names;
	int			named;			/* in the examples, or more */
	StringInfoData examples;
} Repeated;

static void compare_with_reference(Facts *facts, const char *check, const char *noun,
								   CompareFn compare, char *expected, Finding *finding);
static void begin_losses(Losses *losses);
static void compare_rows(Facts *facts, const ReferenceTable *table, Losses *losses);
static int64 rows_now(Facts *facts, const ReferenceTable *table);
static int64 rows_up_to(const ParentMap *map, int64 id);
static void compare_states(Facts *facts, const ReferenceTable *table, Losses *losses);
static bool is_comparable(const Facts *facts, const ReferenceTable *table, Losses *losses);
static void conclude(Facts *facts, const Reference *reference, const char *check,
					 const char *noun, Losses *losses, Finding *finding);
static uint64 rows_of_closed(const Facts *facts, const ReferenceTable *table, const Losses *losses);
static bool any_has_closed(const Facts *facts, const ReferenceTable *restaurants);
static void count_repeated(const Reference *reference, const ParentTable *parent,
						   const ParentMap *map, const char *noun, Repeated *found);
static void count_repeated_ids(const ParentMap *map, Repeated *found);
static void add_repeated_name(TupleTableSlot *slot, void *arg);
static void add_repeated(Repeated *found, int64 id);


/* 21 */
void
check_row_counts(void *subject, Finding *finding)
{
	compare_with_reference(subject, "row_counts", "row", compare_rows,
						   psprintf("no combo group is lost, and at most %g %% of any other table", MAX_LOSS),
						   finding);
}

/* 22 */
void
check_row_values(void *subject, Finding *finding)
{
	compare_with_reference(subject, "row_values", "state", compare_states,
						   psprintf("of the rows that were active, or had a name, a price, rules or a legacy id, at most %g %% have lost it", MAX_LOSS),
						   finding);
}

static void
compare_with_reference(Facts *facts, const char *check, const char *noun,
					   CompareFn compare, char *expected, Finding *finding)
{
	const Reference *reference = check_require_reference(facts, check, finding);
	const ReferenceTable *dishes;
	Losses		losses;
	ListCell   *lc;

	if (reference == NULL)
		return;
	begin_losses(&losses);
	dishes = reference_table(reference, facts->target->dishes.bare_name);
	losses.menus = dishes ? dishes->menus : NULL;
	losses.restaurants = reference_table(reference, "restaurants");
	foreach(lc, reference->tables)
		compare(facts, lfirst(lc), &losses);
	finding->expected = expected;
	conclude(facts, reference, check, noun, &losses, finding);
}

static void
begin_losses(Losses *losses)
{
	memset(losses, 0, sizeof(Losses));
	initStringInfo(&losses->lost_text);
	initStringInfo(&losses->figures);
	initStringInfo(&losses->skipped);
	initStringInfo(&losses->metadata);
	json_begin(&losses->metadata);
}

/* A group that is gone takes its orphan with it: none may be lost. */
static void
compare_rows(Facts *facts, const ReferenceTable *table, Losses *losses)
{
	int64		before = Max(table->counts.rows - table->undone, 0);
	int64		now;
	uint64		lost;

	if (table->counts.rows < 0 || !is_comparable(facts, table, losses))
		return;
	now = rows_now(facts, table);
	lost = now < before ? before - now : 0;
	losses->tables++;
	losses->lost += lost;
	format_append(&losses->figures, ", ", "%s %s of %s", table->name, format_count(Min(now, before)), format_count(before));
	json_count(&losses->metadata, table->name, lost);
	if (lost == 0)
		return;
	format_append(&losses->lost_text, ", ", "%s of %s (%s)", format_count(lost), table->name, format_pct(lost, before));
	losses->failed |= strcmp(table->name, facts->target->junction->group_table) == 0 ||
		format_percentage(lost, before) > MAX_LOSS;
}

/* The rows that were counted then, or of many items all rows. */
static int64
rows_now(Facts *facts, const ReferenceTable *table)
{
	TableCounts now;
	const RowPrints *prints;

	if (table->counts.has_max_id && strcmp(table->name, facts->target->groups.bare_name) == 0)
		return rows_up_to(facts->groups, table->counts.max_id);
	if (table->counts.has_max_id && strcmp(table->name, facts->target->dishes.bare_name) == 0)
		return rows_up_to(facts->dishes, table->counts.max_id);
	if (strcmp(table->name, facts->target->junction->name) == 0 &&
		(uint64) table->counts.rows > facts->census.items / OLD_ITEMS_FACTOR)
		return facts->census.items;
	prints = reference_prints_now(&facts->prints, facts->target->schema, table);
	if (prints)
		return prints->nrows;
	table_counts_take(facts->target->schema, table->name,
					  table->counts.has_max_id ? &table->counts.max_id : NULL, false, &now);
	return now.rows;
}

/* The rows of a map whose id is at most that. */
static int64
rows_up_to(const ParentMap *map, int64 id)
{
	uint32		low = 0;
	uint32		high = map->nrows;

	while (low < high)
	{
		uint32		middle = low + (high - low) / 2;

		if (map->rows[middle].id <= id)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

static void
compare_states(Facts *facts, const ReferenceTable *table, Losses *losses)
{
	TableCounts now;
	bool		any = false;
	int64		gone;			/* rows that are deleted: check 21 counts them */

	for (int i = 0; i < ROW_STATES; i++)
		any |= table->counts.has_state[i];
	if (!any || strcmp(table->name, facts->target->junction->name) == 0 ||
		!is_comparable(facts, table, losses))
		return;

	table_counts_take(facts->target->schema, table->name,
					  table->counts.has_max_id ? &table->counts.max_id : NULL, true, &now);
	gone = Max(table->counts.rows - table->undone - now.rows, 0);
	losses->tables++;
	for (int i = 0; i < ROW_STATES; i++)
	{
		const char *state = table_counts_state_name((RowState) i);
		int64		before = Max(table->counts.in_state[i] - table->undone, 0);
		uint64		lost;

		if (!table->counts.has_state[i])
			continue;
		lost = now.in_state[i] + gone < before ? before - now.in_state[i] - gone : 0;
		if (i == ROWS_ACTIVE && lost > 0)
			lost -= Min(lost, rows_of_closed(facts, table, losses));
		losses->lost += lost;
		json_count(&losses->metadata, psprintf("%s_%s", table->name, state), lost);
		if (lost == 0)
			continue;
		format_append(&losses->lost_text, ", ", "%s of %s %s (%s)", format_count(lost), state, table->name,
					  format_pct(lost, before));
		losses->failed |= lost > DAILY_CHANGES && format_percentage(lost, before) > MAX_LOSS;
	}
}

/* A restaurant that leaves the platform takes its menu with it. */
static uint64
rows_of_closed(const Facts *facts, const ReferenceTable *table, const Losses *losses)
{
	const char *schema = facts->target->schema;
	char	   *closed = check_closed_condition(facts, "t.restaurant_id");
	QueryArgs	args = {0};

	if (losses->menus == NULL || !table->counts.has_max_id || !any_has_closed(facts, losses->restaurants) ||
		column_find(target_table_oid(schema, table->name), "restaurant_id") == InvalidAttrNumber)
		return 0;
	query_arg_text(&args, losses->menus);
	query_arg_int8(&args, table->counts.max_id);
	return query_int8(psprintf("SELECT count(*) FROM %s t WHERE t.id <= $2 AND NOT (%s) AND $1::int8multirange @> t.restaurant_id::int8 AND %s",
							   relation_quoted_name(target_table_oid(schema, table->name)),
							   table_counts_condition(schema, table->name, ROWS_ACTIVE), closed), &args);
}

/* Restaurants that have never been active, but had a menu, have not left. */
static bool
any_has_closed(const Facts *facts, const ReferenceTable *restaurants)
{
	TableCounts now;

	if (restaurants == NULL || !restaurants->counts.has_max_id || !restaurants->counts.has_state[ROWS_ACTIVE] ||
		!table_counts_is_readable(facts->target->schema, "restaurants"))
		return false;
	table_counts_take(facts->target->schema, "restaurants", &restaurants->counts.max_id, true, &now);
	return now.in_state[ROWS_ACTIVE] < restaurants->counts.in_state[ROWS_ACTIVE];
}

/* False if the table is gone, which is a loss, or may not be read. */
static bool
is_comparable(const Facts *facts, const ReferenceTable *table, Losses *losses)
{
	if (table_counts_is_readable(facts->target->schema, table->name))
		return true;
	if (OidIsValid(get_relname_relid(table->name, get_namespace_oid(facts->target->schema, false))))
		format_append(&losses->skipped, ", ", "%s", table->name);
	else
	{
		losses->failed = true;
		losses->lost += Max(table->counts.rows, 0);
		format_append(&losses->lost_text, ", ", "the table %s", table->name);
		json_count(&losses->metadata, table->name, Max(table->counts.rows, 0));
	}
	return false;
}

static void
conclude(Facts *facts, const Reference *reference, const char *check,
		 const char *noun, Losses *losses, Finding *finding)
{
	json_end(&losses->metadata);
	finding->metadata = losses->metadata.data;
	finding->status = losses->failed ? CHECK_FAIL : CHECK_PASS;
	finding->actual = losses->lost_text.len > 0 ? psprintf("lost: %s", losses->lost_text.data) :
		losses->failed ? psprintf("a lost %s", noun) :
		psprintf("nothing is lost in %s", format_things(losses->tables, "table"));
	finding->detail = psprintf("Compared with %s.%s%s%s%s", reference->origin,
							   losses->figures.len > 0 ? psprintf(" Still there: %s.", losses->figures.data) : "",
							   losses->skipped.len > 0 ? " Not compared, since the caller may not read all rows: " : "",
							   losses->skipped.data, losses->skipped.len > 0 ? "." : "");
	if (losses->failed)
	{
		finding->remedy = "Find out who deleted or changed them, and restore them from the backup.";
		accepted_change_apply(facts, check, ACCEPT_FIGURES_OF_NOW, finding);
	}
	else if (losses->tables == 0)
		finding_skip(finding, "no table could be compared", "Call this as a role that may read all tables.");
}

/*
 * 24: a second row for a group or a dish of V1 makes source rows ambiguous, and
 * customers see it twice.  V1 itself had rows of the same name, so names count
 * only for rows that are new and active.
 */
void
check_repeated_rows(void *subject, Finding *finding)
{
	Facts	   *facts = subject;
	const Reference *reference = check_require_reference(facts, "repeated_rows", finding);
	Repeated	found = {0};

	memset(finding, 0, sizeof(Finding));
	initStringInfo(&found.examples);
	count_repeated(reference, &facts->target->groups, facts->groups, "group", &found);
	count_repeated(reference, &facts->target->dishes, facts->dishes, "dish", &found);

	finding->status = found.new_ids > 0 ? CHECK_FAIL :
		found.ids > 0 || found.new_names > DAILY_CHANGES ? CHECK_WARN : CHECK_PASS;
	finding->expected = "no group or dish has the legacy id of another one of its restaurant, and hardly any new one its name";
	finding->actual = psprintf("same legacy id: %s, of these new: %s; new with the same name: %s",
							   format_count(found.ids), format_count(found.new_ids), format_count(found.new_names));
	finding->detail = psprintf("%s.%s", reference ? psprintf("New is what %s has not counted", reference->origin) :
							   "What is new is unknown, since no pre-flight or backup has counted the rows",
							   found.examples.len > 0 ? psprintf(" Such as %s.", found.examples.data) : "");
	finding->metadata = psprintf("{\"repeated_legacy_ids\": " UINT64_FORMAT ", \"new_legacy_ids\": " UINT64_FORMAT ", \"new_names\": " UINT64_FORMAT "}",
								 found.ids, found.new_ids, found.new_names);
	if (finding->status != CHECK_PASS)
		finding->remedy = "Delete the copies: no item refers to them unless somebody has added it.";
	accepted_change_apply(facts, "repeated_rows", ACCEPT_FIGURES_OF_NOW, finding);
}

static void
count_repeated(const Reference *reference, const ParentTable *parent,
			   const ParentMap *map, const char *noun, Repeated *found)
{
	const ReferenceTable *table = reference ? reference_table(reference, parent->bare_name) : NULL;
	QueryArgs	args = {0};

	found->noun = noun;
	found->newer_than = table && table->counts.has_max_id ? table->counts.max_id : PG_INT64_MAX;
	count_repeated_ids(map, found);
	if (parent->label == NULL || parent->is_active == NULL || map->nrows == 0 ||
		map->rows[map->nrows - 1].id <= found->newer_than)
		return;
	query_arg_int8(&args, found->newer_than);
	query_each(psprintf("SELECT n.%1$s::int8 FROM %2$s n WHERE n.%1$s > $1 AND n.%3$s AND n.legacy_v1_id IS NULL AND EXISTS (SELECT FROM %2$s o"
						" WHERE o.%4$s = n.%4$s AND lower(btrim(o.%5$s, %6$s)) = lower(btrim(n.%5$s, %6$s)) AND o.%1$s < n.%1$s) ORDER BY 1",
						parent->id, parent->name, parent->is_active, parent->restaurant, parent->label, blank_characters()),
			   &args, add_repeated_name, found);
}

/*
 * Rows whose restaurant has another one of the same legacy id with a lower id.
 * Few rows share a legacy id, and only these are sorted.
 */
static void
count_repeated_ids(const ParentMap *map, Repeated *found)
{
	Int8Sort   *sort = int8_sort_begin(3, maintenance_work_mem / 4, false);
	const int64 *row;
	int64		last[2] = {0};
	bool		any = false;

	for (uint32 i = 0; i < map->nrows; i++)
	{
		const ParentRow *parent = &map->rows[i];
		int64		values[3] = {parent->legacy, parent->restaurant, parent->id};

		if ((parent->flags & PARENT_HAS_LEGACY_ID) &&
			(parent->next != PARENT_MAP_END || parent_map_first(map, parent->legacy) != i))
			int8_sort_put(sort, values);
	}
	int8_sort_perform(sort);
	while ((row = int8_sort_next(sort)) != NULL)
	{
		CHECK_FOR_INTERRUPTS();
		if (any && row[0] == last[0] && row[1] == last[1])
		{
			found->ids++;
			found->new_ids += row[2] > found->newer_than;
			add_repeated(found, row[2]);
		}
		memcpy(last, row, sizeof(last));
		any = true;
	}
	int8_sort_end(sort);
}

static void
add_repeated_name(TupleTableSlot *slot, void *arg)
{
	Repeated   *found = arg;

	found->new_names++;
	add_repeated(found, slot_int8(slot, 0));
}

static void
add_repeated(Repeated *found, int64 id)
{
	if (found->named++ < EXAMPLES)
		format_append(&found->examples, ", ", "%s " INT64_FORMAT, found->noun, id);
}

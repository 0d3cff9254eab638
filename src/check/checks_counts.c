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
#include "utils/fmgrprotos.h"
#include "utils/lsyscache.h"

#include "base/format.h"
#include "base/id_set.h"
#include "base/int8_sort.h"
#include "base/json.h"
#include "base/query.h"
#include "base/relation.h"
#include "base/slot.h"
#include "check/acceptance.h"
#include "check/checks_counts.h"
#include "check/reference.h"
#include "check/validation_facts.h"

/* Loss in percent that is a FAIL; the tickets' own trigger of a rollback. */
#define MAX_LOSS 1.0

/* Fewer rows than these change their state every day, however small a table. */
#define DAILY_CHANGES 5

/* Ids that a detail names. */
#define EXAMPLES 5

/*
 * Among so many times more items than were counted, those that were counted are
 * found by the index; otherwise all are counted, which is known already.
 */
#define OLD_ITEMS_FACTOR 10

/* What a comparison found. */
typedef struct Losses
{
	int			tables;			/* compared */
	bool		failed;
	uint64		lost;			/* rows, or states of rows */
	StringInfoData lost_text;
	StringInfoData figures;
	StringInfoData skipped;
	StringInfoData metadata;
} Losses;

/* The restaurants that have no menu any more. */
typedef struct LostMenus
{
	int64		lost;
	int64		closed;			/* of these, not active themselves */
	char	   *examples;
} LostMenus;

static const Reference *require_reference(Facts *facts, Finding *finding);
static void begin_losses(Losses *losses);
static void compare_rows(Facts *facts, const ReferenceTable *table, Losses *losses);
static int64 rows_now(Facts *facts, const ReferenceTable *table);
static void compare_states(const Facts *facts, const ReferenceTable *table, Losses *losses);
static bool is_comparable(const Facts *facts, const ReferenceTable *table, Losses *losses);
static void conclude(Facts *facts, const Reference *reference, const char *check,
					 const char *noun, Losses *losses, Finding *finding);
static Datum restaurants_with_menus(const Facts *facts);
static void store_menus(TupleTableSlot *slot, void *arg);
static char *count_closed(const Facts *facts);
static uint64 repeated_legacy_ids(const Facts *facts, int64 newer_than, uint64 *newer);
static void add_example(TupleTableSlot *slot, void *arg);


/* 21 */
void
check_row_counts(void *subject, Finding *finding)
{
	Facts	   *facts = subject;
	const Reference *reference = require_reference(facts, finding);
	Losses		losses;
	ListCell   *lc;

	if (reference == NULL)
		return;
	begin_losses(&losses);
	foreach(lc, reference->tables)
		compare_rows(facts, lfirst(lc), &losses);
	finding->expected = psprintf("no combo group is lost, and at most %g %% of any other table", MAX_LOSS);
	conclude(facts, reference, "row_counts", "row", &losses, finding);
}

/* 22 */
void
check_row_values(void *subject, Finding *finding)
{
	Facts	   *facts = subject;
	const Reference *reference = require_reference(facts, finding);
	Losses		losses;
	ListCell   *lc;

	if (reference == NULL)
		return;
	begin_losses(&losses);
	foreach(lc, reference->tables)
		compare_states(facts, lfirst(lc), &losses);
	finding->expected = psprintf("of the rows that were active, had a name, a price or rules, at most %g %% have lost it", MAX_LOSS);
	conclude(facts, reference, "row_values", "state", &losses, finding);
}

/* The reference, read once; NULL when there is none, and the check is skipped. */
static const Reference *
require_reference(Facts *facts, Finding *finding)
{
	if (facts->reference == NULL)
	{
		MemoryContext old = MemoryContextSwitchTo(facts->context);

		facts->reference = reference_read(facts->target->schema);
		MemoryContextSwitchTo(old);
	}
	if (facts->reference->tables != NIL)
		return facts->reference;
	finding_skip(finding, "neither a pre-flight nor a backup of this database has counted its tables",
				 facts->reference->unreadable ?
				 psprintf("The caller may not read %s; its owner can: GRANT SELECT ON %s TO %s;",
						  facts->reference->unreadable, facts->reference->unreadable,
						  quote_identifier(GetUserNameFromId(GetUserId(), false))) :
				 "Before a change: SELECT * FROM menuca_ticket(0); or menuca_register_backup(); both count them.");
	return NULL;
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

	if (strcmp(table->name, facts->target->junction->name) == 0 &&
		(uint64) table->counts.rows > facts->census.items / OLD_ITEMS_FACTOR)
		return facts->census.items;
	table_counts_take(facts->target->schema, table->name,
					  table->counts.has_max_id ? &table->counts.max_id : NULL, false, &now);
	return now.rows;
}

static void
compare_states(const Facts *facts, const ReferenceTable *table, Losses *losses)
{
	TableCounts now;
	bool		any = false;

	for (int i = 0; i < ROW_STATES; i++)
		any |= table->counts.has_state[i];
	if (!any || strcmp(table->name, facts->target->junction->name) == 0 ||
		!is_comparable(facts, table, losses))
		return;

	table_counts_take(facts->target->schema, table->name,
					  table->counts.has_max_id ? &table->counts.max_id : NULL, true, &now);
	losses->tables++;
	for (int i = 0; i < ROW_STATES; i++)
	{
		const char *state = table_counts_state_name((RowState) i);
		int64		before = Max(table->counts.in_state[i] - table->undone, 0);
		uint64		lost;

		if (!table->counts.has_state[i])
			continue;
		lost = now.in_state[i] < before ? before - now.in_state[i] : 0;
		losses->lost += lost;
		json_count(&losses->metadata, psprintf("%s_%s", table->name, state), lost);
		if (lost == 0)
			continue;
		format_append(&losses->lost_text, ", ", "%s of %s %s (%s)", format_count(lost), state, table->name,
					  format_pct(lost, before));
		losses->failed |= lost > DAILY_CHANGES && format_percentage(lost, before) > MAX_LOSS;
	}
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
		acceptance_apply(facts, check, losses->metadata.data, finding);
	}
	else if (losses->tables == 0)
		finding_skip(finding, "no table could be compared", "Call this as a role that may read all tables.");
}

/* 23: a restaurant that is closed itself needs no menu. */
void
check_menus(void *subject, Finding *finding)
{
	Facts	   *facts = subject;
	const Reference *reference = require_reference(facts, finding);
	const ReferenceTable *dishes;
	QueryArgs	args = {0};
	LostMenus	menus = {0};

	if (reference == NULL)
		return;
	dishes = reference_table(reference, facts->target->junction->dish_table);
	if (dishes == NULL || dishes->menus == NULL || facts->target->dishes.is_active == NULL)
	{
		finding_skip(finding, "it is not recorded which restaurants had a menu", "SELECT * FROM menuca_ticket(0); records it from now on.");
		return;
	}

	query_arg_text(&args, dishes->menus);
	query_arg(&args, INT8ARRAYOID, restaurants_with_menus(facts), false);
	query_each(psprintf("WITH gone AS (SELECT $1::int8multirange - coalesce(range_agg(int8range(r, r, '[]')), '{}') AS ids FROM unnest($2) r)"
						" SELECT (SELECT sum(upper(r) - lower(r)) FROM gone, unnest(gone.ids) r), %s,"
						" (SELECT string_agg(lower(r)::text, ', ') FROM (SELECT r FROM gone, unnest(gone.ids) r LIMIT %d) e)",
						count_closed(facts), EXAMPLES),
			   &args, store_menus, &menus);

	finding->status = menus.lost > menus.closed ? CHECK_FAIL : CHECK_PASS;
	finding->expected = "every restaurant that had an active dish has one, unless it is closed itself";
	finding->actual = menus.lost == 0 ? "all of them have one" :
		psprintf("%s without an active dish%s", format_things(menus.lost, "restaurant"),
				 menus.closed > 0 ? psprintf(", %s of them not active any more", format_count(menus.closed)) : "");
	finding->detail = psprintf("Compared with %s.%s", dishes->origin,
							   menus.lost > 0 ? psprintf(" The first ids: %s.", menus.examples ? menus.examples : "unknown") : "");
	finding->metadata = psprintf("{\"without_menu\": " INT64_FORMAT ", \"closed\": " INT64_FORMAT "}", menus.lost, menus.closed);
	if (finding->status != CHECK_PASS)
		finding->remedy = "Find out who switched off or deleted their dishes, and restore them from the backup.";
	acceptance_apply(facts, "menus", finding->metadata, finding);
}

/* The different restaurants of active dishes, as an int8[]. */
static Datum
restaurants_with_menus(const Facts *facts)
{
	id_set_hash *seen = id_set_create(CurrentMemoryContext, 1024, NULL);
	int64	   *ids = palloc(sizeof(int64) * Max(facts->dishes->nrows, 1));
	int			n = 0;
	Datum		array;

	for (uint32 i = 0; i < facts->dishes->nrows; i++)
	{
		const ParentRow *dish = &facts->dishes->rows[i];
		bool		known;

		if ((dish->flags & PARENT_INACTIVE) || !(dish->flags & PARENT_HAS_RESTAURANT))
			continue;
		id_set_insert(seen, dish->restaurant, &known);
		if (!known)
			ids[n++] = dish->restaurant;
	}
	array = query_int8_array(ids, NULL, n);
	id_set_destroy(seen);
	pfree(ids);
	return array;
}

static void
store_menus(TupleTableSlot *slot, void *arg)
{
	LostMenus  *menus = arg;

	menus->lost = slot->tts_isnull[0] ? 0 :
		DatumGetInt64(DirectFunctionCall1(numeric_int8, slot->tts_values[0]));
	menus->closed = slot->tts_isnull[1] ? 0 : slot_int8(slot, 1);
	menus->examples = slot_text(slot, 2);
}

/* A query that counts the restaurants of gone.ids that are not active. */
static char *
count_closed(const Facts *facts)
{
	char	   *active = table_counts_is_readable(facts->target->schema, "restaurants") ?
		table_counts_condition(facts->target->schema, "restaurants", ROWS_ACTIVE) : NULL;

	if (active == NULL)
		return "0::int8";
	return psprintf("(SELECT count(*) FROM gone, %s t WHERE t.id::int8 <@ gone.ids AND NOT (%s))",
					relation_quoted_name(target_table_oid(facts->target->schema, "restaurants")), active);
}

/*
 * 24: a second row for a dish of V1 makes source rows ambiguous, and customers
 * see a dish twice.  V1 itself had dishes of the same name, so names count only
 * for dishes that are new.
 */
void
check_repeated_dishes(void *subject, Finding *finding)
{
	Facts	   *facts = subject;
	const ParentTable *dishes = &facts->target->dishes;
	const Reference *reference = require_reference(facts, finding);
	const ReferenceTable *table = reference ? reference_table(reference, dishes->bare_name) : NULL;
	int64		newer_than = table && table->counts.has_max_id ? table->counts.max_id : PG_INT64_MAX;
	uint64		newer = 0;
	uint64		repeated = repeated_legacy_ids(facts, newer_than, &newer);
	uint64		names = 0;
	StringInfoData examples;

	initStringInfo(&examples);
	memset(finding, 0, sizeof(Finding));
	if (newer_than != PG_INT64_MAX && dishes->label && dishes->is_active && facts->dishes->nrows > 0 &&
		facts->dishes->rows[facts->dishes->nrows - 1].id > newer_than)
	{
		QueryArgs	args = {0};

		query_arg_int8(&args, newer_than);
		names = query_each(psprintf("SELECT d.%1$s::int8 FROM %2$s d WHERE d.%1$s > $1 AND d.%3$s AND EXISTS (SELECT FROM %2$s o"
									" WHERE o.%4$s = d.%4$s AND o.%5$s = d.%5$s AND o.%1$s < d.%1$s) ORDER BY 1",
									dishes->id, dishes->name, dishes->is_active, dishes->restaurant, dishes->label),
						   &args, add_example, &examples);
	}

	finding->status = newer > 0 || format_percentage(names, facts->dishes->nrows) > MAX_LOSS ? CHECK_FAIL :
		repeated + names > 0 ? CHECK_WARN : CHECK_PASS;
	finding->expected = "no dish has the legacy id of another dish of its restaurant, and no new one its name";
	finding->actual = repeated + names == 0 ? "none" :
		psprintf("%s with the legacy id of another one, %s of them new; %s with the name of another one",
				 format_things(repeated, "dish row"), format_count(newer), format_things(names, "new dish row"));
	finding->detail = table ? psprintf("New are dishes that %s has not counted.%s%s%s", table->origin,
									   examples.len > 0 ? " Their ids: " : "", examples.data,
									   examples.len > 0 ? "." : "") :
		"Which dishes are new is unknown, since no pre-flight or backup has counted them.";
	finding->metadata = psprintf("{\"repeated_legacy_ids\": " UINT64_FORMAT ", \"new_legacy_ids\": " UINT64_FORMAT ", \"new_names\": " UINT64_FORMAT "}",
								 repeated, newer, names);
	if (finding->status != CHECK_PASS)
		finding->remedy = "Delete the copies: no item refers to them unless somebody added it.";
	acceptance_apply(facts, "repeated_dishes", finding->metadata, finding);
}

/*
 * Dishes whose restaurant has another one of the same legacy id with a lower id.
 * Few dishes share a legacy id, and only these are sorted.
 */
static uint64
repeated_legacy_ids(const Facts *facts, int64 newer_than, uint64 *newer)
{
	const ParentMap *dishes = facts->dishes;
	Int8Sort   *sort = int8_sort_begin(3, maintenance_work_mem / 4, false);
	const int64 *row;
	int64		last[2] = {0};
	bool		any = false;
	uint64		repeated = 0;

	for (uint32 i = 0; i < dishes->nrows; i++)
	{
		const ParentRow *dish = &dishes->rows[i];
		int64		values[3] = {dish->legacy, dish->restaurant, dish->id};

		if ((dish->flags & PARENT_HAS_LEGACY_ID) &&
			(dish->next != PARENT_MAP_END || parent_map_first(dishes, dish->legacy) != i))
			int8_sort_put(sort, values);
	}
	int8_sort_perform(sort);
	while ((row = int8_sort_next(sort)) != NULL)
	{
		if (any && row[0] == last[0] && row[1] == last[1])
		{
			repeated++;
			*newer += row[2] > newer_than;
		}
		memcpy(last, row, sizeof(last));
		any = true;
	}
	int8_sort_end(sort);
	return repeated;
}

static void
add_example(TupleTableSlot *slot, void *arg)
{
	StringInfo	examples = arg;

	if (examples->len < 64)
		format_append(examples, ", ", INT64_FORMAT, slot_int8(slot, 0));
}

bool
checks_counts_are_accepted_as(const char *check)
{
	return strcmp(check, "row_counts") == 0 || strcmp(check, "row_values") == 0 ||
		strcmp(check, "menus") == 0 || strcmp(check, "repeated_dishes") == 0;
}

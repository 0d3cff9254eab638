/*-------------------------------------------------------------------------
 *
 * review_samples.c
 *	  Groups with their dishes, drawn for a person to judge.
 *
 * menuca_review_samples(ticket, n, seed)
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "fmgr.h"
#include "funcapi.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"

#include "base/arguments.h"
#include "base/blank.h"
#include "base/extension.h"
#include "base/format.h"
#include "base/query.h"
#include "base/relation.h"
#include "base/results.h"
#include "base/slot.h"
#include "people/people_ticket.h"
#include "people/review_target.h"
#include "target/restaurant_name.h"

PG_FUNCTION_INFO_V1(menuca_review_samples);

/* More than a person judges. */
#define MOST_SAMPLES 1000

/* Seeds are short, so that one person can tell another. */
#define SEEDS 1000000

/* The place of the dishes among the columns of draw_query(). */
#define DISHES_COLUMN 6

/* A drawn group. */
typedef struct ReviewSample
{
	int64		group_id;
	char	   *group_name;
	char	   *restaurant;
	int64		items;
	char	   *item_count;
	Datum		dishes;
	char	   *remarks;
} ReviewSample;

static int	argument_seed(FunctionCallInfo fcinfo, int place);
static char *draw_query(const Target *target);
static char *dishes_query(const Target *target);
static char *is_hidden(const ParentTable *parent, const char *alias);
static char *dish_price(const Target *target);
static char *column_or_null(const char *alias, const char *column);
static char *item_count_column(const Target *target);
static void *make_sample(TupleTableSlot *slot);
static char *sample_remarks(TupleTableSlot *slot, const ReviewSample *sample);
static void remark_count(StringInfo remarks, TupleTableSlot *slot, const char *column, const char *one, const char *several);
static void return_samples(ReturnSetInfo *rsinfo, List *samples, int no, int seed);


/* Returns n groups, or as many as have rows in the table that the ticket fills. */
Datum
menuca_review_samples(PG_FUNCTION_ARGS)
{
	int			no;
	int64		environment_id = people_ticket_require(fcinfo, 0, &no);
	int			n = argument_int4(fcinfo, 1, "n");
	int			seed = argument_seed(fcinfo, 2);
	QueryArgs	args = {0};
	Target	   *target;

	review_target_require_ticket(no);
	if (n < 1 || n > MOST_SAMPLES)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("n must be between 1 and %d", MOST_SAMPLES),
				 errdetail("It was given as %d.", n),
				 errhint("Omit it to see 20 groups.")));
	target = review_target_open(environment_id, no);
	query_arg(&args, INT4OID, Int32GetDatum(n), false);
	query_arg_int8(&args, seed);
	InitMaterializedSRF(fcinfo, 0);
	return_samples((ReturnSetInfo *) fcinfo->resultinfo, query_list(draw_query(target), &args, make_sample), no, seed);
	return (Datum) 0;
}

/* Without a seed, one is drawn, which the rows show. */
static int
argument_seed(FunctionCallInfo fcinfo, int place)
{
	return PG_ARGISNULL(place) ?
		(int) query_int8(psprintf("SELECT floor(random() * %d)::int8 + 1", SEEDS), NULL) : PG_GETARG_INT32(place);
}

/*
 * Groups are drawn by a hash of their id and the seed.  No restaurant is seen twice
 * before each was seen once; the sizes take turns within a restaurant, beginning with
 * another one in each, and among the groups that are drawn.
 */
static char *
draw_query(const Target *target)
{
	return psprintf("WITH sized AS ("
					"  SELECT i.%s AS id, count(*) AS items FROM %s i WHERE i.%s IS NOT NULL GROUP BY i.%s),"
					" hashed AS ("
					"  SELECT s.id, s.items, coalesce(g.%s::text, '') AS restaurant, hashint8extended(s.id::int8, $2) AS h,"
					"   CASE WHEN s.items = 1 THEN 0 WHEN s.items <= 3 THEN 1 WHEN s.items <= 5 THEN 2 ELSE 3 END AS size"
					"  FROM sized s JOIN %s g ON g.%s = s.id),"
					" of_size AS (SELECT *, row_number() OVER (PARTITION BY restaurant, size ORDER BY h, id) AS n_of_size FROM hashed),"
					" of_restaurant AS (SELECT *, row_number() OVER (PARTITION BY restaurant"
					"   ORDER BY n_of_size, (size + (hashtextextended(restaurant, $2) & 3)) %% 4, h, id) AS n_of_restaurant FROM of_size),"
					" turns AS (SELECT *, row_number() OVER (PARTITION BY n_of_restaurant, size ORDER BY h, id) AS turn FROM of_restaurant),"
					" drawn AS (SELECT *, row_number() OVER (ORDER BY n_of_restaurant, turn, size, h, id) AS place FROM turns"
					"  ORDER BY place LIMIT $1),"
					" shown AS (%s)"
					" SELECT g.%s::int8 AS group_id, %s AS group_name, %s AS restaurant, drawn.items, %s AS item_count,"
					"  %s AS group_hidden, s.dishes, s.hidden, s.unpriced, s.blank, s.equal, s.elsewhere"
					" FROM drawn JOIN %s g ON g.%s = drawn.id JOIN shown s ON s.id = drawn.id ORDER BY drawn.place",
					target->group, target->table.name, target->group, target->group,
					target->groups.restaurant,
					target->groups.name, target->groups.id,
					dishes_query(target),
					target->groups.id, column_or_null("g", target->groups.label), restaurant_name_expression(target, "g"),
					item_count_column(target),
					is_hidden(&target->groups, "g"),
					target->groups.name, target->groups.id);
}

/*
 * The dishes of each drawn group, and how many of them look odd: in one pass, since the
 * items may have no index.
 */
static char *
dishes_query(const Target *target)
{
	char	   *name = column_or_null("d", target->dishes.label);
	char	   *price = dish_price(target);
	char	   *hidden = is_hidden(&target->dishes, "d");
	char	   *blank = psprintf("btrim(coalesce(%s, ''), %s) = ''", name, blank_characters());

	return psprintf("SELECT drawn.id, array_agg(CASE WHEN %s THEN 'dish ' || i.%s ELSE %s END"
					" || coalesce(' (' || nullif(concat_ws(', ', %s, CASE WHEN %s THEN 'hidden' END), '') || ')', '')"
					" ORDER BY %s i.%s) AS dishes,"
					" count(*) FILTER (WHERE %s) AS hidden,"
					" count(*) FILTER (WHERE %s) AS unpriced,"
					" count(*) FILTER (WHERE %s) AS blank,"
					" count(*) FILTER (WHERE NOT (%s)) - count(DISTINCT lower(btrim(%s, %s))) FILTER (WHERE NOT (%s)) AS equal,"
					" count(*) FILTER (WHERE d.%s IS DISTINCT FROM g.%s) AS elsewhere"
					" FROM drawn JOIN %s i ON i.%s = drawn.id JOIN %s g ON g.%s = drawn.id"
					" LEFT JOIN %s d ON d.%s = i.%s GROUP BY drawn.id",
					blank, target->dish, name,
					price ? price : "NULL::text", hidden,
					target->display_order ? psprintf("i.%s,", target->display_order) : "", target->table.id,
					hidden, price ? psprintf("%s IS NULL", price) : "false", blank,
					blank, name, blank_characters(), blank,
					target->dishes.restaurant, target->groups.restaurant,
					target->table.name, target->group, target->groups.name, target->groups.id,
					target->dishes.name, target->dishes.id, target->dish);
}

/* Whether a group or a dish is not active: false where the table does not say so. */
static char *
is_hidden(const ParentTable *parent, const char *alias)
{
	return parent->is_active && get_atttype(parent->oid, parent->is_active_attnum) == BOOLOID ?
		psprintf("%s.%s IS FALSE", alias, parent->is_active) : pstrdup("false");
}

/* A dish's price as text: one price, or those of its sizes; NULL if the table has none. */
static char *
dish_price(const Target *target)
{
	bool		has_one = relation_has_column(target->dishes.oid, "base_price");
	bool		has_several = relation_has_column(target->dishes.oid, "prices");

	if (!has_one && !has_several)
		return NULL;
	return psprintf("coalesce(%s%s%s)", has_one ? "d.base_price::text" : "", has_one && has_several ? ", " : "",
					has_several ? "nullif(nullif(d.prices::text, '{}'), 'null')" : "");
}

static char *
column_or_null(const char *alias, const char *column)
{
	return column ? psprintf("%s.%s::text", alias, column) : pstrdup("NULL::text");
}

/* How many dishes the group's rules say it has. */
static char *
item_count_column(const Target *target)
{
	AttrNumber	rules = get_attnum(target->groups.oid, "combo_rules");

	return rules != InvalidAttrNumber && get_atttype(target->groups.oid, rules) == JSONBOID ?
		pstrdup("g.combo_rules ->> 'item_count'") : pstrdup("NULL::text");
}

static void *
make_sample(TupleTableSlot *slot)
{
	ReviewSample *sample = palloc0(sizeof(ReviewSample));

	sample->group_id = slot_int8_of(slot, "group_id");
	sample->group_name = slot_text_or_null_of(slot, "group_name");
	sample->restaurant = slot_text_or_null_of(slot, "restaurant");
	sample->items = slot_int8_of(slot, "items");
	sample->item_count = slot_text_or_null_of(slot, "item_count");
	sample->dishes = result_text_array(slot_text_list(slot, DISHES_COLUMN));
	sample->remarks = sample_remarks(slot, sample);
	return sample;
}

/* What the machine has seen; a person judges whether it is wrong. */
static char *
sample_remarks(TupleTableSlot *slot, const ReviewSample *sample)
{
	StringInfoData remarks;

	initStringInfo(&remarks);
	if (sample->item_count && strcmp(sample->item_count, psprintf("%lld", (long long) sample->items)) != 0)
		format_append(&remarks, "; ", "%s, and item_count is %s", format_things(sample->items, "row"), sample->item_count);
	if (slot_bool_of(slot, "group_hidden"))
		format_append(&remarks, "; ", "the group is hidden");
	if (sample->group_name == NULL || blank_text(sample->group_name, strlen(sample->group_name)))
		format_append(&remarks, "; ", "the group has no name");
	remark_count(&remarks, slot, "hidden", "1 dish is hidden", "dishes are hidden");
	remark_count(&remarks, slot, "unpriced", "1 dish has no price", "dishes have no price");
	remark_count(&remarks, slot, "blank", "1 dish has no name", "dishes have no name");
	remark_count(&remarks, slot, "equal", "1 dish has the name of another one", "dishes have the name of another one");
	remark_count(&remarks, slot, "elsewhere", "1 dish is another restaurant's", "dishes are another restaurant's");
	return remarks.len == 0 ? "nothing" : remarks.data;
}

static void
remark_count(StringInfo remarks, TupleTableSlot *slot, const char *column, const char *one, const char *several)
{
	int64		count = slot_int8_of(slot, column);

	if (count == 1)
		format_append(remarks, "; ", "%s", one);
	else if (count > 1)
		format_append(remarks, "; ", "%s %s", format_count(count), several);
}

static void
return_samples(ReturnSetInfo *rsinfo, List *samples, int no, int seed)
{
	char	   *answer = migrate_call("SELECT * FROM menuca_review(%d, good => %d, bad => 0, note => 'note', reviewer => 'name');",
									  no, list_length(samples));
	ListCell   *lc;

	foreach(lc, samples)
	{
		const ReviewSample *sample = lfirst(lc);
		Datum		values[10];
		bool		nulls[10] = {0};

		values[0] = Int32GetDatum(foreach_current_index(lc) + 1);
		values[1] = Int32GetDatum(seed);
		values[2] = Int64GetDatum(sample->group_id);
		values[3] = result_text(sample->group_name, &nulls[3]);
		values[4] = result_text(sample->restaurant, &nulls[4]);
		values[5] = Int64GetDatum(sample->items);
		values[6] = result_text(sample->item_count, &nulls[6]);
		values[7] = sample->dishes;
		values[8] = CStringGetTextDatum(sample->remarks);
		values[9] = CStringGetTextDatum(answer);
		tuplestore_putvalues(rsinfo->setResult, rsinfo->setDesc, values, nulls);
	}
}

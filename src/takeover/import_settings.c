/*-------------------------------------------------------------------------
 *
 * import_settings.c
 *	  The original's flags and weights as settings: see import_settings.h.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "miscadmin.h"
#include "utils/builtins.h"

#include "base/query.h"
#include "base/slot.h"
#include "seating/seating_extension.h"
#include "seating/setting_values.h"
#include "takeover/import_settings.h"
#include "takeover/import_wanted.h"
#include "takeover/original.h"

/* What a truth value of a flag makes of a setting. */
typedef struct KnownFlag
{
	const char *flag;
	const char *key;
	const char *if_true;		/* as JSON */
	const char *if_false;
} KnownFlag;

/* The original asks for an undirected connected graph where it asks for adjacency. */
static const KnownFlag known_flags[] = {
	{"FEATURE_COMBINATION_PLANNER", "planner", "true", "false"},
	{"combinations.planner", "planner", "true", "false"},
	{"FEATURE_ALLOCATOR_MERGES_ENABLED", "merges", "true", "false"},
	{"allocator.mergesEnabled", "merges", "true", "false"},
	{"FEATURE_ALLOCATOR_REQUIRE_ADJACENCY", "adjacency", "\"connected\"", "\"off\""},
	{"allocator.adjacency.required", "adjacency", "\"connected\"", "\"off\""}
};

/* Flags whose value is a number, which a truth value cannot say. */
static const char *const number_flags[][2] = {
	{"FEATURE_ALLOCATOR_K_MAX", "k_max"},
	{"FEATURE_SELECTOR_MAX_COMBINATION_EVALUATIONS", "max_evaluations"}
};

/* The greatest weight that a setting can be; its decimals. */
#define MAX_WEIGHT 1000
#define WEIGHT_DECIMALS 4

/* A row of feature_flag_overrides. */
typedef struct Override
{
	char	   *flag;			/* these may be NULL */
	char	   *environment;
	char	   *value;
} Override;

/* A row of strategic_configs; texts are NULL where the column is. */
typedef struct Weights
{
	bool		is_default;
	pg_uuid_t	restaurant;
	bool		restaurant_exists;
	char	   *scarcity;
	char	   *multiplier;
	char	   *penalty;
} Weights;

static List *read_overrides(ImportCall *call);
static void *make_override(TupleTableSlot *slot);
static void take_override(ImportCall *call, const Override *override, List **wanted);
static void add_unknown(ImportCall *call, const Override *override);
static void add_other_environments(ImportCall *call, const List *overrides);
static bool is_of_environment(const ImportCall *call, const Override *override);
static char *override_name(const Override *override);
static List *read_weights(ImportCall *call);
static char *weight_expression(const OriginalTable *table, const char *column, const char *member);
static void *make_weights(TupleTableSlot *slot);
static void add_weights(ImportCall *call, const Weights *weights, bool is_older, List **wanted);
static void add_scarcity(ImportCall *call, const Weights *weights, List **wanted);
static void add_penalty(ImportCall *call, const Weights *weights, List **wanted);
static void add_skipped_weight(ImportCall *call, const Weights *weights, const char *object, const char *action, const char *reason);
static char *plain_number(const char *text);
static void want(List **wanted, const WantedValue *value);
static bool has_wanted_value(const List *wanted, const char *key);


void
import_settings(ImportCall *call)
{
	List	   *overrides = read_overrides(call);
	List	   *rows = read_weights(call);
	List	   *wanted = NIL;
	const Weights *last = NULL;
	ListCell   *lc;

	foreach(lc, overrides)
	{
		if (is_of_environment(call, lfirst(lc)))
			take_override(call, lfirst(lc), &wanted);
	}
	add_other_environments(call, overrides);
	foreach(lc, rows)
	{
		const Weights *weights = lfirst(lc);
		bool		is_older = last && last->is_default == weights->is_default &&
			memcmp(&last->restaurant, &weights->restaurant, UUID_LEN) == 0;

		CHECK_FOR_INTERRUPTS();
		add_weights(call, weights, is_older, &wanted);
		last = weights;
	}
	import_wanted_set(call, wanted);
}

/* The newest first, so that of two names for one setting the later decision counts. */
static List *
read_overrides(ImportCall *call)
{
	static const OriginalColumn columns[] = {{"flag", TEXTOID}, {"value", TEXTOID}};
	OriginalTable *table = original_find("feature_flag_overrides", columns, lengthof(columns));

	if (table->missing)
	{
		import_items_add_missing(call->items, IMPORT_OVERRIDE, table->missing);
		return NIL;
	}
	return query_list(psprintf("SELECT f.flag, f.environment, lower(f.value) FROM (SELECT %s AS flag, %s AS environment,"
							   " %s AS value, %s AS updated_at FROM %s o) f ORDER BY f.updated_at DESC NULLS LAST, f.flag COLLATE \"C\"",
							   original_text(table, "flag", "o", "NULL::text"),
							   original_text(table, "environment", "o", quote_literal_cstr(call->environment)),
							   original_text(table, "value", "o", "NULL::text"),
							   original_value(table, "updated_at", TIMESTAMPTZOID, "o", "NULL::timestamptz"), table->quoted),
					  NULL, make_override);
}

static void *
make_override(TupleTableSlot *slot)
{
	Override   *override = palloc0(sizeof(Override));

	override->flag = slot_text_or_null(slot, 0);
	override->environment = slot_text_or_null(slot, 1);
	override->value = slot_text_or_null(slot, 2);
	return override;
}

static bool
is_of_environment(const ImportCall *call, const Override *override)
{
	return override->environment && strcmp(override->environment, call->environment) == 0;
}

static void
take_override(ImportCall *call, const Override *override, List **wanted)
{
	const char *text = override->value ? override->value : "";
	bool		is_true = strcmp(text, "true") == 0 || strcmp(text, "t") == 0;
	bool		is_false = strcmp(text, "false") == 0 || strcmp(text, "f") == 0;
	const KnownFlag *known = NULL;
	ImportItem	item = {.kind = IMPORT_OVERRIDE,.status = IMPORT_SKIPPED,.noun = "override"};

	for (size_t i = 0; override->flag && i < lengthof(known_flags); i++)
	{
		if (strcmp(known_flags[i].flag, override->flag) == 0)
			known = &known_flags[i];
	}
	if (known == NULL)
	{
		add_unknown(call, override);
		return;
	}
	item.object = override_name(override);
	if ((is_true || is_false) && !has_wanted_value(*wanted, known->key))
	{
		WantedValue value = {
			.kind = IMPORT_OVERRIDE,
			.is_default = true,
			.key = known->key,
			.value = pstrdup(is_true ? known->if_true : known->if_false),
			.object = override_name(override)
		};

		want(wanted, &value);
		return;
	}
	item.action = is_true || is_false ? "none: a newer override counts" : "none: reported";
	item.reason = is_true || is_false ? psprintf("another override of %s is newer", known->key) : "its value is neither true nor false";
	item.next_step = seating_call("SELECT * FROM menuca_seating_settings WHERE key = '%s';", known->key);
	import_items_add(call->items, &item);
}

static void
add_unknown(ImportCall *call, const Override *override)
{
	ImportItem	item = {
		.kind = IMPORT_UNKNOWN_OVERRIDE,
		.status = IMPORT_SKIPPED,
		.noun = "override",
		.object = override_name(override),
		.action = "none: reported",
		.reason = "no setting does what this flag does",
		.next_step = seating_call("SELECT * FROM menuca_seating_settings WHERE restaurant_id IS NULL;")
	};

	for (size_t i = 0; override->flag && i < lengthof(number_flags); i++)
	{
		const char *key = number_flags[i][1];

		if (strcmp(number_flags[i][0], override->flag) != 0)
			continue;
		item.reason = psprintf("setting %s is a number, which an override cannot say", key);
		item.next_step = seating_call("SELECT * FROM menuca_seating_set(NULL, '{\"%s\": %s}');", key,
									  setting_values_require_key(key)->built_in);
	}
	import_items_add(call->items, &item);
}

static void
add_other_environments(ImportCall *call, const List *overrides)
{
	const ListCell *lc;

	foreach(lc, overrides)
	{
		const Override *override = lfirst(lc);
		ImportItem	item = {
			.kind = IMPORT_OVERRIDE,
			.status = IMPORT_SKIPPED,
			.noun = "override",
			.action = "none: left alone"
		};

		CHECK_FOR_INTERRUPTS();
		if (is_of_environment(call, override))
			continue;
		item.object = override_name(override);
		item.reason = override->environment ? psprintf("it is of environment %s", import_items_name(override->environment)) :
			"it is of no environment";
		if (override->environment)
			item.next_step = seating_call("SELECT * FROM menuca_seating_import(environment => %s);", quote_literal_cstr(override->environment));
		import_items_add(call->items, &item);
	}
}

static char *
override_name(const Override *override)
{
	return psprintf("flag %s, value %s", override->flag ? import_items_name(override->flag) : "without a name",
					override->value ? import_items_name(override->value) : "NULL");
}

/* Those of all restaurants first; of each restaurant the newest first. */
static List *
read_weights(ImportCall *call)
{
	OriginalTable *table = original_find("strategic_configs", NULL, 0);
	char	   *restaurant = original_value(table, "restaurant_id", UUIDOID, "c", "NULL::uuid");

	if (table->missing)
	{
		import_items_add_missing(call->items, IMPORT_WEIGHT, table->missing);
		return NIL;
	}
	return query_list(psprintf("SELECT w.restaurant_id, w.scarcity, w.multiplier, w.penalty,"
							   " EXISTS (SELECT FROM %s r WHERE r.id = w.restaurant_id) FROM (SELECT %s AS restaurant_id, %s AS scarcity,"
							   " %s AS multiplier, %s AS penalty, %s AS updated_at FROM %s c) w"
							   " ORDER BY w.restaurant_id NULLS FIRST, w.updated_at DESC NULLS LAST, w.scarcity, w.penalty",
							   call->schema->restaurants, restaurant,
							   weight_expression(table, "scarcity_weight", "scarcity"),
							   weight_expression(table, "demand_multiplier_override", "demandMultiplier"),
							   weight_expression(table, "future_conflict_penalty", "futureConflictPenalty"),
							   original_value(table, "updated_at", TIMESTAMPTZOID, "c", "NULL::timestamptz"), table->quoted),
					  NULL, make_weights);
}

/* A column of its own, or a member of the older column weights. */
static char *
weight_expression(const OriginalTable *table, const char *column, const char *member)
{
	char	   *weights = original_value(table, "weights", JSONBOID, "c", "NULL::jsonb");

	return psprintf("COALESCE(%s, CASE WHEN jsonb_typeof(%s) = 'object' THEN %s ->> '%s' END)",
					original_text(table, column, "c", "NULL::text"), weights, weights, member);
}

static void *
make_weights(TupleTableSlot *slot)
{
	Weights    *weights = palloc0(sizeof(Weights));

	weights->is_default = slot->tts_isnull[0];
	if (!weights->is_default)
		weights->restaurant = *DatumGetUUIDP(slot_datum(slot, 0, UUIDOID));
	weights->scarcity = slot_text_or_null(slot, 1);
	weights->multiplier = slot_text_or_null(slot, 2);
	weights->penalty = slot_text_or_null(slot, 3);
	weights->restaurant_exists = slot_bool(slot, 4);
	return weights;
}

static void
add_weights(ImportCall *call, const Weights *weights, bool is_older, List **wanted)
{
	if (is_older || (!weights->is_default && !weights->restaurant_exists))
	{
		add_skipped_weight(call, weights, "its weights", is_older ? "none: a newer row counts" : "none: reported",
						   is_older ? "strategic_configs has a newer row for it" : "there is no such restaurant");
		return;
	}
	if (weights->scarcity)
		add_scarcity(call, weights, wanted);
	if (weights->penalty)
		add_penalty(call, weights, wanted);
	if (weights->multiplier)
		add_skipped_weight(call, weights, psprintf("demand multiplier %s", import_items_name(weights->multiplier)),
						   "none: reported", "no setting multiplies by demand");
	if (!weights->scarcity && !weights->penalty && !weights->multiplier)
		add_skipped_weight(call, weights, "its weights", "none: there is nothing to take over", "they are all NULL");
}

static void
add_scarcity(ImportCall *call, const Weights *weights, List **wanted)
{
	char	   *number = plain_number(weights->scarcity);
	const char *point = number ? strchr(number, '.') : NULL;
	WantedValue value = {
		.kind = IMPORT_WEIGHT,
		.is_default = weights->is_default,
		.restaurant = weights->restaurant,
		.key = "w_scarcity",
		.value = number
	};

	value.object = psprintf("scarcity weight %s", import_items_name(weights->scarcity));
	if (number == NULL || number[0] == '-' || strtod(number, NULL) > MAX_WEIGHT || (point && strlen(point + 1) > WEIGHT_DECIMALS))
	{
		add_skipped_weight(call, weights, value.object, "none: reported",
						   psprintf("a weight is a number between 0 and %d with at most four decimals", MAX_WEIGHT));
		return;
	}
	want(wanted, &value);
}

/* Our planner charges the same for each booking that would lose its last plan, or nothing. */
static void
add_penalty(ImportCall *call, const Weights *weights, List **wanted)
{
	char	   *number = plain_number(weights->penalty);
	bool		is_positive = number && strtod(number, NULL) > 0;
	WantedValue value = {
		.kind = IMPORT_WEIGHT,
		.is_default = weights->is_default,
		.restaurant = weights->restaurant,
		.key = "lookahead",
		.value = pstrdup(is_positive ? "true" : "false")
	};

	value.object = psprintf("future conflict penalty %s", import_items_name(weights->penalty));
	if (number == NULL || number[0] == '-')
	{
		add_skipped_weight(call, weights, value.object, "none: reported", "a penalty is a number from 0 on");
		return;
	}
	if (is_positive)
		value.detail = "each conflict costs 500 then, whatever the penalty was";
	want(wanted, &value);
}

static void
add_skipped_weight(ImportCall *call, const Weights *weights, const char *object, const char *action, const char *reason)
{
	ImportItem	item = {
		.kind = IMPORT_WEIGHT,
		.status = IMPORT_SKIPPED,
		.has_restaurant = !weights->is_default,
		.restaurant = weights->restaurant,
		.noun = "weight",
		.object = object,
		.action = action,
		.reason = reason
	};

	item.next_step = seating_call("SELECT * FROM menuca_seating_settings WHERE key IN ('w_scarcity', 'lookahead');");
	import_items_add(call->items, &item);
}

/* A decimal number without zeros behind its decimals; NULL for anything else, such as NaN. */
static char *
plain_number(const char *text)
{
	bool		is_negative = text[0] == '-';
	const char *digits = text + (is_negative ? 1 : 0);
	size_t		whole = strspn(digits, "0123456789");
	size_t		decimals = digits[whole] == '.' ? strspn(digits + whole + 1, "0123456789") : 0;
	const char *zeros = digits;

	if (whole < 1 || whole > 12 || decimals > 12 || digits[whole + (digits[whole] == '.' ? decimals + 1 : 0)] != '\0')
		return NULL;
	while (decimals > 0 && digits[whole + decimals] == '0')
		decimals--;
	while (zeros[0] == '0' && zeros < digits + whole - 1)
		zeros++;
	is_negative = is_negative && strtod(digits, NULL) != 0;
	return psprintf("%s%.*s", is_negative ? "-" : "", (int) (digits + whole - zeros + (decimals > 0 ? decimals + 1 : 0)), zeros);
}

static void
want(List **wanted, const WantedValue *value)
{
	WantedValue *copy = palloc(sizeof(WantedValue));

	*copy = *value;
	*wanted = lappend(*wanted, copy);
}

static bool
has_wanted_value(const List *wanted, const char *key)
{
	const ListCell *lc;

	foreach(lc, wanted)
	{
		if (strcmp(((const WantedValue *) lfirst(lc))->key, key) == 0)
			return true;
	}
	return false;
}

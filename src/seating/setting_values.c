/*-------------------------------------------------------------------------
 *
 * setting_values.c
 *	  The names and values that the planner's settings can have: see
 *	  setting_values.h.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "fmgr.h"
#include "utils/builtins.h"
#include "utils/jsonb.h"
#include "utils/numeric.h"

#include "base/format.h"
#include "seating/rollout_share.h"
#include "seating/seating_extension.h"
#include "seating/setting_values.h"

/* A day; buffers and turn times are shorter. */
#define MINUTES_OF_DAY 1440

/* More guests than any restaurant has seats. */
#define MAX_PARTY 100000

#define AT(field) offsetof(SeatingSettings, field)

/* The longest name, as of a relation. */
#define MAX_NAME_BYTES (NAMEDATALEN - 1)

static const char *const adjacency_words[] = {"off", "connected", "pairwise", "neighbors", NULL};
static const char *const combination_words[] = {"free", "listed", "both", NULL};

/* The built-in values are those of the original's planner and its turn times. */
static const SettingKey keys[] = {
	{"planner", SETTING_BOOLEAN, "true", AT(planner), 0, 0, NULL},
	{"merges", SETTING_BOOLEAN, "true", AT(merges), 0, 0, NULL},
	{"k_max", SETTING_INTEGER, "3", AT(floor.k_max), 1, FLOOR_MAX_K, NULL},
	{"max_evaluations", SETTING_INTEGER, "10000000", AT(floor.max_evaluations), 1, INT64CONST(1000000000000), NULL},
	{"adjacency", SETTING_CHOICE, "\"off\"", AT(floor.adjacency), 0, 0, adjacency_words},
	{"adjacency_min_party", SETTING_INTEGER, "1", AT(floor.adjacency_min_party), 1, MAX_PARTY, NULL},
	{"max_overage", SETTING_INTEGER, "2", AT(floor.max_overage), 0, MAX_PARTY, NULL},
	{"buffer_before", SETTING_INTEGER, "0", AT(buffer_before), 0, MINUTES_OF_DAY, NULL},
	{"buffer_after", SETTING_INTEGER, "0", AT(buffer_after), 0, MINUTES_OF_DAY, NULL},
	{"combinations", SETTING_CHOICE, "\"free\"", AT(floor.combinations), 0, 0, combination_words},
	{"turn_times", SETTING_TURN_TIMES, "{\"2\": 60, \"4\": 75, \"6\": 85, \"8\": 90}", AT(turn_times), 0, 0, NULL},
	{"w_overage", SETTING_WEIGHT, "5", AT(floor.w_overage), 0, 1000, NULL},
	{"w_tables", SETTING_WEIGHT, "3", AT(floor.w_tables), 0, 1000, NULL},
	{"w_adjacency", SETTING_WEIGHT, "1", AT(floor.w_adjacency), 0, 1000, NULL},
	{"w_spread", SETTING_WEIGHT, "2", AT(floor.w_spread), 0, 1000, NULL},
	{"w_priority", SETTING_WEIGHT, "0", AT(floor.w_priority), -1000, 1000, NULL},
	{"w_scarcity", SETTING_WEIGHT, "0", AT(floor.w_scarcity), 0, 1000, NULL},
	{"lookahead", SETTING_BOOLEAN, "false", AT(lookahead), 0, 0, NULL},
	{"variant", SETTING_NAME, "\"" NO_VARIANT "\"", AT(variant), 0, 0, NULL}
};

/* What the original's settings were called in its environment file. */
static const struct
{
	const char *flag;
	const char *key;
}			flags[] = {
	{"FEATURE_COMBINATION_PLANNER", "planner"},
	{"FEATURE_ALLOCATOR_MERGES_ENABLED", "merges"},
	{"FEATURE_ALLOCATOR_K_MAX", "k_max"},
	{"FEATURE_SELECTOR_MAX_COMBINATION_EVALUATIONS", "max_evaluations"},
	{"FEATURE_ALLOCATOR_REQUIRE_ADJACENCY", "adjacency"}
};

static void read_flag_value(const SettingKey *key, JsonbValue *value);
static void set_word(JsonbValue *value, const char *word);
static bool is_possible(const SettingKey *key, const JsonbValue *value);
static bool is_word(const SettingKey *key, const JsonbValue *value);
static int	word_number(const SettingKey *key, const JsonbValue *value);
static bool read_setting_number(const JsonbValue *value, int decimals, int64 least, int64 greatest, int64 *number);
static int	read_turn_times(JsonbValue *value, TurnTime *turn_times);
static int	compare_turn_times(const void *a, const void *b);
static char *possible_values(const SettingKey *key);
static JsonbValue *root_value(Jsonb *value);


const SettingKey *
setting_values_key(int number)
{
	return number < (int) lengthof(keys) ? &keys[number] : NULL;
}

const SettingKey *
setting_values_require_key(const char *name)
{
	for (size_t i = 0; i < lengthof(keys); i++)
	{
		if (strcmp(keys[i].name, name) == 0)
			return &keys[i];
	}
	ereport(ERROR,
			(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
			 errmsg("there is no setting \"%s\"", name),
			 errdetail("The settings are: %s. Nothing was changed.", setting_values_names()),
			 errhint("%s", seating_call("SELECT * FROM menuca_seating_settings;"))));
}

const SettingKey *
setting_values_of_flag(const char *flag, JsonbValue *value)
{
	for (size_t i = 0; i < lengthof(flags); i++)
	{
		const SettingKey *key;

		if (strcmp(flags[i].flag, flag) != 0)
			continue;
		key = setting_values_require_key(flags[i].key);
		read_flag_value(key, value);
		return key;
	}
	return NULL;
}

const char *
setting_values_flag(const SettingKey *key)
{
	for (size_t i = 0; i < lengthof(flags); i++)
	{
		if (strcmp(flags[i].key, key->name) == 0)
			return flags[i].flag;
	}
	return NULL;
}

/* "true" is true and "3" is 3; required adjacency is what the original took for it: connected. */
static void
read_flag_value(const SettingKey *key, JsonbValue *value)
{
	char	   *text;
	bool		truth;

	if (value->type == jbvString)
	{
		text = pnstrdup(value->val.string.val, value->val.string.len);
		if (key->kind == SETTING_INTEGER)
		{
			if (*text != '\0' && strlen(text) <= 18 && strspn(text, "0123456789") == strlen(text))
			{
				value->type = jbvNumeric;
				value->val.numeric = DatumGetNumeric(DirectFunctionCall1(int8_numeric, Int64GetDatum(strtoll(text, NULL, 10))));
			}
		}
		else if (parse_bool(text, &truth))
		{
			value->type = jbvBool;
			value->val.boolean = truth;
		}
	}
	if (key->kind == SETTING_CHOICE && value->type == jbvBool)
		set_word(value, key->words[value->val.boolean ? FLOOR_ADJACENCY_CONNECTED : FLOOR_ADJACENCY_OFF]);
}

static void
set_word(JsonbValue *value, const char *word)
{
	value->type = jbvString;
	value->val.string.val = pstrdup(word);
	value->val.string.len = strlen(word);
}

char *
setting_values_names(void)
{
	StringInfoData names;

	initStringInfo(&names);
	for (size_t i = 0; i < lengthof(keys); i++)
		format_append(&names, ", ", "%s", keys[i].name);
	return names.data;
}

Jsonb *
setting_values_built_in(const SettingKey *key)
{
	return DatumGetJsonbP(DirectFunctionCall1(jsonb_in, CStringGetDatum(key->built_in)));
}

void
setting_values_require(const SettingKey *key, Jsonb *value)
{
	if (!is_possible(key, root_value(value)))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("setting \"%s\" cannot be %s", key->name, JsonbToCString(NULL, &value->root, VARSIZE(value))),
				 errdetail("It can be %s. Nothing was changed.", possible_values(key)),
				 errhint("%s", seating_call("SELECT * FROM menuca_seating_set(NULL, '{\"%s\": %s}');", key->name, key->built_in))));
}

static bool
is_possible(const SettingKey *key, const JsonbValue *value)
{
	TurnTime	turn_times[MAX_TURN_TIMES];
	int64		number;

	switch (key->kind)
	{
		case SETTING_BOOLEAN:
			return value->type == jbvBool;
		case SETTING_INTEGER:
			return read_setting_number(value, 0, key->least, key->greatest, &number);
		case SETTING_WEIGHT:
			return read_setting_number(value, 4, key->least, key->greatest, &number);
		case SETTING_CHOICE:
			return is_word(key, value);
		case SETTING_TURN_TIMES:
			return read_turn_times(unconstify(JsonbValue *, value), turn_times) >= 0;
		case SETTING_NAME:
			return value->type == jbvString && value->val.string.len >= 1 && value->val.string.len <= MAX_NAME_BYTES;
	}
	return false;
}

void
setting_values_store(const SettingKey *key, Jsonb *value, SeatingSettings *settings)
{
	JsonbValue *root = root_value(value);
	void	   *field = (char *) settings + key->offset;
	int64		number = 0;

	if (key->kind == SETTING_INTEGER)
		(void) read_setting_number(root, 0, key->least, key->greatest, &number);
	switch (key->kind)
	{
		case SETTING_BOOLEAN:
			*(bool *) field = root->val.boolean;
			break;
		case SETTING_INTEGER:
			if (key->offset == AT(floor.max_evaluations))
				*(int64 *) field = number;
			else
				*(int *) field = (int) number;
			break;
		case SETTING_WEIGHT:
			(void) read_setting_number(root, 4, key->least, key->greatest, field);
			break;
		case SETTING_CHOICE:
			*(int *) field = word_number(key, root);
			break;
		case SETTING_TURN_TIMES:
			settings->n_turn_times = read_turn_times(root, settings->turn_times);
			break;
		case SETTING_NAME:
			*(char **) field = pnstrdup(root->val.string.val, root->val.string.len);
			break;
	}
}

static bool
is_word(const SettingKey *key, const JsonbValue *value)
{
	return value->type == jbvString && word_number(key, value) >= 0;
}

/* The number of the word, counted from 0; -1 when the setting has no such word. */
static int
word_number(const SettingKey *key, const JsonbValue *value)
{
	for (int i = 0; key->words[i]; i++)
	{
		if (strlen(key->words[i]) == (size_t) value->val.string.len &&
			memcmp(key->words[i], value->val.string.val, value->val.string.len) == 0)
			return i;
	}
	return -1;
}

/*
 * A number between these two, as a multiple of 1, or of 1/10000 with four decimals.
 * False when it has more decimals, or is none.
 */
static bool
read_setting_number(const JsonbValue *value, int decimals, int64 least, int64 greatest, int64 *number)
{
	Datum		scale = DirectFunctionCall1(int8_numeric, Int64GetDatum(decimals == 0 ? 1 : 10000));
	Datum		scaled;
	Datum		whole;

	if (value->type != jbvNumeric)
		return false;
	if (numeric_is_nan(value->val.numeric) || numeric_is_inf(value->val.numeric))
		return false;
	if (!DatumGetBool(DirectFunctionCall2(numeric_ge, NumericGetDatum(value->val.numeric),
										  DirectFunctionCall1(int8_numeric, Int64GetDatum(least)))) ||
		!DatumGetBool(DirectFunctionCall2(numeric_le, NumericGetDatum(value->val.numeric),
										  DirectFunctionCall1(int8_numeric, Int64GetDatum(greatest)))))
		return false;
	scaled = DirectFunctionCall2(numeric_mul, NumericGetDatum(value->val.numeric), scale);
	whole = DirectFunctionCall2(numeric_trunc, scaled, Int32GetDatum(0));
	if (!DatumGetBool(DirectFunctionCall2(numeric_eq, scaled, whole)))
		return false;
	*number = DatumGetInt64(DirectFunctionCall1(numeric_int8, whole));
	return true;
}

/* How many there are, sorted by party; -1 when the value is something else. */
static int
read_turn_times(JsonbValue *value, TurnTime *turn_times)
{
	JsonbIterator *iterator;
	JsonbIteratorToken token;
	JsonbValue	member;
	int			n = 0;

	if (value->type != jbvBinary || !JsonContainerIsObject(value->val.binary.data))
		return -1;
	iterator = JsonbIteratorInit(value->val.binary.data);
	while ((token = JsonbIteratorNext(&iterator, &member, true)) != WJB_DONE)
	{
		int64		minutes;
		char	   *party;

		if (token != WJB_KEY)
			continue;
		party = pnstrdup(member.val.string.val, member.val.string.len);
		(void) JsonbIteratorNext(&iterator, &member, true);
		if (n == MAX_TURN_TIMES || strspn(party, "0123456789") != strlen(party) || strlen(party) < 1 || strlen(party) > 6 ||
			party[0] == '0' || !read_setting_number(&member, 0, 1, MINUTES_OF_DAY, &minutes))
			return -1;
		turn_times[n].party = atoi(party);
		turn_times[n].minutes = (int) minutes;
		n++;
	}
	qsort(turn_times, n, sizeof(TurnTime), compare_turn_times);
	return n;
}

static int
compare_turn_times(const void *a, const void *b)
{
	return ((const TurnTime *) a)->party - ((const TurnTime *) b)->party;
}

static char *
possible_values(const SettingKey *key)
{
	StringInfoData words;

	switch (key->kind)
	{
		case SETTING_BOOLEAN:
			return "true or false";
		case SETTING_INTEGER:
			return psprintf("an integer between %lld and %lld", (long long) key->least, (long long) key->greatest);
		case SETTING_WEIGHT:
			return psprintf("a number between %lld and %lld with at most four decimals",
							(long long) key->least, (long long) key->greatest);
		case SETTING_CHOICE:
			break;
		case SETTING_TURN_TIMES:
			return psprintf("an object of at most %d minutes (1 to %d) by party size, such as %s",
							MAX_TURN_TIMES, MINUTES_OF_DAY, key->built_in);
		case SETTING_NAME:
			return psprintf("a text of 1 to %d bytes", MAX_NAME_BYTES);
	}
	initStringInfo(&words);
	for (int i = 0; key->words[i]; i++)
		format_append(&words, ", ", "\"%s\"", key->words[i]);
	return words.data;
}

/* A scalar's own value; of an object, one of type jbvBinary. */
static JsonbValue *
root_value(Jsonb *value)
{
	JsonbValue *root = palloc0(sizeof(JsonbValue));

	if (JB_ROOT_IS_SCALAR(value))
	{
		(void) JsonbExtractScalar(&value->root, root);
		return root;
	}
	root->type = jbvBinary;
	root->val.binary.data = &value->root;
	root->val.binary.len = VARSIZE(value);
	return root;
}

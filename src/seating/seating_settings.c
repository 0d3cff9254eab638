/*-------------------------------------------------------------------------
 *
 * seating_settings.c
 *	  The settings of a restaurant's planner: see seating_settings.h.
 *
 * menuca_seating_set(restaurant, settings), menuca_seating_setting_values(),
 * menuca_seating_settings_of(restaurant)
 *
 * A restaurant has the values that were set for it, then those of its variant, then those
 * set for all restaurants, then the built-in ones.  As long as the rollout has not reached
 * it, planner and merges are false, whatever was set.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "fmgr.h"
#include "funcapi.h"
#include "miscadmin.h"
#include "utils/builtins.h"
#include "utils/jsonb.h"
#include "utils/numeric.h"
#include "utils/uuid.h"

#include "base/arguments.h"
#include "base/query.h"
#include "base/results.h"
#include "base/slot.h"
#include "seating/rollout_share.h"
#include "seating/seating_extension.h"
#include "seating/seating_schema.h"
#include "seating/seating_settings.h"

PG_FUNCTION_INFO_V1(menuca_seating_set);
PG_FUNCTION_INFO_V1(menuca_seating_setting_values);
PG_FUNCTION_INFO_V1(menuca_seating_settings_of);

/* A value that was set. */
typedef struct StoredSetting
{
	bool		is_default;		/* for all restaurants */
	pg_uuid_t	restaurant;		/* unless is_default */
	char	   *key;
	Jsonb	   *value;
} StoredSetting;

/* One member of the argument of menuca_seating_set(). */
typedef struct WantedSetting
{
	const SettingKey *key;
	Jsonb	   *value;			/* NULL: go back to the default */
} WantedSetting;

/* Where the values of a restaurant come from. */
typedef struct SettingSources
{
	const pg_uuid_t *restaurant;	/* NULL: of all without their own */
	List	   *stored;			/* StoredSettings */
	RolloutVariant *variant;	/* or NULL */
	bool		by_share;		/* the variant was not named by a setting */
	bool		is_in;			/* the rollout has reached it */
} SettingSources;

static List *wanted_settings(Jsonb *settings);
static const SettingKey *wanted_key(const char *name, JsonbValue *value);
static void require_variant(const WantedSetting *wanted);
static const WantedSetting *find_setting_change(const List *changed, const SettingKey *key);
static void return_if_changed(ReturnSetInfo *rsinfo, const WantedSetting *wanted, const SettingSources *were, const SettingSources *are);
static void store_value(const pg_uuid_t *restaurant, const WantedSetting *wanted);
static void record_change(const pg_uuid_t *restaurant, const WantedSetting *wanted, Jsonb *before);
static List *stored_settings(const pg_uuid_t *restaurant, bool all);
static void *make_stored(TupleTableSlot *slot);
static const SeatingSettings *built_in_settings(void);
static SettingSources sources_of(const pg_uuid_t *restaurant, List *stored, const List *changed);
static SettingSources sources_if_in(const pg_uuid_t *restaurant);
static char *named_variant(const SettingSources *sources, const List *changed);
static Jsonb *find_value(const SettingSources *sources, const SettingKey *key, const char **source);
static Jsonb *find_set(const SettingSources *sources, const SettingKey *key, const char **source);
static Jsonb *find_stored(const SettingSources *sources, const SettingKey *key, bool is_default);
static Jsonb *variant_value(const SettingSources *sources, const SettingKey *key);
static bool is_off_outside(const SettingKey *key);
static Jsonb *text_as_json(const char *text);
static Jsonb *false_as_json(void);
static void return_values(ReturnSetInfo *rsinfo, const SettingSources *sources);


/* menuca_seating_set(restaurant, settings): a row for each value that has changed. */
Datum
menuca_seating_set(PG_FUNCTION_ARGS)
{
	ReturnSetInfo *rsinfo = (ReturnSetInfo *) fcinfo->resultinfo;
	const pg_uuid_t *restaurant = PG_ARGISNULL(0) ? NULL : PG_GETARG_UUID_P(0);
	List	   *settings;
	SettingSources were,
				are;
	ListCell   *lc;

	argument_require(fcinfo, 1, "settings");
	settings = wanted_settings(PG_GETARG_JSONB_P(1));
	if (restaurant)
		seating_schema_require_restaurant(seating_schema_find(), restaurant);
	query_require_writable("menuca_seating_set()");
	InitMaterializedSRF(fcinfo, 0);
	were = sources_if_in(restaurant);
	foreach(lc, settings)
		store_value(restaurant, lfirst(lc));
	query_begin_snapshot();
	are = sources_if_in(restaurant);
	query_end_snapshot();
	foreach(lc, settings)
		return_if_changed(rsinfo, lfirst(lc), &were, &are);
	return (Datum) 0;
}

/* All of them, so that a wrong one changes nothing. */
static List *
wanted_settings(Jsonb *settings)
{
	List	   *found = NIL;
	JsonbIterator *iterator;
	JsonbIteratorToken token;
	JsonbValue	value;

	if (!JB_ROOT_IS_OBJECT(settings))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("settings must be a JSON object"),
				 errdetail("The settings are: %s. Nothing was changed.", setting_values_names()),
				 errhint("%s", seating_call("SELECT * FROM menuca_seating_set(NULL, '{\"k_max\": 3}');"))));
	iterator = JsonbIteratorInit(&settings->root);
	while ((token = JsonbIteratorNext(&iterator, &value, true)) != WJB_DONE)
	{
		WantedSetting *wanted;
		char	   *name;

		CHECK_FOR_INTERRUPTS();
		if (token != WJB_KEY)
			continue;
		name = pnstrdup(value.val.string.val, value.val.string.len);
		(void) JsonbIteratorNext(&iterator, &value, true);
		wanted = palloc0(sizeof(WantedSetting));
		wanted->key = wanted_key(name, &value);
		if (value.type != jbvNull)
		{
			wanted->value = JsonbValueToJsonb(&value);
			setting_values_require(wanted->key, wanted->value);
			require_variant(wanted);
		}
		if (find_setting_change(found, wanted->key))
			ereport(ERROR,
					(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
					 errmsg("setting \"%s\" is given twice", wanted->key->name),
					 errdetail("\"%s\" is another name of it. Nothing was changed.", setting_values_flag(wanted->key)),
					 errhint("Pass one of them.")));
		found = lappend(found, wanted);
	}
	return found;
}

/* The names that the original had for some of them are accepted. */
static const SettingKey *
wanted_key(const char *name, JsonbValue *value)
{
	const SettingKey *key = setting_values_of_flag(name, value);

	return key ? key : setting_values_require_key(name);
}

static void
require_variant(const WantedSetting *wanted)
{
	SeatingSettings settings;

	if (wanted->key->kind != SETTING_NAME)
		return;
	setting_values_store(wanted->key, wanted->value, &settings);
	if (strcmp(settings.variant, NO_VARIANT) != 0 && rollout_share_variant(NULL, settings.variant) == NULL)
		ereport(ERROR,
				(errcode(ERRCODE_UNDEFINED_OBJECT),
				 errmsg("there is no variant \"%s\"", settings.variant),
				 errdetail("Nothing was changed."),
				 errhint("%s", seating_call("SELECT name, percent, settings FROM menuca_seating_variant;"))));
}

/* What a setting was is what the restaurant had, by its variant or by what was set. */
static void
return_if_changed(ReturnSetInfo *rsinfo, const WantedSetting *wanted, const SettingSources *were, const SettingSources *are)
{
	const char *source;
	Jsonb	   *before = find_value(were, wanted->key, &source);
	Jsonb	   *after = find_value(are, wanted->key, &source);
	Datum		values[3];
	bool		nulls[3] = {0};

	if (compareJsonbContainers(&before->root, &after->root) == 0)
		return;
	record_change(are->restaurant, wanted, before);
	values[0] = CStringGetTextDatum(wanted->key->name);
	values[1] = JsonbPGetDatum(after);
	values[2] = JsonbPGetDatum(before);
	tuplestore_putvalues(rsinfo->setResult, rsinfo->setDesc, values, nulls);
}

static void
store_value(const pg_uuid_t *restaurant, const WantedSetting *wanted)
{
	QueryArgs	args = {.keep = true};

	query_arg_uuid(&args, restaurant);
	query_arg_text(&args, wanted->key->name);
	if (wanted->value == NULL)
	{
		seating_write("menuca_seating_setting",
					  psprintf("DELETE FROM %smenuca_seating_setting"
							   " WHERE restaurant_id IS NOT DISTINCT FROM $1 AND key OPERATOR(pg_catalog.=) $2", seating_extension_schema()),
					  &args, NULL, NULL);
		return;
	}
	query_arg(&args, JSONBOID, JsonbPGetDatum(wanted->value), false);
	seating_write("menuca_seating_setting",
				  psprintf("INSERT INTO %smenuca_seating_setting (restaurant_id, key, value) VALUES ($1, $2, $3)"
						   " ON CONFLICT (restaurant_id, key) DO UPDATE SET value = EXCLUDED.value", seating_extension_schema()),
				  &args, NULL, NULL);
}

static void
record_change(const pg_uuid_t *restaurant, const WantedSetting *wanted, Jsonb *before)
{
	QueryArgs	args = {.keep = true};

	query_arg_uuid(&args, restaurant);
	query_arg_text(&args, wanted->key->name);
	query_arg(&args, JSONBOID, JsonbPGetDatum(before), false);
	query_arg(&args, JSONBOID, wanted->value ? JsonbPGetDatum(wanted->value) : (Datum) 0, wanted->value == NULL);
	seating_write("menuca_seating_change",
				  psprintf("INSERT INTO %smenuca_seating_change (what, restaurant_id, before, after)"
						   " VALUES ('settings', $1, pg_catalog.jsonb_build_object($2, $3),"
						   " CASE WHEN $4 IS NOT NULL THEN pg_catalog.jsonb_build_object($2, $4) END)", seating_extension_schema()),
				  &args, NULL, NULL);
}

/* menuca_seating_settings_of(restaurant): what is in effect for it, with the names that the original had. */
Datum
menuca_seating_settings_of(PG_FUNCTION_ARGS)
{
	ReturnSetInfo *rsinfo = (ReturnSetInfo *) fcinfo->resultinfo;
	const pg_uuid_t *restaurant = PG_ARGISNULL(0) ? NULL : PG_GETARG_UUID_P(0);
	SettingSources sources;
	const SettingKey *key;

	if (restaurant)
		seating_schema_require_restaurant(seating_schema_find(), restaurant);
	sources = sources_of(restaurant, stored_settings(restaurant, false), NIL);
	InitMaterializedSRF(fcinfo, 0);
	for (int i = 0; (key = setting_values_key(i)) != NULL; i++)
	{
		const char *source;
		Datum		values[4] = {0};
		bool		nulls[4] = {0};

		values[0] = result_text(setting_values_flag(key), &nulls[0]);
		values[1] = CStringGetTextDatum(key->name);
		values[2] = JsonbPGetDatum(find_value(&sources, key, &source));
		values[3] = CStringGetTextDatum(source);
		tuplestore_putvalues(rsinfo->setResult, rsinfo->setDesc, values, nulls);
	}
	return (Datum) 0;
}

/* menuca_seating_setting_values(): the rows of the view menuca_seating_settings. */
Datum
menuca_seating_setting_values(PG_FUNCTION_ARGS)
{
	ReturnSetInfo *rsinfo = (ReturnSetInfo *) fcinfo->resultinfo;
	List	   *stored = stored_settings(NULL, true);
	SettingSources sources = sources_of(NULL, stored, NIL);
	const pg_uuid_t *last = NULL;
	ListCell   *lc;

	InitMaterializedSRF(fcinfo, 0);
	return_values(rsinfo, &sources);
	foreach(lc, stored)
	{
		const StoredSetting *setting = lfirst(lc);

		if (setting->is_default || (last && memcmp(last, &setting->restaurant, UUID_LEN) == 0))
			continue;
		last = &setting->restaurant;
		sources = sources_of(last, stored, NIL);
		return_values(rsinfo, &sources);
	}
	return (Datum) 0;
}

static void
return_values(ReturnSetInfo *rsinfo, const SettingSources *sources)
{
	const SettingKey *key;

	for (int i = 0; (key = setting_values_key(i)) != NULL; i++)
	{
		const char *source;
		Datum		values[4] = {0};
		bool		nulls[4] = {0};

		nulls[0] = sources->restaurant == NULL;
		if (sources->restaurant)
			values[0] = UUIDPGetDatum(sources->restaurant);
		values[1] = CStringGetTextDatum(key->name);
		values[2] = JsonbPGetDatum(find_value(sources, key, &source));
		values[3] = CStringGetTextDatum(source);
		tuplestore_putvalues(rsinfo->setResult, rsinfo->setDesc, values, nulls);
	}
}

Jsonb *
seating_settings_normalized(Jsonb *settings)
{
	JsonbParseState *state = NULL;
	ListCell   *lc;

	pushJsonbValue(&state, WJB_BEGIN_OBJECT, NULL);
	foreach(lc, wanted_settings(settings))
	{
		const WantedSetting *wanted = lfirst(lc);
		JsonbValue	name = {.type = jbvString};
		JsonbValue	value;

		if (wanted->value == NULL)
			continue;
		name.val.string.val = unconstify(char *, wanted->key->name);
		name.val.string.len = strlen(wanted->key->name);
		pushJsonbValue(&state, WJB_KEY, &name);
		JsonbToJsonbValue(wanted->value, &value);
		pushJsonbValue(&state, WJB_VALUE, &value);
	}
	return JsonbValueToJsonb(pushJsonbValue(&state, WJB_END_OBJECT, NULL));
}

SeatingSettings *
seating_settings_of(const pg_uuid_t *restaurant)
{
	return seating_settings_with(restaurant, NULL);
}

SeatingSettings *
seating_settings_with(const pg_uuid_t *restaurant, Jsonb *changes)
{
	SeatingSettings *settings = palloc(sizeof(SeatingSettings));
	List	   *changed = changes ? wanted_settings(changes) : NIL;
	SettingSources sources = sources_of(restaurant, stored_settings(restaurant, false), changed);
	const SettingKey *key;

	*settings = *built_in_settings();
	for (int i = 0; (key = setting_values_key(i)) != NULL; i++)
	{
		const char *source;
		const WantedSetting *wanted = find_setting_change(changed, key);
		Jsonb	   *value = wanted && wanted->value ? wanted->value :
			wanted ? find_stored(&sources, key, true) : find_set(&sources, key, &source);

		if (value == NULL)
			continue;
		setting_values_require(key, value);
		setting_values_store(key, value, settings);
	}
	if (!settings->planner || !settings->merges)
		settings->floor.k_max = 1;
	return settings;
}

/* They are read from their texts once in a session. */
static const SeatingSettings *
built_in_settings(void)
{
	static SeatingSettings settings;
	static bool known = false;
	const SettingKey *key;

	for (int i = 0; !known && (key = setting_values_key(i)) != NULL; i++)
		setting_values_store(key, setting_values_built_in(key), &settings);
	settings.variant = NO_VARIANT;
	known = true;
	return &settings;
}

/* The change of a setting; NULL when it has none. */
static const WantedSetting *
find_setting_change(const List *changed, const SettingKey *key)
{
	const ListCell *lc;

	foreach(lc, changed)
	{
		if (((WantedSetting *) lfirst(lc))->key == key)
			return lfirst(lc);
	}
	return NULL;
}

int
seating_settings_turn_time(const SeatingSettings *settings, int party_size)
{
	for (int i = 0; i < settings->n_turn_times; i++)
	{
		if (party_size <= settings->turn_times[i].party)
			return settings->turn_times[i].minutes;
	}
	return settings->n_turn_times > 0 ? settings->turn_times[settings->n_turn_times - 1].minutes : 0;
}

int
seating_settings_longest_stay(const SeatingSettings *settings)
{
	int			longest = 0;

	for (int i = 0; i < settings->n_turn_times; i++)
		longest = Max(longest, settings->turn_times[i].minutes);
	return longest + settings->buffer_before + settings->buffer_after;
}

/* Those of a restaurant, or of all, and those for all restaurants; by restaurant. */
static List *
stored_settings(const pg_uuid_t *restaurant, bool all)
{
	QueryArgs	args = {.keep = true};

	seating_require_readable("menuca_seating_setting");
	query_arg_uuid(&args, restaurant);
	query_arg(&args, BOOLOID, BoolGetDatum(all), false);
	return query_list(psprintf("SELECT restaurant_id, key, value FROM %smenuca_seating_setting"
							   " WHERE $2 OR restaurant_id IS NULL OR restaurant_id = $1 ORDER BY restaurant_id, key",
							   seating_extension_schema()), &args, make_stored);
}

static void *
make_stored(TupleTableSlot *slot)
{
	StoredSetting *stored = palloc0(sizeof(StoredSetting));

	stored->is_default = slot->tts_isnull[0];
	if (!stored->is_default)
		stored->restaurant = *DatumGetUUIDP(slot_datum(slot, 0, UUIDOID));
	stored->key = slot_text(slot, 1);
	stored->value = DatumGetJsonbPCopy(slot_datum(slot, 2, JSONBOID));
	return stored;
}

/* Where the values of a restaurant come from; changed: what a caller tries out instead. */
static SettingSources
sources_of(const pg_uuid_t *restaurant, List *stored, const List *changed)
{
	SettingSources sources = {.restaurant = restaurant,.stored = stored,.is_in = true};
	char	   *name = named_variant(&sources, changed);

	sources.by_share = name == NULL;
	if (name || restaurant)
		sources.variant = rollout_share_variant(restaurant, name);
	if (restaurant)
		sources.is_in = rollout_share_is_in(restaurant);
	return sources;
}

/* The same as if the rollout had reached it: what holds from then on. */
static SettingSources
sources_if_in(const pg_uuid_t *restaurant)
{
	SettingSources sources = sources_of(restaurant, stored_settings(restaurant, false), NIL);

	sources.is_in = true;
	return sources;
}

/* The variant that a setting names, which may be "none"; NULL without. */
static char *
named_variant(const SettingSources *sources, const List *changed)
{
	const SettingKey *key = setting_values_require_key("variant");
	const WantedSetting *wanted = find_setting_change(changed, key);
	Jsonb	   *value = wanted ? wanted->value : find_stored(sources, key, false);
	SeatingSettings settings;

	if (value == NULL)
		value = find_stored(sources, key, true);
	if (value == NULL)
		return NULL;
	setting_values_require(key, value);
	setting_values_store(key, value, &settings);
	return unconstify(char *, settings.variant);
}

/* The value in effect; *source says where it was set. */
static Jsonb *
find_value(const SettingSources *sources, const SettingKey *key, const char **source)
{
	Jsonb	   *value = find_set(sources, key, source);

	return value ? value : setting_values_built_in(key);
}

/* The same; NULL when it is the built-in one. */
static Jsonb *
find_set(const SettingSources *sources, const SettingKey *key, const char **source)
{
	Jsonb	   *value;

	*source = "rollout";
	if (!sources->is_in && is_off_outside(key))
		return false_as_json();
	*source = "restaurant";
	if ((value = find_stored(sources, key, false)) != NULL)
		return value;
	*source = "variant";
	if ((value = variant_value(sources, key)) != NULL)
		return value;
	*source = "default";
	if ((value = find_stored(sources, key, true)) != NULL)
		return value;
	*source = "built-in";
	return NULL;
}

/* What was set for the restaurant, or for all; NULL when nothing was. */
static Jsonb *
find_stored(const SettingSources *sources, const SettingKey *key, bool is_default)
{
	const ListCell *lc;

	if (!is_default && sources->restaurant == NULL)
		return NULL;
	foreach(lc, sources->stored)
	{
		const StoredSetting *setting = lfirst(lc);

		if (strcmp(setting->key, key->name) == 0 && setting->is_default == is_default &&
			(is_default || memcmp(&setting->restaurant, sources->restaurant, UUID_LEN) == 0))
			return setting->value;
	}
	return NULL;
}

/* What the variant has; its name is the value of the setting "variant" unless one was set. */
static Jsonb *
variant_value(const SettingSources *sources, const SettingKey *key)
{
	JsonbValue *found;

	if (sources->variant == NULL)
		return NULL;
	if (key->kind == SETTING_NAME)
		return sources->by_share ? text_as_json(sources->variant->name) : NULL;
	if (!JB_ROOT_IS_OBJECT(sources->variant->settings))
		return NULL;
	found = getKeyJsonValueFromContainer(&sources->variant->settings->root, key->name, strlen(key->name), NULL);
	return found ? JsonbValueToJsonb(found) : NULL;
}

/* Single dining tables are what a restaurant has before the rollout reaches it. */
static bool
is_off_outside(const SettingKey *key)
{
	return strcmp(key->name, "planner") == 0 || strcmp(key->name, "merges") == 0;
}

static Jsonb *
text_as_json(const char *text)
{
	JsonbValue	value = {.type = jbvString};

	value.val.string.val = pstrdup(text);
	value.val.string.len = strlen(text);
	return JsonbValueToJsonb(&value);
}

static Jsonb *
false_as_json(void)
{
	JsonbValue	value = {.type = jbvBool};

	value.val.boolean = false;
	return JsonbValueToJsonb(&value);
}

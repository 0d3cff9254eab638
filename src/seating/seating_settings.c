/*-------------------------------------------------------------------------
 *
 * seating_settings.c
 *	  The settings of a restaurant's planner: see seating_settings.h.
 *
 * menuca_seating_set(restaurant, settings), menuca_seating_setting_values()
 *
 * A restaurant has the values that were set for it, then those set for all
 * restaurants, then the built-in ones.
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
#include "base/slot.h"
#include "seating/seating_extension.h"
#include "seating/seating_schema.h"
#include "seating/seating_settings.h"

PG_FUNCTION_INFO_V1(menuca_seating_set);
PG_FUNCTION_INFO_V1(menuca_seating_setting_values);

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

static List *wanted_settings(Jsonb *settings);
static const WantedSetting *find_setting_change(const List *changed, const SettingKey *key);
static void set_value(ReturnSetInfo *rsinfo, const pg_uuid_t *restaurant, const WantedSetting *wanted);
static void store_value(const pg_uuid_t *restaurant, const WantedSetting *wanted);
static void record_change(const pg_uuid_t *restaurant, const WantedSetting *wanted, Jsonb *before);
static List *stored_settings(const pg_uuid_t *restaurant, bool all);
static void *make_stored(TupleTableSlot *slot);
static const SeatingSettings *built_in_settings(void);
static Jsonb *find_value(const List *stored, const pg_uuid_t *restaurant, const SettingKey *key, const char **source);
static Jsonb *find_stored(const List *stored, const pg_uuid_t *restaurant, const SettingKey *key, const char **source);
static void return_values(ReturnSetInfo *rsinfo, const List *stored, const pg_uuid_t *restaurant);
static void query_arg_uuid(QueryArgs *args, const pg_uuid_t *uuid);


/* menuca_seating_set(restaurant, settings): a row for each value that has changed. */
Datum
menuca_seating_set(PG_FUNCTION_ARGS)
{
	ReturnSetInfo *rsinfo = (ReturnSetInfo *) fcinfo->resultinfo;
	const pg_uuid_t *restaurant = PG_ARGISNULL(0) ? NULL : PG_GETARG_UUID_P(0);
	List	   *settings;
	ListCell   *lc;

	argument_require(fcinfo, 1, "settings");
	settings = wanted_settings(PG_GETARG_JSONB_P(1));
	if (restaurant)
		seating_schema_require_restaurant(seating_schema_find(), restaurant);
	query_require_writable("menuca_seating_set()");
	InitMaterializedSRF(fcinfo, 0);
	foreach(lc, settings)
		set_value(rsinfo, restaurant, lfirst(lc));
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

		CHECK_FOR_INTERRUPTS();
		if (token != WJB_KEY)
			continue;
		wanted = palloc0(sizeof(WantedSetting));
		wanted->key = setting_values_require_key(pnstrdup(value.val.string.val, value.val.string.len));
		(void) JsonbIteratorNext(&iterator, &value, true);
		if (value.type != jbvNull)
		{
			wanted->value = JsonbValueToJsonb(&value);
			setting_values_require(wanted->key, wanted->value);
		}
		found = lappend(found, wanted);
	}
	return found;
}

static void
set_value(ReturnSetInfo *rsinfo, const pg_uuid_t *restaurant, const WantedSetting *wanted)
{
	const char *source;
	Jsonb	   *before = find_value(stored_settings(restaurant, false), restaurant, wanted->key, &source);
	Jsonb	   *after;
	Datum		values[3];
	bool		nulls[3] = {0};

	store_value(restaurant, wanted);
	query_begin_snapshot();
	after = find_value(stored_settings(restaurant, false), restaurant, wanted->key, &source);
	query_end_snapshot();
	if (compareJsonbContainers(&before->root, &after->root) == 0)
		return;
	record_change(restaurant, wanted, before);
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

/* menuca_seating_setting_values(): the rows of the view menuca_seating_settings. */
Datum
menuca_seating_setting_values(PG_FUNCTION_ARGS)
{
	ReturnSetInfo *rsinfo = (ReturnSetInfo *) fcinfo->resultinfo;
	List	   *stored = stored_settings(NULL, true);
	const pg_uuid_t *last = NULL;
	ListCell   *lc;

	InitMaterializedSRF(fcinfo, 0);
	return_values(rsinfo, stored, NULL);
	foreach(lc, stored)
	{
		const StoredSetting *setting = lfirst(lc);

		if (setting->is_default || (last && memcmp(last, &setting->restaurant, UUID_LEN) == 0))
			continue;
		last = &setting->restaurant;
		return_values(rsinfo, stored, last);
	}
	return (Datum) 0;
}

static void
return_values(ReturnSetInfo *rsinfo, const List *stored, const pg_uuid_t *restaurant)
{
	const SettingKey *key;

	for (int i = 0; (key = setting_values_key(i)) != NULL; i++)
	{
		const char *source;
		Datum		values[4] = {0};
		bool		nulls[4] = {0};

		nulls[0] = restaurant == NULL;
		if (restaurant)
			values[0] = UUIDPGetDatum(restaurant);
		values[1] = CStringGetTextDatum(key->name);
		values[2] = JsonbPGetDatum(find_value(stored, restaurant, key, &source));
		values[3] = CStringGetTextDatum(source);
		tuplestore_putvalues(rsinfo->setResult, rsinfo->setDesc, values, nulls);
	}
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
	List	   *stored = stored_settings(restaurant, false);
	List	   *changed = changes ? wanted_settings(changes) : NIL;
	const SettingKey *key;

	*settings = *built_in_settings();
	for (int i = 0; (key = setting_values_key(i)) != NULL; i++)
	{
		const char *source;
		const WantedSetting *wanted = find_setting_change(changed, key);
		Jsonb	   *value = wanted && wanted->value ? wanted->value :
			find_stored(stored, wanted ? NULL : restaurant, key, &source);

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

/* The value in effect; *source says where it was set. */
static Jsonb *
find_value(const List *stored, const pg_uuid_t *restaurant, const SettingKey *key, const char **source)
{
	Jsonb	   *value = find_stored(stored, restaurant, key, source);

	return value ? value : setting_values_built_in(key);
}

/* The same; NULL when it is the built-in one. */
static Jsonb *
find_stored(const List *stored, const pg_uuid_t *restaurant, const SettingKey *key, const char **source)
{
	Jsonb	   *value = NULL;
	const ListCell *lc;

	*source = "built-in";
	foreach(lc, stored)
	{
		const StoredSetting *setting = lfirst(lc);

		if (strcmp(setting->key, key->name) != 0)
			continue;
		if (setting->is_default ? strcmp(*source, "built-in") == 0 :
			restaurant && memcmp(&setting->restaurant, restaurant, UUID_LEN) == 0)
		{
			value = setting->value;
			*source = setting->is_default ? "default" : "restaurant";
		}
	}
	return value;
}

static void
query_arg_uuid(QueryArgs *args, const pg_uuid_t *uuid)
{
	query_arg(args, UUIDOID, uuid ? UUIDPGetDatum(uuid) : (Datum) 0, uuid == NULL);
}

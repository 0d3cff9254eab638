/*-------------------------------------------------------------------------
 *
 * import_wanted.c
 *	  Values that an import wants settings to have: see import_wanted.h.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "miscadmin.h"
#include "utils/builtins.h"
#include "utils/jsonb.h"

#include "base/json.h"
#include "base/query.h"
#include "base/slot.h"
#include "seating/seating_extension.h"
#include "seating/set_setting.h"
#include "seating/setting_values.h"
#include "takeover/import_ledger.h"
#include "takeover/import_wanted.h"
#include "takeover/original.h"

static char *value_in_effect(const List *wanted, const WantedValue *value);
static const WantedValue *wanted_default(const List *wanted, const char *key);
static void set_wanted(ImportCall *call, const WantedValue *value, const char *before);
static void add_wanted(ImportCall *call, const WantedValue *value, const char *effect);
static void *make_json(TupleTableSlot *slot);


void
import_wanted_set(ImportCall *call, const List *wanted)
{
	const ListCell *lc;

	foreach(lc, wanted)
	{
		const WantedValue *value = lfirst(lc);
		char	   *effect = value_in_effect(wanted, value);

		CHECK_FOR_INTERRUPTS();
		if (!call->dry_run && !import_wanted_equal(effect, value->value))
			set_wanted(call, value, import_wanted_stored(value->is_default ? NULL : &value->restaurant, value->key));
		add_wanted(call, value, effect);
	}
}

/* What it is without the value: a restaurant has that of all, which this import may set. */
static char *
value_in_effect(const List *wanted, const WantedValue *value)
{
	const SettingKey *key = setting_values_require_key(value->key);
	const WantedValue *of_all = value->is_default ? NULL : wanted_default(wanted, value->key);
	char	   *effect = value->is_default ? NULL : import_wanted_stored(&value->restaurant, value->key);

	if (effect == NULL && of_all)
		effect = of_all->value;
	if (effect == NULL)
		effect = import_wanted_stored(NULL, value->key);
	return effect ? effect : pstrdup(key->built_in);
}

static const WantedValue *
wanted_default(const List *wanted, const char *key)
{
	const ListCell *lc;

	foreach(lc, wanted)
	{
		const WantedValue *value = lfirst(lc);

		if (value->is_default && strcmp(value->key, key) == 0)
			return value;
	}
	return NULL;
}

static void
set_wanted(ImportCall *call, const WantedValue *value, const char *before)
{
	const pg_uuid_t *restaurant = value->is_default ? NULL : &value->restaurant;
	StringInfoData after;
	StringInfoData was;

	set_setting_execute(restaurant, value->key, value->value);
	initStringInfo(&after);
	json_begin(&after);
	json_text(&after, "kind", "setting");
	json_text(&after, "key", value->key);
	json_raw(&after, "value", value->value);
	json_end(&after);
	initStringInfo(&was);
	json_begin(&was);
	json_raw(&was, "value", before ? before : "null");
	json_end(&was);
	import_ledger_enter_one(call->number, restaurant, before ? was.data : NULL, after.data);
	call->changes++;
}

static void
add_wanted(ImportCall *call, const WantedValue *value, const char *effect)
{
	bool		same = import_wanted_equal(effect, value->value);
	ImportItem	item = {
		.kind = value->kind,
		.status = same ? IMPORT_UNCHANGED : call->dry_run ? IMPORT_PLANNED : IMPORT_DONE,
		.has_restaurant = !value->is_default,
		.restaurant = value->restaurant,
		.noun = "setting",
		.object = value->object,
		.reason = value->detail,
		.next_step = seating_call("SELECT * FROM menuca_seating_settings WHERE key = '%s';", value->key)
	};

	item.action = same ? psprintf("none: %s = %s already", value->key, value->value) :
		psprintf("set %s = %s", value->key, value->value);
	if (!same)
		item.reason = psprintf("it was %s%s%s", effect, value->detail ? "; " : "", value->detail ? value->detail : "");
	import_items_add(call->items, &item);
}

char *
import_wanted_stored(const pg_uuid_t *restaurant, const char *key)
{
	QueryArgs	args = {0};
	List	   *values;

	query_arg_uuid(&args, restaurant);
	query_arg_text(&args, key);
	values = original_read_own("menuca_seating_setting",
							   psprintf("SELECT s.value::text FROM %smenuca_seating_setting s"
										" WHERE s.restaurant_id IS NOT DISTINCT FROM $1 AND s.key = $2", seating_extension_schema()),
							   &args, make_json);
	return values ? linitial(values) : NULL;
}

static void *
make_json(TupleTableSlot *slot)
{
	return slot_text(slot, 0);
}

bool
import_wanted_equal(const char *left, const char *right)
{
	Jsonb	   *a;
	Jsonb	   *b;

	if (left == NULL || right == NULL)
		return left == right;
	a = DatumGetJsonbP(DirectFunctionCall1(jsonb_in, CStringGetDatum(left)));
	b = DatumGetJsonbP(DirectFunctionCall1(jsonb_in, CStringGetDatum(right)));
	return compareJsonbContainers(&a->root, &b->root) == 0;
}

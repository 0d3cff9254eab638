/*-------------------------------------------------------------------------
 *
 * undo_settings.c
 *	  Putting back settings and keys: see undo_settings.h.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "miscadmin.h"
#include "utils/builtins.h"

#include "base/attempt.h"
#include "base/query.h"
#include "base/slot.h"
#include "seating/seating_extension.h"
#include "seating/set_setting.h"
#include "takeover/import_wanted.h"
#include "takeover/original.h"
#include "takeover/undo_settings.h"

/* A setting that an import changed. */
typedef struct ChangedSetting
{
	bool		is_default;
	pg_uuid_t	restaurant;
	char	   *key;
	char	   *before;			/* JSON; NULL when it had none of its own */
	char	   *after;
} ChangedSetting;

/* A key that an import recorded. */
typedef struct RecordedKey
{
	pg_uuid_t	restaurant;
	char	   *key;
	bool		same;			/* it is as it was recorded */
} RecordedKey;

static void *make_changed(TupleTableSlot *slot);
static void undo_setting(ImportCall *call, const ChangedSetting *setting);
static void store_before(void *arg);
static void *make_recorded(TupleTableSlot *slot);
static void delete_keys(const ImportCall *call);
static QueryArgs number_argument(const ImportCall *call);


void
undo_settings(ImportCall *call)
{
	QueryArgs	args = number_argument(call);
	ListCell   *lc;

	foreach(lc, original_read_own("menuca_seating_change",
								  psprintf("SELECT c.restaurant_id, c.after ->> 'key', (c.before -> 'value')::text, (c.after -> 'value')::text"
										   " FROM %smenuca_seating_change c WHERE c.what = 'import' AND c.after -> 'import' = to_jsonb($1)"
										   " AND c.after ->> 'kind' = 'setting' ORDER BY c.change_id", seating_extension_schema()),
								  &args, make_changed))
	{
		CHECK_FOR_INTERRUPTS();
		undo_setting(call, lfirst(lc));
	}
}

static void *
make_changed(TupleTableSlot *slot)
{
	ChangedSetting *setting = palloc0(sizeof(ChangedSetting));

	setting->is_default = slot->tts_isnull[0];
	if (!setting->is_default)
		setting->restaurant = *DatumGetUUIDP(slot_datum(slot, 0, UUIDOID));
	setting->key = slot_text(slot, 1);
	setting->before = slot_text_or_null(slot, 2);
	setting->after = slot_text(slot, 3);
	return setting;
}

static void
undo_setting(ImportCall *call, const ChangedSetting *setting)
{
	char	   *now = import_wanted_stored(setting->is_default ? NULL : &setting->restaurant, setting->key);
	ErrorData  *error = NULL;
	ImportItem	item = {
		.kind = IMPORT_SETTING,
		.status = call->dry_run ? IMPORT_PLANNED : IMPORT_DONE,
		.has_restaurant = !setting->is_default,
		.restaurant = setting->restaurant,
		.noun = "setting",
		.object = psprintf("%s = %s", setting->key, setting->after),
		.next_step = seating_call("SELECT * FROM menuca_seating_settings WHERE key = %s;", quote_literal_cstr(setting->key))
	};

	item.action = setting->before ? psprintf("set %s = %s again", setting->key, setting->before) :
		psprintf("%s has no value of its own again", setting->key);
	if (!import_wanted_equal(now, setting->after))
		item.reason = psprintf("somebody has changed it since: it is %s", now ? now : "not set");
	else if (!call->dry_run)
		error = attempt(store_before, unconstify(ChangedSetting *, setting));
	if (error)
		item.reason = attempt_message(error);
	if (item.reason)
	{
		item.status = IMPORT_SKIPPED;
		item.action = "none: left as it is";
	}
	import_items_add(call->items, &item);
}

static void
store_before(void *arg)
{
	const ChangedSetting *setting = arg;

	set_setting_execute(setting->is_default ? NULL : &setting->restaurant, setting->key, setting->before);
}

void
undo_keys(ImportCall *call)
{
	QueryArgs	args = number_argument(call);
	ListCell   *lc;

	/* Both tables are the extension's, and have its owner. */
	foreach(lc, original_read_own("menuca_seating_change",
								  psprintf("SELECT (c.after ->> 'restaurant_id')::uuid, c.after ->> 'key',"
										   " COALESCE(to_jsonb(k.booking_id) = c.after -> 'booking_id' AND to_jsonb(k.table_ids) = c.after -> 'table_ids', false)"
										   " FROM %1$smenuca_seating_change c LEFT JOIN %1$smenuca_seating_key k"
										   " ON k.restaurant_id = (c.after ->> 'restaurant_id')::uuid AND k.idempotency_key = c.after ->> 'key'"
										   " WHERE c.what = 'import' AND c.after -> 'import' = to_jsonb($1) AND c.after ->> 'kind' = 'key'"
										   " ORDER BY c.change_id", seating_extension_schema()),
								  &args, make_recorded))
	{
		const RecordedKey *key = lfirst(lc);
		ImportItem	item = {
			.kind = IMPORT_KEY,
			.status = !key->same ? IMPORT_SKIPPED : call->dry_run ? IMPORT_PLANNED : IMPORT_DONE,
			.has_restaurant = true,
			.restaurant = key->restaurant,
			.noun = "key",
			.object = psprintf("key %s", quote_literal_cstr(import_items_name(key->key))),
			.action = key->same ? "key removed" : "none: left as it is",
			.reason = key->same ? NULL : "somebody has removed it, or used it for something else since"
		};

		CHECK_FOR_INTERRUPTS();
		import_items_add(call->items, &item);
	}
	if (!call->dry_run)
		delete_keys(call);
}

static void *
make_recorded(TupleTableSlot *slot)
{
	RecordedKey *key = palloc0(sizeof(RecordedKey));

	key->restaurant = *DatumGetUUIDP(slot_datum(slot, 0, UUIDOID));
	key->key = slot_text(slot, 1);
	key->same = slot_bool(slot, 2);
	return key;
}

static void
delete_keys(const ImportCall *call)
{
	QueryArgs	args = number_argument(call);

	seating_write("menuca_seating_key",
				  psprintf("DELETE FROM %1$smenuca_seating_key k USING %1$smenuca_seating_change c"
						   " WHERE k.restaurant_id = (c.after ->> 'restaurant_id')::uuid AND k.idempotency_key = c.after ->> 'key'"
						   " AND to_jsonb(k.booking_id) = c.after -> 'booking_id' AND to_jsonb(k.table_ids) = c.after -> 'table_ids'"
						   " AND c.what = 'import' AND c.after -> 'import' = to_jsonb($1) AND c.after ->> 'kind' = 'key'",
						   seating_extension_schema()),
				  &args, NULL, NULL);
}

static QueryArgs
number_argument(const ImportCall *call)
{
	QueryArgs	args = {0};

	query_arg_int8(&args, call->number);
	return args;
}

/*-------------------------------------------------------------------------
 *
 * stage_flags.c
 *	  The flags that were set when a stage began: see stage_flags.h.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "utils/builtins.h"

#include "base/attempt.h"
#include "base/guc_scope.h"
#include "base/owner.h"
#include "base/query.h"
#include "base/results.h"
#include "base/slot.h"
#include "rollout/stage_flags.h"
#include "seating/seating_extension.h"
#include "seating/seating_refusal.h"
#include "seating/set_setting.h"
#include "seating/setting_values.h"

/* The flags of a stage as rows; $3 are their names. */
#define FLAGS_OF_STAGE "(SELECT COALESCE(f.restaurant_id::text, '') AS id, f.restaurant_id, f.key, f.value" \
	" FROM %1$smenuca_seating_stage g, jsonb_to_recordset(g.flags) f(restaurant_id uuid, key text, value jsonb) WHERE g.stage_no = %2$s AND f.key = ANY ($3))"

/* A rollback is urgent: it waits for nobody longer than deploying does. */
#define FLAG_LOCK_WAIT "2s"

static void *make_stage_flag(TupleTableSlot *slot);
static void restore_flag(void *arg);


Datum
stage_flags_keys(void)
{
	List	   *names = NIL;
	const SettingKey *key;

	for (int i = 0; (key = setting_values_key(i)) != NULL; i++)
	{
		if (setting_values_flag(key))
			names = lappend(names, unconstify(char *, key->name));
	}
	return result_text_array(names);
}

/* Of the extension's own tables alone, so as its owner. */
List *
stage_flags_changed(int64 stage_no, int64 left_by)
{
	const char *schema = seating_extension_schema();
	char	   *was = psprintf(FLAGS_OF_STAGE, schema, "$1");
	char	   *left = psprintf(FLAGS_OF_STAGE, schema, "$2");
	QueryArgs	args = {0};
	OwnerContext caller;
	List	   *flags;

	query_arg_int8(&args, stage_no);
	query_arg_int8(&args, left_by);
	query_arg(&args, TEXTARRAYOID, stage_flags_keys(), false);
	query_begin_snapshot();
	caller = owner_become(extension_table("menuca_seating", "menuca_seating_stage"));
	flags = query_list(psprintf("WITH was AS %s, left_so AS %s, now AS (SELECT COALESCE(s.restaurant_id::text, '') AS id, s.restaurant_id, s.key, s.value"
								" FROM %smenuca_seating_setting s WHERE s.key = ANY ($3))"
								" SELECT COALESCE(n.restaurant_id, w.restaurant_id), key, n.value::text, w.value::text,"
								" $2 = 0 OR n.value IS NOT DISTINCT FROM l.value"
								" FROM now n FULL JOIN was w USING (id, key) LEFT JOIN left_so l USING (id, key)"
								" WHERE n.value IS DISTINCT FROM w.value ORDER BY id, key", was, left, schema),
					   &args, make_stage_flag);
	owner_return(&caller);
	query_end_snapshot();
	return flags;
}

static void *
make_stage_flag(TupleTableSlot *slot)
{
	StageFlag  *flag = palloc0(sizeof(StageFlag));

	flag->is_default = slot->tts_isnull[0];
	if (!flag->is_default)
		flag->restaurant = *DatumGetUUIDP(slot_datum(slot, 0, UUIDOID));
	flag->key = slot_text(slot, 1);
	flag->now = slot_text_or_null(slot, 2);
	flag->was = slot_text_or_null(slot, 3);
	flag->is_left = slot_bool(slot, 4);
	return flag;
}

/*
 * In an attempt: a restaurant that is gone, a right that is missing, or somebody who is
 * setting the flag right now keeps nothing else from being rolled back.
 */
char *
stage_flags_restore(const StageFlag *flag)
{
	ErrorData  *error = attempt(restore_flag, unconstify(StageFlag *, flag));

	return error ? attempt_message(error) : NULL;
}

static void
restore_flag(void *arg)
{
	const StageFlag *flag = arg;
	int			scope = guc_scope_begin_lock_timeout(FLAG_LOCK_WAIT);

	set_setting_execute(flag->is_default ? NULL : &flag->restaurant, flag->key, flag->was);
	guc_scope_end(scope);
}

char *
stage_flags_statement(const StageFlag *flag)
{
	return set_setting_statement(flag->is_default ? NULL : &flag->restaurant, flag->key, flag->was);
}

char *
stage_flags_name(const StageFlag *flag)
{
	return flag->is_default ? psprintf("%s of all restaurants", flag->key) :
		psprintf("%s of restaurant %s", flag->key, refusal_id(&flag->restaurant));
}

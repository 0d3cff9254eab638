/*-------------------------------------------------------------------------
 *
 * decision.c
 *	  The recorded decision which target a source's rows belong in: see
 *	  decision.h.
 *
 * menuca_record_decision(target, approver, reason)
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "access/xlog.h"
#include "catalog/namespace.h"
#include "commands/dbcommands.h"
#include "fmgr.h"
#include "funcapi.h"
#include "miscadmin.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"

#include "base/arguments.h"
#include "base/extension.h"
#include "base/extension_write.h"
#include "base/format.h"
#include "base/query.h"
#include "base/results.h"
#include "base/settings.h"
#include "base/relation.h"
#include "base/slot.h"
#include "plan/decision.h"
#include "target/junction.h"

PG_FUNCTION_INFO_V1(menuca_record_decision);

static char *fix_call(const char *target);
static void *make_decision(TupleTableSlot *slot);


/* Records who decided for which target; returns the decision and the next call. */
Datum
menuca_record_decision(PG_FUNCTION_ARGS)
{
	char	   *target = argument_text(fcinfo, 0, "target");
	char	   *approver = argument_said(fcinfo, 1, "approver");
	char	   *reason = argument_said(fcinfo, 2, "reason");
	QueryArgs	args = {0};
	Datum		values[2];
	bool		nulls[2] = {0};

	query_require_writable("menuca_record_decision()");
	junction_require_known(target);
	query_arg_text(&args, menuca_target_schema);
	query_arg_text(&args, target);
	query_arg_text(&args, approver);
	query_arg_text(&args, reason);
	migrate_write("menuca_decision",
				  psprintf("INSERT INTO %smenuca_decision (target_schema, target, approver, reason) VALUES ($1, $2, $3, $4)",
						   migrate_schema()), &args, NULL, NULL);

	values[0] = CStringGetTextDatum(psprintf("decided: rows of the source belong in %s, by %s: %s", target, approver, reason));
	values[1] = CStringGetTextDatum(decision_next_call(fix_call(target)));
	return HeapTupleGetDatum(heap_form_tuple(result_row_type(fcinfo, "tt"), values, nulls));
}

/* The dry run into that target, or the call that creates it. */
static char *
fix_call(const char *target)
{
	if (strcmp(target, "combo_items") == 0)
		return migrate_call("SELECT * FROM menuca_fix_combos();");
	if (!OidIsValid(get_relname_relid(target, get_namespace_oid(menuca_target_schema, true))))
		return migrate_call("SELECT * FROM menuca_create_dish_combo_groups(dry_run => false);");
	return migrate_call("SELECT * FROM menuca_fix_combos(target => %s);", quote_literal_cstr(target));
}

char *
decision_next_call(char *otherwise)
{
	QueryArgs	args = {0};

	if (!relation_may(migrate_table("menuca_registered_environment"), ACL_SELECT))
		return otherwise;
	query_arg_text(&args, get_database_name(MyDatabaseId));
	query_arg_int8(&args, (int64) GetSystemIdentifier());
	return query_bool(psprintf("SELECT EXISTS (SELECT FROM %smenuca_registered_environment"
							   " WHERE database_name = $1 AND system_identifier = $2)", migrate_schema()), &args) ?
		migrate_call("SELECT * FROM menuca_next();") : otherwise;
}

const Decision *
decision_newest(const char *schema)
{
	QueryArgs	args = {0};
	List	   *found;

	if (!relation_may(migrate_table("menuca_decision"), ACL_SELECT))
		return NULL;
	query_arg_text(&args, schema);
	found = query_list(psprintf("SELECT target, approver, decided_at, reason FROM %smenuca_decision"
								" WHERE target_schema = $1 ORDER BY decision_id DESC LIMIT 1", migrate_schema()),
					   &args, make_decision);
	return found ? linitial(found) : NULL;
}

static void *
make_decision(TupleTableSlot *slot)
{
	Decision   *decision = palloc(sizeof(Decision));
	char	   *approver = slot_text_or_null_of(slot, "approver");
	char	   *reason = slot_text_or_null_of(slot, "reason");

	decision->target = slot_text_of(slot, "target");
	decision->approver = approver ? approver : "?";
	decision->decided_at = format_utc(slot_time_of(slot, "decided_at", NULL));
	decision->reason = reason ? reason : "?";
	return decision;
}

char *
decision_text(const Decision *decision)
{
	return psprintf("rows of the source belong in %s, by %s at %s: %s",
					decision->target, decision->approver, decision->decided_at, decision->reason);
}

char *
decision_warning(const char *schema, const char *target)
{
	const Decision *decision = decision_newest(schema);

	if (decision == NULL || strcmp(decision->target, target) == 0)
		return NULL;
	return psprintf("this writes to %s, but it was decided otherwise: %s", target, decision_text(decision));
}

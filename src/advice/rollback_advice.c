/*-------------------------------------------------------------------------
 *
 * rollback_advice.c
 *	  When to roll back.
 *
 * menuca_rollback_advice()
 *
 * Each trigger is looked at by itself: a figure that cannot be had is UNKNOWN, with
 * the reason, and never hides the others.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "fmgr.h"
#include "funcapi.h"
#include "utils/builtins.h"
#include "utils/timestamp.h"

#include "advice/advice_facts.h"
#include "advice/advice_triggers.h"
#include "base/attempt.h"
#include "base/extension.h"
#include "base/results.h"

PG_FUNCTION_INFO_V1(menuca_rollback_advice);

/* Arguments of call_look(). */
typedef struct LookAtTrigger
{
	const AdviceTrigger *trigger;
	const AdviceFacts *facts;
	Advice	   *advice;
} LookAtTrigger;

static void call_look(void *arg);
static RollbackOption possible_option(const AdviceFacts *facts, RollbackOption option);
static void add_advice(ReturnSetInfo *rsinfo, const AdviceTrigger *trigger, const AdviceFacts *facts, const Advice *advice);
static const char *advice_word(const AdviceTrigger *trigger, const Advice *advice);
static char *first_call(List *calls);


/* Returns a row per trigger. */
Datum
menuca_rollback_advice(PG_FUNCTION_ARGS)
{
	ReturnSetInfo *rsinfo = (ReturnSetInfo *) fcinfo->resultinfo;
	AdviceFacts *facts = advice_facts();

	InitMaterializedSRF(fcinfo, 0);
	for (int i = 0; i < advice_ntriggers; i++)
	{
		const AdviceTrigger *trigger = &advice_triggers[i];
		Advice		advice = {0};
		LookAtTrigger look = {trigger, facts, &advice};
		ErrorData  *error = attempt(call_look, &look);

		if (error)
		{
			memset(&advice, 0, sizeof(Advice));
			advice.unknown = true;
			advice.figure = psprintf("it cannot be had: %s (SQLSTATE %s)", error->message, unpack_sql_state(error->sqlerrcode));
		}
		add_advice(rsinfo, trigger, facts, &advice);
	}
	return (Datum) 0;
}

static void
call_look(void *arg)
{
	LookAtTrigger *look = arg;

	look->trigger->look(look->facts, look->advice);
}

static void
add_advice(ReturnSetInfo *rsinfo, const AdviceTrigger *trigger, const AdviceFacts *facts, const Advice *advice)
{
	RollbackOption option = possible_option(facts, trigger->option);
	List	   *calls = facts->calls[option];
	Datum		values[9];
	bool		nulls[9] = {0};
	TimestampTz since = advice->has_since ? advice->since : GetCurrentTimestamp();

	values[0] = CStringGetTextDatum(trigger->name);
	values[1] = CStringGetTextDatum(advice->figure);
	values[2] = CStringGetTextDatum(trigger->threshold);
	values[3] = TimestampTzGetDatum(since);
	nulls[3] = !advice->triggered;
	values[4] = CStringGetTextDatum(advice_word(trigger, advice));
	values[5] = CStringGetTextDatum(advice_option_name(option));
	values[6] = calls ? result_text_array(calls) : (Datum) 0;
	nulls[6] = !advice->triggered || calls == NIL;
	values[7] = facts->rehearsed[option] ? result_numeric(facts->minutes[option], 2) : (Datum) 0;
	nulls[7] = !facts->rehearsed[option];
	values[8] = result_text(advice->triggered && advice->next_step == NULL ? first_call(calls) : advice->next_step, &nulls[8]);
	tuplestore_putvalues(rsinfo->setResult, rsinfo->setDesc, values, nulls);
}

/* Where there is nothing of an option to undo here, the next greater way back is left. */
static RollbackOption
possible_option(const AdviceFacts *facts, RollbackOption option)
{
	if (facts->calls[option] == NIL && option < ROLLBACK_SNAPSHOT && facts->calls[ROLLBACK_SNAPSHOT])
		return ROLLBACK_SNAPSHOT;
	if (facts->calls[option] == NIL && option < ROLLBACK_RESTORE && facts->calls[ROLLBACK_RESTORE])
		return ROLLBACK_RESTORE;
	return option;
}

static const char *
advice_word(const AdviceTrigger *trigger, const Advice *advice)
{
	return advice->triggered ? (trigger->immediate ? "IMMEDIATE" : "CONSIDER") :
		advice->unknown ? "UNKNOWN" : "NONE";
}

/* What begins with a comment is no statement: it is done outside of the database. */
static char *
first_call(List *calls)
{
	return calls == NIL || strncmp(linitial(calls), "--", 2) == 0 ?
		migrate_call("SELECT * FROM menuca_rollback_guide();") : linitial(calls);
}

/*-------------------------------------------------------------------------
 *
 * rollback_advice.c
 *	  When to roll back: see rollback_advice.h.
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

#include "base/attempt.h"
#include "base/extension.h"
#include "base/format.h"
#include "base/results.h"
#include "runbook/advice_facts.h"
#include "runbook/advice_triggers.h"
#include "runbook/rollback_advice.h"

PG_FUNCTION_INFO_V1(menuca_rollback_advice);

/* The minutes that a way back may take (the tickets' and the checklist's). */
#define REHEARSAL_MINUTES 15.0

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

void
rollback_report_rehearsals(TicketExecution *execution, pg_attribute_unused() Finding *finding)
{
	AdviceFacts facts = {0};
	StringInfoData made;
	StringInfoData missing;
	Finding		row = {0};

	if (execution->environment->is_production)
		return;
	initStringInfo(&made);
	initStringInfo(&missing);
	advice_facts_rehearsals(&facts);
	for (int i = 0; i < ROLLBACK_OPTIONS; i++)
	{
		if (!facts.rehearsed[i])
			format_append(&missing, ", ", "%s", advice_option_name((RollbackOption) i));
		else
			format_append(&made, ", ", "%s %.2f min", advice_option_name((RollbackOption) i), facts.minutes[i]);
		if (facts.rehearsed[i] && facts.minutes[i] > REHEARSAL_MINUTES)
			row.status = CHECK_FAIL;
	}
	if (missing.len > 0 && row.status != CHECK_FAIL)
		row.status = CHECK_WARN;
	row.expected = psprintf("each way back was rehearsed, in at most %g minutes", REHEARSAL_MINUTES);
	row.actual = psprintf("%s%s%s", made.len > 0 ? made.data : "none was", missing.len > 0 ? "; never: " : "", missing.data);
	if (row.status == CHECK_FAIL)
		row.remedy = migrate_call("A way back that takes longer is none in a maintenance window. Find out what it waits for, and rehearse it again: SELECT * FROM menuca_rollback_guide();");
	else if (row.status == CHECK_WARN)
		row.remedy = migrate_call("Carry out the calls here, on staging, then execute the tickets again: SELECT * FROM menuca_rollback_guide(); of the whole database: menuca-backup --drill.");
	ticket_report(execution, "rehearsals", "Ways back that were rehearsed", &row);
}

/*-------------------------------------------------------------------------
 *
 * next.c
 *	  The one call to make now.
 *
 * menuca_next()
 *
 * It looks at the state from its foundation on: the platform's tables, open runs,
 * the runbook where this database is registered, and otherwise the source, the
 * decision, the fixes and the validation.  The first look that finds something to
 * be done is the result.  It calls the extension's other functions as users do,
 * their dry runs included, and changes nothing.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "access/htup_details.h"
#include "access/xlog.h"
#include "base/database_identity.h"
#include "catalog/namespace.h"
#include "fmgr.h"
#include "funcapi.h"
#include "miscadmin.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"

#include "advice/next_repair.h"
#include "advice/next_step.h"
#include "advice/next_ticket.h"
#include "base/attempt.h"
#include "base/extension.h"
#include "base/format.h"
#include "base/guc_scope.h"
#include "base/own_function.h"
#include "base/proposal.h"
#include "base/query.h"
#include "base/results.h"
#include "base/settings.h"
#include "ledger/open_run.h"
#include "ledger/run_damage.h"
#include "runbook/ticket_environment.h"

PG_FUNCTION_INFO_V1(menuca_next);

/* Where a look is taken. */
typedef enum LookPlace
{
	LOOK_EVERYWHERE,
	LOOK_REGISTERED,			/* in a registered environment */
	LOOK_ELSEWHERE
} LookPlace;

/* A part of the state, and how it is looked at. */
typedef struct Look
{
	const char *what;
	void		(*take) (NextStep *next);
	LookPlace	place;
} Look;

/* Arguments of take_look(). */
typedef struct LookCall
{
	const Look *look;
	NextStep   *next;
} LookCall;

static void take_look(void *arg);
static void find_environment(NextStep *next);
static void find_tables(NextStep *next);
static char *schema_with_tables(void);
static void find_open_run(NextStep *next);
static char *sentence(const char *clause);
static void say_error(NextStep *next, const Look *look, const ErrorData *error);
static char *who_may_call(const char *statement);

static const Look looks[] = {
	{"the registered environment", find_environment, LOOK_EVERYWHERE},
	{"the platform's tables", find_tables, LOOK_EVERYWHERE},
	{"the ledger", find_open_run, LOOK_EVERYWHERE},
	{"the tickets", next_ticket, LOOK_REGISTERED},
	{"the source", next_load, LOOK_ELSEWHERE},
	{"the decision", next_decide, LOOK_ELSEWHERE},
	{"the fixes", next_fix, LOOK_ELSEWHERE},
	{"the validation", next_validate, LOOK_ELSEWHERE}
};


/* Returns one row, whatever the state is. */
Datum
menuca_next(PG_FUNCTION_ARGS)
{
	TupleDesc	desc = result_row_type(fcinfo, "tttt");
	NextStep	next = {0};
	Datum		values[4];
	bool		nulls[4] = {0};
	char	   *who;

	for (size_t i = 0; i < lengthof(looks) && next.state == NULL; i++)
	{
		LookCall	call = {&looks[i], &next};
		ErrorData  *error;

		if (looks[i].place == (next.environment ? LOOK_ELSEWHERE : LOOK_REGISTERED))
			continue;
		error = attempt(take_look, &call);
		if (error)
			say_error(&next, &looks[i], error);
	}
	if (next.state == NULL)
		next_is(&next, "done", NULL, "There is nothing to be done.", NULL);

	who = next.statement ? who_may_call(next.statement) : NULL;
	values[0] = CStringGetTextDatum(next.state);
	values[1] = result_text(next.statement, &nulls[1]);
	values[2] = CStringGetTextDatum(who ? psprintf("%s %s", next.why, who) : next.why);
	values[3] = CStringGetTextDatum(next.changes ? next.changes : "nothing");
	return HeapTupleGetDatum(heap_form_tuple(desc, values, nulls));
}

/* What the calls announce is in the result. */
static void
take_look(void *arg)
{
	LookCall   *call = arg;
	int			level = guc_scope_begin();

	guc_scope_set("client_min_messages", "error");
	call->look->take(call->next);
	guc_scope_end(level);
}

static void
find_environment(NextStep *next)
{
	next->environment = ticket_environment(0);
}

/* Without these tables nothing can be repaired. */
static void
find_tables(NextStep *next)
{
	static const char *const tables[] = {"restaurants", "dishes", "combo_groups", "combo_items"};
	Oid			schema = get_namespace_oid(menuca_target_schema, true);
	StringInfoData missing;
	char	   *elsewhere;

	initStringInfo(&missing);
	for (size_t i = 0; i < lengthof(tables); i++)
	{
		if (!OidIsValid(schema) || !OidIsValid(get_relname_relid(tables[i], schema)))
			format_append(&missing, ", ", "%s", tables[i]);
	}
	if (missing.len == 0)
		return;

	elsewhere = schema_with_tables();
	if (elsewhere == NULL)
		next_is(next, "no tables", NULL,
				psprintf("Schema \"%s\" (setting menuca.target_schema) lacks: %s; no other schema of this database has all of restaurants, dishes, combo_groups and combo_items. Connect to the platform's database, or restore the tables.",
						 menuca_target_schema, missing.data), NULL);
	else
		next_is(next, "no tables",
				psprintf("ALTER DATABASE %s SET menuca.target_schema = %s;",
						 quote_identifier(database_identity_name()), quote_literal_cstr(elsewhere)),
				psprintf("Schema \"%s\" (setting menuca.target_schema) lacks: %s; schema \"%s\" has all of restaurants, dishes, combo_groups and combo_items.",
						 menuca_target_schema, missing.data, elsewhere),
				"the setting of this database, for sessions that begin afterwards");
}

/* The only schema that has the platform's tables; NULL if there is none, or more than one. */
static char *
schema_with_tables(void)
{
	List	   *schemas = query_texts("SELECT n.nspname::text FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace"
									  " WHERE c.relname IN ('restaurants', 'dishes', 'combo_groups', 'combo_items')"
									  " AND c.relkind IN ('r', 'p', 'f') AND n.nspname NOT LIKE 'menuca\\_snapshot\\_%'"
									  " GROUP BY n.nspname HAVING count(*) = 4", NULL);

	return list_length(schemas) == 1 ? linitial(schemas) : NULL;
}

/* A run that has not ended comes before everything else. */
static void
find_open_run(NextStep *next)
{
	List	   *runs = open_runs(menuca_target_schema, 0);
	List	   *lost = run_damage_lost_ids();
	OpenRun    *run;

	if (lost)
	{
		next_is(next, "ledger damaged", NULL,
				psprintf("The ledger has lost run %s, but has the rows that it inserted. Restore its table menuca_run from a backup.",
						 (char *) linitial(lost)), NULL);
		return;
	}
	if (runs == NIL)
		return;
	run = linitial(runs);
	if (!run->interrupted)
		next_is(next, "run in progress", run->next_step,
				psprintf("%s. Wait until it has ended; the call shows how far it is.", sentence(run->text)), NULL);
	else if (run->next_step == NULL)
		next_is(next, "ledger damaged", NULL,
				psprintf("%s. Restore the tables menuca_run, menuca_run_batch and menuca_run_baseline from a backup.",
						 sentence(run->text)), NULL);
	else if (run->next_step == run->undo)
		next_is(next, "run interrupted", run->next_step,
				psprintf("%s, and a run of its kind cannot be resumed.", sentence(run->text)),
				"deletes the rows that the run inserted");
	else
		next_is(next, "run interrupted", run->next_step,
				psprintf("%s. The call finishes it; to undo it instead: %s", sentence(run->text), run->undo),
				"inserts the rows that the run has not inserted yet; it commits each batch, so send CALL by itself");
}

/* The clause with a capital letter. */
static char *
sentence(const char *clause)
{
	char	   *copy = pstrdup(clause);

	copy[0] = (char) pg_toupper((unsigned char) copy[0]);
	return copy;
}

/* An error of a look is the result: whatever comes later needs what it looked at. */
static void
say_error(NextStep *next, const Look *look, const ErrorData *error)
{
	bool		may_not = error->sqlerrcode == ERRCODE_INSUFFICIENT_PRIVILEGE;

	next_is(next, may_not ? "not allowed" : "not known",
			may_not ? migrate_call("SELECT * FROM menuca_grants(%s, 'read');",
								   quote_literal_cstr(GetUserNameFromId(GetUserId(), false))) :
			NULL,
			psprintf("Looking at %s raised an error: %s", look->what, attempt_message(error)), NULL);
	if (may_not)
		next->why = psprintf("%s The call returns the statements by which an administrator grants it.", next->why);
}

/* Who may make the call, if the current role or this server cannot; otherwise NULL. */
static char *
who_may_call(const char *statement)
{
	char	   *function = proposal_function(statement);
	char	   *purpose;
	QueryArgs	args = {0};

	if (function == NULL)
		return NULL;
	query_arg_text(&args, function);
	if (own_function_may_call(function))
		return !RecoveryInProgress() ? NULL :
			query_bool("SELECT bool_or(p.provolatile = 'v') FROM pg_proc p JOIN pg_depend d ON d.objid = p.oid"
					   " AND d.classid = 'pg_proc'::regclass AND d.deptype = 'e' WHERE p.proname = $1", &args) ?
			"This server is a standby: make the call on the primary." : NULL;
	purpose = query_text(psprintf("SELECT min(purpose) FROM %smenuca_right WHERE kind = 'routine' AND name = $1",
								  migrate_schema()), &args);
	return psprintf("Role \"%s\" may not call %s: an administrator grants what %s returns.",
					GetUserNameFromId(GetUserId(), false), function,
					migrate_call("SELECT * FROM menuca_grants(%s, %s);",
								 quote_literal_cstr(GetUserNameFromId(GetUserId(), false)),
								 quote_literal_cstr(purpose ? purpose : "runbook")));
}

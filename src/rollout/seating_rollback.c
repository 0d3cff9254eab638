/*-------------------------------------------------------------------------
 *
 * seating_rollback.c
 *	  The three levels of taking seating back.
 *
 * menuca_seating_rollback(level, dry_run, undo)
 *
 * 1: the rollout reaches nobody, so that single dining tables are assigned, and flags are
 * as before the rollout; combinations stay.  2: what was deployed on the users' tables goes, what was there returns.  3: both,
 * and the command that restores the newest backup, which is for data that are broken.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "fmgr.h"
#include "funcapi.h"
#include "miscadmin.h"
#include "utils/builtins.h"

#include "base/arguments.h"
#include "base/attempt.h"
#include "base/given_call.h"
#include "base/query.h"
#include "base/results.h"
#include "base/slot.h"
#include "deployment/seating_backup.h"
#include "rollout/restore_command.h"
#include "rollout/stage.h"
#include "rollout/stage_flags.h"
#include "seating/seating_extension.h"

PG_FUNCTION_INFO_V1(menuca_seating_rollback);

/* The levels; the third one is the other two. */
#define LEVEL_FLAGS 1
#define LEVEL_OBJECTS 2
#define LEVEL_ALL 3

/* One call. */
typedef struct RollbackCall
{
	int			level;
	bool		dry_run;
	bool		undo;
	char	   *for_real;
	ReturnSetInfo *rsinfo;
	int			step;			/* number of the latest row */
} RollbackCall;

/* Flags that go back with the stage. */
typedef struct FlagSearch
{
	const RollbackCall *call;
	const RolloutStage *current;
	List	   *flags;			/* of StageFlags */
} FlagSearch;

static void roll_back_flags(RollbackCall *call);
static void find_flags(void *arg);
static void roll_back_flag(RollbackCall *call, const StageFlag *flag);
static RolloutStage stage_after(const RollbackCall *call, const RolloutStage *current, const char **why_not);
static void roll_back_objects(RollbackCall *call);
static void return_object(TupleTableSlot *slot, void *arg);
static void show_restore(RollbackCall *call);
static void return_step(RollbackCall *call, const char *step, const char *object, const char *status, char *statement, char *reason);


/* menuca_seating_rollback(level, dry_run, undo): a row per step. */
Datum
menuca_seating_rollback(PG_FUNCTION_ARGS)
{
	RollbackCall call = {.rsinfo = (ReturnSetInfo *) fcinfo->resultinfo};

	call.level = argument_int4(fcinfo, 0, "level");
	call.dry_run = argument_bool(fcinfo, 1, "dry_run");
	call.undo = argument_bool(fcinfo, 2, "undo");
	call.for_real = given_call_for_real(fcinfo);
	if (call.level < LEVEL_FLAGS || call.level > LEVEL_ALL)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("level must be 1, 2 or 3, not %d", call.level),
				 errdetail("1: flags as before, combinations stay. 2: what was deployed goes, what was there returns. 3: both, and the restore of a backup. Nothing was changed."),
				 errhint("%s", seating_call("SELECT * FROM menuca_seating_rollback(1);"))));
	if (!call.dry_run)
	{
		query_require_writable("menuca_seating_rollback(dry_run := false)");
		query_require_read_committed("menuca_seating_rollback");
	}
	InitMaterializedSRF(fcinfo, 0);
	if (call.level != LEVEL_OBJECTS)
		roll_back_flags(&call);
	if (call.level != LEVEL_FLAGS)
		roll_back_objects(&call);
	if (call.level == LEVEL_ALL && !call.undo)
		show_restore(&call);
	return (Datum) 0;
}

static void
roll_back_flags(RollbackCall *call)
{
	const char *why_not = NULL;
	RolloutStage *current;
	RolloutStage stage;
	FlagSearch	search = {.call = call};
	ErrorData  *error;
	ListCell   *lc;
	char	   *reason;

	if (!call->dry_run)
		stage_lock();
	current = stage_current();
	stage = stage_after(call, current, &why_not);
	if (why_not)
	{
		return_step(call, "flags", "the rollout", "unchanged", NULL, pstrdup(why_not));
		return;
	}
	reason = psprintf("from %s to %s; combinations that are assigned stay", current ? stage_describe(current) : "all restaurants",
					  stage_describe(&stage));
	search.current = current;
	error = attempt(find_flags, &search);
	if (!call->dry_run)
		(void) stage_enter(&stage, NULL, NIL);
	return_step(call, "flags", "the rollout", call->dry_run ? "planned" : "done", NULL, reason);
	if (error)
		return_step(call, "flags", "flags that were set", "unchanged", NULL, attempt_message(error));
	foreach(lc, search.flags)
	{
		CHECK_FOR_INTERRUPTS();
		roll_back_flag(call, lfirst(lc));
	}
}

/*
 * Those that were set since the rollout began; when a rollback is undone, those that it set
 * back.  In an attempt: a stage that somebody has damaged does not keep the rollout going.
 */
static void
find_flags(void *arg)
{
	FlagSearch *search = arg;
	RolloutStage newer = {.number = PG_INT64_MAX};
	bool		undo = search->call->undo;
	int64		first = search->current == NULL ? 0 : stage_first(undo ? search->current : &newer);

	if (first != 0)
		search->flags = undo ? stage_flags_changed(search->current->number, first) : stage_flags_changed(first, 0);
}

static void
roll_back_flag(RollbackCall *call, const StageFlag *flag)
{
	char	   *reason = psprintf("from %s to %s, as %s", flag->now ? flag->now : "not set", flag->was ? flag->was : "not set",
								  call->undo ? "before the rollback" : "when the rollout began");
	char	   *why_not = flag->is_left ? NULL :
		psprintf("somebody has changed it since the rollback: it is %s", flag->now ? flag->now : "not set");

	if (!why_not && !call->dry_run)
		why_not = stage_flags_restore(flag);
	return_step(call, "flags", stage_flags_name(flag), why_not ? "unchanged" : call->dry_run ? "planned" : "done",
				stage_flags_statement(flag), why_not ? why_not : reason);
}

/* The stage that the call leads to; *why_not when it is there already. */
static RolloutStage
stage_after(const RollbackCall *call, const RolloutStage *current, const char **why_not)
{
	RolloutStage stage = {.percent = "0",.restaurants = "{}",.action = "rollback"};
	bool		is_rolled_back = current && strcmp(current->action, "rollback") == 0;
	const RolloutStage *before;

	if (!call->undo)
	{
		if (current && atof(current->percent) == 0 && current->n_restaurants == 0)
			*why_not = "the rollout reaches no restaurant";
		return stage;
	}
	if (!is_rolled_back)
	{
		*why_not = "it is not rolled back";
		return stage;
	}
	before = stage_before(current);
	stage.percent = before ? before->percent : "100";
	stage.restaurants = before ? before->restaurants : "{}";
	stage.n_restaurants = before ? before->n_restaurants : 0;
	stage.action = "undo";
	return stage;
}

/* The functions that deploy and undeploy do it, and say what they do. */
static void
roll_back_objects(RollbackCall *call)
{
	const char *sql = psprintf("SELECT name, object, status, statement, reason FROM %s%s(dry_run => $1)", seating_extension_schema(),
							   call->undo ? "menuca_seating_deploy" : "menuca_seating_undeploy");
	QueryArgs	args = {0};
	uint64		n;

	query_arg(&args, BOOLOID, BoolGetDatum(call->dry_run), false);
	n = call->dry_run ? query_each(sql, &args, return_object, call) : query_write(sql, &args, return_object, call);
	if (n == 0)
		return_step(call, "objects", "the users' tables", "unchanged", NULL, pstrdup("nothing is deployed"));
}

static void
return_object(TupleTableSlot *slot, void *arg)
{
	return_step(arg, slot_text(slot, 0), slot_text(slot, 1), slot_text(slot, 2), slot_text_or_null(slot, 3), slot_text_or_null(slot, 4));
}

/* It is nothing that SQL can do, and takes back what guests have booked since. */
static void
show_restore(RollbackCall *call)
{
	SeatingBackup *newest = seating_backup_newest();
	char	   *aside = restore_command_aside();

	if (newest == NULL)
		return_step(call, "restore", "the database", "impossible", NULL, pstrdup("no verified backup of this database is registered"));
	else if (newest->path == NULL)
		return_step(call, "restore", "the database", "elsewhere", NULL,
					psprintf("only if data are broken: its newest verified backup, %s, is no file of pg_dump, so it is restored by what made it", newest->id));
	else
		return_step(call, "restore", "the database", "in a shell", restore_command(newest->path, aside),
					psprintf("only if data are broken: bookings made since the backup are not in it%s%s; stop the application first, since nobody may be connected;"
							 " the database as it is remains as \"%s\", and can be renamed back", newest->host ? "; on host " : "",
							 newest->host ? newest->host : "", aside));
}

static void
return_step(RollbackCall *call, const char *step, const char *object, const char *status, char *statement, char *reason)
{
	Datum		values[7] = {0};
	bool		nulls[7] = {0};
	char	   *next = NULL;

	if (strcmp(status, "planned") == 0)
		next = call->for_real;
	else if (strcmp(step, "restore") == 0 && strcmp(status, "impossible") != 0)
		next = seating_call("SELECT * FROM menuca_seating_backup ORDER BY backup_no DESC;");
	else if (strcmp(status, "done") == 0 || strcmp(status, "dropped") == 0 || strcmp(status, "restored") == 0)
		next = seating_call("SELECT * FROM menuca_seating_rollback(%d, undo => true);", call->level);
	values[0] = Int32GetDatum(++call->step);
	values[1] = CStringGetTextDatum(step);
	values[2] = CStringGetTextDatum(object);
	values[3] = CStringGetTextDatum(status);
	values[4] = result_text(statement, &nulls[4]);
	values[5] = result_text(reason, &nulls[5]);
	values[6] = result_text(next, &nulls[6]);
	tuplestore_putvalues(call->rsinfo->setResult, call->rsinfo->setDesc, values, nulls);
}

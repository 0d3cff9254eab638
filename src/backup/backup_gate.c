/*-------------------------------------------------------------------------
 *
 * backup_gate.c
 *	  The gate that requires a backup: see backup_gate.h.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "backup/backup_gate.h"
#include "base/extension.h"
#include "base/query.h"
#include "base/relation.h"
#include "base/sqlstate.h"
#include "ledger/environment.h"

#define UNREGISTERED "this database is registered neither as staging nor as production, so no backup is asked for"

static void say_unregistered(void);
static char *registration_hint(void);


void
backup_gate_require(bool judged)
{
	Environment *environment = environment_current();
	char	   *failure;

	if (judged)
		return;
	if (environment == NULL)
		say_unregistered();
	if (environment == NULL || !environment->is_production)
		return;
	failure = backup_gate_failure(NULL, BACKUP_GATE_AGE);
	if (failure)
		ereport(ERROR,
				(errcode(ERRCODE_MENUCA_PREREQUISITE),
				 errmsg("refused: this database is production and has no good backup"),
				 errdetail("%s. Nothing was changed.", failure),
				 errhint("%s", migrate_call("%s; to write without one, for a reason that is recorded, add force => true and a reason to the call of ticket 9: SELECT next_call FROM menuca_status() WHERE ticket = 9;",
											backup_gate_hint()))));
}

/*
 * Once a session, since it is true of all its calls; whoever drops notices has
 * backup_gate_warning() in the rows.
 */
static void
say_unregistered(void)
{
	static bool said = false;

	if (said)
		return;
	ereport(NOTICE,
			(errmsg(UNREGISTERED),
			 errhint("%s", registration_hint())));
	said = true;
}

char *
backup_gate_warning(void)
{
	/* Who may not read it can still make a dry run */
	if (!relation_may(migrate_table("menuca_registered_environment"), ACL_SELECT) || environment_current())
		return NULL;
	return psprintf("%s. %s", UNREGISTERED, registration_hint());
}

/* The database names itself, so that the call is the same everywhere. */
static char *
registration_hint(void)
{
	return migrate_call("If it is production: SELECT * FROM menuca_environment('production', current_database(), (SELECT system_identifier FROM pg_control_system())); if it is a copy, pass 'staging'.");
}

char *
backup_gate_failure(const char *label, const char *max_age)
{
	QueryArgs	args = {0};
	char	   *failure;

	query_arg_text(&args, label);
	query_arg_text(&args, max_age);
	query_begin_snapshot();
	failure = query_text(psprintf("SELECT string_agg(title || ': ' || coalesce(actual, '?'), '; ')"
								  " FROM %smenuca_check_backup($1, $2::interval)"
								  " WHERE status IN ('FAIL', 'ERROR')", migrate_schema()), &args);
	query_end_snapshot();
	return failure;
}

char *
backup_gate_hint(void)
{
	return migrate_call("SELECT * FROM menuca_check_backup(); shows what the newest backup lacks. To make a backup, in a shell: menuca-backup --drill --label LABEL");
}

char *
backup_gate_newest(const char *label)
{
	QueryArgs	args = {0};
	char	   *id;

	query_arg_text(&args, label);
	query_begin_snapshot();
	id = query_text(psprintf("SELECT id FROM %smenuca_backup WHERE $1 IS NULL OR label = $1"
							 " ORDER BY finished DESC, backup_no DESC LIMIT 1", migrate_schema()), &args);
	query_end_snapshot();
	return id;
}

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
#include "base/sqlstate.h"
#include "ledger/environment.h"


void
backup_gate_require(bool judged)
{
	Environment *environment = environment_current();
	char	   *failure;

	if (judged || environment == NULL || !environment->is_production)
		return;
	failure = backup_gate_failure(NULL, BACKUP_GATE_AGE);
	if (failure)
		ereport(ERROR,
				(errcode(ERRCODE_MENUCA_PREREQUISITE),
				 errmsg("refused: this database is production and has no good backup"),
				 errdetail("%s. Nothing was changed.", failure),
				 errhint("%s", migrate_call("%s; to write without one, for a reason that is recorded: SELECT * FROM menuca_ticket(9, dry_run => false, force => true, reason => '...');",
											backup_gate_hint()))));
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

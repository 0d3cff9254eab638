/*-------------------------------------------------------------------------
 *
 * review_target.c
 *	  The table whose rows the samples of a ticket are: see review_target.h.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "base/extension.h"
#include "base/query.h"
#include "ledger/environment.h"
#include "people/review_target.h"

/* The tickets of the combo fix. */
#define STAGING_FIX_TICKET 4
#define PRODUCTION_FIX_TICKET 9

#define USUAL_TARGET "combo_items"


void
review_target_require_ticket(int no)
{
	if (no != STAGING_FIX_TICKET && no != PRODUCTION_FIX_TICKET)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("ticket %02d has no samples to be reviewed", no),
				 errdetail("The tickets of the combo fix have, which are 04 on staging and 09 on production. Nothing was recorded."),
				 errhint("%s", migrate_call("SELECT * FROM menuca_review_samples(%d);",
											no >= FIRST_PRODUCTION_TICKET ? PRODUCTION_FIX_TICKET : STAGING_FIX_TICKET))));
}

Target *
review_target_open(int64 environment_id, int no)
{
	QueryArgs	args = {0};
	char	   *name;

	query_arg_int8(&args, environment_id);
	query_arg_int8(&args, no);
	query_begin_snapshot();
	name = query_text(psprintf("SELECT t.options ->> 'target' FROM %smenuca_ticket_latest t"
							   " JOIN %smenuca_registered_environment e USING (environment_id)"
							   " JOIN %smenuca_registered_environment own ON own.environment_id = $1"
							   " AND own.database_name = e.database_name AND own.system_identifier = e.system_identifier"
							   " WHERE t.ticket_no IN (4, $2) AND t.options ? 'target'"
							   " ORDER BY t.ticket_no = $2 DESC, t.started_at DESC LIMIT 1",
							   migrate_schema(), migrate_schema(), migrate_schema()), &args);
	query_end_snapshot();
	return target_open(NULL, name ? name : USUAL_TARGET, ACL_SELECT);
}

int64
review_target_groups(const Target *target)
{
	return query_int8(psprintf("SELECT count(DISTINCT i.%s) FROM %s i", target->group, target->table.name), NULL);
}

/*-------------------------------------------------------------------------
 *
 * ticket_list.c
 *	  The eleven tickets: see ticket_list.h.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "runbook/impact.h"
#include "runbook/ticket_actions.h"
#include "runbook/ticket_checks.h"
#include "runbook/ticket_fix.h"
#include "runbook/ticket_hosted.h"
#include "runbook/ticket_indexes.h"
#include "runbook/ticket_list.h"
#include "runbook/ticket_rehearsals.h"
#include "runbook/ticket_source.h"
#include "runbook/ticket_staging.h"
#include "runbook/window.h"

#define IDENTITY {"identity", "The right database", ticket_check_identity, TASK_CHECK}
#define WINDOW {"window", "Maintenance window", window_check, TASK_CHECK}
#define END {NULL, NULL, NULL, TASK_CHECK}

static const TicketTask preflight[] = {
	IDENTITY,
	{"server", "Server", ticket_check_server, TASK_CHECK},
	{"schema", "Tables of the migrated schema", ticket_check_schema, TASK_CHECK},
	{"counts", NULL, ticket_check_counts, TASK_CHECK},
	{"orphans", "Orphaned combo groups", ticket_check_orphans, TASK_CHECK},
	{"legacy_ids", "V1's ids", ticket_check_legacy_ids, TASK_CHECK},
	{"source", "V1's source", ticket_check_source, TASK_CHECK},
	{"row_security", "Row level security", ticket_check_row_security, TASK_CHECK},
	{"indexes", "Indexes", ticket_check_index_count, TASK_CHECK},
	{"sizes", "Sizes", ticket_check_sizes, TASK_CHECK},
	{"disk", "Free disk space", ticket_check_disk, TASK_CHECK},
	{"activity", "Activity", ticket_check_activity, TASK_GATE},
	{"runs", "Open runs", ticket_check_runs, TASK_CHECK},
	END
};

static const TicketTask backup[] = {
	IDENTITY,
	{"counts", NULL, ticket_check_counts, TASK_CHECK},
	{"sizes", "Sizes", ticket_check_sizes, TASK_CHECK},
	{"backup", NULL, ticket_report_backup, TASK_GATE},
	{"snapshot", "Snapshot", ticket_take_snapshot, TASK_ACTION},
	END
};

static const TicketTask production_backup[] = {
	IDENTITY,
	{"server", "Server", ticket_check_server, TASK_CHECK},
	{"schema", "Tables of the migrated schema", ticket_check_schema, TASK_CHECK},
	WINDOW,
	{"staging_counts", NULL, ticket_check_staging_counts, TASK_GATE},
	{"counts", NULL, ticket_check_counts, TASK_CHECK},
	{"orphans", "Orphaned combo groups", ticket_check_orphans, TASK_CHECK},
	{"sizes", "Sizes", ticket_check_sizes, TASK_CHECK},
	{"disk", "Free disk space", ticket_check_disk, TASK_CHECK},
	{"activity", "Activity", ticket_check_activity, TASK_GATE},
	{"runs", "Open runs", ticket_check_runs, TASK_CHECK},
	{"backup", NULL, ticket_report_backup, TASK_GATE},
	{"snapshot", "Snapshot", ticket_take_snapshot, TASK_ACTION},
	END
};

#define INDEXES \
	{"measure_before", "Queries before", ticket_measure_queries_before, TASK_ACTION}, \
	{"deploy_indexes", "Building the indexes", ticket_deploy_indexes, TASK_ACTION}, \
	{"measure_after", "Queries after", ticket_measure_queries_after, TASK_ACTION}, \
	{"buildable_indexes", "Wanted indexes that can be built", ticket_check_buildable_indexes, TASK_CHECK}

#define INDEXES_END \
	{"check_indexes", NULL, ticket_report_indexes, TASK_CHECK}, \
	{"activity", "Activity", ticket_check_activity, TASK_GATE}, \
	END

static const TicketTask indexes[] = {
	IDENTITY,
	INDEXES,
	INDEXES_END
};

static const TicketTask production_indexes[] = {
	IDENTITY,
	WINDOW,
	INDEXES,
	{"staging_indexes", "Indexes as on staging", ticket_check_staging_indexes, TASK_CHECK},
	INDEXES_END
};

#define ACCESS \
	{"access_locks", "Tables to lock", ticket_check_access_locks, TASK_CHECK}, \
	{"deploy_access", "Rolling out row level security", ticket_deploy_access, TASK_ACTION}, \
	{"check_access", NULL, ticket_report_access, TASK_CHECK}, \
	END

static const TicketTask access_control[] = {
	IDENTITY,
	ACCESS
};

static const TicketTask production_access[] = {
	IDENTITY,
	WINDOW,
	ACCESS
};

#define COMBOS \
	{"source", "V1's source", ticket_check_source, TASK_CHECK}, \
	{"lists_source", NULL, ticket_check_lists_source, TASK_CHECK}, \
	{"v2_source", "V2's lists", ticket_check_v2_source, TASK_CHECK}, \
	{"legacy_ids", "V1's ids", ticket_check_legacy_ids, TASK_CHECK}, \
	{"runs", "Open runs", ticket_check_runs, TASK_CHECK}, \
	{"fix_combos", NULL, ticket_fix_combos, TASK_CHECK}, \
	{"validate", NULL, ticket_report_validation, TASK_ACTION}, \
	{"customer_view", NULL, ticket_report_customer_view, TASK_ACTION}

static const TicketTask combos[] = {
	IDENTITY,
	COMBOS,
	END
};

static const TicketTask production_combos[] = {
	IDENTITY,
	WINDOW,
	COMBOS,
	{"staging_fix", NULL, ticket_check_staging_fix, TASK_CHECK},
	END
};

static const TicketTask validation[] = {
	IDENTITY,
	{"tickets", "Earlier tickets", ticket_check_tickets, TASK_GATE},
	{"validate", NULL, ticket_report_validation, TASK_CHECK},
	{"check_indexes", NULL, ticket_report_indexes, TASK_CHECK},
	{"check_access", NULL, ticket_report_access, TASK_CHECK},
	{"customer_view", NULL, ticket_report_customer_view, TASK_CHECK},
	{"load", NULL, ticket_report_load, TASK_CHECK},
	{"runs", "Open runs", ticket_check_runs, TASK_CHECK},
	{"acceptances", "Accepted figures", ticket_check_acceptances, TASK_CHECK},
	{"impact", NULL, impact_report, TASK_CHECK},
	{"rehearsals", NULL, ticket_check_rehearsals, TASK_CHECK},
	{"stability", NULL, ticket_check_stability, TASK_GATE},
	END
};

#define ORIGINAL {"original", "The right database", ticket_check_original, TASK_CHECK}

static const TicketTask hosted_backup[] = {
	ORIGINAL,
	WINDOW,
	{"receipts", NULL, ticket_report_hosted_before, TASK_CHECK},
	{"backup", "Backup of the hosting service", ticket_attest_backup, TASK_GATE},
	END
};

static const TicketTask hosted_indexes[] = {
	ORIGINAL,
	{"receipts", NULL, ticket_report_hosted_indexes, TASK_CHECK},
	END
};

static const TicketTask hosted_access[] = {
	ORIGINAL,
	{"receipts", NULL, ticket_report_hosted_access, TASK_CHECK},
	END
};

static const TicketTask hosted_combos[] = {
	ORIGINAL,
	{"receipts", NULL, ticket_report_hosted_fix, TASK_CHECK},
	END
};

static const TicketTask hosted_validation[] = {
	ORIGINAL,
	{"tickets", "Earlier tickets", ticket_check_tickets, TASK_GATE},
	{"receipts", NULL, ticket_report_hosted_all, TASK_CHECK},
	{"acceptances", "Accepted figures", ticket_check_acceptances, TASK_CHECK},
	{"soak", "Time in use", ticket_check_soak, TASK_GATE},
	{"unseen", "What cannot be seen", ticket_warn_unseen, TASK_CHECK},
	END
};

/* A hosted production's, from its first ticket on. */
static const TicketTask *const hosted_tasks[TICKET_COUNT - FIRST_PRODUCTION_TICKET] = {
	hosted_backup, hosted_indexes, hosted_access, hosted_combos, hosted_validation
};

const Ticket ticket_list[TICKET_COUNT] = {
	{"Pre-flight", preflight},
	{"Staging: backup", backup},
	{"Staging: indexes", indexes},
	{"Staging: row level security", access_control},
	{"Staging: combo fix", combos},
	{"Staging: validation, GO or NO-GO", validation},
	{"Production: backup", production_backup},
	{"Production: indexes", production_indexes},
	{"Production: row level security", production_access},
	{"Production: combo fix", production_combos},
	{"Production: validation, GO or NO-GO", validation}
};

const TicketTask *
ticket_tasks(const Environment *environment, int no)
{
	return environment->is_hosted && no >= FIRST_PRODUCTION_TICKET ?
		hosted_tasks[no - FIRST_PRODUCTION_TICKET] : ticket_list[no].tasks;
}

const char *
ticket_title(int64 no)
{
	return no >= 0 && no < TICKET_COUNT ? ticket_list[no].title : "no ticket of this runbook";
}

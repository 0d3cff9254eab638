/*-------------------------------------------------------------------------
 *
 * ticket_list.c
 *	  The eleven tickets: see ticket_list.h.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "runbook/ticket_acts.h"
#include "runbook/ticket_checks.h"
#include "runbook/ticket_list.h"
#include "runbook/ticket_staging.h"

#define IDENTITY {"identity", "The right database", ticket_check_identity, TASK_LOOKS}
#define END {NULL, NULL, NULL, TASK_LOOKS}

static const TicketTask preflight[] = {
	IDENTITY,
	{"server", "Server", ticket_check_server, TASK_LOOKS},
	{"schema", "Tables of the migrated schema", ticket_check_schema, TASK_LOOKS},
	{"counts", NULL, ticket_check_counts, TASK_LOOKS},
	{"orphans", "Orphaned combo groups", ticket_check_orphans, TASK_LOOKS},
	{"legacy_ids", "V1's ids", ticket_check_legacy_ids, TASK_LOOKS},
	{"source", "V1's source", ticket_check_source, TASK_LOOKS},
	{"row_security", "Row level security", ticket_check_row_security, TASK_LOOKS},
	{"indexes", "Indexes", ticket_check_index_count, TASK_LOOKS},
	{"sizes", "Sizes", ticket_check_sizes, TASK_LOOKS},
	{"disk", "Free disk space", ticket_check_disk, TASK_LOOKS},
	{"activity", "Activity", ticket_check_activity, TASK_GATE},
	{"runs", "Open runs", ticket_check_runs, TASK_LOOKS},
	END
};

static const TicketTask backup[] = {
	IDENTITY,
	{"counts", NULL, ticket_check_counts, TASK_LOOKS},
	{"sizes", "Sizes", ticket_check_sizes, TASK_LOOKS},
	{"backup", NULL, ticket_report_backup, TASK_GATE},
	{"snapshot", "Snapshot", ticket_take_snapshot, TASK_ACTS},
	END
};

static const TicketTask production_backup[] = {
	IDENTITY,
	{"server", "Server", ticket_check_server, TASK_LOOKS},
	{"schema", "Tables of the migrated schema", ticket_check_schema, TASK_LOOKS},
	{"window", "The window", ticket_check_window, TASK_LOOKS},
	{"staging_counts", NULL, ticket_check_staging_counts, TASK_GATE},
	{"counts", NULL, ticket_check_counts, TASK_LOOKS},
	{"orphans", "Orphaned combo groups", ticket_check_orphans, TASK_LOOKS},
	{"sizes", "Sizes", ticket_check_sizes, TASK_LOOKS},
	{"disk", "Free disk space", ticket_check_disk, TASK_LOOKS},
	{"activity", "Activity", ticket_check_activity, TASK_GATE},
	{"runs", "Open runs", ticket_check_runs, TASK_LOOKS},
	{"backup", NULL, ticket_report_backup, TASK_GATE},
	{"snapshot", "Snapshot", ticket_take_snapshot, TASK_ACTS},
	END
};

static const TicketTask indexes[] = {
	IDENTITY,
	{"measure_before", "Queries before", ticket_measure_queries_before, TASK_ACTS},
	{"deploy_indexes", "Building the indexes", ticket_deploy_indexes, TASK_ACTS},
	{"measure_after", "Queries after", ticket_measure_queries_after, TASK_ACTS},
	{"check_indexes", NULL, ticket_report_indexes, TASK_LOOKS},
	{"activity", "Activity", ticket_check_activity, TASK_GATE},
	END
};

static const TicketTask access_control[] = {
	IDENTITY,
	{"deploy_access", "Rolling out row level security", ticket_deploy_access, TASK_ACTS},
	{"check_access", NULL, ticket_report_access, TASK_LOOKS},
	END
};

#define COMBOS \
	IDENTITY, \
	{"source", "V1's source", ticket_check_source, TASK_LOOKS}, \
	{"legacy_ids", "V1's ids", ticket_check_legacy_ids, TASK_LOOKS}, \
	{"runs", "Open runs", ticket_check_runs, TASK_LOOKS}, \
	{"fix_combos", "The fix", ticket_fix_combos, TASK_LOOKS}, \
	{"validate", NULL, ticket_report_validation, TASK_ACTS}

static const TicketTask combos[] = {
	COMBOS,
	END
};

static const TicketTask production_combos[] = {
	COMBOS,
	{"staging_fix", "The fix as on staging", ticket_check_staging_fix, TASK_LOOKS},
	END
};

static const TicketTask validation[] = {
	IDENTITY,
	{"tickets", "Tickets before", ticket_check_tickets, TASK_GATE},
	{"validate", NULL, ticket_report_validation, TASK_LOOKS},
	{"check_indexes", NULL, ticket_report_indexes, TASK_LOOKS},
	{"check_access", NULL, ticket_report_access, TASK_LOOKS},
	{"runs", "Open runs", ticket_check_runs, TASK_LOOKS},
	{"stability", NULL, ticket_check_stability, TASK_GATE},
	END
};

const Ticket ticket_list[TICKET_COUNT] = {
	{"Pre-flight", preflight},
	{"Staging: backup", backup},
	{"Staging: indexes", indexes},
	{"Staging: row level security", access_control},
	{"Staging: combo fix", combos},
	{"Staging: validation, GO or NO-GO", validation},
	{"Production: backup", production_backup},
	{"Production: indexes", indexes},
	{"Production: row level security", access_control},
	{"Production: combo fix", production_combos},
	{"Production: validation, GO or NO-GO", validation}
};

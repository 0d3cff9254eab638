/*-------------------------------------------------------------------------
 *
 * ticket_list.c
 *	  The eleven tickets: see ticket.h.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "ticket.h"

#define IDENTITY {"identity", "The right database", check_identity, STEP_LOOKS}
#define END {NULL, NULL, NULL, STEP_LOOKS}

static const TicketStep preflight[] = {
	IDENTITY,
	{"server", "Server", check_server, STEP_LOOKS},
	{"schema", "Tables of the migrated schema", check_schema, STEP_LOOKS},
	{"counts", NULL, check_counts, STEP_LOOKS},
	{"orphans", "Orphaned combo groups", check_orphans, STEP_LOOKS},
	{"legacy_ids", "V1's ids", check_legacy_ids, STEP_LOOKS},
	{"source", "V1's source", check_source, STEP_LOOKS},
	{"row_security", "Row level security", check_row_security, STEP_LOOKS},
	{"indexes", "Indexes", check_index_count, STEP_LOOKS},
	{"sizes", "Sizes", check_sizes, STEP_LOOKS},
	{"disk", "Free disk space", check_disk, STEP_LOOKS},
	{"activity", "Activity", check_activity, STEP_GATE},
	{"runs", "Open runs", check_runs, STEP_LOOKS},
	END
};

static const TicketStep backup[] = {
	IDENTITY,
	{"counts", NULL, check_counts, STEP_LOOKS},
	{"sizes", "Sizes", check_sizes, STEP_LOOKS},
	{"backup", NULL, report_backup, STEP_GATE},
	{"snapshot", "Snapshot", take_snapshot, STEP_ACTS},
	END
};

static const TicketStep production_backup[] = {
	IDENTITY,
	{"server", "Server", check_server, STEP_LOOKS},
	{"schema", "Tables of the migrated schema", check_schema, STEP_LOOKS},
	{"window", "The window", check_window, STEP_LOOKS},
	{"staging_counts", NULL, check_staging_counts, STEP_GATE},
	{"counts", NULL, check_counts, STEP_LOOKS},
	{"orphans", "Orphaned combo groups", check_orphans, STEP_LOOKS},
	{"sizes", "Sizes", check_sizes, STEP_LOOKS},
	{"disk", "Free disk space", check_disk, STEP_LOOKS},
	{"activity", "Activity", check_activity, STEP_GATE},
	{"runs", "Open runs", check_runs, STEP_LOOKS},
	{"backup", NULL, report_backup, STEP_GATE},
	{"snapshot", "Snapshot", take_snapshot, STEP_ACTS},
	END
};

static const TicketStep indexes[] = {
	IDENTITY,
	{"measure_before", "Queries before", measure_queries_before, STEP_ACTS},
	{"deploy_indexes", "Building the indexes", deploy_indexes, STEP_ACTS},
	{"measure_after", "Queries after", measure_queries_after, STEP_ACTS},
	{"check_indexes", NULL, report_indexes, STEP_LOOKS},
	{"activity", "Activity", check_activity, STEP_GATE},
	END
};

static const TicketStep access_control[] = {
	IDENTITY,
	{"deploy_access", "Rolling out row level security", deploy_access, STEP_ACTS},
	{"check_access", NULL, report_access, STEP_LOOKS},
	END
};

#define COMBOS \
	IDENTITY, \
	{"source", "V1's source", check_source, STEP_LOOKS}, \
	{"legacy_ids", "V1's ids", check_legacy_ids, STEP_LOOKS}, \
	{"runs", "Open runs", check_runs, STEP_LOOKS}, \
	{"fix_combos", "The fix", fix_combos, STEP_LOOKS}, \
	{"validate", NULL, report_validation, STEP_ACTS}

static const TicketStep combos[] = {
	COMBOS,
	END
};

static const TicketStep production_combos[] = {
	COMBOS,
	{"staging_fix", "The fix as on staging", check_staging_fix, STEP_LOOKS},
	END
};

static const TicketStep validation[] = {
	IDENTITY,
	{"tickets", "Tickets before", check_tickets, STEP_GATE},
	{"validate", NULL, report_validation, STEP_LOOKS},
	{"check_indexes", NULL, report_indexes, STEP_LOOKS},
	{"check_access", NULL, report_access, STEP_LOOKS},
	{"runs", "Open runs", check_runs, STEP_LOOKS},
	{"stability", NULL, check_stability, STEP_GATE},
	END
};

const Ticket tickets[TICKET_COUNT] = {
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

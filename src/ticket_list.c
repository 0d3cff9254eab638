/*-------------------------------------------------------------------------
 *
 * ticket_list.c
 *	  The eleven tickets: see ticket.h.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "ticket.h"

#define IDENTITY {"identity", "The right database", check_identity, false}
#define END {NULL, NULL, NULL, false}

static const TicketStep preflight[] = {
	IDENTITY,
	{"server", "Server", check_server, false},
	{"schema", "Tables of the migrated schema", check_schema, false},
	{"counts", NULL, check_counts, false},
	{"orphans", "Orphaned combo groups", check_orphans, false},
	{"legacy_ids", "V1's ids", check_legacy_ids, false},
	{"source", "V1's source", check_source, false},
	{"row_security", "Row level security", check_row_security, false},
	{"indexes", "Indexes", check_index_count, false},
	{"sizes", "Sizes", check_sizes, false},
	{"disk", "Free disk space", check_disk, false},
	{"activity", "Activity", check_activity, false},
	{"runs", "Open runs", check_runs, false},
	END
};

static const TicketStep backup[] = {
	IDENTITY,
	{"counts", NULL, check_counts, false},
	{"sizes", "Sizes", check_sizes, false},
	{"backup", NULL, report_backup, false},
	{"snapshot", "Snapshot", take_snapshot, true},
	END
};

static const TicketStep production_backup[] = {
	IDENTITY,
	{"server", "Server", check_server, false},
	{"schema", "Tables of the migrated schema", check_schema, false},
	{"staging_counts", NULL, check_staging_counts, false},
	{"counts", NULL, check_counts, false},
	{"orphans", "Orphaned combo groups", check_orphans, false},
	{"sizes", "Sizes", check_sizes, false},
	{"disk", "Free disk space", check_disk, false},
	{"activity", "Activity", check_activity, false},
	{"runs", "Open runs", check_runs, false},
	{"backup", NULL, report_backup, false},
	{"snapshot", "Snapshot", take_snapshot, true},
	END
};

static const TicketStep indexes[] = {
	IDENTITY,
	{"measure_before", "Queries before", measure_queries_before, true},
	{"deploy_indexes", "Building the indexes", deploy_indexes, true},
	{"measure_after", "Queries after", measure_queries_after, true},
	{"check_indexes", NULL, report_indexes, false},
	{"activity", "Activity", check_activity, false},
	END
};

static const TicketStep access_control[] = {
	IDENTITY,
	{"deploy_access", "Rolling out row level security", deploy_access, true},
	{"check_access", NULL, report_access, false},
	END
};

static const TicketStep combos[] = {
	IDENTITY,
	{"source", "V1's source", check_source, false},
	{"legacy_ids", "V1's ids", check_legacy_ids, false},
	{"runs", "Open runs", check_runs, false},
	{"fix_combos", "The fix", fix_combos, false},
	{"validate", NULL, report_validation, true},
	END
};

static const TicketStep validation[] = {
	IDENTITY,
	{"tickets", "Tickets before", check_tickets, false},
	{"validate", NULL, report_validation, false},
	{"check_indexes", NULL, report_indexes, false},
	{"check_access", NULL, report_access, false},
	{"runs", "Open runs", check_runs, false},
	{"stability", NULL, check_stability, false},
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
	{"Production: combo fix", combos},
	{"Production: validation, GO or NO-GO", validation}
};

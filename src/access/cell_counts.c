/*-------------------------------------------------------------------------
 *
 * cell_counts.c
 *	  The cells of the matrix, counted: see cell_counts.h.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "access/access_cell.h"
#include "access/cell_counts.h"
#include "base/json.h"

/* The cells of one table. */
typedef uint64 CellCounts[KINDS][CHECK_STATUS_COUNT];

static void append_table_counts(StringInfo json, const char *table, CellCounts counts);
static char *kind_counts(const uint64 *counts);


char *
access_cell_counts(const List *cells)
{
	StringInfoData json;
	const char *table = NULL;
	CellCounts	counts;
	ListCell   *lc;

	initStringInfo(&json);
	json_begin(&json);
	foreach(lc, cells)
	{
		const AccessCell *cell = lfirst(lc);

		/* What is said of all commands is that there is no table */
		if (strcmp(cell->command, "all") == 0)
			continue;
		if (table == NULL || strcmp(cell->table, table) != 0)
		{
			if (table)
				append_table_counts(&json, table, counts);
			table = cell->table;
			memset(counts, 0, sizeof(counts));
		}
		for (int kind = 0; kind < KINDS; kind++)
		{
			if (strcmp(cell->kind, access_requester_name(kind)) == 0)
				counts[kind][cell->status]++;
		}
	}
	if (table)
		append_table_counts(&json, table, counts);
	json_end(&json);
	return json.data;
}

static void
append_table_counts(StringInfo json, const char *table, CellCounts counts)
{
	StringInfoData kinds;

	initStringInfo(&kinds);
	json_begin(&kinds);
	for (int kind = 0; kind < KINDS; kind++)
		json_raw(&kinds, access_requester_name(kind), kind_counts(counts[kind]));
	json_end(&kinds);
	json_raw(json, table, kinds.data);
}

static char *
kind_counts(const uint64 *counts)
{
	StringInfoData statuses;

	initStringInfo(&statuses);
	json_begin(&statuses);
	for (int status = 0; status < CHECK_STATUS_COUNT; status++)
	{
		if (counts[status] > 0)
			json_count(&statuses, finding_status_name(status), counts[status]);
	}
	json_end(&statuses);
	return statuses.data;
}

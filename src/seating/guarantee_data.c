/*-------------------------------------------------------------------------
 *
 * guarantee_data.c
 *	  Rows of users that break a guarantee: see guarantee_data.h.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "catalog/pg_type.h"

#include "base/column.h"
#include "base/format.h"
#include "base/query.h"
#include "base/relation.h"
#include "seating/guarantee_data.h"

/* Rows that a message names. */
#define MAX_ROWS 10

/* A rule's query for the rows that break it, and how a message tells of them. */
typedef struct BrokenRows
{
	char	   *query;			/* without ORDER BY and semicolon */
	const char *order;
	const char *label;			/* an SQL expression on its rows, r */
	const char *what;			/* of 1, 2, ... rows */
} BrokenRows;

static BrokenRows broken_rows(const GuardedTables *tables, GuaranteeRule rule);
static BrokenRows broken_times(const GuardedTables *tables);
static char *describe_broken(const BrokenRows *rows, char **query);


char *
guarantee_data_broken(const GuardedTables *tables, GuaranteeRule rule, char **query)
{
	BrokenRows	rows;
	char	   *broken = NULL;

	if (rule == GUARANTEE_NOTHING)
		return NULL;
	query_begin_snapshot();
	if (rule == GUARANTEE_ONCE)
	{
		rows = broken_times(tables);
		broken = describe_broken(&rows, query);
	}
	if (broken == NULL)
	{
		rows = broken_rows(tables, rule);
		broken = describe_broken(&rows, query);
	}
	query_end_snapshot();
	return broken;
}

/* Each query can be pasted, so it names nothing of ours. */
static BrokenRows
broken_rows(const GuardedTables *tables, GuaranteeRule rule)
{
	char	   *bookings = relation_quoted_name(tables->bookings);
	char	   *assignments = relation_quoted_name(tables->assignments);
	char	   *status = column_as_text(tables->bookings, column_require(tables->bookings, "status", InvalidOid), "b");

	if (rule == GUARANTEE_SEATED)
		return (BrokenRows)
	{
		psprintf("SELECT b.id AS booking_id, %s AS status FROM %s b WHERE %s = 'confirmed'"
				 " AND NOT EXISTS (SELECT FROM %s a WHERE a.booking_id = b.id)", status, bookings, status, assignments),
			"r.booking_id", "r.booking_id::text", "confirmed bookings without a dining table"
	};
	if (rule == GUARANTEE_RELEASED)
		return (BrokenRows)
	{
		psprintf("SELECT b.id AS booking_id, %s AS status FROM %s b WHERE %s IN ('cancelled', 'no_show')"
				 " AND EXISTS (SELECT FROM %s a WHERE a.booking_id = b.id)", status, bookings, status, assignments),
			"r.booking_id", "r.booking_id::text", "cancelled or no_show bookings with dining tables"
	};

	/* Sorted by start, each row is compared with all before it at once. */
	return (BrokenRows)
	{
		psprintf("SELECT * FROM (SELECT a.table_id, a.booking_id, a.start_at, a.end_at,"
				 " max(a.end_at) OVER (PARTITION BY a.table_id ORDER BY a.start_at, a.end_at, a.booking_id"
				 " ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) AS taken_until"
				 " FROM %s a WHERE a.start_at < a.end_at) o WHERE o.taken_until > o.start_at", assignments),
			"r.table_id, r.start_at, r.booking_id",
			"format('%s by booking %s from %s', r.table_id, r.booking_id, to_char(r.start_at AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI UTC'))",
			"assignments of dining tables that are taken already"
	};
}

static BrokenRows
broken_times(const GuardedTables *tables)
{
	return (BrokenRows)
	{
		psprintf("SELECT a.table_id, a.booking_id, a.start_at, a.end_at FROM %s a WHERE a.end_at < a.start_at",
				 relation_quoted_name(tables->assignments)),
			"r.table_id, r.start_at, r.booking_id",
			"format('%s by booking %s', r.table_id, r.booking_id)",
			"assignments that end before they start"
	};
}

static char *
describe_broken(const BrokenRows *rows, char **query)
{
	int64		count = query_int8(psprintf("SELECT count(*) FROM (%s) r", rows->query), NULL);
	StringInfoData names;
	ListCell   *lc;

	if (count == 0)
		return NULL;
	*query = psprintf("SELECT * FROM (%s) r ORDER BY %s;", rows->query, rows->order);
	initStringInfo(&names);
	foreach(lc, query_texts(psprintf("SELECT %s FROM (%s) r ORDER BY %s LIMIT %d", rows->label, rows->query, rows->order, MAX_ROWS), NULL))
		format_append(&names, "; ", "%s", (char *) lfirst(lc));
	return psprintf("rows that break it: %s, %s: %s%s", format_count((uint64) count), rows->what, names.data,
					count > MAX_ROWS ? "; ..." : "");
}

/*-------------------------------------------------------------------------
 *
 * guarantee_data.c
 *	  Rows of users that break a guarantee: see guarantee_data.h.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "base/format.h"
#include "base/query.h"
#include "base/relation.h"
#include "deployment/guarantee_data.h"

/* Rows that a message names. */
#define MAX_ROWS 10

/* A rule's query for the rows that break it, and how a message tells of them. */
typedef struct BrokenRows
{
	char	   *query;			/* without ORDER BY and semicolon */
	const char *order;
	const char *label;			/* an SQL expression on its rows, r */
	const char *one;			/* what a row is, and what several are */
	const char *several;
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
	BrokenRows	rows = {0};
	char	   *bookings = relation_quoted_name(tables->bookings);
	char	   *assignments = relation_quoted_name(tables->assignments);

	if (rule == GUARANTEE_SEATED)
	{
		rows.query = psprintf("SELECT b.id AS booking_id, b.status FROM %s b WHERE b.status::text = 'confirmed'"
							  " AND NOT EXISTS (SELECT FROM %s a WHERE a.booking_id = b.id AND a.table_id IS NOT NULL)", bookings, assignments);
		rows.order = "b.id";
		rows.label = "r.booking_id::text";
		rows.one = "confirmed booking without a dining table";
		rows.several = "confirmed bookings without a dining table";
	}
	else if (rule == GUARANTEE_RELEASED)
	{
		rows.query = psprintf("SELECT b.id AS booking_id, b.status FROM %s b WHERE b.status::text IN ('cancelled', 'no_show')"
							  " AND EXISTS (SELECT FROM %s a WHERE a.booking_id = b.id)", bookings, assignments);
		rows.order = "b.id";
		rows.label = "r.booking_id::text";
		rows.one = "cancelled or no_show booking with dining tables";
		rows.several = "cancelled or no_show bookings with dining tables";
	}
	else
	{
		/* Sorted by start, each row is compared with all before it at once. */
		rows.query = psprintf("SELECT * FROM (SELECT a.table_id, a.booking_id, a.start_at, a.end_at,"
							  " max(a.end_at) OVER (PARTITION BY a.table_id ORDER BY a.start_at, a.end_at, a.booking_id"
							  " ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) AS taken_until"
							  " FROM %s a WHERE a.start_at < a.end_at) o WHERE o.taken_until > o.start_at", assignments);
		rows.order = "o.table_id, o.start_at, o.booking_id";
		rows.label = "format('%s by booking %s from %s', r.table_id, r.booking_id, to_char(r.start_at AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI UTC'))";
		rows.one = "assignment of a dining table that is taken already";
		rows.several = "assignments of dining tables that are taken already";
	}
	return rows;
}

/* Without a start or an end, a range has no bound there: the dining table would be taken for ever. */
static BrokenRows
broken_times(const GuardedTables *tables)
{
	BrokenRows	rows = {
		.order = "a.table_id, a.start_at, a.booking_id",
		.label = "format('%s by booking %s', r.table_id, r.booking_id)",
		.one = "assignment whose time is not known, or ends before it starts",
		.several = "assignments whose time is not known, or ends before it starts"
	};

	rows.query = psprintf("SELECT a.table_id, a.booking_id, a.start_at, a.end_at FROM %s a WHERE (a.start_at <= a.end_at) IS NOT TRUE",
						  relation_quoted_name(tables->assignments));
	return rows;
}

static char *
describe_broken(const BrokenRows *rows, char **query)
{
	int64		count = query_int8(psprintf("SELECT count(*) FROM (%s) r", rows->query), NULL);
	StringInfoData names;
	ListCell   *lc;

	if (count == 0)
		return NULL;
	*query = psprintf("%s ORDER BY %s;", rows->query, rows->order);
	initStringInfo(&names);
	foreach(lc, query_texts(psprintf("SELECT %s FROM (%s ORDER BY %s LIMIT %d) r", rows->label, rows->query, rows->order, MAX_ROWS), NULL))
		format_append(&names, "; ", "%s", (char *) lfirst(lc));
	return psprintf("%s %s: %s%s", format_count((uint64) count), count == 1 ? rows->one : rows->several, names.data,
					count > MAX_ROWS ? "; ..." : "");
}

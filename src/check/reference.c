/*-------------------------------------------------------------------------
 *
 * reference.c
 *	  What a validation compares with: see reference.h.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "access/xlog.h"
#include "base/database_identity.h"
#include "catalog/pg_type.h"
#include "miscadmin.h"
#include "utils/acl.h"
#include "utils/timestamp.h"

#include "base/extension.h"
#include "base/format.h"
#include "base/query.h"
#include "base/relation.h"
#include "base/slot.h"
#include "check/reference.h"

/*
 * Where figures are recorded: origin, at, and counts, an object of objects.  $1
 * and $2 are this database and its cluster.
 */
static const struct
{
	const char *table;
	const char *select;
}			records[] = {

	{"menuca_ticket_execution",
		"SELECT 'ticket ' || lpad(t.ticket_no::text, 2, '0'), t.finished_at,"
		" (SELECT jsonb_object_agg(c.value -> 'metadata' ->> 'table', c.value -> 'metadata')"
		"  FROM jsonb_array_elements(CASE jsonb_typeof(t.checks) WHEN 'array' THEN t.checks ELSE '[]' END) c"
		"  WHERE starts_with(c.value ->> 'name', 'count_') AND c.value -> 'metadata' ->> 'table' IS NOT NULL)"
		" FROM %1$smenuca_ticket_execution t JOIN %1$smenuca_registered_environment e USING (environment_id)"
	" WHERE e.database_name = $1 AND e.system_identifier = $2 AND NOT e.hosted AND t.ticket_no IN (0, 1, 6)"},
	{"menuca_backup",
		"SELECT 'backup \"' || b.label || '\"', b.registered_at, b.table_counts FROM %1$smenuca_backup b"
	" WHERE b.database_name = $1 AND b.system_identifier = $2"},
	{"menuca_accepted_change",
		"SELECT 'the acceptance by ' || a.accepted_by || ' (' || a.reason || ')', a.accepted_at, a.found"
		" FROM %1$smenuca_accepted_change a"
	" WHERE a.database_name = $1 AND a.system_identifier = $2 AND a.check_name = $4"}
};

/* Prints that were made already. */
typedef struct MadePrints
{
	const char *table;
	int64		max_id;
	RowPrints	rows;
} MadePrints;

static char *select_records(Reference *reference);
static bool may_read(const char *table);
static void *make_table(TupleTableSlot *slot);
static void find_undone(ReferenceTable *table, const char *schema);
static void add_origin(Reference *reference, char *origin);


Reference *
reference_read(const char *schema, const char *check)
{
	Reference  *reference = palloc0(sizeof(Reference));
	char	   *all = select_records(reference);
	QueryArgs	args = {0};
	StringInfoData prints;
	ListCell   *lc;

	if (all == NULL)
		return reference;
	initStringInfo(&prints);
	for (int i = 0; i < ROW_ASPECTS; i++)
		appendStringInfo(&prints, ", c.value #>> '{prints,%s}'", row_aspect_name((RowAspect) i));
	query_arg_text(&args, database_identity_name());
	query_arg_int8(&args, (int64) GetSystemIdentifier());
	query_arg_text(&args, schema);
	query_arg_text(&args, check);
	reference->tables =
		query_list(psprintf("SELECT c.key, c.origin, c.at,"
							" (c.value ->> 'rows')::int8, (c.value ->> 'max_id')::int8,"
							" (c.value ->> 'active')::int8, (c.value ->> 'named')::int8,"
							" (c.value ->> 'priced')::int8, (c.value ->> 'ruled')::int8,"
							" (c.value ->> 'linked')::int8, c.value ->> 'menus',"
							" (c.value -> 'guards')::text, (c.value ->> 'last_value')::int8%s"
							" FROM (SELECT DISTINCT ON (c.key) c.key, r.origin, r.at, c.value FROM (%s) r (origin, at, counts),"
							" jsonb_each(CASE jsonb_typeof(r.counts) WHEN 'object' THEN r.counts ELSE '{}' END) c"
							" WHERE $4 IS NOT NULL AND r.at IS NOT NULL AND c.value ->> 'rows' IS NOT NULL"
							" AND coalesce(c.value ->> 'schema', $3) = $3"
							" ORDER BY c.key, r.at DESC) c ORDER BY c.key", prints.data, all),
				   &args, make_table);
	foreach(lc, reference->tables)
	{
		ReferenceTable *table = lfirst(lc);

		find_undone(table, schema);
		add_origin(reference, table->origin);
	}
	return reference;
}

const ReferenceTable *
reference_table(const Reference *reference, const char *name)
{
	const ListCell *lc;

	foreach(lc, reference->tables)
	{
		const ReferenceTable *table = lfirst(lc);

		if (strcmp(table->name, name) == 0)
			return table;
	}
	return NULL;
}

const RowPrints *
reference_prints_now(List **made, const char *schema, const ReferenceTable *table)
{
	RowPrint	then;
	MadePrints *prints;
	ListCell   *lc;
	int			sample_bits = -1;

	for (int i = 0; i < ROW_ASPECTS && sample_bits < 0; i++)
	{
		if (table->prints[i] && !row_print_parse(table->prints[i], &then, &sample_bits))
			sample_bits = -1;
	}
	if (sample_bits < 0 || !table->counts.has_max_id)
		return NULL;

	foreach(lc, *made)
	{
		prints = lfirst(lc);
		if (strcmp(prints->table, table->name) == 0 && prints->max_id == table->counts.max_id &&
			prints->rows.sample_bits == sample_bits)
			return &prints->rows;
	}
	prints = palloc(sizeof(MadePrints));
	prints->table = table->name;
	prints->max_id = table->counts.max_id;
	row_prints_take(schema, table->name, &prints->max_id, sample_bits, &prints->rows);
	*made = lappend(*made, prints);
	return &prints->rows;
}

/* All records that the caller may read, as a query; NULL when there are none. */
static char *
select_records(Reference *reference)
{
	StringInfoData sql;
	StringInfoData unreadable;

	initStringInfo(&sql);
	initStringInfo(&unreadable);
	for (size_t i = 0; i < lengthof(records); i++)
	{
		if (may_read(records[i].table))
			format_append(&sql, " UNION ALL ", records[i].select, migrate_schema());
		else
			format_append(&unreadable, ", ", "%s%s", migrate_schema(), records[i].table);
	}
	reference->unreadable = unreadable.len > 0 ? unreadable.data : NULL;
	return sql.len > 0 ? sql.data : NULL;
}

static bool
may_read(const char *table)
{
	return relation_may(migrate_table(table), ACL_SELECT);
}

/* Adds where figures come from, unless that was added already. */
static void
add_origin(Reference *reference, char *origin)
{
	if (reference->origin == NULL)
		reference->origin = origin;
	else if (strstr(reference->origin, origin) == NULL)
		reference->origin = psprintf("%s; %s", reference->origin, origin);
}

static void *
make_table(TupleTableSlot *slot)
{
	ReferenceTable *table = palloc0(sizeof(ReferenceTable));
	TableCounts *counts = &table->counts;
	char	   *origin;

	table->name = slot_text(slot, 0);
	origin = slot_text(slot, 1);
	table->at = slot_time(slot, 2);
	table->origin = psprintf("%s of %s", origin ? origin : "a record without a name",
							 TIMESTAMP_NOT_FINITE(table->at) ? "an infinite time" : format_utc(table->at));
	counts->rows = slot_int8(slot, 3);
	counts->has_max_id = !slot->tts_isnull[4];
	counts->max_id = counts->has_max_id ? slot_int8(slot, 4) : 0;
	for (int i = 0; i < ROW_STATES; i++)
	{
		counts->has_state[i] = !slot->tts_isnull[5 + i];
		counts->in_state[i] = counts->has_state[i] ? slot_int8(slot, 5 + i) : 0;
	}
	table->menus = slot_text_or_null(slot, 5 + ROW_STATES);
	table->guards = slot_text_or_null(slot, 6 + ROW_STATES);
	table->has_last_value = !slot->tts_isnull[7 + ROW_STATES];
	table->last_value = table->has_last_value ? slot_int8(slot, 7 + ROW_STATES) : 0;
	for (int i = 0; i < ROW_ASPECTS; i++)
		table->prints[i] = slot_text_or_null(slot, 8 + ROW_STATES + i);
	return table;
}

/* A run that is rolled back takes its rows with it, and so does a restore. */
static void
find_undone(ReferenceTable *table, const char *schema)
{
	QueryArgs	args = {0};

	query_arg_text(&args, schema);
	query_arg_text(&args, table->name);
	query_arg(&args, TIMESTAMPTZOID, TimestampTzGetDatum(table->at), false);
	if (may_read("menuca_run"))
		table->undone +=
			query_int8(psprintf("SELECT coalesce(sum(inserted), 0)::int8 FROM %smenuca_run"
								" WHERE target_schema = $1 AND target = $2 AND status = 'rolled_back' AND note IS NULL"
								" AND started_at <= $3 AND rolled_back_at > $3", migrate_schema()), &args);
	if (may_read("menuca_snapshot_restore"))
		table->undone +=
			query_int8(psprintf("SELECT coalesce(sum((r.figures -> $2 ->> 'deleted')::int8), 0)::int8"
								" FROM %smenuca_snapshot_restore r WHERE r.restored_at > $3 AND $1 IS NOT NULL",
								migrate_schema()), &args);
}

/*-------------------------------------------------------------------------
 *
 * import_write.c
 *	  Writing what an import changes in assignments: see import_write.h.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "miscadmin.h"
#include "storage/lockdefs.h"
#include "utils/acl.h"
#include "utils/builtins.h"
#include "utils/timestamp.h"

#include "base/attempt.h"
#include "base/json.h"
#include "base/query.h"
#include "base/relation.h"
#include "base/table_lock.h"
#include "seating/users_column.h"
#include "takeover/import_images.h"
#include "takeover/import_ledger.h"
#include "takeover/import_write.h"
#include "takeover/original.h"

/* Rows that are written in one statement: its arrays are a few megabytes. */
#define BATCH 5000

/* Changes that are written together: all of them insert, or none does. */
typedef struct ChangeBatch
{
	ImportCall *call;
	AssignmentChange **changes;
	int			n;
	bool		inserts;
	bool		has_groups;		/* assignments have a column for groups */
} ChangeBatch;

static Oid	require_locked_table(const char *name, AclMode rights);
static void write_all(ImportCall *call, const AssignmentChanges *changes, bool inserts);
static void write_batch(ChangeBatch *batch);
static void write_or_refuse(ChangeBatch *batch);
static bool is_refusal(const ErrorData *error);
static void execute_batch(void *arg);
static void change_arguments(const ChangeBatch *batch, QueryArgs *args);
static char **read_images(const ChangeBatch *batch);
static void enter_batch(const ChangeBatch *batch, char **before);
static Datum after_json(const AssignmentChange *change, const char *rows);


void
import_write_lock(int timeout)
{
	List	   *relids = list_make3_oid(require_locked_table("bookings", ACL_UPDATE),
										require_locked_table("table_inventory", ACL_UPDATE),
										require_locked_table("booking_table_assignments", ACL_INSERT | ACL_UPDATE));

	/*
	 * With EXCLUSIVE nobody holds a row lock, and nobody gets one: no wait,
	 * no circle.
	 */
	table_lock_take_all(relids, ExclusiveLock, timeout, "Nothing was changed.", "");
}

static Oid
require_locked_table(const char *name, AclMode rights)
{
	OriginalTable *table = original_find(name, NULL, 0);

	if (table->missing)
		relation_raise_dropped(NULL);
	for (AclMode right = 1; right <= rights; right <<= 1)
	{
		if (rights & right)
			relation_require(table->relid, right);
	}
	return table->relid;
}

void
import_write_changes(ImportCall *call, AssignmentChanges *changes)
{
	List	   *deferred = users_column_begin_immediate(list_make1("booking_table_assignments"));

	write_all(call, changes, false);
	write_all(call, changes, true);
	users_column_end_immediate(deferred);
}

static void
write_all(ImportCall *call, const AssignmentChanges *changes, bool inserts)
{
	ChangeBatch batch = {call, palloc(BATCH * sizeof(AssignmentChange *)), 0, inserts, false};

	batch.has_groups = users_column_exists("booking_table_assignments", "merge_group_id");
	for (int i = 0; i < changes->n; i++)
	{
		AssignmentChange *change = changes->changes[i];

		CHECK_FOR_INTERRUPTS();
		if (change->inserts == inserts && change->obstacle == CHANGE_POSSIBLE)
			batch.changes[batch.n++] = change;
		if (batch.n == BATCH)
			write_batch(&batch);
	}
	write_batch(&batch);
}

static void
write_batch(ChangeBatch *batch)
{
	char	  **before = NULL;
	int			n = 0;

	if (batch->n == 0)
		return;
	if (!batch->inserts)
		before = read_images(batch);
	write_or_refuse(batch);
	for (int i = 0; i < batch->n; i++)
	{
		if (batch->changes[i]->obstacle != CHANGE_POSSIBLE)
			continue;
		batch->changes[n] = batch->changes[i];
		if (before)
			before[n] = before[i];
		n++;
	}
	batch->n = n;
	if (n > 0)
		enter_batch(batch, before);
	batch->call->changes += n;
	batch->n = 0;
}

/* A batch that a constraint is against is written row by row, to find which. */
static void
write_or_refuse(ChangeBatch *batch)
{
	ErrorData  *error = attempt(execute_batch, batch);

	if (error && !is_refusal(error))
		ReThrowError(error);
	for (int i = 0; error && i < batch->n; i++)
	{
		ChangeBatch one = {batch->call, &batch->changes[i], 1, batch->inserts, batch->has_groups};
		ErrorData  *refusal = attempt(execute_batch, &one);

		CHECK_FOR_INTERRUPTS();
		if (refusal && !is_refusal(refusal))
			ReThrowError(refusal);
		if (refusal == NULL)
			continue;
		batch->changes[i]->obstacle = CHANGE_REFUSED;
		batch->changes[i]->reason = refusal->detail ? psprintf("%s: %s", refusal->message, refusal->detail) : refusal->message;
	}
}

static bool
is_refusal(const ErrorData *error)
{
	return error->sqlerrcode == ERRCODE_EXCLUSION_VIOLATION || error->sqlerrcode == ERRCODE_UNIQUE_VIOLATION ||
		error->sqlerrcode == ERRCODE_CHECK_VIOLATION || error->sqlerrcode == ERRCODE_FOREIGN_KEY_VIOLATION;
}

/* As the caller, with his search_path, so every name is qualified. */
static void
execute_batch(void *arg)
{
	const ChangeBatch *batch = arg;
	QueryArgs	args = {0};
	const char *rows = "ROWS FROM (pg_catalog.unnest($1), pg_catalog.unnest($2), pg_catalog.unnest($3),"
		" pg_catalog.unnest($4), pg_catalog.unnest($5)) AS n (b, t, s, e, g)";
	const char *assignments = batch->call->schema->assignments;

	change_arguments(batch, &args);
	if (batch->inserts)
		query_write(psprintf("INSERT INTO %s (booking_id, table_id, start_at, end_at%s) SELECT n.b, n.t, n.s, n.e%s FROM %s",
							 assignments, batch->has_groups ? ", merge_group_id" : "", batch->has_groups ? ", n.g" : "", rows),
					&args, NULL, NULL);
	else
		query_write(psprintf("UPDATE %s a SET start_at = COALESCE(n.s, a.start_at), end_at = COALESCE(n.e, a.end_at)%s FROM %s"
							 " WHERE a.booking_id OPERATOR(pg_catalog.=) n.b AND a.table_id OPERATOR(pg_catalog.=) n.t",
							 assignments, batch->has_groups ? ", merge_group_id = COALESCE(a.merge_group_id, n.g)" : "", rows),
					&args, NULL, NULL);
}

/* $1 bookings, $2 dining tables, $3 and $4 windows, $5 groups; NULL for what stays. */
static void
change_arguments(const ChangeBatch *batch, QueryArgs *args)
{
	Datum	   *values = palloc(batch->n * sizeof(Datum));
	bool	   *nulls = palloc(batch->n * sizeof(bool));

	for (int place = 0; place < 5; place++)
	{
		for (int i = 0; i < batch->n; i++)
		{
			const AssignmentChange *change = batch->changes[i];
			const Datum all[] = {
				UUIDPGetDatum(&change->booking), UUIDPGetDatum(&change->table),
				TimestampTzGetDatum(change->start), TimestampTzGetDatum(change->end), UUIDPGetDatum(&change->group)
			};

			values[i] = all[place];
			nulls[i] = place < 2 ? false : place < 4 ? !change->sets_window : !change->sets_group;
		}
		original_array(args, place == 2 || place == 3 ? TIMESTAMPTZOID : UUIDOID, values, nulls, batch->n);
	}
}

static char **
read_images(const ChangeBatch *batch)
{
	Datum	   *bookings = palloc(batch->n * sizeof(Datum));
	Datum	   *tables = palloc(batch->n * sizeof(Datum));

	for (int i = 0; i < batch->n; i++)
	{
		bookings[i] = UUIDPGetDatum(&batch->changes[i]->booking);
		tables[i] = UUIDPGetDatum(&batch->changes[i]->table);
	}
	return import_images_read(batch->call->schema, bookings, tables, batch->n);
}

/* before: images of updated rows, NULL for inserted ones. */
static void
enter_batch(const ChangeBatch *batch, char **before)
{
	char	  **after = read_images(batch);
	Datum	   *restaurants = palloc(batch->n * sizeof(Datum));
	Datum	   *befores = palloc(batch->n * sizeof(Datum));
	Datum	   *afters = palloc(batch->n * sizeof(Datum));
	bool	   *no_restaurant = palloc(batch->n * sizeof(bool));
	bool	   *no_before = palloc(batch->n * sizeof(bool));

	for (int i = 0; i < batch->n; i++)
	{
		const AssignmentChange *change = batch->changes[i];

		restaurants[i] = UUIDPGetDatum(&change->restaurant);
		no_restaurant[i] = !change->has_restaurant;
		no_before[i] = before == NULL || before[i] == NULL;
		befores[i] = no_before[i] ? (Datum) 0 : CStringGetTextDatum(psprintf("{\"rows\": %s}", before[i]));
		afters[i] = after_json(change, after[i]);
	}
	import_ledger_enter(batch->call->number, restaurants, no_restaurant, befores, no_before, afters, batch->n);
}

/* A trigger of the users may have removed the rows at once. */
static Datum
after_json(const AssignmentChange *change, const char *rows)
{
	StringInfoData json;

	initStringInfo(&json);
	json_begin(&json);
	json_text(&json, "kind", "assignment");
	json_text(&json, "booking_id", import_items_id(&change->booking));
	json_text(&json, "table_id", import_items_id(&change->table));
	json_text(&json, "number", change->number);
	json_bool(&json, "inserted", change->inserts);
	json_bool(&json, "window", change->sets_window);
	json_bool(&json, "group", change->sets_group);
	json_raw(&json, "rows", rows ? rows : "[]");
	json_end(&json);
	return CStringGetTextDatum(json.data);
}

void
import_write_report(ImportCall *call, const AssignmentChanges *changes)
{
	for (int i = 0; i < changes->n; i++)
	{
		const AssignmentChange *change = changes->changes[i];
		bool		refused = change->obstacle == CHANGE_REFUSED;
		ImportItem	item = {
			.kind = change->sets_window ? IMPORT_ALLOCATION : IMPORT_MERGE_GROUP,
			.status = refused ? IMPORT_SKIPPED : call->dry_run ? IMPORT_PLANNED : IMPORT_DONE,
			.has_restaurant = change->has_restaurant,
			.restaurant = change->restaurant,
			.noun = change->sets_window ? "allocation" : "assignment",
			.object = import_changes_object(change),
			.detail = refused ? change->reason : change->sets_group ? psprintf("merge group %s", import_items_id(&change->group)) : NULL
		};

		CHECK_FOR_INTERRUPTS();
		if (change->obstacle == CHANGE_TAKEN)
			continue;
		if (refused)
			item.action = "none: refused by a constraint";
		else if (change->inserts)
			item.action = change->sets_group ? "assignment inserted, with its merge group" : "assignment inserted";
		else if (change->sets_window)
			item.action = change->sets_group ? "window and merge group filled in" : "window filled in";
		else
			item.action = "merge group filled in";
		import_items_add(call->items, &item);
	}
}

/*-------------------------------------------------------------------------
 *
 * safeguards.c
 *	  What keeps wrong rows out of a table: see safeguards.h.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "utils/array.h"

#include "base/column.h"
#include "base/json.h"
#include "base/query.h"
#include "base/relation.h"
#include "base/slot.h"
#include "target/safeguards.h"

/* A foreign key whose trigger is disabled, on either table, keeps nothing out. */
#define GUARDS \
	"SELECT c.conrelid AS relid, pg_get_constraintdef(c.oid) AS guard FROM pg_constraint c WHERE c.conrelid = ANY ($1) AND c.contype IN ('p', 'u', 'f', 'c', 'x')" \
	" AND c.convalidated AND NOT EXISTS (SELECT FROM pg_trigger t WHERE t.tgconstraint = c.oid AND t.tgenabled = 'D')" \
	" UNION SELECT t.tgrelid, pg_get_triggerdef(t.oid) FROM pg_trigger t WHERE t.tgrelid = ANY ($1) AND NOT t.tgisinternal AND t.tgenabled <> 'D'" \
	" UNION SELECT a.attrelid, quote_ident(a.attname) || ' NOT NULL' FROM pg_attribute a" \
	"  WHERE a.attrelid = ANY ($1) AND a.attnum > 0 AND a.attnotnull AND NOT a.attisdropped" \
	" UNION SELECT i.indrelid, pg_get_indexdef(i.indexrelid) FROM pg_index i WHERE i.indrelid = ANY ($1) AND i.indisunique AND i.indisvalid" \
	"  AND NOT EXISTS (SELECT FROM pg_constraint c WHERE c.conindid = i.indexrelid)"

/* The sequence of the only integer key; 0 when it was never used. */
#define LAST_VALUES \
	"SELECT d.refobjid AS relid, coalesce(pg_sequence_last_value(s.seqrelid), 0) AS value" \
	" FROM pg_depend d JOIN pg_sequence s ON s.seqrelid = d.objid" \
	" JOIN pg_index i ON i.indrelid = d.refobjid AND i.indisprimary AND i.indnkeyatts = 1 AND i.indkey[0] = d.refobjsubid" \
	" WHERE d.classid = 'pg_class'::regclass AND d.refclassid = 'pg_class'::regclass AND d.refobjid = ANY ($1)" \
	" AND d.deptype IN ('a', 'i') AND has_sequence_privilege(s.seqrelid, 'SELECT')"

/* State of safeguards_compare(). */
typedef struct CompareState
{
	const Safeguards *then;
	int			n;
	SafeguardFn fn;
	void	   *arg;
} CompareState;

static Datum oid_array(const Safeguards *tables, int n);
static const Safeguards *find_table(const CompareState *state, Oid relid);
static void add_guard(TupleTableSlot *slot, void *arg);
static void add_sequence(TupleTableSlot *slot, void *arg);


void
safeguards_json(Oid relid, StringInfo buf)
{
	Safeguards	table = {.relid = relid};
	QueryArgs	args = {0};
	char	   *value;

	query_arg(&args, OIDARRAYOID, oid_array(&table, 1), false);
	json_raw(buf, "guards", query_text("SELECT coalesce(jsonb_agg(guard ORDER BY guard), '[]')::text FROM (" GUARDS ") g", &args));
	value = query_text("SELECT min(value)::text FROM (" LAST_VALUES ") l", &args);
	if (value)
		json_raw(buf, "last_value", value);
}

void
safeguards_compare(const Safeguards *then, int n, SafeguardFn fn, void *arg)
{
	CompareState state = {.then = then,.n = n,.fn = fn,.arg = arg};
	QueryArgs	args = {0};
	StringInfoData recorded;

	initStringInfo(&recorded);
	json_begin(&recorded);
	for (int i = 0; i < n; i++)
		json_raw(&recorded, psprintf("%u", then[i].relid), then[i].guards);
	json_end(&recorded);

	query_arg(&args, OIDARRAYOID, oid_array(then, n), false);
	query_arg_json(&args, recorded.data);
	query_each("SELECT r.key::oid, g.guard FROM jsonb_each($2) r,"
			   " jsonb_array_elements_text(CASE jsonb_typeof(r.value) WHEN 'array' THEN r.value ELSE '[]' END) g (guard)"
			   " WHERE g.guard IS NOT NULL EXCEPT (" GUARDS ") ORDER BY 1, 2", &args, add_guard, &state);
	args.count = 1;
	query_each("SELECT relid, value FROM (" LAST_VALUES ") l ORDER BY 1", &args, add_sequence, &state);
}

static void
add_guard(TupleTableSlot *slot, void *arg)
{
	const CompareState *state = arg;
	const Safeguards *table = find_table(state, DatumGetObjectId(slot->tts_values[0]));

	if (table)
		state->fn(psprintf("%s: %s", table->table, slot_text(slot, 1)), state->arg);
}

static void
add_sequence(TupleTableSlot *slot, void *arg)
{
	const CompareState *state = arg;
	const Safeguards *table = find_table(state, DatumGetObjectId(slot->tts_values[0]));
	int64		now = slot_int8(slot, 1);
	QueryArgs	args = {0};

	if (table == NULL || !table->has_last_value || now >= table->last_value)
		return;
	query_arg_int8(&args, now);
	if (query_bool(psprintf("SELECT max(t.%s) > $1 FROM %s t",
							column_quoted(table->relid, relation_key_column(table->relid)),
							relation_quoted_name(table->relid)), &args))
		state->fn(psprintf("%s: the sequence of its key was set back to %lld", table->table, (long long) now),
				  state->arg);
}

static const Safeguards *
find_table(const CompareState *state, Oid relid)
{
	for (int i = 0; i < state->n; i++)
	{
		if (state->then[i].relid == relid)
			return &state->then[i];
	}
	return NULL;
}

static Datum
oid_array(const Safeguards *tables, int n)
{
	Datum	   *oids = palloc(sizeof(Datum) * Max(n, 1));

	for (int i = 0; i < n; i++)
		oids[i] = ObjectIdGetDatum(tables[i].relid);
	return PointerGetDatum(construct_array(oids, n, OIDOID, sizeof(Oid), true, TYPALIGN_INT));
}

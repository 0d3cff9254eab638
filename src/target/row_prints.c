/*-------------------------------------------------------------------------
 *
 * row_prints.c
 *	  Prints of a table's rows: see row_prints.h.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include <math.h>

#include "base/content_hash.h"
#include "base/json.h"
#include "base/relation.h"
#include "base/scan.h"
#include "base/slot.h"
#include "target/keyed_table.h"
#include "target/row_prints.h"

/* Rows that a sample has at least, if there are as many. */
#define SAMPLE 64

/* Buckets that may differ before the sample tells more than they do. */
#define MANY_BUCKETS 40

/* The share of the rows that is seen beside any number of deleted ones. */
#define MANY_ROWS 0.1

/* The digits of a print's text: the sample's bits, then each bucket. */
#define BITS_DIGITS 2
#define ROW_DIGITS 4
#define BYTE_DIGITS 2
#define PRINT_DIGITS (BITS_DIGITS + PRINT_BUCKETS * (ROW_DIGITS + BYTE_DIGITS) + PRINT_VALUES * BYTE_DIGITS)

#define MAX_COLUMNS 12

static const struct
{
	const char *name;
	const char *columns[MAX_COLUMNS];
}			aspects[ROW_ASPECTS] = {

	[ROW_IDENTITY] = {"identity", {"uuid", "restaurant_id", "legacy_v1_id", "legacy_v2_id", "source_system", "source_id",
			"created_at", "dish_id", "combo_group_id", "ingredient_id", "ingredient_group_id"
	}},
	[ROW_NAMES] = {"names", {"name"}},
	[ROW_PRICES] = {"prices", {"base_price", "prices", "combo_price", "price_by_size", "pricing_rules"}},
	[ROW_RULES] = {"rules", {"combo_rules"}},
	[ROW_VISIBILITY] = {"visibility", {"is_active", "status"}},
	[ROW_REST] = {"rest", {"description", "course_id", "display_order", "is_combo", "group_type", "modifier_type"}},
};

/* State of row_prints_take(). */
typedef struct TakeState
{
	const int64 *max_id;
	ContentHasher *hashers[ROW_ASPECTS];
	RowPrints  *prints;
} TakeState;

static int	count_columns(RowAspect aspect);
static void add_to_prints(TupleTableSlot *slot, void *arg);
static void add_digits(StringInfo text, unsigned int number, int digits);
static bool read_bucket(const char **p, int digits, unsigned int *number);
static double likely_changes(int differ);


const char *
row_aspect_name(RowAspect aspect)
{
	return aspects[aspect].name;
}

int
row_prints_sample_bits(int64 rows)
{
	int			bits = 0;

	while (rows >> (bits + 1) >= SAMPLE)
		bits++;
	return bits;
}

void
row_prints_take(const char *schema, const char *table, const int64 *max_id,
				int sample_bits, RowPrints *prints)
{
	Oid			relid = target_table_oid(schema, table);
	ScanColumn	id = {relation_key_column(relid), SCAN_INT8};
	TakeState	state = {.max_id = max_id,.prints = prints};
	bool		any = false;

	memset(prints, 0, sizeof(RowPrints));
	prints->sample_bits = sample_bits;
	if (id.attnum == InvalidAttrNumber)
		return;
	for (int i = 0; i < ROW_ASPECTS; i++)
	{
		state.hashers[i] = content_hasher_of_columns(relid, 1, aspects[i].columns, count_columns((RowAspect) i));
		prints->of[i].exists = state.hashers[i] != NULL;
		any |= prints->of[i].exists;
	}
	if (any)
		scan_each(relid, &id, 1, true, add_to_prints, &state);
}

static int
count_columns(RowAspect aspect)
{
	int			n = 0;

	while (n < MAX_COLUMNS && aspects[aspect].columns[n])
		n++;
	return n;
}

/* Rows without an id are counted elsewhere, and nothing finds them again. */
static void
add_to_prints(TupleTableSlot *slot, void *arg)
{
	const TakeState *state = arg;
	int64		id;
	uint64		place;

	if (slot->tts_isnull[0])
		return;
	id = slot_int8(slot, 0);
	if (state->max_id && id > *state->max_id)
		return;
	state->prints->nrows++;
	place = mix64((uint64) id);
	for (int i = 0; i < ROW_ASPECTS; i++)
	{
		RowPrint   *print = &state->prints->of[i];
		uint64		content;
		uint64		row;

		if (state->hashers[i] == NULL)
			continue;
		content = content_hash(state->hashers[i], slot);
		row = mix64(content ^ place);
		print->rows[place % PRINT_BUCKETS] += (uint16) row;
		print->values[content % PRINT_VALUES] += (uint8) (content >> 32);
		if ((place >> 32 & ((UINT64CONST(1) << state->prints->sample_bits) - 1)) == 0)
			print->sample[(place >> 8) % PRINT_BUCKETS] += (uint8) (row >> 16);
	}
}

void
row_prints_json(const RowPrints *prints, StringInfo buf)
{
	json_begin(buf);
	for (int i = 0; i < ROW_ASPECTS; i++)
	{
		const RowPrint *print = &prints->of[i];
		StringInfoData text;

		if (!print->exists)
			continue;
		initStringInfo(&text);
		add_digits(&text, prints->sample_bits, BITS_DIGITS);
		for (int j = 0; j < PRINT_BUCKETS; j++)
			add_digits(&text, print->rows[j], ROW_DIGITS);
		for (int j = 0; j < PRINT_BUCKETS; j++)
			add_digits(&text, print->sample[j], BYTE_DIGITS);
		for (int j = 0; j < PRINT_VALUES; j++)
			add_digits(&text, print->values[j], BYTE_DIGITS);
		json_text(buf, aspects[i].name, text.data);
	}
	json_end(buf);
}

static void
add_digits(StringInfo text, unsigned int number, int digits)
{
	appendStringInfo(text, "%0*x", digits, number);
}

bool
row_print_parse(const char *text, RowPrint *print, int *sample_bits)
{
	const char *p = text;
	unsigned int number = 0;

	memset(print, 0, sizeof(RowPrint));
	if (strlen(text) != PRINT_DIGITS || !read_bucket(&p, BITS_DIGITS, &number) || number >= 32)
		return false;
	*sample_bits = (int) number;
	for (int i = 0; i < PRINT_BUCKETS; i++)
	{
		if (!read_bucket(&p, ROW_DIGITS, &number))
			return false;
		print->rows[i] = (uint16) number;
	}
	for (int i = 0; i < PRINT_BUCKETS + PRINT_VALUES; i++)
	{
		if (!read_bucket(&p, BYTE_DIGITS, &number))
			return false;
		if (i < PRINT_BUCKETS)
			print->sample[i] = (uint8) number;
		else
			print->values[i - PRINT_BUCKETS] = (uint8) number;
	}
	print->exists = true;
	return true;
}

static bool
read_bucket(const char **p, int digits, unsigned int *number)
{
	static const char hex[] = "0123456789abcdef";

	*number = 0;
	for (int i = 0; i < digits; i++)
	{
		const char *digit = **p ? strchr(hex, **p) : NULL;

		if (digit == NULL)
			return false;
		*number = *number * 16 + (digit - hex);
		(*p)++;
	}
	return true;
}

void
row_print_compare(const RowPrint *then, int64 rows_then,
				  const RowPrints *prints, RowAspect aspect, RowChanges *changes)
{
	const RowPrint *now = &prints->of[aspect];
	int64		deleted = Max(rows_then - prints->nrows, 0);
	int			rows = 0;
	int			sample = 0;
	double		estimate;

	for (int i = 0; i < PRINT_BUCKETS; i++)
	{
		rows += then->rows[i] != now->rows[i];
		sample += then->sample[i] != now->sample[i];
	}
	estimate = likely_changes(rows);
	if (rows > MANY_BUCKETS)
		estimate = Max(estimate, ldexp(likely_changes(sample), prints->sample_bits));
	estimate = Min(estimate, (double) Max(rows_then, rows));

	/* Deleted rows alone change at most as many buckets. */
	if (rows <= deleted && (estimate < 2.0 * deleted || estimate - deleted < rows_then * MANY_ROWS))
		estimate = 0;
	else if (deleted > 0)
		estimate = Max(estimate - deleted, 1);
	changes->rows = (uint64) rint(estimate);
	changes->exchanged = changes->rows > 1 && deleted == 0 &&
		memcmp(then->values, now->values, sizeof(then->values)) == 0;
}

/* The number of rows that are likely to have changed when that many buckets differ. */
static double
likely_changes(int differ)
{
	if (differ == PRINT_BUCKETS)
		return PRINT_BUCKETS * log(PRINT_BUCKETS * 2.0);
	return -PRINT_BUCKETS * log(1.0 - (double) differ / PRINT_BUCKETS);
}

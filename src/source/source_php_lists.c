/*-------------------------------------------------------------------------
 *
 * source_php_lists.c
 *	  A source whose rows hold a group and its dishes in PHP's format: see
 *	  source_php_lists.h.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include <ctype.h>

#include "utils/builtins.h"
#include "utils/fmgrprotos.h"
#include "utils/jsonb.h"
#include "utils/numeric.h"

#include "base/scan.h"
#include "base/slot.h"
#include "source/php_unserialize.h"
#include "source/source_php_lists.h"

/* The state of source_php_lists_read(). */
typedef struct PhpReadState
{
	const Source *source;
	SourceRowFn fn;
	void	   *arg;
	uint64		rows;			/* passed to fn so far */
	int64		group;			/* the group whose list is read */
} PhpReadState;

static void read_php_list(TupleTableSlot *slot, void *arg);
static void add_php_list_context(void *arg);
static bool read_php_dish(const JsonbValue *value, SourceRow *row);


uint64
source_php_lists_read(const Source *source, SourceRowFn fn, void *arg)
{
	PhpReadState state = {source, fn, arg, 0, 0};
	ScanColumn	columns[] = {
		{source->group_attnum, SCAN_INT8},
		{source->dish_attnum, SCAN_BYTEA}
	};

	scan_each(source->oid, columns, lengthof(columns), false, read_php_list, &state);
	return state.rows;
}

/*
 * Calls the reader's function with the dishes of a group's list.  A key that is
 * an integer is the dish's order.
 */
static void
read_php_list(TupleTableSlot *slot, void *arg)
{
	PhpReadState *state = arg;
	ErrorContextCallback context = {error_context_stack, add_php_list_context, state};
	SourceRow	row = {.has_group = !slot->tts_isnull[0]};
	bytea	   *blob;
	Jsonb	   *list;
	JsonbIterator *iterator;
	JsonbIteratorToken token;
	JsonbValue	value;
	int64		order = 0;

	if (slot->tts_isnull[1])
		return;
	state->group = row.group = row.has_group ? slot_int8(slot, 0) : 0;
	blob = DatumGetByteaPP(slot->tts_values[1]);
	if (VARSIZE_ANY_EXHDR(blob) == 0)
		return;

	error_context_stack = &context;
	list = php_unserialize(VARDATA_ANY(blob), VARSIZE_ANY_EXHDR(blob));
	error_context_stack = context.previous;

	iterator = JsonbIteratorInit(&list->root);
	while ((token = JsonbIteratorNext(&iterator, &value, true)) != WJB_DONE)
	{
		if (token == WJB_KEY)
			order = strtoll(pnstrdup(value.val.string.val, value.val.string.len), NULL, 10);
		if (token != WJB_VALUE && token != WJB_ELEM)
			continue;
		if (value.type != jbvNull)
		{
			row.order = order;
			row.has_dish = !JB_ROOT_IS_SCALAR(list) && read_php_dish(&value, &row);
			state->fn(&row, state->arg);
			state->rows++;
		}
		order++;
	}
}

/* Adds the list to an error of php_unserialize(). */
static void
add_php_list_context(void *arg)
{
	const PhpReadState *state = arg;

	errcontext("the list of group %lld in %s", (long long) state->group,
			   state->source->display_name);
}

/*
 * Reads a dish, which is a number or a string; "756.2" is dish 756 with order 2.
 * Returns false if the value is not a dish: so is the double 756.2, which may
 * have been "756.20".
 */
static bool
read_php_dish(const JsonbValue *value, SourceRow *row)
{
	char	   *text = "";
	char	   *end;

	if (value->type == jbvString)
		text = pnstrdup(value->val.string.val, value->val.string.len);

	else if (value->type == jbvNumeric)
		text = DatumGetCString(DirectFunctionCall1(numeric_out, NumericGetDatum(value->val.numeric)));

	if (!isdigit((unsigned char) text[0]))
		return false;
	errno = 0;
	row->dish = strtoll(text, &end, 10);
	if (value->type == jbvString && *end == '.' && isdigit((unsigned char) end[1]))
		row->order = strtoll(end + 1, &end, 10);
	return *end == '\0' && errno == 0;
}

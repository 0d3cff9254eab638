/*-------------------------------------------------------------------------
 *
 * source_json.c
 *	  A source whose rows hold a group and its dishes in JSON: see
 *	  source_json.h.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include <ctype.h>

#include "miscadmin.h"
#include "utils/builtins.h"
#include "utils/fmgrprotos.h"
#include "utils/jsonb.h"
#include "utils/memutils.h"
#include "utils/numeric.h"

#include "base/scan.h"
#include "base/slot.h"
#include "source/source_json.h"

/* Room for dishes at first; the array grows by half when it is full. */
#define INITIAL_DISHES 1024

/* The dishes of the last source_json_read(); V2 has some thousands. */
typedef struct ListedDishes
{
	MemoryContext context;
	int64		n;
	int64		allocated;
	ListedDish *dishes;			/* by row number, from row 1 on */
} ListedDishes;

/* The state of source_json_read(). */
typedef struct JsonReadState
{
	const Source *source;
	SourceRowFn fn;
	void	   *arg;
	bool		has_group;
	int64		group;			/* the group whose list is read */
} JsonReadState;

/* A step that is not a number from 1 to max_step. */
#define NO_STEP (-1)

static void read_json_lists(TupleTableSlot *slot, void *arg);
static void add_json_list_context(void *arg);
static void read_steps(JsonReadState *state, JsonbContainer *steps);
static void read_step(JsonReadState *state, int64 step, const JsonbValue *value);
static void read_json_list(JsonReadState *state, int64 step, JsonbContainer *list);
static bool is_empty_value(const JsonbValue *value);
static int64 step_number(const JsonReadState *state, const JsonbValue *key);
static void pass_json_row(JsonReadState *state, int64 step, int64 order,
						  const JsonbValue *value);
static bool read_json_dish(const JsonbValue *value, int64 *dish, char **suffix);
static int64 keep_dish(ListedDishes *listed, int64 step, const char *suffix);


ListedDishes *
source_json_begin(void)
{
	ListedDishes *listed = palloc0(sizeof(ListedDishes));

	listed->context = AllocSetContextCreate(CurrentMemoryContext,
											"menuca listed dishes",
											ALLOCSET_DEFAULT_SIZES);
	return listed;
}

uint64
source_json_read(const Source *source, SourceRowFn fn, void *arg)
{
	ListedDishes *listed = source->listed;
	JsonReadState state = {.source = source,.fn = fn,.arg = arg};
	ScanColumn	columns[] = {
		{source->group_attnum, SCAN_INT8},
		{source->dish_attnum, SCAN_TEXT}
	};

	MemoryContextReset(listed->context);
	listed->n = 0;
	listed->allocated = INITIAL_DISHES;
	listed->dishes = MemoryContextAlloc(listed->context, sizeof(ListedDish) * INITIAL_DISHES);

	scan_each(source->oid, columns, lengthof(columns), false, read_json_lists, &state);
	return listed->n;
}

const ListedDish *
source_json_dish(const Source *source, int64 number)
{
	Assert(number >= 1 && number <= source->listed->n);
	return &source->listed->dishes[number - 1];
}

/* Reads a group's list, or its lists by step. */
static void
read_json_lists(TupleTableSlot *slot, void *arg)
{
	JsonReadState *state = arg;
	ErrorContextCallback context = {error_context_stack, add_json_list_context, state};
	char	   *json;
	Jsonb	   *lists;
	JsonbValue	scalar;

	if (slot->tts_isnull[1])
		return;
	state->has_group = !slot->tts_isnull[0];
	state->group = state->has_group ? slot_int8(slot, 0) : 0;
	json = slot_text(slot, 1);
	if (json[0] == '\0')
		return;

	error_context_stack = &context;
	lists = DatumGetJsonbP(DirectFunctionCall1(jsonb_in, CStringGetDatum(json)));
	error_context_stack = context.previous;

	if (JB_ROOT_IS_SCALAR(lists))
	{
		/* A single value instead of a list is not a dish. */
		JsonbExtractScalar(&lists->root, &scalar);
		if (!is_empty_value(&scalar))
			pass_json_row(state, 0, 0, NULL);
	}
	else if (JB_ROOT_IS_OBJECT(lists))
		read_steps(state, &lists->root);
	else
		read_json_list(state, 0, &lists->root);
}

/* Adds the list to an error of jsonb_in(). */
static void
add_json_list_context(void *arg)
{
	const JsonReadState *state = arg;
	char	   *whose = state->has_group ?
		psprintf("the list of group %lld in %s", (long long) state->group, state->source->display_name) :
		psprintf("a list without a group in %s", state->source->display_name);

	errcontext("%s", whose);
	if (geterrcode() == ERRCODE_INVALID_TEXT_REPRESENTATION)
		errhint("Correct %s, or load the dump again into a column of type json, which refuses such a value.",
				whose);
}

/* jsonb sorts keys by length first, so steps come in the order of their numbers. */
static void
read_steps(JsonReadState *state, JsonbContainer *steps)
{
	JsonbIterator *iterator = JsonbIteratorInit(steps);
	JsonbIteratorToken token;
	JsonbValue	value;
	int64		step = NO_STEP;

	while ((token = JsonbIteratorNext(&iterator, &value, true)) != WJB_DONE)
	{
		CHECK_FOR_INTERRUPTS();
		if (token == WJB_KEY)
			step = step_number(state, &value);
		else if (token == WJB_VALUE)
			read_step(state, step, &value);
	}
}

/* Reads a step's dishes: a list, or a single dish, or none. */
static void
read_step(JsonReadState *state, int64 step, const JsonbValue *value)
{
	if (value->type == jbvBinary && JsonContainerIsArray(value->val.binary.data))
		read_json_list(state, step, value->val.binary.data);
	else if (!is_empty_value(value))
		pass_json_row(state, step, 0, value);
}

/* Reads the dishes of a list. */
static void
read_json_list(JsonReadState *state, int64 step, JsonbContainer *list)
{
	JsonbIterator *iterator = JsonbIteratorInit(list);
	JsonbIteratorToken token;
	JsonbValue	value;
	int64		order = 0;

	while ((token = JsonbIteratorNext(&iterator, &value, true)) != WJB_DONE)
	{
		CHECK_FOR_INTERRUPTS();
		if (token == WJB_ELEM)
			pass_json_row(state, step, order++, &value);
	}
}

/* True for null, "" and {}, which have no dish; read_json_list() reads []. */
static bool
is_empty_value(const JsonbValue *value)
{
	return value->type == jbvNull ||
		(value->type == jbvString && value->val.string.len == 0) ||
		(value->type == jbvBinary && JsonContainerSize(value->val.binary.data) == 0);
}

/* The number of a step from its key, or NO_STEP. */
static int64
step_number(const JsonReadState *state, const JsonbValue *key)
{
	char	   *text = pnstrdup(key->val.string.val, key->val.string.len);
	char	   *end;
	int64		step;

	if (!isdigit((unsigned char) text[0]))
		return NO_STEP;
	errno = 0;
	step = strtoll(text, &end, 10);
	if (*end != '\0' || errno != 0 || step < 1 || step > state->source->max_step)
		return NO_STEP;
	return step;
}

/* Calls the reader's function with the row of a value; NULL is not a dish. */
static void
pass_json_row(JsonReadState *state, int64 step, int64 order, const JsonbValue *value)
{
	char	   *suffix = NULL;
	SourceRow	row = {
		.has_group = state->has_group,
		.group = state->group,
		.order = order
	};

	row.has_dish = step != NO_STEP && value != NULL &&
		read_json_dish(value, &row.dish, &suffix);
	row.number = keep_dish(state->source->listed, Max(step, 0), row.has_dish ? suffix : NULL);
	state->fn(&row, state->arg);
}

/*
 * Reads a dish, which is a number or a string; "149|0" is dish 149 in size 0.
 * Returns false if the value is not a dish.
 */
static bool
read_json_dish(const JsonbValue *value, int64 *dish, char **suffix)
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
	*dish = strtoll(text, &end, 10);
	if (*end == '|')
	{
		if (end[1] != '\0')
			*suffix = end + 1;
		end = "";
	}
	return *end == '\0' && errno == 0;
}

/* Keeps a dish's step and size; returns the number of its row. */
static int64
keep_dish(ListedDishes *listed, int64 step, const char *suffix)
{
	ListedDish *dish;

	if (listed->n == listed->allocated)
	{
		listed->allocated += listed->allocated / 2;
		listed->dishes = repalloc_huge(listed->dishes, sizeof(ListedDish) * listed->allocated);
	}
	dish = &listed->dishes[listed->n++];
	dish->step = (int32) step;
	dish->suffix = suffix ? MemoryContextStrdup(listed->context, suffix) : NULL;
	return listed->n;
}

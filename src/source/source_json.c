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

#include "base/query.h"
#include "base/scan.h"
#include "base/slot.h"
#include "source/source_json.h"

/* Dishes allocated at first; the array grows by half as it fills. */
#define INITIAL_DISHES 1024

/* The dishes of the last reading; V2 has some thousands. */
typedef struct ListedDishes
{
	MemoryContext context;
	int64		n;
	int64		allocated;
	ListedDish *dishes;			/* that of row 1 first */
} ListedDishes;

/* A reading of all lists. */
typedef struct ReadState
{
	const Source *source;
	SourceRowFn fn;
	void	   *arg;
	bool		has_group;
	int64		group;			/* whose list is read */
} ReadState;

/* A step that is no number from 1 on. */
#define NO_STEP (-1)

static void rows_from_text(TupleTableSlot *slot, void *arg);
static void say_whose_list(void *arg);
static void rows_from_steps(ReadState *state, JsonbContainer *steps);
static void rows_from_value(ReadState *state, int64 step, const JsonbValue *value);
static void rows_from_list(ReadState *state, int64 step, JsonbContainer *list);
static bool is_nothing(const JsonbValue *value);
static int64 step_of_key(const ReadState *state, const JsonbValue *key);
static void hand_out(ReadState *state, int64 step, int64 place,
					 const JsonbValue *value);
static bool read_dish(const JsonbValue *value, int64 *dish, char **suffix);
static int64 keep(ListedDishes *listed, int64 step, const char *suffix);


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
	ReadState	state = {.source = source,.fn = fn,.arg = arg};
	ScanColumn	columns[] = {
		{source->group_attnum, SCAN_INT8},
		{source->dish_attnum, SCAN_TEXT}
	};

	MemoryContextReset(listed->context);
	listed->n = 0;
	listed->allocated = INITIAL_DISHES;
	listed->dishes = MemoryContextAlloc(listed->context, sizeof(ListedDish) * INITIAL_DISHES);

	scan_each(source->oid, columns, lengthof(columns), false, rows_from_text, &state);
	return listed->n;
}

const ListedDish *
source_json_dish(const Source *source, int64 number)
{
	Assert(number >= 1 && number <= source->listed->n);
	return &source->listed->dishes[number - 1];
}

/* The rows of a group's list, or of its lists by step. */
static void
rows_from_text(TupleTableSlot *slot, void *arg)
{
	ReadState  *state = arg;
	ErrorContextCallback context = {error_context_stack, say_whose_list, state};
	char	   *json;
	Jsonb	   *lists;
	JsonbValue	scalar;

	if (slot->tts_isnull[1])
		return;
	state->has_group = !slot->tts_isnull[0];
	state->group = state->has_group ? slot_int8(slot, 0) : 0;
	json = TextDatumGetCString(slot->tts_values[1]);
	if (json[0] == '\0')
		return;

	error_context_stack = &context;
	lists = DatumGetJsonbP(DirectFunctionCall1(jsonb_in, CStringGetDatum(json)));
	error_context_stack = context.previous;

	if (JB_ROOT_IS_SCALAR(lists))
	{
		/* A value that is no list, unless it is nothing. */
		JsonbExtractScalar(&lists->root, &scalar);
		if (!is_nothing(&scalar))
			hand_out(state, 0, 0, NULL);
	}
	else if (JB_ROOT_IS_OBJECT(lists))
		rows_from_steps(state, &lists->root);
	else
		rows_from_list(state, 0, &lists->root);
}

static void
say_whose_list(void *arg)
{
	const ReadState *state = arg;
	char	   *whose = state->has_group ?
		psprintf("the list of group %lld in %s", (long long) state->group, state->source->display_name) :
		psprintf("a list without a group in %s", state->source->display_name);

	errcontext("%s", whose);
	if (geterrcode() == ERRCODE_INVALID_TEXT_REPRESENTATION)
		errhint("Correct %s, or load the dump anew into a column of type json, which refuses such a value.",
				whose);
}

/* jsonb has its keys by length, so steps come by their numbers. */
static void
rows_from_steps(ReadState *state, JsonbContainer *steps)
{
	JsonbIterator *iterator = JsonbIteratorInit(steps);
	JsonbIteratorToken token;
	JsonbValue	value;
	int64		step = NO_STEP;

	while ((token = JsonbIteratorNext(&iterator, &value, true)) != WJB_DONE)
	{
		CHECK_FOR_INTERRUPTS();
		if (token == WJB_KEY)
			step = step_of_key(state, &value);
		else if (token == WJB_VALUE)
			rows_from_value(state, step, &value);
	}
}

/* A step's dishes: a list, a single one, or nothing. */
static void
rows_from_value(ReadState *state, int64 step, const JsonbValue *value)
{
	if (value->type == jbvBinary && JsonContainerIsArray(value->val.binary.data))
		rows_from_list(state, step, value->val.binary.data);
	else if (!is_nothing(value))
		hand_out(state, step, 0, value);
}

static void
rows_from_list(ReadState *state, int64 step, JsonbContainer *list)
{
	JsonbIterator *iterator = JsonbIteratorInit(list);
	JsonbIteratorToken token;
	JsonbValue	value;
	int64		place = 0;

	while ((token = JsonbIteratorNext(&iterator, &value, true)) != WJB_DONE)
	{
		CHECK_FOR_INTERRUPTS();
		if (token == WJB_ELEM)
			hand_out(state, step, place++, &value);
	}
}

/* null, "" and {} hold no dish; an empty list is left to rows_from_list(). */
static bool
is_nothing(const JsonbValue *value)
{
	return value->type == jbvNull ||
		(value->type == jbvString && value->val.string.len == 0) ||
		(value->type == jbvBinary && JsonContainerSize(value->val.binary.data) == 0);
}

static int64
step_of_key(const ReadState *state, const JsonbValue *key)
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

/* A row for a value that should be a dish; NULL is none. */
static void
hand_out(ReadState *state, int64 step, int64 place, const JsonbValue *value)
{
	char	   *suffix = NULL;
	SourceRow	row = {
		.has_group = state->has_group,
		.group = state->group,
		.order = place
	};

	row.has_dish = step != NO_STEP && value != NULL &&
		read_dish(value, &row.dish, &suffix);
	row.number = keep(state->source->listed, Max(step, 0), row.has_dish ? suffix : NULL);
	state->fn(&row, state->arg);
}

/*
 * A dish as a number or a string; "149|0" is dish 149 in size 0.  False if it
 * is anything else.
 */
static bool
read_dish(const JsonbValue *value, int64 *dish, char **suffix)
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

/* Keeps what a list says of a dish; returns its row's number. */
static int64
keep(ListedDishes *listed, int64 step, const char *suffix)
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

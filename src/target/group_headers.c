/*-------------------------------------------------------------------------
 *
 * group_headers.c
 *	  The headers that groups' rules state: see group_headers.h.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include <ctype.h>

#include "catalog/pg_type.h"
#include "mb/pg_wchar.h"
#include "miscadmin.h"
#include "utils/builtins.h"
#include "utils/fmgrprotos.h"
#include "utils/jsonb.h"
#include "utils/memutils.h"

#include "base/attempt.h"
#include "base/blank.h"
#include "base/column.h"
#include "base/scan.h"
#include "base/slot.h"
#include "target/group_headers.h"
#include "target/item_counts.h"

#define HEADER_KEY "display_header"
#define COUNT_KEY "item_count"
#define SEPARATOR ';'

/* A text that no JSON parser has seen yet is parsed later, see parse_texts(). */
typedef struct HeadersRead
{
	const ParentMap *groups;
	GroupHeaders *headers;
	bool		is_jsonb;
	char	  **texts;			/* of rules of another type; NULL: none */
	uint32		next;			/* group whose text is to be parsed */
	MemoryContext context;		/* of the result */
} HeadersRead;

static void read_row(TupleTableSlot *slot, void *arg);
static void parse_all_texts(HeadersRead *state);
static void parse_texts(void *arg);
static bool is_about_the_text(const ErrorData *error);
static void read_rules(const HeadersRead *state, GroupHeaders *headers, Jsonb *rules);
static void split_headers(const HeadersRead *state, GroupHeaders *headers,
						  const char *text, int len);
static bool ends_reference(const char *begin, const char *semicolon);
static void trim(const char **begin, const char **end);
static char *copy_header(MemoryContext context, const char *text, int len);
static void drop_headers(GroupHeaders *headers, HeadersState state);


GroupHeaders *
group_headers_read(const ParentTable *parent, const ParentMap *groups)
{
	AttrNumber	rules = column_require(parent->oid, GROUP_RULES_COLUMN, InvalidOid);
	HeadersRead state = {
		.groups = groups,
		.headers = palloc_extended(sizeof(GroupHeaders) * Max(groups->nrows, 1), MCXT_ALLOC_HUGE | MCXT_ALLOC_ZERO),
		.is_jsonb = column_base_type(parent->oid, rules, NULL) == JSONBOID,
		.context = CurrentMemoryContext
	};
	ScanColumn	columns[] = {
		{parent->id_attnum, SCAN_INT8},
		{rules, state.is_jsonb ? SCAN_JSONB : SCAN_TEXT}
	};

	if (!state.is_jsonb)
		state.texts = palloc_extended(sizeof(char *) * Max(groups->nrows, 1), MCXT_ALLOC_HUGE | MCXT_ALLOC_ZERO);
	scan_each(parent->oid, columns, lengthof(columns), false, read_row, &state);
	if (!state.is_jsonb)
		parse_all_texts(&state);
	return state.headers;
}

static void
read_row(TupleTableSlot *slot, void *arg)
{
	HeadersRead *state = arg;
	uint32		group;

	if (slot->tts_isnull[0] || slot->tts_isnull[1])
		return;
	group = parent_index_find(state->groups->by_id, slot_int8(slot, 0));
	if (group == PARENT_MAP_END)
		return;
	if (state->is_jsonb)
		read_rules(state, &state->headers[group], DatumGetJsonbP(slot->tts_values[1]));
	else
	{
		char	   *text = slot_text(slot, 1);

		if (!blank_text(text, strlen(text)))
			state->texts[group] = MemoryContextStrdup(state->context, text);
	}
}

/* One subtransaction parses all texts up to the next malformed one. */
static void
parse_all_texts(HeadersRead *state)
{
	while (state->next < state->groups->nrows)
	{
		ErrorData  *error = attempt(parse_texts, state);

		if (error == NULL)
			break;
		if (!is_about_the_text(error))
			ReThrowError(error);
		FreeErrorData(error);
		drop_headers(&state->headers[state->next++], HEADERS_MALFORMED);
	}
}

static void
parse_texts(void *arg)
{
	HeadersRead *state = arg;
	MemoryContext text_context = AllocSetContextCreate(CurrentMemoryContext, "menuca rules",
													   ALLOCSET_DEFAULT_SIZES);
	MemoryContext old = MemoryContextSwitchTo(text_context);

	for (; state->next < state->groups->nrows; state->next++)
	{
		char	   *text = state->texts[state->next];

		CHECK_FOR_INTERRUPTS();
		if (text)
			read_rules(state, &state->headers[state->next],
					   DatumGetJsonbP(DirectFunctionCall1(jsonb_in, CStringGetDatum(text))));
		MemoryContextReset(text_context);
	}
	MemoryContextSwitchTo(old);
	MemoryContextDelete(text_context);
}

/* No JSON, or JSON that jsonb cannot hold: too deep, too long, with a NUL. */
static bool
is_about_the_text(const ErrorData *error)
{
	return error->sqlerrcode == ERRCODE_STATEMENT_TOO_COMPLEX ||
		ERRCODE_TO_CATEGORY(error->sqlerrcode) == ERRCODE_DATA_EXCEPTION ||
		ERRCODE_TO_CATEGORY(error->sqlerrcode) == ERRCODE_PROGRAM_LIMIT_EXCEEDED;
}

static void
read_rules(const HeadersRead *state, GroupHeaders *headers, Jsonb *rules)
{
	JsonbValue	value;

	if (!JB_ROOT_IS_OBJECT(rules))
	{
		if (!JB_ROOT_IS_SCALAR(rules) || !JsonbExtractScalar(&rules->root, &value) || value.type != jbvNull)
			drop_headers(headers, HEADERS_MALFORMED);
		return;
	}
	if (getKeyJsonValueFromContainer(&rules->root, COUNT_KEY, strlen(COUNT_KEY), &value))
		headers->has_item_count = item_counts_value(&value, &headers->item_count);
	if (getKeyJsonValueFromContainer(&rules->root, HEADER_KEY, strlen(HEADER_KEY), &value) == NULL ||
		value.type == jbvNull)
		return;
	if (value.type != jbvString)
		drop_headers(headers, HEADERS_MALFORMED);
	else
		split_headers(state, headers, value.val.string.val, value.val.string.len);
}

/*
 * V1 ends some lists of headers by a semicolon, too; a blank header elsewhere
 * leaves open which header belongs where.
 */
static void
split_headers(const HeadersRead *state, GroupHeaders *headers, const char *text, int len)
{
	const char *end = text + len;
	const char *begin = text;
	bool		after_blank = false;
	int			allocated = 4;

	if (blank_text(text, len))
		return;
	headers->state = HEADERS_SPLIT;
	headers->labels = MemoryContextAlloc(state->context, sizeof(char *) * allocated);
	while (begin <= end)
	{
		const char *next = memchr(begin, SEPARATOR, end - begin);
		const char *last = next ? next : end;
		const char *header = begin;

		CHECK_FOR_INTERRUPTS();
		if (next && ends_reference(begin, next))
		{
			drop_headers(headers, HEADERS_UNCLEAR);
			return;
		}
		trim(&header, &last);
		begin = next ? next + 1 : end + 1;
		if (header == last)
		{
			after_blank = true;
			continue;
		}
		if (after_blank || headers->n == GROUP_HEADERS_MAX)
		{
			drop_headers(headers, HEADERS_UNCLEAR);
			return;
		}
		if (headers->n == allocated)
		{
			allocated *= 2;
			headers->labels = repalloc(headers->labels, sizeof(char *) * allocated);
		}
		headers->labels[headers->n++] = copy_header(state->context, header, last - header);
	}
	if (headers->n == 0)
		drop_headers(headers, HEADERS_NONE);
}

/*
 * True if the semicolon ends what HTML takes for a character, such as &eacute; or
 * &#233;, so that it may not separate headers.
 */
static bool
ends_reference(const char *begin, const char *semicolon)
{
	const char *c = semicolon;

	while (c > begin && (isalnum((unsigned char) c[-1]) && (unsigned char) c[-1] < 0x80))
		c--;
	if (c > begin && c[-1] == '#')
		c--;
	return c < semicolon && c > begin && c[-1] == '&';
}

/* Moves both ends past blank characters. */
static void
trim(const char **begin, const char **end)
{
	const char *last = *begin;

	for (const char *c = *begin; c < *end;)
	{
		int			length = Min(pg_mblen(c), (int) (*end - c));

		if (!blank_text(c, length))
			last = c + length;
		else if (c == *begin)
			last = *begin = c + length;
		c += length;
	}
	*end = last;
}

static char *
copy_header(MemoryContext context, const char *text, int len)
{
	char	   *copy = MemoryContextAlloc(context, len + 1);

	memcpy(copy, text, len);
	copy[len] = '\0';
	return copy;
}

static void
drop_headers(GroupHeaders *headers, HeadersState state)
{
	headers->state = state;
	headers->n = 0;
}

/*-------------------------------------------------------------------------
 *
 * receipt_text.c
 *	  A receipt as somebody pasted it: see receipt_text.h.
 *
 * Clients return a value as it is, a result as JSON, as CSV or as a table, and
 * tools of agents put words around it.  So the receipt is looked for: in the text
 * as JSON, then in the pieces of it that are JSON, and in their strings.  Where a
 * client has wrapped a line, there are several ways to join it again; the checksum
 * says which one is right.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "lib/stringinfo.h"
#include "miscadmin.h"
#include "utils/builtins.h"
#include "utils/fmgrprotos.h"

#include "base/attempt.h"
#include "base/blank.h"
#include "base/extension.h"
#include "base/format.h"
#include "base/query.h"
#include "base/sqlstate.h"
#include "hosted/receipt_text.h"

/* Greatest size of a text: the receipt of 10,000 rows is far smaller. */
#define MAX_BYTES (16 * 1024 * 1024)

/* A result may be a string of another result; deeper it is no client's. */
#define MAX_DEPTH 4

/* Places of a text at which JSON may begin; a table has few before its receipt. */
#define MAX_PLACES 64

/* How a client may have wrapped a line. */
typedef enum LineWrap
{
	WRAP_BREAK,					/* between two characters */
	WRAP_PLUS,					/* with a plus sign at the end of the line */
	WRAP_SPACE,					/* with spaces around the break */
	WRAP_WORD					/* where a space was */
} LineWrap;

/* What was found so far. */
typedef struct ReceiptSearch
{
	MemoryContext context;
	Jsonb	   *receipt;		/* NULL: none */
	bool		ambiguous;		/* there is another one */
} ReceiptSearch;

/* State of parse_receipt(). */
typedef struct ReceiptParse
{
	const char *text;
	MemoryContext context;
	Jsonb	   *value;
} ReceiptParse;

static void search_text(ReceiptSearch *search, const char *text, int depth);
static void search_places(ReceiptSearch *search, const char *text, int depth);
static void search_wrapped(ReceiptSearch *search, const char *place);
static void search_container(ReceiptSearch *search, JsonbContainer *container, int depth);
static void add_receipt(ReceiptSearch *search, JsonbContainer *container);
static bool looks_like_receipt(JsonbContainer *container);
static bool may_hold_receipt(const char *text);
static bool begins_json(const char *place);
static const char *piece_end(const char *place);
static char *join_lines(const char *place, const char *end, LineWrap wrap);
static char *without_doubled_quotes(const char *text);
static Jsonb *parse_piece(const char *text);
static void parse_receipt(void *arg);
static bool receipt_checksum_fits(Jsonb *receipt);


Jsonb *
receipt_text_find(const char *text)
{
	ReceiptSearch search = {.context = CurrentMemoryContext};
	size_t		bytes = strlen(text);

	if (bytes <= MAX_BYTES)
		search_text(&search, text, 0);
	if (search.receipt && !search.ambiguous)
		return search.receipt;
	ereport(ERROR,
			(errcode(ERRCODE_MENUCA_RECEIPT),
			 search.receipt ? errmsg("the text has more than one receipt") :
			 bytes > MAX_BYTES ? errmsg("the text is too long to be a receipt") :
			 blank_text(text, (int) bytes) ? errmsg("the receipt is empty") :
			 errmsg("the text has no receipt"),
			 errdetail("It has %s bytes. A receipt is a JSON object with set, file, database, time, rows and sha256, and may have been cut. Nothing was recorded.",
					   format_count(bytes)),
			 errhint("%s", migrate_call("Run the file again on the hosted database, and paste the column actual of its row \"receipt\", or its whole result as JSON: SELECT * FROM menuca_accept_receipt('...');"))));
}

static void
search_text(ReceiptSearch *search, const char *text, int depth)
{
	Jsonb	   *value;

	if (depth > MAX_DEPTH || !may_hold_receipt(text))
		return;
	value = parse_piece(text);
	if (value)
		search_container(search, &value->root, depth);
	else if (strstr(text, "{\"\"set\"\""))
		search_text(search, without_doubled_quotes(text), depth + 1);
	else
		search_places(search, text, depth);
}

/* The pieces of a text that are JSON by themselves. */
static void
search_places(ReceiptSearch *search, const char *text, int depth)
{
	int			places = 0;

	for (const char *p = text; *p && places < MAX_PLACES;)
	{
		const char *end;
		Jsonb	   *value = NULL;

		CHECK_FOR_INTERRUPTS();
		p += strcspn(p, "{[");
		if (!begins_json(p))
		{
			p += *p != '\0';
			continue;
		}
		places++;
		end = piece_end(p);
		if (end)
		{
			char	   *piece = pnstrdup(p, end - p);

			value = may_hold_receipt(piece) ? parse_piece(piece) : NULL;
			if (value)
				search_container(search, &value->root, depth);
		}
		if (value == NULL && strncmp(p, "{\"set\"", strlen("{\"set\"")) == 0)
			search_wrapped(search, p);
		p = value ? end : p + 1;
	}
}

/* A receipt that begins there, with lines that a client has broken. */
static void
search_wrapped(ReceiptSearch *search, const char *place)
{
	const char *end = strrchr(place, '}');
	Jsonb	   *unfit = NULL;

	if (end == NULL || strpbrk(place, "\r\n") == NULL)
		return;
	for (LineWrap wrap = WRAP_BREAK; wrap <= WRAP_WORD; wrap++)
	{
		Jsonb	   *value = parse_piece(join_lines(place, end + 1, wrap));

		if (value == NULL || !looks_like_receipt(&value->root))
			continue;
		if (receipt_checksum_fits(value))
		{
			add_receipt(search, &value->root);
			return;
		}
		unfit = value;
	}

	/* It is refused for its checksum, not for being none. */
	if (unfit)
		add_receipt(search, &unfit->root);
}

/* A value of JSON, and the values in it. */
static void
search_container(ReceiptSearch *search, JsonbContainer *container, int depth)
{
	JsonbIterator *iterator = JsonbIteratorInit(container);
	JsonbIteratorToken token;
	JsonbValue	value;
	bool		inside = false;

	check_stack_depth();
	CHECK_FOR_INTERRUPTS();
	if (looks_like_receipt(container))
	{
		add_receipt(search, container);
		return;
	}
	while ((token = JsonbIteratorNext(&iterator, &value, inside)) != WJB_DONE)
	{
		inside = true;
		if (token != WJB_ELEM && token != WJB_VALUE)
			continue;
		if (value.type == jbvBinary)
			search_container(search, value.val.binary.data, depth);
		else if (value.type == jbvString)
			search_text(search, pnstrdup(value.val.string.val, value.val.string.len), depth + 1);
	}
}

/* Some results have the same value twice, as text and as JSON. */
static void
add_receipt(ReceiptSearch *search, JsonbContainer *container)
{
	MemoryContext old = MemoryContextSwitchTo(search->context);

	if (search->receipt == NULL)
		search->receipt = DatumGetJsonbP(DirectFunctionCall1(jsonb_in, CStringGetDatum(JsonbToCString(NULL, container, 0))));
	else if (compareJsonbContainers(&search->receipt->root, container) != 0)
		search->ambiguous = true;
	MemoryContextSwitchTo(old);
}

/* What else it must have is checked where it is accepted. */
static bool
looks_like_receipt(JsonbContainer *container)
{
	static const char *const members[] = {"set", "rows", "sha256"};

	if (!JsonContainerIsObject(container))
		return false;
	for (size_t i = 0; i < lengthof(members); i++)
	{
		if (getKeyJsonValueFromContainer(container, members[i], (int) strlen(members[i]), NULL) == NULL)
			return false;
	}
	return true;
}

/* Other texts are not worth being parsed. */
static bool
may_hold_receipt(const char *text)
{
	return strchr(text, '{') && strstr(text, "sha256");
}

/* An object with a member, or an array of objects. */
static bool
begins_json(const char *place)
{
	const char *next = *place ? place + 1 + strspn(place + 1, " \t\r\n") : place;

	return (*place == '{' && *next == '"') || (*place == '[' && *next == '{');
}

/* Behind the bracket that closes the first one; NULL when there is none. */
static const char *
piece_end(const char *place)
{
	bool		in_string = false;
	int			brackets = 0;

	for (const char *p = place; *p; p++)
	{
		if (in_string && *p == '\\' && p[1])
			p++;
		else if (*p == '"')
			in_string = !in_string;
		else if (!in_string && (*p == '{' || *p == '['))
			brackets++;
		else if (!in_string && (*p == '}' || *p == ']') && --brackets == 0)
			return p + 1;
	}
	return NULL;
}

/* The text up to the end as one line; the server's own text has no break in it. */
static char *
join_lines(const char *place, const char *end, LineWrap wrap)
{
	StringInfoData joined;

	initStringInfo(&joined);
	for (const char *p = place; p < end; p++)
	{
		if (*p != '\r' && *p != '\n')
		{
			appendStringInfoChar(&joined, *p);
			continue;
		}
		if (wrap == WRAP_PLUS || wrap == WRAP_SPACE)
		{
			while (joined.len > 0 && strchr(" \t", joined.data[joined.len - 1]))
				joined.data[--joined.len] = '\0';
			if (wrap == WRAP_PLUS && joined.len > 0 && joined.data[joined.len - 1] == '+')
				joined.data[--joined.len] = '\0';
			while (joined.len > 0 && wrap == WRAP_PLUS && strchr(" \t", joined.data[joined.len - 1]))
				joined.data[--joined.len] = '\0';
		}
		p += *p == '\r' && p + 1 < end && p[1] == '\n';
		while (wrap != WRAP_BREAK && p + 1 < end && strchr(" \t\r\n", p[1]))
			p++;
		if (wrap == WRAP_WORD)
			appendStringInfoChar(&joined, ' ');
	}
	return joined.data;
}

/* CSV doubles each quote of a value. */
static char *
without_doubled_quotes(const char *text)
{
	StringInfoData plain;

	initStringInfo(&plain);
	for (const char *p = text; *p; p++)
	{
		appendStringInfoChar(&plain, *p);
		p += *p == '"' && p[1] == '"';
	}
	return plain.data;
}

/* NULL when it is no JSON. */
static Jsonb *
parse_piece(const char *text)
{
	ReceiptParse state = {.text = text,.context = CurrentMemoryContext};

	return attempt(parse_receipt, &state) == NULL ? state.value : NULL;
}

static void
parse_receipt(void *arg)
{
	ReceiptParse *state = arg;
	MemoryContext old = MemoryContextSwitchTo(state->context);

	state->value = DatumGetJsonbP(DirectFunctionCall1(jsonb_in, CStringGetDatum(state->text)));
	MemoryContextSwitchTo(old);
}

static bool
receipt_checksum_fits(Jsonb *receipt)
{
	QueryArgs	args = {0};

	query_arg(&args, JSONBOID, JsonbPGetDatum(receipt), false);
	return query_bool(psprintf("SELECT checksum_fits FROM %smenuca_receipt_facts($1)", migrate_schema()), &args);
}

/*-------------------------------------------------------------------------
 *
 * verdict_text.c
 *	  A verdict as somebody pasted it: see verdict_text.h.
 *
 * Clients cut long values, at the end or in the middle, and what is copied from
 * their screen is no JSON any more.  The server's message would be about a token.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "mb/pg_wchar.h"
#include "utils/builtins.h"
#include "utils/fmgrprotos.h"

#include "base/attempt.h"
#include "base/extension.h"
#include "base/format.h"
#include "base/sqlstate.h"
#include "verdict/verdict_text.h"

/* Characters of a piece: clients that cut show at least that many. */
#define PIECE "1000"

/* U+2026 in UTF-8 */
#define ELLIPSIS "\xE2\x80\xA6"

/* What the brackets and quotes of a text say of its end. */
typedef struct TextEnd
{
	int			depth;			/* of open brackets */
	bool		in_string;
	const char *key;			/* of the object: the last one; NULL: none */
	int			key_length;
	const char *rest;			/* behind the object; NULL: it has no end */
} TextEnd;

/* State of parse(). */
typedef struct Parse
{
	const char *text;
	MemoryContext context;
	Jsonb	   *verdict;
} Parse;

static void parse(void *arg);
pg_noreturn static void raise_unreadable(const char *text, const ErrorData *error);
static TextEnd find_end(const char *text);
static const char *skip_string(const char *p);
static const char *skip_spaces(const char *p);
static const char *find_ellipsis(const char *text);
static const char *find_any_ellipsis(const char *text);
static bool is_ellipsis(const char *p);
static char *ellipsis_text(const char *ellipsis);
static char *characters_text(const char *text, size_t bytes);


Jsonb *
verdict_text_parse(const char *text)
{
	Parse		state = {.text = text,.context = CurrentMemoryContext};
	ErrorData  *error = attempt(parse, &state);

	if (error)
		raise_unreadable(text, error);
	return state.verdict;
}

static void
parse(void *arg)
{
	Parse	   *state = arg;
	MemoryContext old = MemoryContextSwitchTo(state->context);

	state->verdict = DatumGetJsonbP(DirectFunctionCall1(jsonb_in, CStringGetDatum(state->text)));
	MemoryContextSwitchTo(old);
}

static void
raise_unreadable(const char *text, const ErrorData *error)
{
	const char *start = skip_spaces(text);
	const char *ellipsis = find_ellipsis(start);
	TextEnd		end = find_end(start);
	char	   *length = characters_text(text, strlen(text));
	char	   *message;
	char	   *detail;

	if (*start == '\0')
	{
		message = pstrdup("the verdict is empty");
		detail = pstrdup("The text has nothing but spaces.");
	}
	else if (*start != '{')
	{
		message = psprintf("the beginning of the verdict is missing: the text has %s", length);
		detail = psprintf("A verdict begins with {, this text with %s.",
						  quote_literal_cstr(pnstrdup(start, pg_mbcliplen(start, strlen(start), 20))));
	}
	else if (ellipsis)
	{
		message = psprintf("the verdict was cut after %s", characters_text(text, ellipsis - text));
		detail = psprintf("There the text, of %s, has %s, as clients write where they omit something.",
						  length, ellipsis_text(ellipsis));
	}
	else if (end.rest == NULL)
	{
		message = psprintf("the verdict was cut: its text has only %s", length);
		detail = psprintf("The text ends %s%s.", end.in_string ? "in the middle of a string" : "before its last bracket",
						  end.key ? psprintf(", in or behind its part \"%s\"", pnstrdup(end.key, end.key_length)) : "");
	}
	else
	{
		message = psprintf("the verdict, a text of %s, cannot be read", length);
		detail = psprintf("%s%s%s.", error->message, error->detail ? ": " : "",
						  error->detail ? pnstrdup(error->detail, strcspn(error->detail, ".\n")) : "");
		if (*skip_spaces(end.rest))
			detail = psprintf("It ends after %s, and more text follows. %s", characters_text(text, end.rest - text), detail);
	}
	if (!ellipsis && (ellipsis = find_any_ellipsis(start)) != NULL)
		detail = psprintf("%s It has %s after %s, where a client may have omitted something.", detail,
						  ellipsis_text(ellipsis), characters_text(text, ellipsis - text));
	ereport(ERROR,
			(errcode(ERRCODE_MENUCA_VERDICT),
			 errmsg_internal("%s", message),
			 errdetail_internal("%s Nothing was recorded.", detail),
			 errhint("%s", verdict_text_hint())));
}

char *
verdict_text_hint(void)
{
	return migrate_call("Export it again on staging, and copy the whole text: SELECT menuca_export_verdict(); where a client cuts it, in pieces of " PIECE " characters, all of one statement: WITH v AS MATERIALIZED (SELECT menuca_export_verdict()::text AS t) SELECT n, substr(t, " PIECE " * n - " PIECE " + 1, " PIECE ") AS piece FROM v, generate_series(1, (length(t) - 1) / " PIECE " + 1) n; and import them together: SELECT menuca_import_verdict('...' || '...');");
}

/* text begins with a bracket. */
static TextEnd
find_end(const char *text)
{
	TextEnd		end = {0};
	const char *p = text;

	while (*p && end.rest == NULL)
	{
		if (*p == '"')
		{
			const char *string = p + 1;

			p = skip_string(p);
			end.in_string = p == NULL;
			if (end.in_string)
				return end;
			if (end.depth == 1 && *skip_spaces(p) == ':')
			{
				end.key = string;
				end.key_length = p - 1 - string;
			}
			continue;
		}
		if (*p == '{' || *p == '[')
			end.depth++;
		if (*p == '}' || *p == ']')
			end.depth--;
		p++;
		if (end.depth == 0)
			end.rest = p;
	}
	return end;
}

/* Behind the closing quote; NULL: there is none. */
static const char *
skip_string(const char *p)
{
	for (p++; *p; p++)
	{
		if (*p == '"')
			return p + 1;
		if (*p == '\\' && p[1])
			p++;
	}
	return NULL;
}

static const char *
skip_spaces(const char *p)
{
	return p + strspn(p, " \t\r\n");
}

/* The first one that is in no string; NULL when there is none. */
static const char *
find_ellipsis(const char *text)
{
	for (const char *p = text; p && *p;)
	{
		if (*p == '"')
			p = skip_string(p);
		else if (is_ellipsis(p))
			return p;
		else
			p++;
	}
	return NULL;
}

static const char *
find_any_ellipsis(const char *text)
{
	for (const char *p = text; *p; p++)
	{
		if (is_ellipsis(p))
			return p;
	}
	return NULL;
}

/* Three dots, or one character. */
static bool
is_ellipsis(const char *p)
{
	return strncmp(p, "...", 3) == 0 || strncmp(p, ELLIPSIS, strlen(ELLIPSIS)) == 0;
}

static char *
ellipsis_text(const char *ellipsis)
{
	return quote_literal_cstr(*ellipsis == '.' ? "..." : ELLIPSIS);
}

static char *
characters_text(const char *text, size_t bytes)
{
	return format_things(pg_mbstrlen_with_len(text, (int) bytes), "character");
}

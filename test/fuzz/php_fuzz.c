/*-------------------------------------------------------------------------
 *
 * php_fuzz.c
 *	  A libFuzzer target for the reader of PHP's lists (src/source/php_*).
 *
 * For any input, the reader must return a value or raise an error, without
 * touching memory that it does not own, and the same again for the same bytes.
 * It is compiled with the server's headers and linked with its common library;
 * memory, errors, numbers and jsonb, which are the server's, are stood in for
 * below.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include <setjmp.h>

#include "fmgr.h"
#include "mb/pg_wchar.h"
#include "miscadmin.h"
#include "utils/builtins.h"
#include "utils/jsonb.h"
#include "utils/memutils.h"
#include "utils/numeric.h"

#include "base/format.h"
#include "source/php_unserialize.h"

/* What the last reading returned or raised, as text. */
static StringInfoData outcome;

static jmp_buf on_error;

/* All memory of the reading, each piece of its own for the sanitizer. */
static void **pieces = NULL;
static size_t npieces = 0;
static size_t pieces_size = 0;

extern int	LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/*
 * Memory
 */

static void
keep(void *piece)
{
	if (npieces == pieces_size)
	{
		pieces_size = 2 * pieces_size + 1024;
		pieces = realloc(pieces, pieces_size * sizeof(void *));
	}
	pieces[npieces++] = piece;
}

static void
release_all(void)
{
	for (size_t i = 0; i < npieces; i++)
		free(pieces[i]);
	npieces = 0;
}

void *
palloc(Size size)
{
	void	   *piece;

	/* as in the server */
	if (size > MaxAllocSize)
		abort();
	piece = malloc(size > 0 ? size : 1);
	if (piece == NULL)
		abort();
	keep(piece);
	return piece;
}

void *
palloc0(Size size)
{
	return memset(palloc(size), 0, size);
}

void *
repalloc(void *pointer, Size size)
{
	for (size_t i = npieces; i > 0; i--)
	{
		if (pieces[i - 1] != pointer)
			continue;
		if (size > MaxAllocSize)
			abort();
		pieces[i - 1] = realloc(pointer, size);
		return pieces[i - 1];
	}
	abort();
}

void
pfree(void *pointer)
{
	for (size_t i = npieces; i > 0; i--)
	{
		if (pieces[i - 1] != pointer)
			continue;
		free(pointer);
		pieces[i - 1] = pieces[--npieces];
		return;
	}
	abort();
}

char *
pnstrdup(const char *in, Size len)
{
	char	   *out;

	len = strnlen(in, len);
	out = palloc(len + 1);
	memcpy(out, in, len);
	out[len] = '\0';
	return out;
}

char *
pstrdup(const char *in)
{
	return pnstrdup(in, strlen(in));
}

/*
 * Errors and interrupts
 */

ErrorContextCallback *error_context_stack = NULL;
volatile sig_atomic_t InterruptPending = false;

void
ProcessInterrupts(void)
{
}

void
check_stack_depth(void)
{
}

bool
errstart(int elevel, const char *domain)
{
	(void) domain;
	if (elevel != ERROR)
		abort();
	resetStringInfo(&outcome);
	return true;
}

bool
errstart_cold(int elevel, const char *domain)
{
	return errstart(elevel, domain);
}

static int
add_to_outcome(const char *fmt, va_list args)
{
	char		buf[4096];
	int			len = vsnprintf(buf, sizeof(buf), fmt, args);

	/* a message is text of the database */
	if (len < 0 || len >= (int) sizeof(buf) ||
		pg_encoding_verifymbstr(PG_UTF8, buf, len) != len)
		abort();
	appendStringInfo(&outcome, "%s\n", buf);
	return 0;
}

int
errcode(int sqlerrcode)
{
	appendStringInfo(&outcome, "%d\n", sqlerrcode);
	return 0;
}

#define MESSAGE_PART(name) \
int \
name(const char *fmt,...) \
{ \
	va_list		args; \
	va_start(args, fmt); \
	add_to_outcome(fmt, args); \
	va_end(args); \
	return 0; \
}

MESSAGE_PART(errmsg)
MESSAGE_PART(errmsg_internal)
MESSAGE_PART(errdetail)
MESSAGE_PART(errhint)
MESSAGE_PART(errcontext_msg)

int
set_errcontext_domain(const char *domain)
{
	(void) domain;
	return 0;
}

void
errfinish(const char *filename, int lineno, const char *funcname)
{
	appendStringInfo(&outcome, "%s %d %s", filename, lineno, funcname);
	longjmp(on_error, 1);
}

/*
 * Encodings, numbers and functions of the server
 */

int
GetDatabaseEncoding(void)
{
	return PG_UTF8;
}

unsigned char *
pg_do_encoding_conversion(unsigned char *src, int len, int src_encoding,
						  int dest_encoding)
{
	if (src_encoding != dest_encoding ||
		pg_encoding_verifymbstr(PG_UTF8, (char *) src, len) != len)
		abort();
	return src;
}

/* A number is its text here. */
Numeric
int64_to_numeric(int64 val)
{
	return (Numeric) psprintf(INT64_FORMAT, val);
}

Datum
numeric_in(PG_FUNCTION_ARGS)
{
	(void) fcinfo;
	abort();
}

Datum
DirectFunctionCall3Coll(PGFunction func, Oid collation, Datum arg1, Datum arg2,
						Datum arg3)
{
	char	   *text = DatumGetCString(arg1);

	(void) collation;
	(void) arg2;
	(void) arg3;

	/* numeric_in() must get nothing but a number */
	if (func != numeric_in || *text == '\0' ||
		strspn(text, "+-.0123456789eE") != strlen(text))
		abort();
	return CStringGetDatum(pstrdup(text));
}

struct varlena *
pg_detoast_datum(struct varlena *datum)
{
	return datum;
}

struct varlena *
pg_detoast_datum_packed(struct varlena *datum)
{
	return datum;
}

char *
format_count(uint64 count)
{
	return psprintf(UINT64_FORMAT, count);
}

char *
format_things(uint64 count, const char *noun)
{
	return psprintf(UINT64_FORMAT " %s", count, noun);
}

/*
 * JSON: the value's text instead of its jsonb
 */

static void
add_value(const JsonbValue *value)
{
	switch (value->type)
	{
		case jbvNull:
			appendStringInfoChar(&outcome, 'N');
			break;
		case jbvBool:
			appendStringInfoChar(&outcome, value->val.boolean ? 't' : 'f');
			break;
		case jbvNumeric:
			appendStringInfoString(&outcome, (char *) value->val.numeric);
			break;
		case jbvString:
			appendStringInfoChar(&outcome, '"');
			appendBinaryStringInfo(&outcome, value->val.string.val,
								   value->val.string.len);
			break;
		case jbvArray:
			appendStringInfoChar(&outcome, '[');
			for (int i = 0; i < value->val.array.nElems; i++)
			{
				add_value(&value->val.array.elems[i]);
				appendStringInfoChar(&outcome, ',');
			}
			break;
		case jbvObject:
			appendStringInfoChar(&outcome, '{');
			for (int i = 0; i < value->val.object.nPairs; i++)
			{
				if (value->val.object.pairs[i].key.type != jbvString)
					abort();
				add_value(&value->val.object.pairs[i].key);
				appendStringInfoChar(&outcome, ':');
				add_value(&value->val.object.pairs[i].value);
			}
			break;
		default:
			abort();
	}
}

JsonbValue *
pushJsonbValue(JsonbParseState **pstate, JsonbIteratorToken seq,
			   JsonbValue *jbval)
{
	static JsonbValue wrapper;

	(void) pstate;
	if (seq == WJB_ELEM)
		wrapper.val.array.elems = jbval;
	return &wrapper;
}

Jsonb *
JsonbValueToJsonb(JsonbValue *val)
{
	resetStringInfo(&outcome);
	add_value(val);
	return NULL;
}

/*
 * The target
 */

/* Reads the bytes, which nothing may follow in memory; returns the outcome. */
static char *
reading(const uint8_t *data, size_t size)
{
	char	   *bytes = malloc(size > 0 ? size : 1);
	char	   *result;

	memcpy(bytes, data, size);
	error_context_stack = NULL;
	initStringInfo(&outcome);
	if (setjmp(on_error) == 0)
		php_unserialize(bytes, size);
	free(bytes);

	result = malloc(outcome.len + 1);
	memcpy(result, outcome.data, outcome.len + 1);
	release_all();
	return result;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char	   *first = reading(data, size);
	char	   *second = reading(data, size);

	if (*first == '\0' || strcmp(first, second) != 0)
		abort();
	free(first);
	free(second);
	return 0;
}

/*-------------------------------------------------------------------------
 *
 * jwt_claims.c
 *	  Reading the claims of a request.
 *
 * menuca_claim_bigint(claim, setting), menuca_claim_bigint(claim, claims),
 * menuca_claim_uuid(claim, setting), menuca_claim_uuid(claim, claims)
 *
 * Policies call these.  A policy that raises an error takes the whole site
 * down, and one that accepts nonsense as a number lets strangers in.  So a
 * claim that is missing or malformed in any way is NULL, which equals no key.
 * The JSON is read token by token: the server's own JSON input raises errors,
 * and its parser raises one when values are nested too deeply.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "common/jsonapi.h"
#include "fmgr.h"
#include "lib/stringinfo.h"
#include "mb/pg_wchar.h"
#include "miscadmin.h"
#include "nodes/pg_list.h"
#include "utils/builtins.h"
#include "utils/guc.h"
#include "utils/json.h"
#include "utils/jsonb.h"
#include "utils/uuid.h"

#include "base/compat.h"
#include "base/jwt_claim.h"

PG_FUNCTION_INFO_V1(menuca_claim_bigint);
PG_FUNCTION_INFO_V1(menuca_claim_bigint_of);
PG_FUNCTION_INFO_V1(menuca_claim_uuid);
PG_FUNCTION_INFO_V1(menuca_claim_uuid_of);

/* Which tokens may follow. */
typedef enum Expected
{
	EXPECT_VALUE,
	EXPECT_VALUE_OR_END,		/* after [ */
	EXPECT_KEY,
	EXPECT_KEY_OR_END,			/* after { */
	EXPECT_COLON,
	EXPECT_COMMA_OR_END,
	EXPECT_NOTHING
} Expected;

/* State of a search through the text. */
typedef struct ClaimSearch
{
	List	   *path;			/* keys, C strings */
	StringInfoData open;		/* the objects and arrays not closed yet, as {
								 * and [ */
	int			matched;		/* how many of the path's keys led to open
								 * objects */
	bool		key_matches;	/* the last key read is the path's next one */
	char	   *value;			/* the claim as a JSON token, or NULL */
} ClaimSearch;

static char *claim_in_setting(FunctionCallInfo fcinfo);
static char *claim_in_jsonb(FunctionCallInfo fcinfo);
static char *find_claim(const char *json, const char *name);
static Expected take_value(ClaimSearch *search, const JsonLexContext *lex,
						   JsonTokenType token);
static Expected take_end(ClaimSearch *search, char opening);
static Expected after_value(const ClaimSearch *search);
static bool is_key(const char *token, int length, const char *key);
static bool read_bigint(const char *token, int64 *value);
static bool read_uuid(const char *token, pg_uuid_t *value);


Datum
menuca_claim_bigint(PG_FUNCTION_ARGS)
{
	char	   *token = claim_in_setting(fcinfo);
	int64		value;

	if (!token || !read_bigint(token, &value))
		PG_RETURN_NULL();
	PG_RETURN_INT64(value);
}

Datum
menuca_claim_bigint_of(PG_FUNCTION_ARGS)
{
	char	   *token = claim_in_jsonb(fcinfo);
	int64		value;

	if (!token || !read_bigint(token, &value))
		PG_RETURN_NULL();
	PG_RETURN_INT64(value);
}

Datum
menuca_claim_uuid(PG_FUNCTION_ARGS)
{
	char	   *token = claim_in_setting(fcinfo);
	pg_uuid_t  *value = palloc(sizeof(pg_uuid_t));

	if (!token || !read_uuid(token, value))
		PG_RETURN_NULL();
	PG_RETURN_UUID_P(value);
}

Datum
menuca_claim_uuid_of(PG_FUNCTION_ARGS)
{
	char	   *token = claim_in_jsonb(fcinfo);
	pg_uuid_t  *value = palloc(sizeof(pg_uuid_t));

	if (!token || !read_uuid(token, value))
		PG_RETURN_NULL();
	PG_RETURN_UUID_P(value);
}

/* The claim that the first argument names, from the setting that the second names. */
static char *
claim_in_setting(FunctionCallInfo fcinfo)
{
	const char *claims;

	if (PG_ARGISNULL(0) || PG_ARGISNULL(1))
		return NULL;
	claims = GetConfigOption(text_to_cstring(PG_GETARG_TEXT_PP(1)), true, false);

	/* A setting may have been set in a file, in any encoding. */
	if (claims == NULL ||
		!pg_verify_mbstr(GetDatabaseEncoding(), claims, strlen(claims), true))
		return NULL;
	return find_claim(claims, text_to_cstring(PG_GETARG_TEXT_PP(0)));
}

/* The same, from the second argument, a jsonb. */
static char *
claim_in_jsonb(FunctionCallInfo fcinfo)
{
	Jsonb	   *claims;

	if (PG_ARGISNULL(0) || PG_ARGISNULL(1))
		return NULL;
	claims = PG_GETARG_JSONB_P(1);
	return find_claim(JsonbToCString(NULL, &claims->root, VARSIZE(claims)),
					  text_to_cstring(PG_GETARG_TEXT_PP(0)));
}

/*
 * The claim as a JSON token; NULL when there is none, it is an object or an
 * array, or the text is anything but one JSON object.  Of a repeated key the
 * last value counts, as in jsonb.
 */
static char *
find_claim(const char *json, const char *name)
{
	JsonLexContext *lex = menuca_json_lexer(json, strlen(json), GetDatabaseEncoding());
	ClaimSearch search = {.path = jwt_claim_path(name)};
	Expected	expected = EXPECT_VALUE;

	initStringInfo(&search.open);
	for (;;)
	{
		JsonTokenType token;

		CHECK_FOR_INTERRUPTS();
		if (json_lex(lex) != JSON_SUCCESS)
			return NULL;
		token = lex->token_type;

		if (token == JSON_TOKEN_END)
			return expected == EXPECT_NOTHING ? search.value : NULL;
		if (search.open.len == 0 && token != JSON_TOKEN_OBJECT_START)
			return NULL;

		switch (expected)
		{
			case EXPECT_VALUE_OR_END:
				if (token == JSON_TOKEN_ARRAY_END)
				{
					expected = take_end(&search, '[');
					break;
				}
				/* FALLTHROUGH */
			case EXPECT_VALUE:
				expected = take_value(&search, lex, token);
				if (expected == EXPECT_NOTHING)
					return NULL;
				break;

			case EXPECT_KEY_OR_END:
				if (token == JSON_TOKEN_OBJECT_END)
				{
					expected = take_end(&search, '{');
					break;
				}
				/* FALLTHROUGH */
			case EXPECT_KEY:
				if (token != JSON_TOKEN_STRING)
					return NULL;
				search.key_matches = search.open.len == search.matched + 1 &&
					search.matched < list_length(search.path) &&
					is_key(lex->token_start, lex->token_terminator - lex->token_start,
						   list_nth(search.path, search.matched));
				/* The later value counts. */
				if (search.key_matches)
					search.value = NULL;
				expected = EXPECT_COLON;
				break;

			case EXPECT_COLON:
				if (token != JSON_TOKEN_COLON)
					return NULL;
				expected = EXPECT_VALUE;
				break;

			case EXPECT_COMMA_OR_END:
				if (token == JSON_TOKEN_COMMA)
				{
					search.key_matches = false;
					expected = search.open.data[search.open.len - 1] == '{' ?
						EXPECT_KEY : EXPECT_VALUE;
					break;
				}
				if (token != JSON_TOKEN_OBJECT_END && token != JSON_TOKEN_ARRAY_END)
					return NULL;
				if ((token == JSON_TOKEN_OBJECT_END) !=
					(search.open.data[search.open.len - 1] == '{'))
					return NULL;
				expected = take_end(&search, search.open.data[search.open.len - 1]);
				break;

			case EXPECT_NOTHING:
				return NULL;
		}
	}
}

/*
 * Reads the first token of a value, which for a scalar is all of it.  Returns
 * EXPECT_NOTHING when the token does not begin a value.
 */
static Expected
take_value(ClaimSearch *search, const JsonLexContext *lex, JsonTokenType token)
{
	bool		on_path = search->key_matches;

	search->key_matches = false;
	switch (token)
	{
		case JSON_TOKEN_OBJECT_START:
			if (on_path)
				search->matched++;
			appendStringInfoChar(&search->open, '{');
			return EXPECT_KEY_OR_END;
		case JSON_TOKEN_ARRAY_START:
			appendStringInfoChar(&search->open, '[');
			return EXPECT_VALUE_OR_END;
		case JSON_TOKEN_STRING:
		case JSON_TOKEN_NUMBER:
			if (on_path && search->matched + 1 == list_length(search->path))
				search->value = pnstrdup(lex->token_start,
										 lex->token_terminator - lex->token_start);
			return after_value(search);
		case JSON_TOKEN_TRUE:
		case JSON_TOKEN_FALSE:
		case JSON_TOKEN_NULL:
			return after_value(search);
		default:
			return EXPECT_NOTHING;
	}
}

/* Closes the innermost object or array. */
static Expected
take_end(ClaimSearch *search, char opening)
{
	Assert(search->open.data[search->open.len - 1] == opening);
	search->open.len--;
	if (opening == '{' && search->matched > 0 && search->matched == search->open.len)
		search->matched--;
	return after_value(search);
}

static Expected
after_value(const ClaimSearch *search)
{
	return search->open.len > 0 ? EXPECT_COMMA_OR_END : EXPECT_NOTHING;
}

/*
 * Compares a string token, which has quotes and escapes, with a key.  An
 * escape of a character beyond ASCII matches nothing: such a key can be
 * written without escapes.
 */
static bool
is_key(const char *token, int length, const char *key)
{
	const char *end = token + length - 1;

	for (token++; token < end; key++)
	{
		int			c = (unsigned char) *token++;

		if (c == '\\')
		{
			c = (unsigned char) *token++;
			switch (c)
			{
				case 'b':
					c = '\b';
					break;
				case 'f':
					c = '\f';
					break;
				case 'n':
					c = '\n';
					break;
				case 'r':
					c = '\r';
					break;
				case 't':
					c = '\t';
					break;
				case 'u':
					c = (int) strtol(pnstrdup(token, 4), NULL, 16);
					token += 4;
					if (c == 0 || c > 127)
						return false;
					break;
			}
		}
		if ((unsigned char) *key != c)
			return false;
	}
	return *key == '\0';
}

/* Digits after an optional minus sign, as a JSON number or string. */
static bool
read_bigint(const char *token, int64 *value)
{
	int			length = strlen(token);
	bool		negative = false;
	uint64		sum = 0;
	uint64		limit;

	if (length >= 2 && token[0] == '"')
	{
		token++;
		length -= 2;
	}
	if (length > 0 && *token == '-')
	{
		negative = true;
		token++;
		length--;
	}
	if (length == 0)
		return false;
	limit = (uint64) PG_INT64_MAX + (negative ? 1 : 0);
	for (int i = 0; i < length; i++)
	{
		int			digit = token[i] - '0';

		if (digit < 0 || digit > 9 || sum > (limit - digit) / 10)
			return false;
		sum = sum * 10 + digit;
	}
	*value = negative ? (int64) (0 - sum) : (int64) sum;
	return true;
}

/* A JSON string in the canonical form of a uuid. */
static bool
read_uuid(const char *token, pg_uuid_t *value)
{
	static const char pattern[] = "xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx";

	if (strlen(token) != sizeof(pattern) - 1 + 2 || token[0] != '"')
		return false;
	token++;
	for (size_t i = 0; i < sizeof(pattern) - 1; i++)
	{
		if (pattern[i] == '-' ? token[i] != '-' : !isxdigit((unsigned char) token[i]))
			return false;
	}

	/* In that form, uuid_in() cannot fail. */
	*value = *DatumGetUUIDP(DirectFunctionCall1(uuid_in,
												CStringGetDatum(pnstrdup(token, sizeof(pattern) - 1))));
	return true;
}

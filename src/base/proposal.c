/*-------------------------------------------------------------------------
 *
 * proposal.c
 *	  The statement in a text that says what to do: see proposal.h.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include <ctype.h>

#include "base/extension.h"
#include "base/proposal.h"

/* Words that begin a statement anywhere in a text, and only where one is expected. */
static const char *const calls[] = {"SELECT ", "CALL ", NULL};
static const char *const commands[] = {
	"ALTER ", "ANALYZE ", "CREATE ", "DELETE FROM ", "DROP ", "GRANT ", "INSERT INTO ",
	"REFRESH ", "REINDEX ", "REVOKE ", "SET ", "UPDATE ", "VACUUM ", NULL
};

static bool begins_with_any(const char *text, const char *const *words);
static bool is_word_character(char c);
static const char *statement_end(const char *text);


char *
proposal_first(const char *text)
{
	const char *end;
	char		quote = '\0';

	if (text == NULL)
		return NULL;
	for (const char *p = text; *p; p++)
	{
		bool		expected = p == text || (p - text >= 2 && strncmp(p - 2, ": ", 2) == 0);

		/* What is quoted is data, whatever it looks like */
		if (quote != '\0')
		{
			if (*p == quote)
				quote = '\0';
			continue;
		}
		if (p > text && is_word_character(p[-1]))
			continue;
		if (*p == '\'' || *p == '"')
		{
			quote = *p;
			continue;
		}
		/* GRANT SELECT ON ... */
		if (strncmp(p, "SELECT ON ", 10) == 0)
			continue;
		if (begins_with_any(p, calls) || (expected && begins_with_any(p, commands)))
		{
			end = statement_end(p);
			if (end)
				return pnstrdup(p, (Size) (end - p) + 1);
		}
	}
	return NULL;
}

static bool
begins_with_any(const char *text, const char *const *words)
{
	for (; *words; words++)
	{
		if (strncmp(text, *words, strlen(*words)) == 0)
			return true;
	}
	return false;
}

/* Behind one of these, an apostrophe is no quote, and no word begins. */
static bool
is_word_character(char c)
{
	return isalnum((unsigned char) c) || c == '_';
}

/* The semicolon that ends the statement; NULL when none outside of quotes does. */
static const char *
statement_end(const char *text)
{
	char		quote = '\0';

	for (const char *p = text; *p; p++)
	{
		if (quote == '\0' && *p == ';')
			return p;
		if (quote == '\0' && (*p == '\'' || *p == '"'))
			quote = *p;
		else if (*p == quote)
			quote = '\0';
	}
	return NULL;
}

char *
proposal_function(const char *statement)
{
	for (const char *p = statement; (p = strstr(p, EXTENSION_NAME_PREFIX)) != NULL; p++)
	{
		size_t		length = strspn(p, "abcdefghijklmnopqrstuvwxyz0123456789_");

		if (p[length] == '(')
			return pnstrdup(p, length);
	}
	return NULL;
}

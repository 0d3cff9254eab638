/*-------------------------------------------------------------------------
 *
 * mysqldump_lex.c
 *	  The lexer of a dump: see mysqldump_lex.h.
 *
 * The opening and the closing of a version comment count as whitespace, so that
 * its content is read like any other SQL.  Nothing here recurses, so that deep
 * nesting in a dump does no harm.
 *
 *-------------------------------------------------------------------------
 */
#include "mysql/mysqldump_port.h"

#include <inttypes.h>

#include "mysql/mysqldump_comment.h"
#include "mysql/mysqldump_error.h"
#include "mysql/mysqldump_lex.h"

#define SWALLOWED_HINT \
	"The line before it may be a message of a program, or lack its delimiter: correct the file, or dump again without 2>&1."

static bool skip_to_end_of_line(MysqldumpReader *reader);
static bool skip_quoted(MysqldumpReader *reader);
static char escape_in(const MysqldumpReader *reader, char quote);
static const char *quoted_thing(char quote);
static void read_word(MysqldumpReader *reader);
static bool read_quoted(MysqldumpReader *reader);
static void keep_in_word(MysqldumpReader *reader, char c);

bool
mysqldump_next_token(MysqldumpReader *reader)
{
	MysqldumpInput *input = &reader->input;
	int			c;

	if (!mysqldump_skip_space(reader))
		return false;

	c = mysqldump_input_peek(input);
	reader->token_at = mysqldump_here(reader);
	reader->word_len = 0;
	reader->word[0] = '\0';

	if (c < 0)
		reader->token = MYSQLDUMP_TOKEN_END;
	else if (c == '\0')
		return mysqldump_fail_nul(reader);
	else if (mysqldump_at_delimiter(reader))
	{
		reader->token = MYSQLDUMP_TOKEN_DELIMITER;
		input->cur += reader->delimiter_len;
	}
	else if (c == '\'' || c == '"' || c == '`')
		return read_quoted(reader);
	else if (mysqldump_is(c, MYSQLDUMP_WORD))
	{
		reader->token = MYSQLDUMP_TOKEN_WORD;
		read_word(reader);
	}
	else
	{
		reader->token = MYSQLDUMP_TOKEN_CHAR;
		reader->token_char = c;
		input->cur++;
	}
	return true;
}

bool
mysqldump_token_is(const MysqldumpReader *reader, const char *keyword)
{
	return reader->token == MYSQLDUMP_TOKEN_WORD &&
		strlen(reader->word) == reader->word_len &&
		mysqldump_same_word(keyword, reader->word, reader->word_len);
}

bool
mysqldump_token_in(const MysqldumpReader *reader, const char *keywords)
{
	return reader->token == MYSQLDUMP_TOKEN_WORD &&
		mysqldump_word_in(keywords, reader->word, reader->word_len);
}

bool
mysqldump_token_is_char(const MysqldumpReader *reader, char c)
{
	return reader->token == MYSQLDUMP_TOKEN_CHAR && reader->token_char == c;
}

bool
mysqldump_token_is_name(const MysqldumpReader *reader)
{
	switch (reader->token)
	{
		case MYSQLDUMP_TOKEN_WORD:
		case MYSQLDUMP_TOKEN_NAME:
		case MYSQLDUMP_TOKEN_DOUBLE_QUOTED:
			/* a name is not empty, not too long, and has no NUL */
			return reader->word_len > 0 &&
				strlen(reader->word) == reader->word_len;
		default:
			return false;
	}
}

bool
mysqldump_skip_statement(MysqldumpReader *reader)
{
	MysqldumpInput *input = &reader->input;

	if (reader->token == MYSQLDUMP_TOKEN_DELIMITER)
		return true;

	while (mysqldump_input_peek(input) >= 0)
	{
		const char *p = input->cur;
		bool		skipped = false;

		while (p < input->end && !reader->skip_stop[(unsigned char) *p])
			p++;
		input->cur = p;
		if (p == input->end)
			continue;

		if (mysqldump_at_delimiter(reader))
		{
			reader->token = MYSQLDUMP_TOKEN_DELIMITER;
			input->cur += reader->delimiter_len;
			return true;
		}

		/* that may have moved the bytes, so p is no longer valid */
		switch (*input->cur)
		{
			case '\0':
				return mysqldump_fail_nul(reader);
			case '\n':
				input->cur++;
				if (!reader->statement_has_body && mysqldump_begins_insert(reader))
					return mysqldump_fail_here(reader, SWALLOWED_HINT,
											   "an INSERT begins inside the statement that begins on line %" PRIu64,
											   reader->statement_at.line);
				break;
			case '\'':
			case '"':
			case '`':
				if (!skip_quoted(reader))
					return false;
				break;
			default:
				if (!mysqldump_skip_comment(reader, &skipped))
					return false;
				if (!skipped)
					input->cur++;
				break;
		}
	}
	reader->token = MYSQLDUMP_TOKEN_END;
	return true;
}

void
mysqldump_set_delimiter(MysqldumpReader *reader, const char *delimiter,
						size_t len)
{
	static const char stops[] = "'\"`-#/*\n";

	memcpy(reader->delimiter, delimiter, len);
	reader->delimiter_len = len;

	memset(reader->skip_stop, 0, sizeof(reader->skip_stop));
	for (const char *p = stops; *p != '\0'; p++)
		reader->skip_stop[(unsigned char) *p] = true;
	reader->skip_stop['\0'] = true;
	reader->skip_stop[(unsigned char) delimiter[0]] = true;
}

/*
 * DELIMITER is not SQL but a line for the client, in which comments and quotes
 * have no meaning.
 */
bool
mysqldump_read_delimiter(MysqldumpReader *reader)
{
	MysqldumpInput *input = &reader->input;
	char		delimiter[MYSQLDUMP_DELIMITER_MAX];
	size_t		len = 0;
	int			c;

	while ((c = mysqldump_input_peek(input)) == ' ' || c == '\t')
		input->cur++;

	while ((c = mysqldump_input_peek(input)) > 0 &&
		   !mysqldump_is(c, MYSQLDUMP_SPACE))
	{
		if (len == MYSQLDUMP_DELIMITER_MAX)
			return mysqldump_fail_here(reader, NULL,
									   "the delimiter is longer than %d bytes",
									   MYSQLDUMP_DELIMITER_MAX);
		delimiter[len++] = c;
		input->cur++;
	}
	if (len == 0 && c < 0)
		return mysqldump_fail_cut(reader, "a DELIMITER command",
								  reader->statement_at);
	if (len == 0)
		return mysqldump_fail_here(reader, NULL,
								   "the DELIMITER command names no delimiter");

	mysqldump_set_delimiter(reader, delimiter, len);
	return skip_to_end_of_line(reader);
}

/* Skips the rest of the line, but not the newline. */
static bool
skip_to_end_of_line(MysqldumpReader *reader)
{
	MysqldumpInput *input = &reader->input;

	while (mysqldump_input_peek(input) >= 0)
	{
		const char *end = memchr(input->cur, '\n', input->end - input->cur);

		if (!mysqldump_skip_without_nul(reader, end != NULL ? end : input->end))
			return false;
		if (end != NULL)
			break;
	}
	return true;
}

bool
mysqldump_skip_space_slow_path(MysqldumpReader *reader)
{
	MysqldumpInput *input = &reader->input;

	for (;;)
	{
		int			c = mysqldump_input_peek(input);
		bool		skipped;

		if (c < 0)
			return true;
		if (mysqldump_is(c, MYSQLDUMP_SPACE))
			input->cur++;
		else if (mysqldump_is(c, MYSQLDUMP_COMMENT))
		{
			if (!mysqldump_skip_comment(reader, &skipped))
				return false;
			if (!skipped)
				return true;
		}
		else
			return true;
	}
}

/*
 * Skips a string or a quoted name.  A doubled quote ends one string here and
 * begins the next, which skips the same bytes.
 */
static bool
skip_quoted(MysqldumpReader *reader)
{
	MysqldumpInput *input = &reader->input;
	char		quote = *input->cur;
	char		escape = escape_in(reader, quote);

	mysqldump_input_mark(input);
	input->cur++;
	while (mysqldump_input_peek(input) >= 0)
	{
		const char *p = input->cur;

		while (p < input->end && *p != quote && *p != escape)
			p++;
		input->cur = p;
		if (p == input->end)
			continue;

		if (*p == quote)
		{
			input->cur++;
			return true;
		}
		/* at the end of the input, nothing may follow the backslash */
		input->cur += mysqldump_input_need(input, 2) >= 2 ? 2 : 1;
	}
	return mysqldump_fail_cut(reader, quoted_thing(quote),
							  mysqldump_input_marked(input));
}

/* The backslash if it escapes within these quotes, else the quote. */
static char
escape_in(const MysqldumpReader *reader, char quote)
{
	if (quote == '`' || reader->modes.no_backslash_escapes ||
		(quote == '"' && reader->modes.ansi_quotes))
		return quote;
	return '\\';
}

static const char *
quoted_thing(char quote)
{
	return (quote == '`') ? "a quoted name" : "a string";
}

static void
read_word(MysqldumpReader *reader)
{
	MysqldumpInput *input = &reader->input;
	int			c;

	/* a delimiter like $$ may follow without a space */
	while ((c = mysqldump_input_peek(input)) >= 0 &&
		   mysqldump_is(c, MYSQLDUMP_WORD) &&
		   !mysqldump_at_delimiter(reader))
	{
		keep_in_word(reader, c);
		input->cur++;
	}
}

/* Reads a string or a quoted name into word. */
static bool
read_quoted(MysqldumpReader *reader)
{
	MysqldumpInput *input = &reader->input;
	char		quote = *input->cur;
	char		escape = escape_in(reader, quote);

	if (quote == '`')
		reader->token = MYSQLDUMP_TOKEN_NAME;
	else if (quote == '"')
		reader->token = MYSQLDUMP_TOKEN_DOUBLE_QUOTED;
	else
		reader->token = MYSQLDUMP_TOKEN_STRING;

	input->cur++;
	for (;;)
	{
		size_t		len = mysqldump_input_need(input, 2);
		const char *p = input->cur;

		if (len == 0 || (len == 1 && *p != quote))
			return mysqldump_fail_cut(reader, quoted_thing(quote),
									  reader->token_at);
		if (*p == quote && (len == 1 || p[1] != quote))
		{
			input->cur++;
			return true;
		}
		if (*p == '\0' && quote == '`')
			return mysqldump_fail_nul(reader);

		/* the second of two quotes, or the escaped character */
		if (*p == quote || *p == escape)
			p++;
		keep_in_word(reader, *p);
		input->cur = p + 1;
	}
}

/* Appends to word, of which only the first MYSQLDUMP_NAME_MAX bytes are kept. */
static void
keep_in_word(MysqldumpReader *reader, char c)
{
	if (reader->word_len < MYSQLDUMP_NAME_MAX)
	{
		reader->word[reader->word_len] = c;
		reader->word[reader->word_len + 1] = '\0';
	}
	reader->word_len++;
}

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

#include "mysql/mysqldump_error.h"
#include "mysql/mysqldump_lex.h"

/*
 * Version comments from these numbers on are skipped, since no server executes
 * them.  MariaDB's dumps begin with a command for its client in a comment of
 * version 999999; MySQL's own comments are below 100000.
 */
#define MYSQL_VERSION_LIMIT		100000
#define MARIADB_VERSION_LIMIT	999999
#define VERSION_DIGITS			6

#define SWALLOWED_HINT \
	"The line before it may be a message of a program, or lack its delimiter: correct the file, or dump again without 2>&1."

static bool skip_comment(MysqldumpReader *reader, bool *skipped);
static bool skip_line_comment(MysqldumpReader *reader);
static bool skip_to_end_of_line(MysqldumpReader *reader);
static bool note_header_or_trailer(MysqldumpReader *reader);
static bool is_version_comment(MysqldumpReader *reader, size_t *opening);
static void open_version_comment(MysqldumpReader *reader, size_t opening);
static bool skip_block_comment(MysqldumpReader *reader);
static bool advance_without_nul(MysqldumpReader *reader, const char *end);
static bool line_begins_insert(MysqldumpReader *reader);
static size_t word_length(const char *word, size_t len);
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
				if (!reader->statement_has_body && line_begins_insert(reader))
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
				if (!skip_comment(reader, &skipped))
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
 * True if INSERT INTO or REPLACE INTO begins the line that comes next, after
 * spaces.
 */
static bool
line_begins_insert(MysqldumpReader *reader)
{
	MysqldumpInput *input = &reader->input;
	size_t		len;
	size_t		first;
	size_t		i;
	int			c;

	while ((c = mysqldump_input_peek(input)) == ' ' || c == '\t')
		input->cur++;
	if (c != 'i' && c != 'I' && c != 'r' && c != 'R')
		return false;

	len = mysqldump_input_need(input, MYSQLDUMP_LOOKAHEAD);
	first = word_length(input->cur, len);
	if (!mysqldump_word_in("insert replace", input->cur, first))
		return false;
	for (i = first; i < len && mysqldump_is(input->cur[i], MYSQLDUMP_SPACE);)
		i++;
	return mysqldump_word_in("into ignore delayed low_priority high_priority",
							 input->cur + i, word_length(input->cur + i, len - i));
}

/* The length of the word that begins there, at most len. */
static size_t
word_length(const char *word, size_t len)
{
	size_t		i = 0;

	while (i < len && mysqldump_is(word[i], MYSQLDUMP_WORD))
		i++;
	return i;
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
			if (!skip_comment(reader, &skipped))
				return false;
			if (!skipped)
				return true;
		}
		else
			return true;
	}
}

/*
 * Skips the comment, or the opening or closing of a version comment, that
 * comes next.  *skipped is false when neither comes next.
 */
static bool
skip_comment(MysqldumpReader *reader, bool *skipped)
{
	MysqldumpInput *input = &reader->input;
	size_t		len;
	size_t		opening;
	const char *p;

	*skipped = false;
	if (mysqldump_at_delimiter(reader))
		return true;

	len = mysqldump_input_need(input, 3);
	p = input->cur;

	if (p[0] == '#')
	{
		*skipped = true;
		return skip_line_comment(reader);
	}
	if (len < 2)
		return true;

	/* whitespace must follow "--": 1--1 is not a comment */
	if (p[0] == '-' && p[1] == '-' &&
		(len == 2 || (unsigned char) p[2] <= ' ' || p[2] == 0x7F))
	{
		*skipped = true;
		return skip_line_comment(reader);
	}

	if (p[0] == '/' && p[1] == '*')
	{
		*skipped = true;
		if (!is_version_comment(reader, &opening))
			return skip_block_comment(reader);
		open_version_comment(reader, opening);
	}
	else if (p[0] == '*' && p[1] == '/' && reader->version_comments > 0)
	{
		*skipped = true;
		input->cur += 2;
		reader->version_comments--;
	}
	return true;
}

/* Between statements, the comment may be the dump's header or trailer. */
static bool
skip_line_comment(MysqldumpReader *reader)
{
	if (reader->between_statements && !note_header_or_trailer(reader))
		return false;
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

		if (!advance_without_nul(reader, end != NULL ? end : input->end))
			return false;
		if (end != NULL)
			break;
	}
	return true;
}

/*
 * Records the comments that begin and end a complete dump.  Fails at that of
 * PostgreSQL, whose strings are written by other rules.
 */
static bool
note_header_or_trailer(MysqldumpReader *reader)
{
	static const char *const headers[] = {"-- MySQL dump", "-- MariaDB dump"};
	static const char trailer[] = "-- Dump completed";
	static const char postgres[] = "-- PostgreSQL database dump";
	size_t		len = mysqldump_input_need(&reader->input, sizeof(postgres));
	const char *p = reader->input.cur;

	for (int i = 0; i < 2; i++)
	{
		if (len >= strlen(headers[i]) &&
			memcmp(p, headers[i], strlen(headers[i])) == 0)
			reader->header_seen = true;
	}
	if (len >= strlen(trailer) && memcmp(p, trailer, strlen(trailer)) == 0)
		reader->trailer_seen = true;
	return len < strlen(postgres) || memcmp(p, postgres, strlen(postgres)) != 0 ||
		mysqldump_fail_here(reader, "Restore it with psql, which is what it was made for.",
							"the input is a dump of PostgreSQL's pg_dump");
}

/*
 * True if the comment that comes next contains SQL for a version of the server
 * that exists; *opening is then the length of its opening.
 */
static bool
is_version_comment(MysqldumpReader *reader, size_t *opening)
{
	size_t		len = mysqldump_input_need(&reader->input,
										   strlen("/*M!") + VERSION_DIGITS);
	const char *p = reader->input.cur;
	int			limit = MYSQL_VERSION_LIMIT;
	int			version = 0;
	size_t		i = 2;

	if (i < len && p[i] == 'M')
	{
		limit = MARIADB_VERSION_LIMIT;
		i++;
	}
	if (i >= len || p[i] != '!')
		return false;
	i++;

	for (int digits = 0; digits < VERSION_DIGITS; digits++)
	{
		if (i >= len || p[i] < '0' || p[i] > '9')
			break;
		version = version * 10 + (p[i] - '0');
		i++;
	}
	*opening = i;
	return version < limit;
}

static void
open_version_comment(MysqldumpReader *reader, size_t opening)
{
	if (reader->version_comments == 0)
		reader->version_comment_at = mysqldump_here(reader);
	reader->version_comments++;
	reader->input.cur += opening;
}

static bool
skip_block_comment(MysqldumpReader *reader)
{
	MysqldumpInput *input = &reader->input;

	mysqldump_input_mark(input);
	input->cur += 2;
	while (mysqldump_input_peek(input) >= 0)
	{
		const char *star = memchr(input->cur, '*', input->end - input->cur);

		if (!advance_without_nul(reader, star != NULL ? star : input->end))
			return false;
		if (star == NULL)
			continue;
		if (mysqldump_input_need(input, 2) >= 2 && input->cur[1] == '/')
		{
			input->cur += 2;
			return true;
		}
		input->cur++;
	}
	return mysqldump_fail_cut(reader, "a comment",
							  mysqldump_input_marked(input));
}

/* Advances to end; fails at a NUL before it. */
static bool
advance_without_nul(MysqldumpReader *reader, const char *end)
{
	MysqldumpInput *input = &reader->input;
	const char *nul = memchr(input->cur, '\0', end - input->cur);

	input->cur = (nul != NULL) ? nul : end;
	return nul == NULL || mysqldump_fail_nul(reader);
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

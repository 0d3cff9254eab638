/*-------------------------------------------------------------------------
 *
 * mysqldump_comment.c
 *	  Comments, also those that contain SQL: see mysqldump_comment.h.
 *
 *-------------------------------------------------------------------------
 */
#include "mysql/mysqldump_port.h"

#include <inttypes.h>

#include "mysql/mysqldump_chars.h"
#include "mysql/mysqldump_comment.h"
#include "mysql/mysqldump_error.h"

/*
 * Version comments from these numbers on are skipped, since no server executes
 * them.  MariaDB's dumps begin with a command for its client in a comment of
 * version 999999; MySQL's own comments are below 100000.
 */
#define MYSQL_VERSION_LIMIT		100000
#define MARIADB_VERSION_LIMIT	999999
#define VERSION_DIGITS			6

/* The longest opening of a version comment: a slash, a star, M and !. */
#define OPENING_SIZE			4

static bool skip_line_comment(MysqldumpReader *reader);
static bool note_header_or_trailer(MysqldumpReader *reader);
static bool is_version_comment(MysqldumpReader *reader, size_t *opening);
static void open_version_comment(MysqldumpReader *reader, size_t opening);
static bool skip_block_comment(MysqldumpReader *reader);
static size_t word_length(const char *word, size_t len);

bool
mysqldump_skip_comment(MysqldumpReader *reader, bool *skipped)
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
	MysqldumpInput *input = &reader->input;
	MysqldumpPosition begin = mysqldump_here(reader);
	int			c;

	if (reader->between_statements && !note_header_or_trailer(reader))
		return false;

	/* to MySQL, a carriage return alone does not end the comment */
	while ((c = mysqldump_input_peek(input)) >= 0 && c != '\n')
	{
		const char *end = input->cur;

		while (end < input->end && *end != '\n' && *end != '\r')
			end++;
		if (!mysqldump_skip_without_nul(reader, end))
			return false;
		if (mysqldump_input_peek(input) != '\r')
			continue;
		input->cur++;
		if (mysqldump_begins_insert(reader))
			return mysqldump_fail_here(reader,
									   "The file's lines end in carriage returns alone, which do not end a comment: convert them to newlines.",
									   "an INSERT begins inside the comment that begins on line %" PRIu64,
									   begin.line);
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
										   OPENING_SIZE + VERSION_DIGITS);
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

		if (!mysqldump_skip_without_nul(reader, star != NULL ? star : input->end))
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

bool
mysqldump_skip_without_nul(MysqldumpReader *reader, const char *end)
{
	MysqldumpInput *input = &reader->input;
	const char *nul = memchr(input->cur, '\0', end - input->cur);

	input->cur = (nul != NULL) ? nul : end;
	return nul == NULL || mysqldump_fail_nul(reader);
}

bool
mysqldump_begins_insert(MysqldumpReader *reader)
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

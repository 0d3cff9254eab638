/*-------------------------------------------------------------------------
 *
 * mysqldump_error.c
 *	  Failures of the reader: see mysqldump_error.h.
 *
 *-------------------------------------------------------------------------
 */
#include "mysql/mysqldump_port.h"

#include <inttypes.h>
#include <stdarg.h>

#include "mysql/mysqldump_chars.h"
#include "mysql/mysqldump_error.h"

static const char *const redump_hint =
"Dump the table again as mysqldump does by default, with INSERT INTO ... VALUES (...),(...).";

static bool fail_shown(MysqldumpReader *reader, MysqldumpPosition at,
					   const char *word, size_t len, const char *problem,
					   const char *hint);
static bool fail_insert_cut(MysqldumpReader *reader);

bool
mysqldump_fail(MysqldumpReader *reader, MysqldumpPosition at,
			   const char *hint, const char *format,...)
{
	va_list		args;

	reader->status = MYSQLDUMP_ERROR;
	reader->position = at;
	reader->hint = hint;
	va_start(args, format);
	vsnprintf(reader->message, sizeof(reader->message), format, args);
	va_end(args);
	return false;
}

bool
mysqldump_fail_cut(MysqldumpReader *reader, const char *what,
				   MysqldumpPosition begin)
{
	MysqldumpInput *input = &reader->input;

	input->cur = input->end;
	if (input->failure != NULL)
		return mysqldump_fail_here(reader, input->failure_hint, "%s",
								   input->failure);
	return mysqldump_fail_here(reader, MYSQLDUMP_CUT_HINT,
							   "the dump ends in the middle of %s that begins on line %" PRIu64,
							   what, begin.line);
}

bool
mysqldump_fail_nul(MysqldumpReader *reader)
{
	return mysqldump_fail_here(reader,
							   "Unpack it if it is compressed; convert it if it is UTF-16 without a byte order mark.",
							   "the input is not a text dump: it has a NUL byte outside of strings");
}

bool
mysqldump_fail_next(MysqldumpReader *reader, const char *problem)
{
	MysqldumpInput *input = &reader->input;
	size_t		len = mysqldump_input_need(input, MYSQLDUMP_LOOKAHEAD);
	size_t		word_len = 0;

	while (word_len < len &&
		   mysqldump_is(input->cur[word_len], MYSQLDUMP_WORD))
		word_len++;

	/* a word at the very end of the input may have been cut */
	if (word_len == len && len < MYSQLDUMP_LOOKAHEAD)
		return fail_insert_cut(reader);
	if (*input->cur == '\0')
		return mysqldump_fail_nul(reader);
	return fail_shown(reader, mysqldump_here(reader), input->cur,
					  word_len > 0 ? word_len : 1, problem, redump_hint);
}

bool
mysqldump_fail_token(MysqldumpReader *reader, const char *problem)
{
	MysqldumpToken token = reader->token;

	/* a word at the very end of the input may have been cut */
	if (token == MYSQLDUMP_TOKEN_END ||
		(token == MYSQLDUMP_TOKEN_WORD &&
		 mysqldump_input_peek(&reader->input) < 0))
		return mysqldump_fail_cut(reader, "a statement",
								  reader->statement_at);
	return mysqldump_fail_word(reader, redump_hint, problem);
}

bool
mysqldump_fail_word(MysqldumpReader *reader, const char *hint, const char *problem)
{
	MysqldumpToken token = reader->token;

	if (token == MYSQLDUMP_TOKEN_CHAR)
		return fail_shown(reader, reader->token_at, &reader->token_char, 1,
						  problem, hint);
	if (token == MYSQLDUMP_TOKEN_DELIMITER)
		return fail_shown(reader, reader->token_at, reader->delimiter,
						  reader->delimiter_len, problem, hint);
	return fail_shown(reader, reader->token_at, reader->word,
					  strlen(reader->word), problem, hint);
}

/*
 * Shows only plain ASCII of the word: the dump may be in any character set.
 */
static bool
fail_shown(MysqldumpReader *reader, MysqldumpPosition at, const char *word,
		   size_t len, const char *problem, const char *hint)
{
	char		shown[MYSQLDUMP_LOOKAHEAD + 1];
	size_t		i;

	for (i = 0; i < len && i < MYSQLDUMP_LOOKAHEAD; i++)
		shown[i] = (word[i] >= ' ' && word[i] <= '~') ? word[i] : '?';
	shown[i] = '\0';
	return mysqldump_fail(reader, at, hint, "\"%s\" %s", shown, problem);
}

static bool
fail_insert_cut(MysqldumpReader *reader)
{
	if (reader->in_tuple)
		return mysqldump_fail_cut(reader, "a tuple", reader->position);
	return mysqldump_fail_cut(reader, "an INSERT", reader->statement_at);
}

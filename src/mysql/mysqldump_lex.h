/*-------------------------------------------------------------------------
 *
 * mysqldump_lex.h
 *	  The lexer of a dump: comments, tokens, delimiters, skipping.
 *
 *-------------------------------------------------------------------------
 */
#ifndef MYSQLDUMP_LEX_H
#define MYSQLDUMP_LEX_H

#include "mysql/mysqldump_chars.h"
#include "mysql/mysqldump_reader.h"

/* Sets the delimiter of statements, of 1 to MYSQLDUMP_DELIMITER_MAX bytes. */
extern void mysqldump_set_delimiter(MysqldumpReader *reader,
									const char *delimiter, size_t len);

/* Reads the rest of the client's DELIMITER command. */
extern bool mysqldump_read_delimiter(MysqldumpReader *reader);

/* Skips to the end of the statement, or of the input, which is the last token. */
extern bool mysqldump_skip_statement(MysqldumpReader *reader);

/* Reads the next token into the reader. */
extern bool mysqldump_next_token(MysqldumpReader *reader);

/* True if the last token is this keyword (lower case), unquoted. */
extern bool mysqldump_token_is(const MysqldumpReader *reader,
							   const char *keyword);

/* True if it is one of these keywords between spaces. */
extern bool mysqldump_token_in(const MysqldumpReader *reader,
							   const char *keywords);

/* True if the last token is this single character. */
extern bool mysqldump_token_is_char(const MysqldumpReader *reader, char c);

/* True if the last token can be a name. */
extern bool mysqldump_token_is_name(const MysqldumpReader *reader);

/* The same as mysqldump_skip_space(), without its shortcut. */
extern bool mysqldump_skip_space_slow_path(MysqldumpReader *reader);

/* Skips whitespace and comments; returns at once if there are none. */
static inline bool
mysqldump_skip_space(MysqldumpReader *reader)
{
	MysqldumpInput *input = &reader->input;

	if (input->cur < input->end &&
		!mysqldump_is(*input->cur, MYSQLDUMP_SPACE | MYSQLDUMP_COMMENT))
		return true;
	return mysqldump_skip_space_slow_path(reader);
}

#endif							/* MYSQLDUMP_LEX_H */

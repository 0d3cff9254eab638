/*-------------------------------------------------------------------------
 *
 * mysqldump_reader.h
 *	  What the files of the mysqldump reader share among themselves.
 *
 *	  mysqldump.c			statements and tuples, the public functions
 *	  mysqldump_columns.c	the columns of CREATE TABLE
 *	  mysqldump_value.c		literals
 *	  mysqldump_lex.c		comments, tokens, skipping
 *	  mysqldump_input.c		bytes and positions
 *
 * A function that returns bool returns false after a failure, which it has
 * recorded with mysqldump_fail() or one of its relatives; its caller returns
 * at once.
 *
 *-------------------------------------------------------------------------
 */
#ifndef MYSQLDUMP_READER_H
#define MYSQLDUMP_READER_H

#include "mysqldump_port.h"

#include "mysqldump.h"
#include "mysqldump_input.h"

/*
 * MySQL's names have 64 characters at most, of up to 4 bytes.  Longer words
 * are read all the same, but only this much of them is kept.
 */
#define MYSQLDUMP_NAME_MAX		256

/* MySQL's and MariaDB's limit of columns in a table. */
#define MYSQLDUMP_MAX_COLUMNS	4096

#define MYSQLDUMP_DELIMITER_MAX	16

typedef enum MysqldumpToken
{
	MYSQLDUMP_TOKEN_WORD,		/* keyword, bare name or digits */
	MYSQLDUMP_TOKEN_NAME,		/* `...` */
	MYSQLDUMP_TOKEN_STRING,		/* '...' */
	MYSQLDUMP_TOKEN_DOUBLE_QUOTED,	/* "...", a name or a string */
	MYSQLDUMP_TOKEN_CHAR,		/* any other single character */
	MYSQLDUMP_TOKEN_DELIMITER,	/* the statement ends */
	MYSQLDUMP_TOKEN_END			/* the input ends */
} MysqldumpToken;

/* Where in the reader's text a value and its introducer begin. */
typedef struct MysqldumpSpan
{
	size_t		start;
	size_t		charset;		/* MYSQLDUMP_NO_CHARSET if there is none */
} MysqldumpSpan;

#define MYSQLDUMP_NO_CHARSET	SIZE_MAX

struct MysqldumpReader
{
	MysqldumpInput input;
	MysqldumpMemory memory;
	char	   *table;			/* the wanted table */

	MysqldumpStatus status;		/* MYSQLDUMP_TUPLE as long as all is well */
	MysqldumpPosition position;
	char		message[1024];
	const char *hint;

	/* the last token */
	MysqldumpToken token;
	MysqldumpPosition token_at;
	char		token_char;
	char		word[MYSQLDUMP_NAME_MAX + 1];
	size_t		word_len;		/* may exceed what is kept in word */

	/* the client's and the lexer's state */
	char		delimiter[MYSQLDUMP_DELIMITER_MAX];
	size_t		delimiter_len;
	bool		skip_stop[256]; /* bytes that skipping must look at */
	uint64_t	version_comments;	/* how many are open */
	MysqldumpPosition version_comment_at;	/* the outermost */

	/* what was seen of the dump so far */
	bool		between_statements;
	MysqldumpPosition statement_at;
	bool		header_seen;
	bool		trailer_seen;
	bool		table_locked;
	char		charset[64];	/* of SET NAMES, or empty */
	char		database[MYSQLDUMP_NAME_MAX + 1];	/* of USE, or empty */
	bool		database_changed;	/* since the first tuple */
	char		tables_seen[320];
	bool		tables_seen_full;
	char		name[MYSQLDUMP_NAME_MAX + 1];	/* the statement's table */

	/* the wanted table's CREATE TABLE */
	MysqldumpColumn *columns;
	int			ncolumns;
	int			columns_size;

	/* the current INSERT */
	bool		in_insert;
	uint64_t	insert_number;
	uint64_t	insert_tuples;	/* read of this INSERT */
	int			insert_arity;	/* of its first tuple */
	MysqldumpBuffer insert_text;	/* the listed names, NUL-terminated */
	char	  **insert_columns;
	int			ninsert_columns;
	int			insert_columns_size;

	/* the current tuple */
	uint64_t	tuple_number;
	bool		in_tuple;
	MysqldumpBuffer text;
	MysqldumpValue *values;
	MysqldumpSpan *spans;
	int			nvalues;
	int			values_size;
};

/* mysqldump.c */

/* Records a failure at the given place; returns false. */
extern bool mysqldump_fail(MysqldumpReader *reader, MysqldumpPosition at,
						   const char *hint, const char *format,...)
			mysqldump_attribute_printf(4, 5);

/* Records a failure at the next byte; returns false. */
#define mysqldump_fail_here(reader, ...) \
	mysqldump_fail(reader, mysqldump_here(reader), __VA_ARGS__)

/*
 * Records that the input ends in the middle of something that begins at the
 * given place; returns false.
 */
extern bool mysqldump_fail_cut(MysqldumpReader *reader, const char *what,
							   MysqldumpPosition begin);

/* Records that the next byte is a NUL where none may be; returns false. */
extern bool mysqldump_fail_nul(MysqldumpReader *reader);

/*
 * Records that there is a problem with what comes next in an INSERT, or with
 * the last token, unless it is but the end of the input; returns false.  The
 * problem is put behind the word in question: "is not supported".
 */
extern bool mysqldump_fail_next(MysqldumpReader *reader, const char *problem);
extern bool mysqldump_fail_token(MysqldumpReader *reader, const char *problem);

/* mysqldump_columns.c */

/* Reads CREATE TABLE from behind its opening parenthesis to its end. */
extern bool mysqldump_read_columns(MysqldumpReader *reader);

/* Forgets the columns of an earlier CREATE TABLE. */
extern void mysqldump_forget_columns(MysqldumpReader *reader);

/* mysqldump_value.c */

/*
 * The quick way to read a tuple from behind its opening parenthesis to its
 * end.  The values must be at hand, follow each other without space, and be
 * as they are written: decimal numbers, NULL, strings without escapes.  They
 * point into the input, where they stay until more of it is read.  Of any
 * other tuple, nothing is consumed and false returned, which is no failure.
 */
extern bool mysqldump_read_plain_values(MysqldumpReader *reader);

/* Reads one literal as the tuple's next value. */
extern bool mysqldump_read_value(MysqldumpReader *reader);

/* Makes the values point to their text, which moves while a tuple is read. */
extern void mysqldump_finish_values(MysqldumpReader *reader);

/* mysqldump_lex.c */

/* Sets the delimiter of statements. */
extern void mysqldump_set_delimiter(MysqldumpReader *reader,
									const char *delimiter, size_t len);

/* Reads the rest of the client's DELIMITER command. */
extern bool mysqldump_read_delimiter(MysqldumpReader *reader);

/* Skips to the end of the statement, or of the input. */
extern bool mysqldump_skip_statement(MysqldumpReader *reader);

/* Reads the next token. */
extern bool mysqldump_next_token(MysqldumpReader *reader);

/* Is the last token this keyword (lower case), unquoted? */
extern bool mysqldump_token_is(const MysqldumpReader *reader,
							   const char *keyword);

/* Is the last token this single character? */
extern bool mysqldump_token_is_char(const MysqldumpReader *reader, char c);

/* May the last token be a name? */
extern bool mysqldump_token_is_name(const MysqldumpReader *reader);

/* Are these len bytes the keyword (lower case), in whatever case? */
extern bool mysqldump_same_word(const char *keyword, const char *word,
								size_t len);

/* Copies len bytes in lower case, cut to fit size, and NUL-terminated. */
extern void mysqldump_lower(char *to, size_t size, const char *from,
							size_t len);

/* Skips whitespace and comments, if the next byte may begin such. */
extern bool mysqldump_skip_space_slowly(MysqldumpReader *reader);

/* What a byte is to the lexer. */
#define MYSQLDUMP_SPACE		0x01	/* whitespace */
#define MYSQLDUMP_COMMENT	0x02	/* may begin a comment or end one */
#define MYSQLDUMP_WORD		0x04	/* belongs to a word */
#define MYSQLDUMP_QUOTED	0x08	/* a run inside quotes stops here */

extern const unsigned char mysqldump_class[256];

static inline bool
mysqldump_is(int c, int classes)
{
	return (mysqldump_class[(unsigned char) c] & classes) != 0;
}

/* Skips whitespace and comments. */
static inline bool
mysqldump_skip_space(MysqldumpReader *reader)
{
	MysqldumpInput *input = &reader->input;

	if (input->cur < input->end &&
		!mysqldump_is(*input->cur, MYSQLDUMP_SPACE | MYSQLDUMP_COMMENT))
		return true;
	return mysqldump_skip_space_slowly(reader);
}

/* Is the next byte, which must exist, the first of the delimiter? */
static inline bool
mysqldump_at_delimiter(MysqldumpReader *reader)
{
	MysqldumpInput *input = &reader->input;
	size_t		len = reader->delimiter_len;

	return *input->cur == reader->delimiter[0] &&
		mysqldump_input_need(input, len) >= len &&
		memcmp(input->cur, reader->delimiter, len) == 0;
}

/* The position of the next byte. */
static inline MysqldumpPosition
mysqldump_here(MysqldumpReader *reader)
{
	return mysqldump_input_position(&reader->input, reader->input.cur);
}

#endif							/* MYSQLDUMP_READER_H */

/*-------------------------------------------------------------------------
 *
 * mysqldump_reader.h
 *	  The state of a reader, which its files share.
 *
 * A function that returns bool and reads returns false after a failure, which
 * it has recorded with a function of mysqldump_error.h; its caller returns
 * false at once.
 *
 *-------------------------------------------------------------------------
 */
#ifndef MYSQLDUMP_READER_H
#define MYSQLDUMP_READER_H

#include "mysql/mysqldump_input.h"
#include "mysql/mysqldump_port.h"
#include "mysql/mysqldump_types.h"

/*
 * MySQL's names have at most 64 characters, of up to 4 bytes each.  Longer
 * words are read, but only this many bytes of them are kept.
 */
#define MYSQLDUMP_NAME_MAX		256

/* The most columns that a table of MySQL or MariaDB can have. */
#define MYSQLDUMP_MAX_COLUMNS	4096

/* The longest delimiter that is accepted; the mysql client's has 15 bytes. */
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

/* Offsets in the reader's text at which a value and its introducer begin. */
typedef struct MysqldumpSpan
{
	size_t		start;
	size_t		charset;		/* MYSQLDUMP_NO_CHARSET if there is none */
	size_t		end;			/* of the value, or MYSQLDUMP_TEXT_END */
} MysqldumpSpan;

#define MYSQLDUMP_NO_CHARSET	SIZE_MAX
#define MYSQLDUMP_TEXT_END		SIZE_MAX

/* Bytes for a setting's value, with its NUL; longer ones are cut. */
#define MYSQLDUMP_SETTING_SIZE	64

/* How many user variables can hold settings; a dump has fewer than ten. */
#define MYSQLDUMP_MAX_VARIABLES	64

/* What matters of SQL_MODE. */
typedef struct MysqldumpModes
{
	bool		no_backslash_escapes;	/* a backslash is a character */
	bool		ansi_quotes;	/* "..." is a name, never a string */
	bool		empty_is_null;	/* '' is NULL */
} MysqldumpModes;

/* The value of an expression that SET assigns. */
typedef struct MysqldumpSetting
{
	MysqldumpModes modes;		/* as an SQL_MODE */
	char		text[MYSQLDUMP_SETTING_SIZE];	/* in lower case; empty if it
												 * is not known */
	bool		is_cut;			/* modes may have been lost */
} MysqldumpSetting;

/* A variable such as @OLD_SQL_MODE. */
typedef struct MysqldumpVariable
{
	char		name[MYSQLDUMP_SETTING_SIZE];
	MysqldumpSetting value;
} MysqldumpVariable;

struct MysqldumpReader
{
	MysqldumpInput input;
	MysqldumpMemory memory;
	char	   *table;			/* the wanted table, as the caller wrote it */
	char	   *wanted_database;	/* of table's two names; NULL if it has
									 * one */
	char	   *wanted_name;
	MysqldumpNameFn convert_name;	/* NULL: names stay as they are */
	void	   *convert_arg;

	MysqldumpStatus status;		/* MYSQLDUMP_TUPLE until the end or a failure */
	MysqldumpPosition position; /* of the tuple, or of the failure */
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
	bool		skip_stop[256]; /* bytes at which skipping must stop */
	uint64_t	version_comments;	/* number of open ones */
	MysqldumpPosition version_comment_at;	/* of the outermost open one */

	/* facts about the dump so far */
	bool		between_statements;
	MysqldumpPosition statement_at;
	bool		header_seen;
	bool		trailer_seen;
	bool		statement_has_body; /* it may contain other statements */
	bool		table_locked;	/* LOCK TABLES names the wanted table */
	bool		autocommit_off;
	bool		in_transaction;
	bool		uncommitted;	/* tuples of the wanted table are */
	MysqldumpModes modes;		/* of SQL_MODE */
	char		charset[MYSQLDUMP_SETTING_SIZE];	/* of the client, or empty */
	char		time_zone[MYSQLDUMP_SETTING_SIZE];	/* or empty */
	MysqldumpVariable variables[MYSQLDUMP_MAX_VARIABLES];
	int			nvariables;
	char		database[MYSQLDUMP_NAME_MAX + 1];	/* of the last USE, or
													 * empty */
	char		tables_seen[320];
	bool		tables_seen_full;
	char		name[MYSQLDUMP_NAME_MAX + 1];	/* the statement's table */
	char		name_database[MYSQLDUMP_NAME_MAX + 1];	/* and its database, or
														 * empty */

	/* tables whose names differ from the wanted one's only in letter case */
	char		variant_created[MYSQLDUMP_NAME_MAX + 1];
	char		variant_filled[MYSQLDUMP_NAME_MAX + 1]; /* without CREATE TABLE */
	MysqldumpPosition variant_at;

	/* the wanted table's CREATE TABLE */
	char		columns_database[MYSQLDUMP_NAME_MAX + 1];
	MysqldumpColumn *columns;
	int			ncolumns;
	int			columns_size;

	/* the current INSERT */
	bool		in_insert;
	uint64_t	insert_number;
	uint64_t	insert_tuples;	/* number read of this INSERT */
	int			insert_first_nvalues;	/* values in its first tuple */
	MysqldumpBuffer insert_text;	/* the listed names, NUL-terminated */
	char	  **insert_columns;
	int			ninsert_columns;
	int			insert_columns_size;
	bool		insert_overrides;	/* it is a REPLACE or an INSERT IGNORE */

	/* the tuples so far */
	uint64_t	tuple_number;
	uint64_t	committed_tuples;	/* up to the last COMMIT */
	uint64_t	overriding_tuples;	/* of REPLACE and INSERT IGNORE */
	MysqldumpPosition overriding_at;	/* where the first of these begins */
	char		tuples_database[MYSQLDUMP_NAME_MAX + 1];

	/* the current tuple */
	bool		in_tuple;
	MysqldumpBuffer text;		/* of its values, unless it is plain */
	MysqldumpValue *values;
	MysqldumpSpan *spans;
	int			nvalues;
	int			values_size;
};

/* The position of the next byte. */
static inline MysqldumpPosition
mysqldump_here(MysqldumpReader *reader)
{
	return mysqldump_input_position(&reader->input, reader->input.cur);
}

/* True if the delimiter comes next.  There must be a next byte. */
static inline bool
mysqldump_at_delimiter(MysqldumpReader *reader)
{
	MysqldumpInput *input = &reader->input;
	size_t		len = reader->delimiter_len;

	return *input->cur == reader->delimiter[0] &&
		mysqldump_input_need(input, len) >= len &&
		memcmp(input->cur, reader->delimiter, len) == 0;
}

#endif							/* MYSQLDUMP_READER_H */

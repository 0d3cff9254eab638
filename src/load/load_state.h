/*-------------------------------------------------------------------------
 *
 * load_state.h
 *	  The state of a load, which its files share.
 *
 *-------------------------------------------------------------------------
 */
#ifndef MENUCA_LOAD_STATE_H
#define MENUCA_LOAD_STATE_H

#include "commands/copy.h"
#include "lib/stringinfo.h"
#include "utils/relcache.h"

#include "base/progress.h"
#include "load/mysql_types.h"
#include "mysql/mysqldump_types.h"

/*
 * How many positions of the last tuples are kept: COPY's buffered rows and a
 * batch, see load.c.
 */
#define LOAD_POSITIONS	2048

/* Bytes for the name of a character set or a time zone, with its NUL. */
#define LOAD_SETTING_SIZE	64

/* A column of the staging table that gets values from the dump. */
typedef struct LoadColumn
{
	AttrNumber	attnum;
	char	   *name;			/* in the staging table */
	char	   *dump_name;		/* in the dump */
	ValueKind	kind;			/* how values are written for its type */
	const char *mysql_type;		/* of CREATE TABLE; NULL: not known */
	int			mysql_length;	/* the number in its parentheses, or -1 */
	int			bit_width;		/* digits of the dump's BIT; 0: it is none */
	int			bit_length;		/* of a staging bit(n) or varbit(n); 0: any */
	bool		bit_varies;		/* the staging column is a varbit */
	bool		adds_zone;		/* the dump's time zone is added to values */
	int			scale;			/* digits after the point that a staging
								 * numeric, time or timestamp keeps, fewer
								 * than the dump may have; MYSQL_ANY_SCALE: no
								 * limit */
	int			max_chars;		/* of a staging varchar(n), which drops spaces
								 * beyond; 0 of a char(n), which drops all at
								 * the end; -1: no limit */
	const char *charset;		/* of the dump's column; NULL: not known */
	bool		is_enum;		/* the dump's column is an ENUM or a SET */
	bool		is_string;		/* it is a CHAR, a TEXT, a BLOB or the like */
	bool		is_year;		/* it is a YEAR of four digits */
	bool		is_auto_increment;
	bool		plain_numbers;	/* a number is written as it is */
	int			value_index;	/* of its value in the tuples of the current
								 * INSERT, from 0; -1: none */

	/* what is told after the load */
	bool		missing;		/* an INSERT does not list it */
	uint64		zero_dates;		/* rows where one became NULL */
	char		first_zero_date[sizeof("0000-00-00")];
	uint64		garbled;		/* rows with UTF-8 that was taken for latin1 */
	uint64		unnumbered;		/* rows with NULL for an AUTO_INCREMENT */
	bool		zero_date_in_line;
	bool		unnumbered_in_line;
	bool		garbled_in_line;
} LoadColumn;

/* The position of a tuple in the dump: line from 1, byte offset from 0. */
typedef struct LoadPosition
{
	uint64_t	line;
	uint64_t	offset;
} LoadPosition;

/* A load in progress. */
typedef struct Load
{
	const char *table_name;		/* in the dump */
	MysqldumpReader *reader;
	MysqldumpReadFn read;		/* the input, and its argument */
	void	   *input;
	uint64		bytes_read;		/* of the input */
	uint64		bytes_total;	/* 0: not known */
	Progress	progress;		/* until COPY begins */
	int			encoding;		/* of the dump's text */
	char		charset[LOAD_SETTING_SIZE]; /* that encoding is for */
	bool		encoding_chosen;
	bool		in_server_encoding; /* the dump is a text argument */
	Relation	rel;			/* the staging table */
	bool		created;		/* by this load */
	char	   *triggers;		/* that fire for its rows; NULL: none */
	int			ncolumns;
	LoadColumn *columns;
	bool		by_position;	/* the dump names no columns */
	uint64_t	bound_insert;	/* number of the INSERT that value_index is
								 * for */
	char		time_zone[LOAD_SETTING_SIZE];	/* of its TIMESTAMPs, or empty */
	CopyFromState copy;			/* NULL until it has begun */
	bool		copy_waits;		/* COPY is waiting for the next batch */
	StringInfoData batch;		/* lines of COPY's text format, a tuple each */
	int			batch_tuples;	/* number of complete lines */
	int			batch_sent;		/* bytes that COPY has read */
	bool		tuple_pending;	/* the current tuple is not in a batch yet */
	bool		tuple_postponed;	/* this batch must end before it */
	bool		finished;		/* the dump has no more tuples */
	LoadPosition *positions;	/* of the last tuples, by their number modulo
								 * LOAD_POSITIONS */
	bool		line_noted;		/* a column has a note about this line */
	StringInfoData text;		/* a value while it is converted */
	const char *converted;		/* name of its column meanwhile, or NULL */
} Load;

#endif							/* MENUCA_LOAD_STATE_H */

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

#include "load/mysqltype.h"
#include "mysql/mysqldump.h"

/* How many of the last tuples' places are remembered, see load.c. */
#define LOAD_PLACES		2048

/* A column of the staging table that gets values from the dump. */
typedef struct LoadColumn
{
	char	   *name;
	ValueKind	kind;			/* what its type wants */
	bool		mysql_bit;		/* the dump's column is a BIT */
	int			position;		/* of its value in the current INSERT, or -1 */
} LoadColumn;

/* Where a tuple is in the dump. */
typedef struct Place
{
	uint64_t	line;
	uint64_t	offset;
} Place;

/* A load in progress. */
typedef struct Load
{
	const char *table_name;		/* in the dump */
	MysqldumpReader *reader;
	int			encoding;		/* of the dump's text */
	bool		in_server_encoding; /* the dump was a text argument */
	Relation	rel;			/* staging table */
	int			ncolumns;
	LoadColumn *columns;
	bool		by_place;		/* the dump names no columns */
	uint64_t	bound_insert;	/* number of the INSERT that is bound */
	CopyFromState copy;			/* NULL until it has begun */
	bool		copy_waits;		/* for the batch that is being made */
	StringInfoData batch;		/* lines of COPY's text format, a tuple each */
	int			batch_tuples;	/* how many are complete */
	int			batch_sent;		/* bytes that COPY has */
	bool		tuple_waiting;	/* the reader's tuple was not made a line yet */
	bool		put_off;		/* nor can it be in this batch */
	bool		finished;
	Place	   *places;			/* of the last tuples, by number % PLACES */
	uint64		zero_dates;
} Load;

#endif							/* MENUCA_LOAD_STATE_H */

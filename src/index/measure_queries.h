/*-------------------------------------------------------------------------
 *
 * measure_queries.h
 *	  The platform's menu and combo queries, measured.
 *
 *-------------------------------------------------------------------------
 */
#ifndef MENUCA_MEASURE_QUERIES_H
#define MENUCA_MEASURE_QUERIES_H

#include "fmgr.h"

#include "base/finding.h"
#include "index/query_timing.h"

typedef enum IndexUse
{
	USE_INDEXES,				/* every table is read by an index */
	USE_SMALL_TABLES,			/* but for tables too small to want one */
	USE_CHOICE,					/* but for tables that are read faster as a
								 * whole */
	USE_MISSING					/* a large table has no index that could serve */
} IndexUse;

typedef struct MeasuredQuery
{
	const char *name;			/* menu or combos */
	FindingStatus status;
	char	   *detail;			/* may be NULL */
	char	   *statement;		/* NULL: it could not be written */
	int64		restaurant;		/* 0: unknown */
	bool		measured;		/* what follows is known */
	QueryTiming timing;
	IndexUse	use;
} MeasuredQuery;

#define MEASURED_QUERIES 2

/*
 * The argument at that place (counted from 0), runs; raises an error when it
 * is no number of runs.
 */
extern int	measure_runs_argument(FunctionCallInfo fcinfo, int place);

/*
 * Measures both queries in a schema, for a restaurant or, when that is 0,
 * for the one with most active dishes.  What cannot be measured is SKIP, what
 * raised an error ERROR.
 */
extern void measure_queries(const char *schema, int64 restaurant, int runs,
							MeasuredQuery *queries);

/* "index", "small tables", ... */
extern const char *index_use_name(IndexUse use);

/* A time, as in "3.214". */
extern char *measure_format_ms(double ms);

#endif							/* MENUCA_MEASURE_QUERIES_H */

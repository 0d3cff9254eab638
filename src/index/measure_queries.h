/*-------------------------------------------------------------------------
 *
 * measure_queries.h
 *	  Measuring the platform's menu and combo queries.
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
	USE_SMALL_TABLES,			/* or is too small to need one */
	USE_CHOICE,					/* or the planner prefers to read it whole */
	USE_MISSING					/* a large table has no suitable index */
} IndexUse;

typedef struct MeasuredQuery
{
	const char *name;			/* menu or combos */
	FindingStatus status;
	char	   *detail;			/* for people, or NULL */
	char	   *statement;		/* NULL: a table or column is missing */
	int64		restaurant;		/* 0: unknown */
	bool		measured;		/* the members below are set */
	QueryTiming timing;
	IndexUse	use;
} MeasuredQuery;

#define MEASURED_QUERIES 2

/*
 * A function's argument executions, at that position (counted from 0): how
 * often a query is executed.  Raises an error unless it is between 1 and 1000.
 */
extern int	measure_executions_argument(FunctionCallInfo fcinfo, int place);

/*
 * Measures both queries in a schema, for a restaurant or, when that is 0, the
 * menu of the one with the most active dishes and the combos of the one with the
 * most items.  A query whose tables are missing or that
 * returns no row is SKIP, one that raised an error is ERROR.
 */
extern void measure_queries(const char *schema, int64 restaurant, int executions,
							MeasuredQuery *queries);

/* "index", "small tables", ... */
extern const char *measure_index_use_name(IndexUse use);

/* A time in milliseconds as text: "3.214". */
extern char *measure_format_ms(double ms);

#endif							/* MENUCA_MEASURE_QUERIES_H */

/*-------------------------------------------------------------------------
 *
 * source_runs.h
 *	  The runs that read the source, and what they found in it.
 *
 *-------------------------------------------------------------------------
 */
#ifndef MENUCA_SOURCE_RUNS_H
#define MENUCA_SOURCE_RUNS_H

#include "plan/plan_outcome.h"
#include "source/source_row.h"
#include "target/junction.h"

/* A run in effect of the source that is validated, read by the same columns. */
typedef struct SourceRun
{
	int64		id;
	int64		source_rows;
	int64		outcomes[OUTCOME_COUNT];
	char	   *source_checksum;	/* as PlanFigures has them; NULL: unknown */
	char	   *mapping_checksum;
} SourceRun;

/*
 * The runs that inserted items of that source, the latest first: a list of
 * SourceRuns in the current memory context.
 */
extern List *source_runs_read(const Target *target, const Source *source);

/* Whether a checksum of a run is known and that of the plan. */
extern bool source_runs_checksum_is(const char *recorded, uint64 checksum);

#endif							/* MENUCA_SOURCE_RUNS_H */

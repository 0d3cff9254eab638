/*-------------------------------------------------------------------------
 *
 * copy_of.h
 *	  Of which database this one is a copy.
 *
 * What is exported here runs only there.  The record applies to the database in
 * which it was made, known by its name and its cluster's system identifier: in a
 * copy of this copy it does not apply.
 *
 *-------------------------------------------------------------------------
 */
#ifndef MENUCA_COPY_OF_H
#define MENUCA_COPY_OF_H

#include "datatype/timestamp.h"

/* The database that this one is a copy of: it has a system identifier, a project or both. */
typedef struct CopyOf
{
	char	   *database;
	bool		has_system_identifier;
	int64		system_identifier;	/* 0 without one */
	char	   *project;		/* as the hosting service calls it; NULL
								 * without one */
	TimestampTz recorded_at;	/* 0 before it is recorded */
} CopyOf;

/*
 * The database that this one is recorded as a copy of, in the current memory
 * context.  Raises an error when none is recorded: its hint is the call that records
 * it.  The caller needs SELECT on menuca_copy.
 */
extern const CopyOf *copy_of_require(void);

/* For messages: database "postgres", cluster N, project "…". */
extern char *copy_of_describe(const CopyOf *original);

/* How receipts name this copy, and which of its records applied; NULL when there is none. */
extern char *copy_of_name(void);

#endif							/* MENUCA_COPY_OF_H */

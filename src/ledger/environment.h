/*-------------------------------------------------------------------------
 *
 * environment.h
 *	  Which database this is: staging or production.
 *
 * A database is identified by its name and the system identifier of its cluster,
 * so that a copy of a registered database counts as another one.
 *
 * A copy of a hosted production may be registered twice: as staging, which it is,
 * and as the place from which that production is changed.  Here is only what the
 * database is itself; the other registration is in hosted/ and in the tickets.
 *
 *-------------------------------------------------------------------------
 */
#ifndef MENUCA_ENVIRONMENT_H
#define MENUCA_ENVIRONMENT_H

#include "fmgr.h"

/* The runbook's tickets are numbered from 0. */
#define TICKET_COUNT 11

/* The first ticket of production; earlier ones are staging's. */
#define FIRST_PRODUCTION_TICKET 6

/* A registered database. */
typedef struct Environment
{
	int64		id;
	char	   *name;			/* "staging" or "production" */
	char	   *database;
	int64		system_identifier;	/* 0 when only the project is known */
	char	   *project;		/* at the hosting service, of a hosted
								 * production; NULL without one */
	bool		is_production;
	bool		is_hosted;		/* production, which cannot have the
								 * extension: this database is its copy */
} Environment;

/*
 * The environment that this database is registered as, in the current memory
 * context; NULL when it is not registered.
 */
extern Environment *environment_current(void);

/*
 * The same.  Raises an error when the database is not registered: it shows the
 * call that registers it and, if this is a copy, the registered databases.
 */
extern Environment *environment_require(void);

/* menuca_environment() with three arguments; the one with four calls it, unless hosted is true. */
extern PGDLLEXPORT Datum menuca_environment(PG_FUNCTION_ARGS);

/* For messages: database "menuca" in cluster N, or of project "…". */
extern char *environment_describe(const Environment *environment);

#endif							/* MENUCA_ENVIRONMENT_H */

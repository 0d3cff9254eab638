/*-------------------------------------------------------------------------
 *
 * environment.h
 *	  Which database this is: staging or production.
 *
 * A database is known by its name and by the system identifier of its
 * server's cluster, so that a copy is another one.
 *
 *-------------------------------------------------------------------------
 */
#ifndef MENUCA_ENVIRONMENT_H
#define MENUCA_ENVIRONMENT_H

typedef struct Environment
{
	int64		id;
	char	   *name;			/* "staging" or "production" */
	char	   *database;
	int64		system_identifier;
	bool		is_production;
} Environment;

/* The name of this database, and what identifies its cluster. */
extern char *environment_database_name(void);
extern int64 environment_system_identifier(void);

/* What this database is registered as; NULL when it is not. */
extern Environment *environment_current(void);

/*
 * The same.  Raises an error that says how to register it when it is not, and
 * tells a copy of a registered database.
 */
extern Environment *environment_require(void);

#endif							/* MENUCA_ENVIRONMENT_H */

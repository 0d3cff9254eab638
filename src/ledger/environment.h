/*-------------------------------------------------------------------------
 *
 * environment.h
 *	  Which database this is: staging or production.
 *
 * A database is identified by its name and the system identifier of its cluster,
 * so that a copy of a registered database counts as another one.
 *
 *-------------------------------------------------------------------------
 */
#ifndef MENUCA_ENVIRONMENT_H
#define MENUCA_ENVIRONMENT_H

/* A registered database. */
typedef struct Environment
{
	int64		id;
	char	   *name;			/* "staging" or "production" */
	char	   *database;
	int64		system_identifier;
	bool		is_production;
} Environment;

/* The name of this database. */
extern char *environment_database_name(void);

/* The system identifier of this database's cluster, as pg_control_system() shows it. */
extern int64 environment_system_identifier(void);

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

#endif							/* MENUCA_ENVIRONMENT_H */

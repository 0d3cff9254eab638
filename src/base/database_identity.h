/*-------------------------------------------------------------------------
 *
 * database_identity.h
 *	  Which database this is: its name and its cluster.
 *
 * A copy has another name, or is in another cluster, than the database that it was
 * made of, so it counts as another one.
 *
 *-------------------------------------------------------------------------
 */
#ifndef MENUCA_DATABASE_IDENTITY_H
#define MENUCA_DATABASE_IDENTITY_H

#include "postgres.h"

/* The name of this database. */
extern char *database_identity_name(void);

/* The system identifier of this database's cluster, as pg_control_system() shows it. */
extern int64 database_identity_cluster(void);

/*
 * Raises an error unless this is the database that the operator states, so that a wrong
 * connection is noticed.
 */
extern void database_identity_require(const char *database, int64 system_identifier);

#endif							/* MENUCA_DATABASE_IDENTITY_H */

/*-------------------------------------------------------------------------
 *
 * ticket_environment.h
 *	  Whose tickets are executed in this database.
 *
 * Usually all are of the one environment that it is registered as.  In the copy of a
 * hosted production, tickets 0 to 5 are of staging, which the copy is, and 6 to 10
 * of that production, which cannot have the extension.
 *
 *-------------------------------------------------------------------------
 */
#ifndef MENUCA_TICKET_ENVIRONMENT_H
#define MENUCA_TICKET_ENVIRONMENT_H

#include "nodes/pg_list.h"

#include "ledger/environment.h"

/*
 * The hosted production whose copy this database is, in the current memory context;
 * NULL when none is registered.
 */
extern Environment *ticket_hosted_production(void);

/*
 * The environment of a ticket: of one that is not executed here, the other one of
 * this database.  NULL when the database is not registered.
 */
extern Environment *ticket_environment(int no);

/* The same; raises an error (MC020) when the database is not registered. */
extern Environment *ticket_environment_require(int no);

/* All environments of this database, staging first; raises an error when it has none. */
extern List *ticket_environments(void);

/*
 * The environment that a sign-off is for.  Staging's validation is signed off twice:
 * first as staging's, and when its verdict was imported here, for production's window.
 */
extern Environment *ticket_environment_to_sign(int no);

/*
 * The call that registers the hosted production; NULL where it is registered, or where
 * menuca_copy_of() has not recorded which one it is.
 */
extern char *ticket_hosted_registration(void);

#endif							/* MENUCA_TICKET_ENVIRONMENT_H */

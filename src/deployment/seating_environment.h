/*-------------------------------------------------------------------------
 *
 * seating_environment.h
 *	  Whether this database is staging or production, for seating.
 *
 *-------------------------------------------------------------------------
 */
#ifndef MENUCA_SEATING_ENVIRONMENT_H
#define MENUCA_SEATING_ENVIRONMENT_H

/*
 * "staging" or "production", in the current memory context; NULL when this database is
 * not registered.  Read as the extension's owner, so that no right is needed to learn what
 * one is connected to.
 */
extern char *seating_environment_name(void);

/* The call that registers a database as production, for a hint: it names itself, so the text is the same everywhere. */
extern char *seating_environment_call(void);

#endif							/* MENUCA_SEATING_ENVIRONMENT_H */

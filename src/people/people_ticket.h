/*-------------------------------------------------------------------------
 *
 * people_ticket.h
 *	  The ticket that a person says something about.
 *
 *-------------------------------------------------------------------------
 */
#ifndef MENUCA_PEOPLE_TICKET_H
#define MENUCA_PEOPLE_TICKET_H

#include "fmgr.h"

/*
 * The environment of the argument "ticket" at that place; in the copy of a hosted
 * production, its tickets are that one's.  Sets *no to the ticket's number.  Raises an
 * error when it is NULL, there is no such ticket, or it is not executed in this database.
 */
extern int64 people_ticket_require(FunctionCallInfo fcinfo, int place, int *no);

/* The same for a number that is no argument. */
extern int64 people_ticket_environment(int no);

/* What keeps a ticket from being complete now, and the next call. */
typedef struct PeopleState
{
	char	   *state;			/* as menuca_status() shows it */
	int64		still_open;
	char	   *next_step;
} PeopleState;

/* The state of a ticket after something was recorded in this transaction. */
extern PeopleState *people_ticket_state(int64 environment_id, int no);

/* That state as the row of a function: state, still_open and next_step. */
extern Datum people_ticket_row(FunctionCallInfo fcinfo, const PeopleState *state);

#endif							/* MENUCA_PEOPLE_TICKET_H */

/*-------------------------------------------------------------------------
 *
 * ticket_state.h
 *	  The state of a ticket: its environment, status and sign-off.
 *
 *-------------------------------------------------------------------------
 */
#ifndef MENUCA_TICKET_STATE_H
#define MENUCA_TICKET_STATE_H

#include "ledger/environment.h"

/* Tickets are numbered from 0. */
#define TICKET_COUNT 11

/* The first ticket of production; earlier ones are staging's. */
#define FIRST_PRODUCTION_TICKET 6

/* A ticket's number as text, "00" to "10". */
extern char *ticket_number(int no);

/* True if the ticket belongs to the environment; ticket 0 belongs to both. */
extern bool ticket_is_here(const Environment *environment, int no);

/*
 * The status of a ticket's newest execution in the environment: COMPLETE,
 * FAILED or IN_PROGRESS.  It is PENDING if the ticket was never executed, or is
 * a complete validation that is older than the last change.
 */
extern char *ticket_status(const Environment *environment, int no);

/* The newest sign-off of a ticket in this database, GO or NO-GO, or NULL. */
extern char *ticket_decision(const Environment *environment, int no);

/*
 * Staging's newest verdict that was imported in this environment, GO or NO-GO;
 * NULL if none was.
 */
extern char *ticket_imported_verdict(const Environment *environment);

#endif							/* MENUCA_TICKET_STATE_H */

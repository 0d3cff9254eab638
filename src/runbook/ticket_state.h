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

/* A ticket's number as text, "00" to "10". */
extern char *ticket_number(int no);

/* True if the ticket belongs to the environment; ticket 0 belongs to both, but not to a hosted production. */
extern bool ticket_is_here(const Environment *environment, int no);

/*
 * The state of a ticket, in the words of doc/runbook.md: COMPLETE, FAILED,
 * IN_PROGRESS, PENDING or BLOCKED; "on staging" or "on production" for a ticket of
 * the other environment.
 */
extern char *ticket_status(const Environment *environment, int no);

/*
 * The same word for what is recorded of the ticket (NULL: nothing), where the
 * caller knows whether every ticket before it lets it begin.
 */
extern char *ticket_state_word(const Environment *environment, int no, char *recorded,
							   bool earlier_complete);

/* True if the newest sign-off of a ticket here is NO-GO. */
extern bool ticket_is_stopped(const Environment *environment, int no);

/*
 * Whether staging's validation is signed off with GO, here or, if nobody has
 * signed here, in its newest verdict; and whether that verdict is GO as well.
 */
extern bool ticket_staging_is_signed_off(const Environment *environment);
extern bool ticket_staging_is_approved(const Environment *environment);

/* The newest sign-off of a ticket in this database, GO or NO-GO, or NULL. */
extern char *ticket_decision(const Environment *environment, int no);

/*
 * Staging's newest verdict that was imported in this environment, GO or NO-GO;
 * NULL if none was.
 */
extern char *ticket_imported_verdict(const Environment *environment);

#endif							/* MENUCA_TICKET_STATE_H */

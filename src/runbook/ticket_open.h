/*-------------------------------------------------------------------------
 *
 * ticket_open.h
 *	  What people have still to do for a ticket whose execution is COMPLETE, or
 *	  have found there: the rows of menuca_ticket_open.
 *
 *-------------------------------------------------------------------------
 */
#ifndef MENUCA_TICKET_OPEN_H
#define MENUCA_TICKET_OPEN_H

#include "ledger/environment.h"

/* The first of it: what has failed comes before what is open. */
typedef struct TicketOpen
{
	char	   *kind;			/* undone, review, must or issue */
	char	   *title;
	char	   *call;
	bool		has_failed;
	int64		count;			/* of all of it */
} TicketOpen;

/* NULL if people have nothing to do. */
extern TicketOpen *ticket_open_first(const Environment *environment, int no);

/* The call with which the ticket goes on: people's first one, otherwise ticket_call(). */
extern char *ticket_open_call(const Environment *environment, int no);

/* The first of it in words, for a message: "samples are reviewed; 3 more". */
extern char *ticket_open_describe(const TicketOpen *open);

/* The same as a sentence about the ticket, which says that its checks have passed. */
extern char *ticket_open_sentence(const TicketOpen *open);

#endif							/* MENUCA_TICKET_OPEN_H */

/*-------------------------------------------------------------------------
 *
 * ticket_gates.h
 *	  What has to be there before a ticket may begin.
 *
 *-------------------------------------------------------------------------
 */
#ifndef MENUCA_TICKET_GATES_H
#define MENUCA_TICKET_GATES_H

#include "nodes/pg_list.h"

#include "ledger/environment.h"
#include "runbook/ticket_run.h"

typedef struct Obstacle
{
	int			sqlstate;
	bool		overridable;
	char	   *message;		/* one sentence */
	char	   *hint;
} Obstacle;

/*
 * What is in the way of the ticket: a list of Obstacles, none when it may
 * begin.  One that cannot be overridden comes alone.  Notes the backup that
 * the ticket relies on.
 */
extern List *ticket_obstacles(TicketRun *run);

/* Of these, what production lacks of staging's word before it may begin. */
extern List *ticket_staging_obstacles(const Environment *environment);

/* How old the backup of a ticket may be, as an interval's text. */
extern const char *ticket_backup_age(const TicketRun *run);

#endif							/* MENUCA_TICKET_GATES_H */

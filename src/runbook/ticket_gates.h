/*-------------------------------------------------------------------------
 *
 * ticket_gates.h
 *	  Obstacles that a ticket must not begin with.
 *
 *-------------------------------------------------------------------------
 */
#ifndef MENUCA_TICKET_GATES_H
#define MENUCA_TICKET_GATES_H

#include "nodes/pg_list.h"

#include "runbook/ticket_execution.h"

typedef struct Obstacle
{
	int			sqlstate;
	bool		overridable;	/* by force */
	char	   *message;		/* one sentence */
	char	   *hint;
} Obstacle;

/*
 * The ticket's obstacles (a list of Obstacle); NIL if it may begin.  An
 * obstacle that cannot be overridden is the only one.  Also sets execution->backup.
 */
extern List *ticket_obstacles(TicketExecution *execution);

/* The greatest age of a ticket's backup, as an interval's text. */
extern const char *ticket_backup_age(const TicketExecution *execution);

#endif							/* MENUCA_TICKET_GATES_H */

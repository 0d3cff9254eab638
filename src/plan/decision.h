/*-------------------------------------------------------------------------
 *
 * decision.h
 *	  The recorded decision which target a source's rows belong in.
 *
 *-------------------------------------------------------------------------
 */
#ifndef MENUCA_DECISION_H
#define MENUCA_DECISION_H

/* A row of menuca_decision. */
typedef struct Decision
{
	char	   *target;			/* name of a junction */
	char	   *approver;
	char	   *decided_at;		/* in UTC */
	char	   *reason;
} Decision;

/*
 * The newest decision for a target schema, in the current memory context; NULL
 * when nobody has decided, or the caller may not read the table.
 */
extern const Decision *decision_newest(const char *schema);

/* "combo_items, by ... at ...: ...", a clause without a full stop. */
extern char *decision_text(const Decision *decision);

/*
 * The warning of a run into another target than was decided, a sentence without
 * a full stop; NULL when it is the decided one, or nobody has decided.
 */
extern char *decision_warning(const char *schema, const char *target);

/*
 * The call after a decision or an acceptance: in a registered environment the
 * runbook's, elsewhere otherwise.
 */
extern char *decision_next_call(char *otherwise);

#endif							/* MENUCA_DECISION_H */

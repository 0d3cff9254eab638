/*-------------------------------------------------------------------------
 *
 * hand_rules.h
 *	  The planner's rules for dining tables that a person has chosen.
 *
 * A set is accepted without force exactly when it is a plan of the planner,
 * dominated or not.  The argument force names the rules that are waived.
 *
 *-------------------------------------------------------------------------
 */
#ifndef MENUCA_HAND_RULES_H
#define MENUCA_HAND_RULES_H

#include "fmgr.h"

#include "seating/floor_reader.h"

/* Besides the planner's PLAN_RULE_ bits: dining tables kept for walk-ins. */
#define HAND_RULE_WALK_INS_ONLY (1 << 20)

/* Who wants the dining tables, and when. */
typedef struct HandQuestion
{
	int			party_size;
	TimestampTz start;			/* of the booking, without its buffers */
	bool		for_walk_in;
	int			waived;			/* bits of the rules in force */
	const char *call;			/* the call up to its last argument, for the
								 * hint: "SELECT * FROM
								 * menuca_assign_tables('...'" */
	const char *instead;		/* the hint where the call has no force; or
								 * NULL */
} HandQuestion;

/* The rules that the text[] argument force names; NULL names none.  Raises an error for an unknown name. */
extern int	hand_rules_argument(FunctionCallInfo fcinfo, int place);

/* The names of such rules: a list of C strings. */
extern List *hand_rules_names(int rules);

/*
 * The indexes of the dining tables of a uuid[] argument, by table number; their number is
 * stored.  Raises an error when it is NULL or empty, has a NULL or an id twice; MC040 when the
 * restaurant does not have one.
 */
extern int *hand_rules_tables(const FloorReader *reader, ArrayType *array, int *n);

/*
 * Raises MC040, which names every rule that n dining tables break and that is not
 * waived; returns those that are broken and waived.
 */
extern int	hand_rules_require(const FloorReader *reader, const HandQuestion *question, const int *tables, int n);

#endif							/* MENUCA_HAND_RULES_H */

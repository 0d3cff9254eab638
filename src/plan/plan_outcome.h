/*-------------------------------------------------------------------------
 *
 * plan_outcome.h
 *	  What a plan decides about a source row.
 *
 *-------------------------------------------------------------------------
 */
#ifndef MENUCA_PLAN_OUTCOME_H
#define MENUCA_PLAN_OUTCOME_H

/*
 * Every source row has exactly one.  Of the rows that lead to the same pair of
 * group and dish, the one with the lowest source id (in JSON lists, the first
 * one) is insert or already_present, and the others are duplicate: so a source
 * has the same number of duplicates before a run and after it.
 */
typedef enum Outcome
{
	OUTCOME_INSERT,
	OUTCOME_ALREADY_PRESENT,
	OUTCOME_DUPLICATE,
	OUTCOME_UNMAPPED_GROUP,
	OUTCOME_UNMAPPED_DISH,
	OUTCOME_UNMAPPED_BOTH,
	OUTCOME_AMBIGUOUS_GROUP,	/* several groups of the dish's restaurant */
	OUTCOME_AMBIGUOUS_DISH,
	OUTCOME_CROSS_RESTAURANT,	/* no group and dish share a restaurant */
	OUTCOME_INVALID				/* an id that is NULL, not positive or beyond
								 * what its column can hold */
} Outcome;

#define OUTCOME_COUNT (OUTCOME_INVALID + 1)

/* "insert", "unmapped_dish", ...; never NULL. */
extern const char *plan_outcome_name(Outcome outcome);

#endif							/* MENUCA_PLAN_OUTCOME_H */

/*-------------------------------------------------------------------------
 *
 * stage.h
 *	  Stages of the rollout: menuca_seating_stage.
 *
 *-------------------------------------------------------------------------
 */
#ifndef MENUCA_STAGE_H
#define MENUCA_STAGE_H

#include "datatype/timestamp.h"
#include "nodes/pg_list.h"
#include "utils/uuid.h"

/* A stage: who is in. */
typedef struct RolloutStage
{
	int64		number;			/* 0: not entered */
	char	   *percent;		/* a numeric's text, such as "10.00" */
	char	   *restaurants;	/* a uuid[]'s text, such as "{}" */
	int			n_restaurants;
	char	   *action;			/* rollout, rollback, undo */
	TimestampTz begun_at;
} RolloutStage;

/* The stage that counts, as committed by now; NULL when no rollout has begun. */
extern RolloutStage *stage_current(void);

/* The one before it; NULL when there is none. */
extern RolloutStage *stage_before(const RolloutStage *stage);

/*
 * The number of the first stage since the last rollback that was not undone, of those
 * before until; 0 when there is none.
 */
extern int64 stage_first(const RolloutStage *until);

/*
 * Waits until no other session begins a stage, until the transaction ends.
 */
extern void stage_lock(void);

/* Enters a stage; reason may be NULL, failures is a list of texts.  Returns its number. */
extern int64 stage_enter(const RolloutStage *stage, const char *reason, List *failures);

/* Restaurants that a stage would reach, of all; NULL: without any stage. */
extern int64 stage_reaches(const RolloutStage *stage);

/* Whether it reaches a restaurant that the other one, which may be NULL, does not. */
extern bool stage_is_wider(const RolloutStage *stage, const RolloutStage *than);

/* "10 % of the restaurants and 1 named one", for people. */
extern char *stage_describe(const RolloutStage *stage);

/*
 * How old a stage must be before a wider one, as an interval's text: the original's
 * runbook watches one restaurant for an hour, 10 percent for two, 50 percent for a day.
 */
extern const char *stage_least_age(const RolloutStage *stage);

#endif							/* MENUCA_STAGE_H */

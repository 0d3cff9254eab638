/*-------------------------------------------------------------------------
 *
 * seat_run.h
 *	  Choosing dining tables and taking them, again when somebody was faster.
 *
 *-------------------------------------------------------------------------
 */
#ifndef MENUCA_SEAT_RUN_H
#define MENUCA_SEAT_RUN_H

#include "seating/floor_reader.h"

typedef struct SeatRun SeatRun;

/* What is done with a run; arg is SeatRun.arg. */
typedef bool (*SeatChooseFn) (SeatRun *run, void *arg);
typedef void (*SeatStoreFn) (SeatRun *run, void *arg);

/* One call that gives somebody dining tables. */
struct SeatRun
{
	/* Set by the caller */
	const SeatingSchema *schema;	/* or NULL: it is looked up */
	const pg_uuid_t *restaurant;
	const pg_uuid_t *booking;	/* whose own dining tables do not count; or
								 * NULL */
	const pg_uuid_t *hold;		/* the same; or NULL */
	bool		by_hand;		/* the caller named them: one that is taken is
								 * refused */
	SeatChooseFn choose;		/* sets window, tables and n, under a query
								 * snapshot; false when there are none */
	SeatStoreFn store;			/* writes, with all of them locked and free */
	void	   *arg;

	/* Set by the run, or by choose */
	FloorReader *reader;
	bool	   *blocked;		/* by index: a constraint of the users, or a
								 * circle of transactions, did not let it have
								 * this one */
	BookingWindow window;
	int		   *tables;			/* indexes */
	int			n;
	int			attempts;
	bool		circle;			/* whole transactions waited for each other */
	bool		changed;		/* the floor is not as it was read */
	bool		exact;			/* what is taken is looked for in all rows:
								 * the first choice is made at a glance */
};

typedef enum SeatOutcome
{
	SEAT_RUN_DONE,
	SEAT_RUN_NONE,				/* choose found none */
	SEAT_RUN_CONFLICT			/* others were faster each time */
} SeatOutcome;

/*
 * Reads the floor, chooses, locks the dining tables by id, looks again, and stores; chooses
 * again when one was taken meanwhile, or where sessions wait for each other.  With
 * by_hand, raises MC041 or MC042 instead.
 */
extern SeatOutcome seat_run(SeatRun *run);

/* The same, and raises MC041 for a conflict. */
extern SeatOutcome seat_run_or_refuse(SeatRun *run);

/* Reads the floor of a run, if that was not done, so that it is there before seat_run(). */
extern void seat_run_read_floor(SeatRun *run);

#endif							/* MENUCA_SEAT_RUN_H */

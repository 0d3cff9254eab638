/*-------------------------------------------------------------------------
 *
 * plan_rules.h
 *	  The rules of one question to the planner: a floor, a party, a window.
 *
 * All that depends on the question is worked out here once: which tables may
 * take part, and how.  Tables are named by their places (floor.h).
 *
 *-------------------------------------------------------------------------
 */
#ifndef MENUCA_PLAN_RULES_H
#define MENUCA_PLAN_RULES_H

#include "seating/floor.h"

/* Rules that a question can waive: by hand, or to find out which one lost the sets. */
#define PLAN_RULE_BUSY				(1 << 0)	/* taken tables are free */
#define PLAN_RULE_OVERAGE			(1 << 1)	/* any number of seats too
												 * many */
#define PLAN_RULE_MIN_PARTY			(1 << 2)	/* smallest party of a table */
#define PLAN_RULE_MAX_PARTY			(1 << 3)	/* largest party of a table */
#define PLAN_RULE_K					(1 << 4)	/* k_max is FLOOR_MAX_K */
#define PLAN_RULE_ADJACENCY			(1 << 5)	/* adjacency is off */
#define PLAN_RULE_MOBILITY			(1 << 6)	/* fixed tables can be
												 * combined */
#define PLAN_RULE_LISTED_ONLY		(1 << 7)	/* free sets, too, if only
												 * listed are allowed */
#define PLAN_RULE_OTHER_ZONE		(1 << 8)	/* the question's zone */
#define PLAN_RULE_ZONE_CLOSED		(1 << 9)	/* tables of inactive zones */
#define PLAN_RULE_OUT_OF_SERVICE	(1 << 10)	/* tables out of service */
#define PLAN_RULE_CAPACITY			(1 << 11)	/* fewer seats than guests;
												 * never by hand */
#define PLAN_NRULES 12

/* The question. */
typedef struct PlanQuery
{
	int			party;			/* guests */
	int			zone;			/* only this zone; FLOOR_NO_ZONE: any */
	const bool *free;			/* by index: free in the window; NULL: all are */
	const bool *applies;		/* by combination: applies in the window;
								 * NULL: its own flag */
	const int  *priority;		/* by index: in the window; NULL: the table's */
	const int  *min_party;		/* by index: in the window; NULL: the table's */
	const FloorSettings *settings;	/* NULL: the floor's */
	int			max_plans;		/* how many are wanted, at most */
	bool		include_dominated;	/* dominated ones, too */
	bool		best_only;		/* the total is not wanted: it need not be
								 * exact, so the search can skip what cannot
								 * be among the best */
	int			waived;			/* PLAN_RULE_ bits */
} PlanQuery;

/* The question, worked out. */
typedef struct PlanRules
{
	const Floor *floor;
	const PlanQuery *query;
	FloorSettings settings;		/* those that hold */
	int			party;
	int64		least;			/* seats that a set without its own capacity
								 * needs */
	int64		most;			/* and that it may have */
	int			k;				/* tables of a free set, at most; 1: no sets
								 * at all */
	bool		free_sets;		/* free sets are allowed */
	bool		listed_sets;	/* listed ones are */
	FloorAdjacency need;		/* what a free set must be */
	bool	   *seats;			/* by place: usable, free, and for such a
								 * party */
	bool	   *alone;			/* by place: a plan by itself */
	bool	   *joins;			/* by place: may be a member of a free set */
	int64	   *own;			/* by place: its priority's and scarcity's
								 * part of a score */
} PlanRules;

/* How the tables of a set stand to each other. */
typedef struct PlanAdjacency
{
	int			cost;			/* 0: one table; diameter when connected; else
								 * their number */
	bool		connected;
	bool		pairwise;
	bool		neighbors;
} PlanAdjacency;

/* The steps of a search. */
typedef struct PlanBudget
{
	int64		used;
	int64		limit;			/* 0: none */
	bool		spent;			/* the limit has been reached, or the search
								 * may end */
} PlanBudget;

/* Works out the rules of a question. Allocates in the current memory context. */
extern PlanRules *plan_rules_make(const Floor *floor, const PlanQuery *query);

/* How n places, 1 to FLOOR_MAX_COMBINATION, stand to each other. */
extern PlanAdjacency plan_rules_adjacency(const Floor *floor, const int *places, int n);

/* Whether n places, 2 or more, satisfy the rules of a free set, except for its size and zone. */
extern bool plan_rules_fit(const PlanRules *rules, const int *places, int n);

/* Whether they are as adjacent as a free set must be. */
extern bool plan_rules_adjacent(const PlanRules *rules, const int *places, int n);

/* Counts a step; returns false when no more may be taken. */
extern bool plan_rules_step(PlanBudget *budget);

#endif							/* MENUCA_PLAN_RULES_H */

/*-------------------------------------------------------------------------
 *
 * floor.h
 *	  A restaurant's floor as the planner sees it: dining tables, which of them
 *	  stand next to each other, listed combinations, and the planner's settings.
 *
 * Pure data: another part reads the database and fills it in.  A dining table is
 * named by its index in Floor.tables.  Its *place* is its position when all are
 * sorted by table number; the planner works on places, so that the smaller place
 * is the one that is offered first.
 *
 *-------------------------------------------------------------------------
 */
#ifndef MENUCA_FLOOR_H
#define MENUCA_FLOOR_H

/* The unit of scores and weights: 1 is written as 10,000. */
#define FLOOR_SCORE_UNIT INT64CONST(10000)

/* The zone of a dining table without one; it is never combined. */
#define FLOOR_NO_ZONE (-1)

/* Maximum number of tables of a listed combination: a set is a bitmap of 64 bits. */
#define FLOOR_MAX_COMBINATION 64

/* The largest value of k_max: tables of a free combination. */
#define FLOOR_MAX_K 5

/* What tables must be to each other to be combined. */
typedef enum FloorAdjacency
{
	FLOOR_ADJACENCY_OFF,		/* nothing */
	FLOOR_ADJACENCY_CONNECTED,	/* the set's own graph is connected */
	FLOOR_ADJACENCY_PAIRWISE,	/* each is next to each other one */
	FLOOR_ADJACENCY_NEIGHBORS	/* one is next to all others */
} FloorAdjacency;

/* Which sets of several tables there are. */
typedef enum FloorCombinations
{
	FLOOR_COMBINATIONS_FREE,	/* those that fit by the rules */
	FLOOR_COMBINATIONS_LISTED,	/* those that are listed */
	FLOOR_COMBINATIONS_BOTH
} FloorCombinations;

/* The planner's settings, of one restaurant. */
typedef struct FloorSettings
{
	int			k_max;			/* tables of a free set, at most; 1: no
								 * combinations */
	int			max_overage;	/* seats more than guests, at most */
	FloorAdjacency adjacency;	/* what free sets must be */
	int			adjacency_min_party;	/* smaller parties are exempt from it */
	FloorCombinations combinations; /* which sets there are */
	int64		w_overage;		/* weights, in ten-thousandths: a seat too
								 * many */
	int64		w_tables;		/* each table beyond the first */
	int64		w_adjacency;	/* each step of the set's adjacency cost */
	int64		w_spread;		/* each seat that is not at the largest table */
	int64		w_priority;		/* each point of a table's priority */
	int64		w_scarcity;		/* a table that is the only one of its
								 * capacity */
	int64		max_evaluations;	/* steps of a search, at most; 0: no limit */
} FloorSettings;

/* A table to sit at. */
typedef struct DiningTable
{
	void	   *id;				/* the caller's; nothing here reads it */
	const char *number;			/* table number; compared as bytes */
	int			zone;			/* 0 to nzones - 1, or FLOOR_NO_ZONE */
	int			capacity;		/* seats; 0 or less: cannot be used */
	int			min_party;		/* smallest party, also as a member of a set */
	int			max_party;		/* largest party when used alone; 0: none */
	int			priority;		/* costs w_priority a point; may be negative */
	bool		movable;		/* may be a member of a free set */
	bool		active;			/* an inactive one is not counted as scarce,
								 * either */
	bool		zone_active;	/* its zone is active; true without a zone */
	bool		out_of_service; /* its status says so */
} DiningTable;

/* Two tables that stand next to each other, by index; in any order, any number of times. */
typedef struct FloorEdge
{
	int			a;
	int			b;
} FloorEdge;

/* A listed combination: the restaurant says that these tables join. */
typedef struct FloorCombination
{
	int			ntables;
	int		   *tables;			/* indexes; -1, of a table that is not there:
								 * never applies */
	int			capacity;		/* what they seat together; 0: max_party */
	int			min_party;		/* the parties that it is for */
	int			max_party;
	bool		applies;		/* it is active, and for the window's weekday
								 * and time */
} FloorCombination;

/* The floor.  What floor_finish() makes must not be set by the caller. */
typedef struct Floor
{
	int			ntables;
	DiningTable *tables;
	int			nzones;
	int			ncombinations;
	FloorCombination *combinations;
	FloorSettings settings;

	/* Made by floor_finish() */
	int		   *order;			/* by place: the table's index */
	int		   *place;			/* by index: its place */
	int		   *rank;			/* by place: of its number; equal ones have
								 * the same */
	int		   *neighbor_start; /* by place, and one more: where its neighbors
								 * begin */
	int		   *neighbors;		/* places, ascending, each once */
	int		   *scarcity;		/* by index: 1 / active tables of its
								 * capacity, in ten-thousandths, rounded half
								 * up */
	int			nclasses;
	int		   *class_of;		/* by index: tables of one class differ in
								 * their id and number only; neighbors are not
								 * looked at */
} Floor;

/*
 * Completes a floor whose tables, combinations, settings and nzones are set.
 * Edges are read undirected; loops, doubles, edges between zones, and ends that
 * are no index of a table, are ignored.  Allocates in the current memory context.
 * Raises an error when a combination has more than FLOOR_MAX_COMBINATION tables.
 */
extern void floor_finish(Floor *floor, const FloorEdge *edges, int nedges);

/* The table at a place. */
static inline const DiningTable *
floor_at(const Floor *floor, int place)
{
	return &floor->tables[floor->order[place]];
}

/* Whether the tables at two places are next to each other. */
extern bool floor_adjacent(const Floor *floor, int a, int b);

/* Whether a table can be used at all: active, in an active zone, in service, with seats. */
extern bool floor_usable(const DiningTable *table);

#endif							/* MENUCA_FLOOR_H */

/*-------------------------------------------------------------------------
 *
 * adjacency_facts.h
 *	  What table_adjacencies says of a restaurant's dining tables.
 *
 *-------------------------------------------------------------------------
 */
#ifndef MENUCA_ADJACENCY_FACTS_H
#define MENUCA_ADJACENCY_FACTS_H

#include "seating/floor_reader.h"

/* What an edge is to the planner; the first that is true. */
typedef enum AdjacencyKind
{
	ADJACENCY_LOOP,				/* a dining table with itself */
	ADJACENCY_FOREIGN,			/* to a dining table of another restaurant */
	ADJACENCY_MISSING,			/* to one that is not there */
	ADJACENCY_INACTIVE,			/* to one that is not active */
	ADJACENCY_ACROSS,			/* between zones, or without one */
	ADJACENCY_GOOD				/* within a zone */
} AdjacencyKind;

#define ADJACENCY_KINDS (ADJACENCY_GOOD + 1)

/* Two dining tables with an edge, however often and in whichever direction it is stored. */
typedef struct AdjacencyEdge
{
	pg_uuid_t	ids[2];			/* the smaller one first; zeros for NULL */
	int			tables[2];		/* their indexes; -1 for none of the floor */
	bool		exists[2];		/* there is such a dining table */
	bool		stored[2];		/* from the smaller id to the greater one, and
								 * back */
	AdjacencyKind kind;
} AdjacencyEdge;

typedef struct AdjacencyFacts
{
	const FloorReader *reader;
	int			nedges;
	AdjacencyEdge *edges;		/* by ids */
	int			counts[ADJACENCY_KINDS];
	int			one_way;		/* good edges that are stored in one direction */
	int			both_ways;		/* and in both */
	int		   *neighbors;		/* by index: good edges of the dining table */
	int		   *movable_neighbors;	/* those of them to movable ones */
} AdjacencyFacts;

/* Reads all edges that touch a dining table of the restaurant; none where there is no such table of the users. */
extern AdjacencyFacts *adjacency_facts_read(const FloorReader *reader);

/* Whether there is an edge between two dining tables of the floor, by index, in any direction. */
extern bool adjacency_facts_has(const AdjacencyFacts *facts, int a, int b);

/* Whether a dining table can be joined once its edges are right: movable, active, in an active zone. */
extern bool adjacency_facts_joins(const FloorReader *reader, int index);

/* "A-01 with A-02" of an edge; an id where there is no number. */
extern char *adjacency_facts_name(const AdjacencyFacts *facts, const AdjacencyEdge *edge);

#endif							/* MENUCA_ADJACENCY_FACTS_H */

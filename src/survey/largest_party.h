/*-------------------------------------------------------------------------
 *
 * largest_party.h
 *	  The largest party that a zone can seat when all of it is free.
 *
 *-------------------------------------------------------------------------
 */
#ifndef MENUCA_LARGEST_PARTY_H
#define MENUCA_LARGEST_PARTY_H

#include "seating/floor_reader.h"

/* The largest party that one dining table of the zone can have by the rules; 0: none. */
extern int	largest_party_alone(const FloorReader *reader, int zone);

/*
 * The largest party that several dining tables of the zone can have together by the
 * restaurant's settings, but with that adjacency; 0: none.  A listed combination counts
 * whatever its times are.
 */
extern int	largest_party_joined(const FloorReader *reader, int zone, FloorAdjacency adjacency);

/*
 * How many sets of two and more dining tables may be joined with that adjacency, whatever
 * the party is and however many seats they have.  *complete: whether the limit
 * max_evaluations did not end the count.
 */
extern int64 largest_party_sets(const FloorReader *reader, FloorAdjacency adjacency, bool *complete);

#endif							/* MENUCA_LARGEST_PARTY_H */

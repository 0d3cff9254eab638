/*-------------------------------------------------------------------------
 *
 * customer_sight.h
 *	  What visitors see of all combos, beside what the tables have.
 *
 *-------------------------------------------------------------------------
 */
#ifndef MENUCA_CUSTOMER_SIGHT_H
#define MENUCA_CUSTOMER_SIGHT_H

#include "utils/elog.h"

#include "customer/customer_tables.h"

/* Examples of a problem that are kept. */
#define SIGHT_EXAMPLES 5

/* What can be wrong with a combo. */
typedef enum SightProblem
{
	SIGHT_INACTIVE,				/* shown, but it or its restaurant is not
								 * active */
	SIGHT_INACTIVE_DISHES,		/* it shows dishes that are not active */
	SIGHT_PARTLY_HIDDEN,		/* row security hides some of its active
								 * dishes */
	SIGHT_EMPTY,				/* shown without a dish, though it has active
								 * ones */
	SIGHT_EMPTY_INACTIVE,		/* the same, as none of its dishes is active */
	SIGHT_EMPTY_BACKFILLED,		/* the same, as all were backfilled and nobody
								 * has activated them yet */
	SIGHT_FEW,					/* fewer dishes are shown than its rules need,
								 * though enough are active */
	SIGHT_FEW_INACTIVE,			/* the same, as too few are active */
	SIGHT_FEW_OWNED,			/* it does not have as many itself */
	SIGHT_BLANK,				/* shows a dish without a name */
	SIGHT_EQUAL					/* shows several dishes of the same name */
} SightProblem;

#define SIGHT_PROBLEMS (SIGHT_EQUAL + 1)

/* How often something was found, and the smallest ids of it. */
typedef struct SightExamples
{
	uint64		count;
	int64		ids[SIGHT_EXAMPLES];	/* the first count, if that is less */
} SightExamples;

/* The combos of one restaurant. */
typedef struct RestaurantSight
{
	int64		id;				/* the hash key */
	uint64		groups;			/* all that it has */
	uint64		items;
	uint64		expected;		/* groups that customers are to see */
	uint64		seen;			/* and do */
} RestaurantSight;

typedef struct CustomerSight
{
	uint64		expected;		/* groups that customers are to see */
	uint64		seen;			/* and do */
	uint64		without_items;	/* of those seen, have no item at all */
	uint64		stated;			/* of those seen, have rules that state a
								 * number */
	uint64		items_expected; /* of those seen, with an active dish */
	uint64		items_seen;
	uint64		restaurants;	/* with groups that customers are to see */
	SightExamples incomplete;	/* restaurants of which some are not seen */
	SightExamples problems[SIGHT_PROBLEMS];
	int			nlargest;
	RestaurantSight largest[SIGHT_EXAMPLES];	/* with most groups */
} CustomerSight;

/*
 * Fills *sight: one query as visitors, one as the caller, of the same query snapshot.
 * Returns the error that the visitors' query raised, or NULL.
 */
extern ErrorData *customer_sight_read(const CustomerTables *tables, CustomerSight *sight);

#endif							/* MENUCA_CUSTOMER_SIGHT_H */

/*-------------------------------------------------------------------------
 *
 * distribution.c
 *	  Groups by their number of different dishes: see distribution.h.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include <math.h>

#include "lib/stringinfo.h"

#include "distribution.h"
#include "report.h"


void
distribution_add(Distribution *distribution, uint64 dishes)
{
	if (dishes == 0)
		return;
	distribution->groups[Min(dishes, LARGEST_CLASS)]++;
	distribution->all++;
	distribution->largest = Max(distribution->largest, dishes);
}

void
distribution_of_pairs(Distribution *distribution, Int8Sort *pairs, bool packed)
{
	int64		last[2] = {0, 0};
	const int64 *pair;
	uint64		dishes = 0;		/* of the last pair's group */

	int8_sort_perform(pairs);
	while ((pair = int8_sort_next(pairs)) != NULL)
	{
		int64		group = packed ? pair[0] >> 32 : pair[0];
		int64		dish = packed ? pair[0] & PG_UINT32_MAX : pair[1];

		if (group != last[0])
		{
			distribution_add(distribution, dishes);
			dishes = 0;
		}
		if (dishes == 0 || dish != last[1])
			dishes++;
		last[0] = group;
		last[1] = dish;
	}
	distribution_add(distribution, dishes);
}

double
distribution_distance(const Distribution *a, const Distribution *b)
{
	double		distance = 0;

	for (int class = 1; class <= LARGEST_CLASS; class++)
		distance += fabs(percent(a->groups[class], a->all) -
						 percent(b->groups[class], b->all)) / 2;
	return distance;
}

char *
distribution_text(const Distribution *distribution)
{
	StringInfoData buf;

	initStringInfo(&buf);
	for (int class = 1; class <= LARGEST_CLASS; class++)
		appendStringInfo(&buf, "%s%d%s: %s", class > 1 ? ", " : "", class,
						 class == LARGEST_CLASS ? " or more" : "",
						 format_count(distribution->groups[class]));
	appendStringInfo(&buf, "; largest %s", format_count(distribution->largest));
	return buf.data;
}

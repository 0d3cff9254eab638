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

#include "base/format.h"
#include "plan/distribution.h"


void
distribution_add(Distribution *distribution, uint64 dishes)
{
	if (dishes == 0)
		return;
	distribution->groups[Min(dishes, LARGEST_CLASS)]++;
	distribution->all++;
	distribution->largest = Max(distribution->largest, dishes);
}

double
distribution_distance(const Distribution *a, const Distribution *b)
{
	double		distance = 0;

	for (int class = 1; class <= LARGEST_CLASS; class++)
		distance += fabs(format_percentage(a->groups[class], a->all) -
						 format_percentage(b->groups[class], b->all)) / 2;
	return distance;
}

bool
distribution_agrees(const Distribution *source, const Distribution *target)
{
	return target->all > 0 &&
		distribution_distance(source, target) <= DISTRIBUTION_TOLERANCE;
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

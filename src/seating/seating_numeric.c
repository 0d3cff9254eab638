/*-------------------------------------------------------------------------
 *
 * seating_numeric.c
 *	  Scores as numbers: see seating_numeric.h.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "fmgr.h"
#include "utils/builtins.h"

#include "seating/floor.h"
#include "seating/seating_numeric.h"

char *
seating_numeric_text(int64 score)
{
	uint64		size = score < 0 ? 0 - (uint64) score : (uint64) score;
	char	   *text = psprintf("%s%llu.%04llu", score < 0 ? "-" : "", (unsigned long long) (size / FLOOR_SCORE_UNIT),
								(unsigned long long) (size % FLOOR_SCORE_UNIT));
	char	   *end = text + strlen(text);

	while (end[-1] == '0')
		*--end = '\0';
	if (end[-1] == '.')
		*--end = '\0';
	return text;
}

Datum
seating_numeric_of(int64 score)
{
	return DirectFunctionCall3(numeric_in, CStringGetDatum(seating_numeric_text(score)),
							   ObjectIdGetDatum(InvalidOid), Int32GetDatum(-1));
}

/*-------------------------------------------------------------------------
 *
 * check_judge.c
 *	  Judgements that several checks share: see check_judge.h.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "base/format.h"
#include "check/check_judge.h"
#include "plan/orphan_figures.h"


void
check_judge_band(Finding *finding, uint64 orphans, uint64 groups)
{
	const char *band = orphan_band(orphans, groups);

	if (band == NULL || strcmp(band, "EXCELLENT") == 0 || strcmp(band, "PASS") == 0)
		finding->status = CHECK_PASS;
	else if (strcmp(band, "WARNING") == 0)
		finding->status = CHECK_WARN;
	else
		finding->status = CHECK_FAIL;
}

void
check_expect_none(Finding *finding, uint64 count, const char *noun,
				  FindingStatus otherwise, char *remedy)
{
	finding->status = count == 0 ? CHECK_PASS : otherwise;
	finding->expected = "none";
	finding->actual = count == 0 ? "none" : format_things(count, noun);
	if (count > 0)
		finding->remedy = remedy;
}

/*-------------------------------------------------------------------------
 *
 * load_limits.c
 *	  When a load run is slower than another: see load_limits.h.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "customer/load_limits.h"


LoadChange
load_change_judge(const LoadFigure *now, const LoadFigure *before)
{
	LoadChange	change = {CHECK_PASS, 0};

	/* No request takes less than a microsecond */
	change.pct = 100 * (now->value - before->value) / Max(before->value, 0.001);
	if (change.pct > LOAD_SLOWER_PCT)
		change.status = now->low > before->high ? CHECK_FAIL : CHECK_WARN;
	return change;
}

char *
load_figure_text(const LoadFigure *figure)
{
	return psprintf("%.1f ms (%.1f to %.1f)", figure->value, figure->low, figure->high);
}

/*-------------------------------------------------------------------------
 *
 * acceptance.h
 *	  Figures that a person has accepted up to a bound.
 *
 * Not everything that V1 had can be repaired.  A figure that is no corruption,
 * such as the coverage, may be accepted: the gates of a run and the checks that
 * judge the figure then follow the acceptance instead of their own limit.  An
 * acceptance holds for one source, by its content, and may expire.
 *
 *-------------------------------------------------------------------------
 */
#ifndef MENUCA_ACCEPTANCE_H
#define MENUCA_ACCEPTANCE_H

#include "base/finding.h"
#include "plan/mapping_plan.h"

/* What can be accepted; the names in SQL are those of acceptance_figure_name(). */
typedef enum AcceptedFigure
{
	ACCEPT_DISH_COVERAGE,		/* at least, in percent, as the next two */
	ACCEPT_GROUP_COVERAGE,
	ACCEPT_RESTAURANTS,
	ACCEPT_ORPHAN_RATE,			/* at most, in percent, as the next three */
	ACCEPT_EXPECTED_ORPHAN_RATE,
	ACCEPT_EMPTY_COMBOS,
	ACCEPT_EQUAL_NAMES,
	ACCEPT_DISTRIBUTION,		/* at most, in percentage points */
	ACCEPT_ITEM_COUNT,			/* without a bound, as the next one */
	ACCEPT_DIRECTION
} AcceptedFigure;

#define ACCEPTED_FIGURE_COUNT (ACCEPT_DIRECTION + 1)

typedef struct Acceptance
{
	AcceptedFigure figure;
	double		bound;			/* 0 for a figure without one */
	char	   *approver;
	char	   *reason;
} Acceptance;

/* The acceptances in effect, by figure; NULL where there is none. */
typedef struct Acceptances
{
	const Acceptance *of[ACCEPTED_FIGURE_COUNT];
} Acceptances;

/* "dish_coverage", "orphan_rate", ... */
extern const char *acceptance_figure_name(AcceptedFigure figure);

/* Sets the figure of that name; false if there is none. */
extern bool acceptance_figure_of_name(const char *name, AcceptedFigure *figure);

/* False for a figure that is accepted as it is, such as the direction. */
extern bool acceptance_has_bound(AcceptedFigure figure);

/*
 * True if anything is recorded for the target's schema and junction, so that the
 * source's checksum is worth its time; false, too, when the caller may not read
 * the table.
 */
extern bool acceptances_exist(const Target *target);

/*
 * Reads what is in effect for a source whose figures were found with checksums:
 * the newest one of each figure, unless it has expired, was withdrawn, or was
 * for other content of the source.
 */
extern void acceptances_read(const Target *target, const Source *source,
							 const PlanFigures *figures, Acceptances *acceptances);

/*
 * Reads what is in effect for a junction of a schema, of whatever source: for
 * figures that do not come from one, such as what customers see.
 */
extern void acceptances_read_any(const char *schema, const char *junction, Acceptances *acceptances);

/*
 * The acceptance of a figure if that value is within its bound, or NULL.  value
 * is ignored for a figure without a bound; acceptances may be NULL.
 */
extern const Acceptance *acceptance_covering(const Acceptances *acceptances,
											 AcceptedFigure figure, double value);

/* "accepted down to 74 % by ...: ...", a clause without a full stop. */
extern char *acceptance_text(const Acceptance *acceptance);

/*
 * Whether a value passes: its acceptance decides where there is one, even if its bound
 * is stricter than the figure's own limit, which has decided otherwise.
 */
extern bool acceptance_passes(const Acceptances *acceptances, AcceptedFigure figure,
							  double value, bool otherwise);

/*
 * Judges a finding by its figure's acceptance, if there is one: what is not PASS becomes
 * WARN within the bound, and everything FAIL beyond it; the detail says so.  The remedy
 * of a finding that is FAIL then has the call that would accept the value, unless
 * arguments is NULL.
 */
extern void acceptance_judge(const Acceptances *acceptances, AcceptedFigure figure,
							 double value, const char *arguments, Finding *finding);

/*
 * The call that accepts a figure of that value; arguments are those that name source
 * and target, as plan_call_arguments() returns them.
 */
extern char *acceptance_proposal(AcceptedFigure figure, double value, const char *arguments);

#endif							/* MENUCA_ACCEPTANCE_H */

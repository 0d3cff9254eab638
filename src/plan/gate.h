/*-------------------------------------------------------------------------
 *
 * gate.h
 *	  Bands, thresholds and verdicts.
 *
 * Gates judge figures; they know no table.  Thresholds are fixed before a
 * run begins and recorded with it.
 *
 *-------------------------------------------------------------------------
 */
#ifndef MENUCA_GATE_H
#define MENUCA_GATE_H

#include "nodes/pg_list.h"

#include "base/compat.h"
#include "plan/mapping_plan.h"
#include "plan/probes.h"

/* Percentages from 0 to 100. */
typedef struct GateSettings
{
	double		min_group_coverage;
	double		min_dish_coverage;
	double		max_orphans;
	bool		on_expected;	/* judge the expected rate, not the overall */
	double		max_cross_restaurant;	/* source rows that may lead elsewhere */
	bool		strict;			/* a reversed direction refuses, too */
	const char *plan_function;	/* that shows the outcomes, for hints */
	const char *crossed;		/* FROM what and WHERE it shows rows of
								 * outcome cross_restaurant, for hints */
} GateSettings;

/*
 * Source rows, in percent, that may lead to other restaurants' dishes; of the
 * real rows it were 24 when ingredients had been taken for dishes, else none.
 */
#define GATE_MAX_CROSS_RESTAURANT 5.0

/* What explains them, of V1's combos. */
#define GATE_CROSSED_COMBOS "menuca_explain_unmapped() WHERE reason = 'cross_restaurant'"

/* Why a gate refuses. */
typedef struct Refusal
{
	int			sqlstate;
	char	   *message;		/* one sentence, with figures */
	char	   *hint;
} Refusal;

/* What is broken among the items, before or after a run. */
typedef enum Breakage
{
	BREAKAGE_NULL_GROUP,
	BREAKAGE_NULL_DISH,
	BREAKAGE_INVALID_GROUP,
	BREAKAGE_INVALID_DISH,
	BREAKAGE_CROSS_RESTAURANT,
	BREAKAGE_DUPLICATE
} Breakage;

#define BREAKAGE_COUNT (BREAKAGE_DUPLICATE + 1)

/* Items by breakage. */
typedef struct Integrity
{
	uint64		items[BREAKAGE_COUNT];
} Integrity;

/* The rate that the settings judge: numerator and denominator. */
extern void gate_orphans(const GateSettings *settings,
						 const OrphanFigures *figures,
						 uint64 *orphans, uint64 *groups);

/*
 * Checks the settings themselves; raises an error on a percentage outside of
 * 0 to 100.
 */
extern void gate_check_settings(const GateSettings *settings);

/* The same for one value, under its argument's name. */
extern void gate_check_percentage(const char *name, double value);

/*
 * The gate before the first write: what the probes found, coverage, and the
 * orphan rate that the plan would leave.  Returns a list of Refusals, empty
 * when it is open.
 */
extern List *gate_before(const GateSettings *settings,
						 const PlanFigures *figures, const Probes *probes);

/*
 * The gate after: nothing broken that was not broken before, and the orphan
 * rate that was really left.
 */
extern List *gate_after(const GateSettings *settings, const Integrity *before,
						const Integrity *after, const OrphanFigures *orphans);

/* The breakage that a plan's census found. */
extern Integrity gate_integrity_of(const ItemCensus *census);

/* "null_group", "cross_restaurant", ... */
extern const char *gate_breakage_name(Breakage breakage);

/* The refusals' messages, as a list of C strings. */
extern List *gate_messages(List *refusals);

/*
 * Raises the refusals as one error; what says what is refused, state what
 * that leaves behind.
 */
pg_noreturn extern void gate_raise(List *refusals, const char *what, const char *state,
								   const char *hint);

#endif							/* MENUCA_GATE_H */

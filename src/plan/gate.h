/*-------------------------------------------------------------------------
 *
 * gate.h
 *	  The gates of a fix: what can refuse it.
 *
 * Gates judge figures; they read no table.  Thresholds are fixed before a
 * run begins and recorded with it.
 *
 *-------------------------------------------------------------------------
 */
#ifndef MENUCA_GATE_H
#define MENUCA_GATE_H

#include "nodes/pg_list.h"

#include "base/compat.h"
#include "plan/acceptance.h"
#include "plan/mapping_plan.h"
#include "plan/probes.h"

/* Percentages from 0 to 100. */
typedef struct GateSettings
{
	double		min_group_coverage;
	double		min_dish_coverage;
	double		max_orphans;
	bool		on_expected;	/* judge the orphan rate of the expected
								 * groups instead of all groups */
	double		max_cross_restaurant;	/* source rows that may lead to other
										 * restaurants' dishes */
	bool		strict;			/* a reversed direction refuses, too */
	const char *plan_function;	/* the SQL function that shows the outcomes,
								 * for hints */
	const char *crossed_function;	/* the one that shows the rows of outcome
									 * cross_restaurant, */
	const char *crossed_column; /* and its column that says so */
	const char *source_arguments;	/* of these two functions */
	const char *target_arguments;	/* of functions that read V1's combos */
	const Acceptances *accepted;	/* figures that pass all the same; NULL:
									 * none */
	const char *accepted_arguments; /* of the call that accepts one */
} GateSettings;

/*
 * Source rows, in percent, that may lead to other restaurants' dishes by
 * default: on real data it was 24 % when ingredients were mistaken for dishes,
 * and 0 % otherwise.
 */
#define GATE_MAX_CROSS_RESTAURANT 5.0

/* Why a gate refuses. */
typedef struct Refusal
{
	int			sqlstate;
	char	   *message;		/* one sentence, with figures */
	char	   *hint;
	char	   *call;			/* shows what is in the way */
	char	   *accept;			/* accepts it; NULL: nobody can */
} Refusal;

/* Kinds of broken items. */
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

/* Broken items, counted before or after a run. */
typedef struct Integrity
{
	uint64		items[BREAKAGE_COUNT];
} Integrity;

/*
 * Sets numerator and denominator of the orphan rate that the settings judge.
 */
extern void gate_orphans(const GateSettings *settings,
						 const OrphanFigures *figures,
						 uint64 *orphans, uint64 *groups);

/*
 * Checks the settings themselves; raises an error on a percentage outside the
 * range from 0 to 100, and on one between 0 and 1, which means a share.
 */
extern void gate_check_settings(const GateSettings *settings);

/* The same for percentage points, of which 0.5 is a sensible number. */
extern void gate_check_points(const char *name, double value);

/*
 * The gate before the first write judges what the probes found, coverage, and
 * the orphan rate that the plan would leave.  Returns a list of Refusals; NIL
 * when the gate is open.
 */
extern List *gate_before(const GateSettings *settings,
						 const PlanFigures *figures, const Probes *probes);

/*
 * What the gate before let pass only because it is accepted, as a list of
 * clauses.
 */
extern List *gate_accepted(const GateSettings *settings,
						   const PlanFigures *figures, const Probes *probes);

/*
 * The gate after the last write refuses when more items are broken than
 * before, and judges the orphan rate as counted.  Returns a list of Refusals.
 */
extern List *gate_after(const GateSettings *settings, const Integrity *before,
						const Integrity *after, const OrphanFigures *orphans);

/*
 * Refuses a table from which rows cannot be deleted, or with rows that have no key
 * of their own: a rollback deletes by key.  Returns a list of Refusals, as the
 * active query snapshot sees the table.
 */
extern List *gate_repeated_keys(const KeyedTable *table);

/* The broken items of a census. */
extern Integrity gate_integrity_of(const ItemCensus *census);

/* "null_group", "cross_restaurant", ... */
extern const char *gate_breakage_name(Breakage breakage);

/* The refusals' messages, as a list of C strings. */
extern List *gate_messages(List *refusals);

/* Their SQLSTATEs in the same order, as a JSON list. */
extern char *gate_states_json(List *refusals);

/*
 * The call that the first of the refusals, one at least, needs: the one that
 * accepts it, or else the one that shows what is in the way.
 */
extern char *gate_call(List *refusals);

/*
 * Raises the refusals, one at least, as one error with the first one's
 * SQLSTATE.  what begins the message ("refused"), state ends the detail with
 * what the refusal leaves behind, and hint replaces the first one's; it may be
 * NULL.
 */
pg_noreturn extern void gate_raise(List *refusals, const char *what, const char *state,
								   const char *hint);

#endif							/* MENUCA_GATE_H */

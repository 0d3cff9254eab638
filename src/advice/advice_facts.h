/*-------------------------------------------------------------------------
 *
 * advice_facts.h
 *	  What the triggers of a rollback are judged by.
 *
 *-------------------------------------------------------------------------
 */
#ifndef MENUCA_ADVICE_FACTS_H
#define MENUCA_ADVICE_FACTS_H

#include "datatype/timestamp.h"
#include "nodes/pg_list.h"

#include "advice/rollback_guide.h"
#include "ledger/environment.h"

/* A row of menuca_validate(). */
typedef struct ValidationRow
{
	char	   *name;
	char	   *title;
	char	   *status;
	char	   *actual;			/* or NULL */
} ValidationRow;

/* The cells of the access matrix that are not as wanted. */
typedef struct MatrixFacts
{
	int64		cells;			/* that were tried */
	int64		open;			/* refused was expected */
	int64		closed;			/* allowed was expected */
	char	   *open_example;	/* or NULL */
	char	   *closed_example; /* or NULL */
} MatrixFacts;

/* Facts that could not be had have a reason instead, which is NULL otherwise. */
typedef struct AdviceFacts
{
	Environment *environment;
	List	   *validation;		/* ValidationRows */
	char	   *no_validation;
	bool		access_deployed;
	MatrixFacts matrix;
	char	   *no_matrix;
	List	   *calls[ROLLBACK_OPTIONS];
	bool		rehearsed[ROLLBACK_OPTIONS];
	double		minutes[ROLLBACK_OPTIONS];
} AdviceFacts;

/* What was found of a trigger. */
typedef struct Advice
{
	char	   *figure;
	bool		triggered;
	bool		unknown;		/* the figure says why */
	bool		has_since;
	TimestampTz since;			/* of a trigger; it is known since now without
								 * one */
	char	   *next_step;		/* of one that is not triggered, or NULL */
} Advice;

/* The name of an option: "items", "indexes", ... */
extern const char *advice_option_name(RollbackOption option);

/* Looks at everything, in the current memory context; an error is a reason. */
extern AdviceFacts *advice_facts(void);

/*
 * How many dishes, and how many groups that have items, visitors without a login see,
 * and their owner: four counts.  Raises an error when the caller may not become the
 * visitors' role, or that role may not read them.
 */
extern void advice_visitors_see(int64 counts[4]);

#endif							/* MENUCA_ADVICE_FACTS_H */

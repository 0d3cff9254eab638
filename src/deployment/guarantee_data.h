/*-------------------------------------------------------------------------
 *
 * guarantee_data.h
 *	  Rows of users that break a guarantee before it is deployed.
 *
 *-------------------------------------------------------------------------
 */
#ifndef MENUCA_GUARANTEE_DATA_H
#define MENUCA_GUARANTEE_DATA_H

#include "seating/guarded_tables.h"

/* What rows can break. */
typedef enum GuaranteeRule
{
	GUARANTEE_NOTHING,			/* it holds whatever the rows are */
	GUARANTEE_SEATED,			/* a confirmed booking has a dining table */
	GUARANTEE_ONCE,				/* a dining table is taken once at a time */
	GUARANTEE_RELEASED			/* a cancelled booking has no dining table */
} GuaranteeRule;

/*
 * The rows that break a rule: how many, and the first ten of them, as a sentence
 * without its full stop, under a query snapshot taken now; NULL when there are none.
 * *query is a statement that shows all of them.
 */
extern char *guarantee_data_broken(const GuardedTables *tables, GuaranteeRule rule, char **query);

#endif							/* MENUCA_GUARANTEE_DATA_H */

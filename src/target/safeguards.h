/*-------------------------------------------------------------------------
 *
 * safeguards.h
 *	  What keeps wrong rows out of a table: constraints, triggers, its sequence.
 *
 *-------------------------------------------------------------------------
 */
#ifndef MENUCA_SAFEGUARDS_H
#define MENUCA_SAFEGUARDS_H

#include "lib/stringinfo.h"

/*
 * Appends two members to a JSON object: guards, an array of the definitions of the
 * table's constraints, unique indexes and triggers that are in force, and
 * last_value of the key's sequence, if the caller may read it.
 */
extern void safeguards_json(Oid relid, StringInfo buf);

/* What was recorded of one table. */
typedef struct Safeguards
{
	const char *table;
	Oid			relid;
	const char *guards;			/* the array */
	bool		has_last_value;
	int64		last_value;
} Safeguards;

/* Called for what a table has lost: "combo_items: CHECK (...)". */
typedef void (*SafeguardFn) (char *lost, void *arg);

/*
 * Hands what n tables have not in force any more to fn, and a sequence that is
 * before its value of then and before the greatest key, so that new rows would
 * repeat keys.
 */
extern void safeguards_compare(const Safeguards *then, int n, SafeguardFn fn, void *arg);

#endif							/* MENUCA_SAFEGUARDS_H */

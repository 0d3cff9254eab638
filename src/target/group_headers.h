/*-------------------------------------------------------------------------
 *
 * group_headers.h
 *	  The headers that groups' rules state.
 *
 * combo_groups.combo_rules is a JSON object; its display_header came from V1, where
 * a semicolon separates a group's headers: "First Pizza;Second Pizza".
 *
 *-------------------------------------------------------------------------
 */
#ifndef MENUCA_GROUP_HEADERS_H
#define MENUCA_GROUP_HEADERS_H

#include "target/parent_map.h"

/* The column of the rules. */
#define GROUP_RULES_COLUMN "combo_rules"

/* More headers than these are not split. */
#define GROUP_HEADERS_MAX 1000

typedef enum HeadersState
{
	HEADERS_NONE,				/* there are no rules, or no header in them */
	HEADERS_SPLIT,				/* one or more */
	HEADERS_UNCLEAR,			/* one is blank, or has a semicolon of its own */
	HEADERS_MALFORMED			/* the rules are no JSON object, or the header
								 * no string */
} HeadersState;

/* The headers of a group, and what else its rules say of their number. */
typedef struct GroupHeaders
{
	HeadersState state;
	int			n;				/* of labels; 0 unless split */
	char	  **labels;			/* trimmed, none of them blank */
	bool		has_item_count;
	int32		item_count;
} GroupHeaders;

/*
 * The headers of all groups of the map, by the numbers of its rows, as the active
 * query snapshot sees the table; in the current memory context.  The rules may be of
 * any type: what is no JSON concerns its own group only.  Raises an error when
 * the table has no column combo_rules, and when the caller may not read it.
 */
extern GroupHeaders *group_headers_read(const ParentTable *parent, const ParentMap *groups);

#endif							/* MENUCA_GROUP_HEADERS_H */

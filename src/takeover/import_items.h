/*-------------------------------------------------------------------------
 *
 * import_items.h
 *	  What an import finds and does, as rows for people and programs.
 *
 * A few things of one sort are a row each; many are one row with their number and
 * the first of them, so that a table of a hundred thousand is read as easily.
 *
 *-------------------------------------------------------------------------
 */
#ifndef MENUCA_IMPORT_ITEMS_H
#define MENUCA_IMPORT_ITEMS_H

#include "fmgr.h"
#include "nodes/execnodes.h"
#include "utils/uuid.h"

/* What an item is about, in the order of the rows. */
typedef enum ImportKind
{
	IMPORT_OVERRIDE,
	IMPORT_UNKNOWN_OVERRIDE,
	IMPORT_WEIGHT,
	IMPORT_ALLOCATION,
	IMPORT_MERGE_GROUP,
	IMPORT_HOLD,
	IMPORT_KEY,
	IMPORT_REUSED_KEY,
	IMPORT_SHADOW_ALLOCATION,
	IMPORT_ORPHAN_ALLOCATION,
	IMPORT_OTHER_WINDOW,
	IMPORT_EXPIRED_HOLD,
	IMPORT_STALE_HOLD_WINDOW,
	IMPORT_STALE_ZONE_LOCK,
	IMPORT_NO_WINDOW,
	IMPORT_DOUBLE_ASSIGNMENT,
	IMPORT_SETTING,				/* these two only when an import is undone */
	IMPORT_ASSIGNMENT
} ImportKind;

typedef enum ImportStatus
{
	IMPORT_PLANNED,
	IMPORT_DONE,
	IMPORT_UNCHANGED,			/* it is so already */
	IMPORT_SKIPPED,				/* it cannot be taken over, or is not to be */
	IMPORT_DEBRIS				/* what the original should not have left */
} ImportStatus;

#define IMPORT_STATUS_COUNT (IMPORT_DEBRIS + 1)

/* An item.  Items with the same kind, status, restaurant, action and reason belong together. */
typedef struct ImportItem
{
	ImportKind	kind;
	ImportStatus status;
	bool		has_restaurant;
	pg_uuid_t	restaurant;
	const char *noun;			/* what one is called: "allocation" */
	const char *object;
	const char *action;
	const char *reason;			/* of all that belong together; may be NULL */
	const char *detail;			/* its own, in place of the reason, or NULL */
	const char *next_step;		/* for it alone; may be NULL */
	const char *next_for_all;	/* for all that belong together, or NULL */
	uint64		count;			/* 0: one; otherwise it stands for that many */
} ImportItem;

typedef struct ImportItems ImportItems;

/* No items yet; they are kept in the current memory context. */
extern ImportItems *import_items_begin(void);

/* Adds an item, which is copied. */
extern void import_items_add(ImportItems *items, const ImportItem *item);

/*
 * Adds a row for something of the original that does not exist: missing says what,
 * as a sentence without its full stop.
 */
extern void import_items_add_missing(ImportItems *items, ImportKind kind, const char *missing);

/* How many things have that status. */
extern uint64 import_items_count(const ImportItems *items, ImportStatus status);

/*
 * Returns the rows: item_no, kind, object, restaurant_id, action, status, detail and
 * next_step; the last one is the summary, with that detail and next_step.
 */
extern void import_items_return(ReturnSetInfo *rsinfo, ImportItems *items, const char *detail, const char *next_step);

/* A text of the original's, in one line and not too long. */
extern char *import_items_name(const char *text);

/* An id as text. */
extern char *import_items_id(const pg_uuid_t *id);

#endif							/* MENUCA_IMPORT_ITEMS_H */

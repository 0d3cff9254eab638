/*-------------------------------------------------------------------------
 *
 * new_item.h
 *	  An item to be written.
 *
 *-------------------------------------------------------------------------
 */
#ifndef MENUCA_NEW_ITEM_H
#define MENUCA_NEW_ITEM_H

/* A row of the junction's table, without its key. */
typedef struct NewItem
{
	int64		group_id;
	int64		dish_id;
	int64		display_order;
	int64		source_id;		/* id of the source row */
	bool		has_source_id;	/* otherwise it becomes NULL */
} NewItem;

#endif							/* MENUCA_NEW_ITEM_H */

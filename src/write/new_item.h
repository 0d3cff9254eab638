/*-------------------------------------------------------------------------
 *
 * new_item.h
 *	  An item to be written.
 *
 *-------------------------------------------------------------------------
 */
#ifndef MENUCA_NEW_ITEM_H
#define MENUCA_NEW_ITEM_H

/* An item to be written. */
typedef struct NewItem
{
	int64		group_id;
	int64		dish_id;
	int64		display_order;
	int64		source_id;
	bool		has_source_id;
} NewItem;

#endif							/* MENUCA_NEW_ITEM_H */

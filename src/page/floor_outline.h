/*-------------------------------------------------------------------------
 *
 * floor_outline.h
 *	  The outline around dining tables that are joined.
 *
 *-------------------------------------------------------------------------
 */
#ifndef MENUCA_FLOOR_OUTLINE_H
#define MENUCA_FLOOR_OUTLINE_H

#include "lib/stringinfo.h"

#include "page/floor_layout.h"

/*
 * Appends the data of a path that covers the dining tables (indexes, one or more) and
 * connects them: what is drawn around it with a thick line is one outline.
 */
extern void floor_outline_append(StringInfo svg, const FloorLayout *layout, const List *tables);

#endif							/* MENUCA_FLOOR_OUTLINE_H */

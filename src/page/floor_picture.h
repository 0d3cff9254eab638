/*-------------------------------------------------------------------------
 *
 * floor_picture.h
 *	  A floor as an SVG document.
 *
 *-------------------------------------------------------------------------
 */
#ifndef MENUCA_FLOOR_PICTURE_H
#define MENUCA_FLOOR_PICTURE_H

#include "page/floor_state.h"

/* The document, in the current memory context; style is its style sheet. */
extern char *floor_picture_make(const FloorState *state, const char *style);

#endif							/* MENUCA_FLOOR_PICTURE_H */

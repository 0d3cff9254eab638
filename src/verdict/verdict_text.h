/*-------------------------------------------------------------------------
 *
 * verdict_text.h
 *	  A verdict as somebody pasted it.
 *
 *-------------------------------------------------------------------------
 */
#ifndef MENUCA_VERDICT_TEXT_H
#define MENUCA_VERDICT_TEXT_H

#include "utils/jsonb.h"

/*
 * The verdict in a text.  Raises an error (MC023) when it is no JSON, which says
 * whether it was cut, and where.
 */
extern Jsonb *verdict_text_parse(const char *text);

/*
 * How to get a verdict here whole, as a hint: the statements that return it, at
 * once and in pieces, and the one that takes the pieces.
 */
extern char *verdict_text_hint(void);

#endif							/* MENUCA_VERDICT_TEXT_H */

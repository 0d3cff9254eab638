/*-------------------------------------------------------------------------
 *
 * receipt_text.h
 *	  A receipt as somebody pasted it.
 *
 *-------------------------------------------------------------------------
 */
#ifndef MENUCA_RECEIPT_TEXT_H
#define MENUCA_RECEIPT_TEXT_H

#include "utils/jsonb.h"

/*
 * The receipt in a text, in the current memory context: the text is the object
 * itself, a result as JSON that has it as a value, or what a client shows around
 * either.  Raises an error (MC024) when the text has none, or more than one.  What
 * the receipt says is not checked, nor its checksum.
 */
extern Jsonb *receipt_text_find(const char *text);

#endif							/* MENUCA_RECEIPT_TEXT_H */

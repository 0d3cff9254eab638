/*-------------------------------------------------------------------------
 *
 * expression.h
 *	  A text that somebody wrote as one SQL expression.
 *
 *-------------------------------------------------------------------------
 */
#ifndef MENUCA_EXPRESSION_H
#define MENUCA_EXPRESSION_H

#include "nodes/parsenodes.h"

/*
 * The raw parse tree of the text.  Raises an error unless all of it is exactly
 * one expression: not two, not one with a clause such as OFFSET or FROM behind
 * it, none that ends a parenthesis that it did not begin, and without * and $1.
 * where names the column that holds the text, for that error.
 */
extern Node *expression_parse(const char *text, const char *where);

/*
 * True if all of the text is one element of CREATE INDEX: a column or an
 * expression, with its operator class, collation and order.
 */
extern bool expression_is_index_element(const char *text);

#endif							/* MENUCA_EXPRESSION_H */

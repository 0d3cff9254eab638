/*-------------------------------------------------------------------------
 *
 * access_expression.h
 *	  SQL conditions on a table's rows, as the server reads and shows them.
 *
 *-------------------------------------------------------------------------
 */
#ifndef MENUCA_ACCESS_EXPRESSION_H
#define MENUCA_ACCESS_EXPRESSION_H

#include "nodes/nodes.h"

/*
 * Analyzes an SQL condition on a table's rows, with its names resolved in
 * pg_catalog.  Raises the server's errors, and one that names where when it is
 * not a single expression.
 */
extern Node *access_expression_parse(Oid relid, const char *condition, const char *where);

/* Such a condition as text, with all names qualified. */
extern char *access_expression_text(Oid relid, Node *expression);

/* The text of a condition after both. */
extern char *access_expression_normalize(Oid relid, const char *condition);

#endif							/* MENUCA_ACCESS_EXPRESSION_H */

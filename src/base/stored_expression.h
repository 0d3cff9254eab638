/*-------------------------------------------------------------------------
 *
 * stored_expression.h
 *	  Expressions that somebody has stored as text.
 *
 * Whoever may edit such a text may not thereby run code as whoever looks at it.
 * So it is analyzed, its names with the caller's rights, but nothing of it is
 * evaluated: not even a literal, which the parser would hand to the input
 * function of its type.  Whatever has to be evaluated, to simplify it, is
 * evaluated as nobody.
 *
 *-------------------------------------------------------------------------
 */
#ifndef MENUCA_STORED_EXPRESSION_H
#define MENUCA_STORED_EXPRESSION_H

#include "nodes/nodes.h"
#include "parser/parse_node.h"

/*
 * Analyzes a parsed expression on a table's columns, whose names are resolved
 * in the search_path: pin it before.  raw is modified.  kind and what are those
 * of transformWhereClause(); a condition must be boolean.  Raises the server's
 * errors, and one for a literal of a type whose input could run code of its
 * owner: a range, a composite type or a domain inside one.
 */
extern Node *stored_expression_analyze(Oid relid, Node *raw, ParseExprKind kind,
									   const char *what, bool is_condition);

/*
 * Raises an error unless all functions of the expression, those of its
 * operators and domains included, belong to the server, a superuser or the
 * table's owner, as whom an index, or a view that policies read, evaluates them.
 */
extern void stored_expression_require_trusted(Oid relid, Node *expression);

/*
 * An analyzed expression with its constant parts evaluated, as nobody.  The
 * result is new.
 */
extern Node *stored_expression_simplify(Node *expression);

/* True if it calls a function that is not immutable; decided as nobody. */
extern bool stored_expression_is_mutable(Node *expression);

/* True if it calls a volatile function; decided as nobody. */
extern bool stored_expression_is_volatile(Node *expression);

#endif							/* MENUCA_STORED_EXPRESSION_H */

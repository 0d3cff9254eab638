/*-------------------------------------------------------------------------
 *
 * users_code.h
 *	  Whether planning or executing a query could run code that users wrote.
 *
 * The rules are strict: what is not known to be harmless counts as code of users.
 *
 *-------------------------------------------------------------------------
 */
#ifndef MENUCA_USERS_CODE_H
#define MENUCA_USERS_CODE_H

#include "nodes/parsenodes.h"
#include "utils/relcache.h"

/*
 * True if an index, a statistics object, a check constraint or the partition key
 * of the table has an expression that calls functions of users.  The planner
 * evaluates constant ones.  The caller holds a lock on the table.
 */
extern bool users_code_in_table(Relation rel);

/*
 * True if an expression calls a function, or checks a domain, that is neither of
 * the server's nor of an extension that a superuser made.
 */
extern bool users_code_in_expression(Node *expression);

/* True if a query reads a relation of users, or calls a function of theirs. */
extern bool users_code_concerns(Query *query);

/*
 * True if an analyzed and rewritten query might run some by itself, whatever its
 * tables are: it has a view or a policy, a function that is not the server's own or
 * may execute text or read tables, or makes values of a type that somebody defined.
 */
extern bool users_code_in_query(Query *query);

/*
 * The relations of users in a query (a list of OIDs), each once: views, too, but
 * neither partitions nor what inherits.
 */
extern List *users_code_relations(Query *query);

/* users_code_in_table() of a table, its partitions and what inherits from it. */
extern bool users_code_below(Oid relid);

#endif							/* MENUCA_USERS_CODE_H */

/*-------------------------------------------------------------------------
 *
 * hosted_expression.h
 *	  Conditions of policies, for a database without the extension.
 *
 *-------------------------------------------------------------------------
 */
#ifndef MENUCA_HOSTED_EXPRESSION_H
#define MENUCA_HOSTED_EXPRESSION_H

#include "nodes/pg_list.h"

/* The schema of the functions there. */
#define HOSTED_SCHEMA "menuca_access"

/* The column of the views there that have the keys of public rows. */
#define HOSTED_KEY "menuca_public_key"

/*
 * The expression or query with the extension's functions replaced by those of
 * HOSTED_SCHEMA.  views: the OwnerViews that it may read.  What is quoted in it stays
 * as it is.  Raises an error when it asks another view.
 */
extern char *hosted_expression(const char *sql, const List *views);

#endif							/* MENUCA_HOSTED_EXPRESSION_H */

/*-------------------------------------------------------------------------
 *
 * access_policy.h
 *	  The policies that a table has, and those that it needs.
 *
 * Definitions are compared as the server shows them, so that two spellings
 * with the same meaning are equal.
 *
 *-------------------------------------------------------------------------
 */
#ifndef MENUCA_ACCESS_POLICY_H
#define MENUCA_ACCESS_POLICY_H

#include "access/wanted_row.h"

typedef struct AccessPolicy
{
	char	   *name;
	bool		permissive;
	char	   *definition;		/* what follows ON table in CREATE POLICY */
} AccessPolicy;

/* The policies that a table has: AccessPolicies, sorted by name. */
extern List *access_policies_of(Oid relid);

/*
 * The policies that the wanted access of a table needs: AccessPolicies.
 * Raises the server's errors about their conditions.
 */
extern List *access_policies_wanted(const WantedAccess *wanted);

/* True if only deployments create policies of that name. */
extern bool access_policy_is_own(const char *name);

/* The policy of that name, or NULL. */
extern AccessPolicy *access_policy_find(const List *policies, const char *name);

#endif							/* MENUCA_ACCESS_POLICY_H */

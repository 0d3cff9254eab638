/*-------------------------------------------------------------------------
 *
 * access_requester.h
 *	  Who sends a request: the kinds of requesters, their claims, and what a
 *	  statement of theirs achieves.
 *
 *-------------------------------------------------------------------------
 */
#ifndef MENUCA_ACCESS_REQUESTER_H
#define MENUCA_ACCESS_REQUESTER_H

#include "access/trial_rows.h"
#include "base/access_roles.h"

typedef enum RequesterKind
{
	KIND_PUBLIC,
	KIND_TENANT,				/* a restaurant's staff */
	KIND_USER,					/* a customer */
	KIND_UNCLAIMED,				/* a login without a usable claim */
	KIND_ADMIN
} RequesterKind;

#define KINDS (KIND_ADMIN + 1)

/* Its name: "public", "tenant", "user", "unclaimed" or "admin". */
extern const char *access_requester_name(RequesterKind kind);

extern AccessRole access_requester_role(RequesterKind kind);

/*
 * The claims that requests of the kind have, as texts, for a table.  Claims do
 * not help who has not logged in; a login without a usable claim has many kinds of claims, some of which resemble the
 * right one; few: only those of them that most statements are tried with.
 */
extern List *access_requester_claims(const TrialWorld *world, const WantedAccess *wanted,
									 RequesterKind kind, bool few);

/* A statement that a requester executes. */
typedef struct RequesterStatement
{
	AccessRole	role;
	const char *claims;
	const char *sql;
	bool		returns_count;	/* it yields a count of rows; otherwise it
								 * returns or affects them */
	Oid			relid;
	const char *proof;			/* a SELECT that yields the same afterwards as
								 * "expected" unless something interfered;
								 * NULL: none */
	const char *proof_expected;

	/* Results */
	int64		rows;
	bool		interfered;
} RequesterStatement;

/*
 * Executes the statement in a subtransaction that is undone.  Returns the error
 * that it raised, or NULL.
 */
extern ErrorData *access_requester_execute(RequesterStatement *statement);

#endif							/* MENUCA_ACCESS_REQUESTER_H */

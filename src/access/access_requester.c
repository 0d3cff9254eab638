/*-------------------------------------------------------------------------
 *
 * access_requester.c
 *	  Who sends a request: see access_requester.h.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "catalog/pg_type.h"

#include "access/access_requester.h"
#include "access/membership.h"
#include "access/trial_query.h"
#include "base/access_session.h"
#include "base/attempt.h"
#include "base/claim_setting.h"
#include "base/jwt_claim.h"
#include "base/query.h"
#include "base/settings.h"
#include "base/slot.h"

/* A restaurant and a customer that no server of this size can have. */
#define NO_SUCH_ID "9223372036854775807"
#define NO_SUCH_UUID "\"ffffffff-ffff-4fff-bfff-ffffffffffff\""

static const struct
{
	const char *name;
	AccessRole	role;
}			kinds[KINDS] = {
	[KIND_PUBLIC] = {"public", ROLE_PUBLIC},
	[KIND_TENANT] = {"tenant", ROLE_TENANT},
	[KIND_USER] = {"user", ROLE_TENANT},
	[KIND_UNCLAIMED] = {"unclaimed", ROLE_TENANT},
	[KIND_ADMIN] = {"admin", ROLE_ADMIN}
};

static char *own_claim(const TrialWorld *world, const WantedAccess *wanted, RequesterKind kind);
static List *unusable_claims(const TrialWorld *world, const WantedAccess *wanted, bool few);
static char *claim_value(const char *value, const AccessKey *key);
static void execute_as_role(void *arg);
static void keep_count(TupleTableSlot *slot, void *arg);


const char *
access_requester_name(RequesterKind kind)
{
	return kinds[kind].name;
}

AccessRole
access_requester_role(RequesterKind kind)
{
	return kinds[kind].role;
}

List *
access_requester_claims(const TrialWorld *world, const WantedAccess *wanted, RequesterKind kind,
						bool few)
{
	switch (kind)
	{
		case KIND_PUBLIC:
			return few ? list_make1("") :
				list_make3("", own_claim(world, wanted, KIND_TENANT),
						   own_claim(world, wanted, KIND_USER));
		case KIND_ADMIN:
			return list_make1("");
		case KIND_TENANT:
			if (membership_is_used())
				return world->members;
			return list_make1(own_claim(world, wanted, kind));
		case KIND_USER:
			return list_make1(own_claim(world, wanted, kind));
		case KIND_UNCLAIMED:
			break;
	}
	return unusable_claims(world, wanted, few);
}

/* The claim of the restaurant's staff, or of the customer. */
static char *
own_claim(const TrialWorld *world, const WantedAccess *wanted, RequesterKind kind)
{
	if (kind == KIND_TENANT && membership_is_used())
		return linitial(world->members);
	return kind == KIND_TENANT ?
		jwt_claim_object(menuca_tenant_claim, claim_value(world->tenant[OWN], wanted->tenant_key)) :
		jwt_claim_object(menuca_user_claim, claim_value(world->user[OWN], wanted->user_key));
}

/*
 * Claims that are missing, malformed, of another type, of nobody or, by membership,
 * of members of none, of removed or suspended ones, and of those who claim a
 * restaurant.
 */
static List *
unusable_claims(const TrialWorld *world, const WantedAccess *wanted, bool few)
{
	bool		by_user = wanted->user_key && !wanted->tenant_key;
	const char *claim = by_user ? menuca_user_claim : menuca_tenant_claim;
	const char *other = by_user ? menuca_tenant_claim : menuca_user_claim;
	const char *id = by_user ? world->user[OWN] : world->tenant[OWN];
	const AccessKey *key = by_user ? wanted->user_key : wanted->tenant_key;
	bool		is_uuid = key && key->type == UUIDOID;
	List	   *claims = list_copy(world->strangers);

	if (membership_is_used() && wanted->tenant_key)
		claims = lappend(claims, jwt_claim_object(menuca_tenant_claim,
												  claim_value(world->tenant[OWN], wanted->tenant_key)));
	claims = lappend(claims, "{}");
	claims = lappend(claims, jwt_claim_object(claim, is_uuid ? NO_SUCH_UUID : NO_SUCH_ID));
	if (few)
		return claims;
	claims = lappend(claims, jwt_claim_object(claim, "null"));
	claims = lappend(claims, jwt_claim_object(claim, "true"));
	claims = lappend(claims, jwt_claim_object(claim, "\"\""));
	claims = lappend(claims, jwt_claim_object(claim, "0.5"));
	claims = lappend(claims, jwt_claim_object(claim, psprintf("\"%s OR true\"", id)));
	claims = lappend(claims, jwt_claim_object(claim, psprintf("[\"%s\"]", id)));
	claims = lappend(claims, jwt_claim_object(claim, psprintf("{\"id\": \"%s\"}", id)));
	claims = lappend(claims, jwt_claim_object(claim, "99999999999999999999"));

	/* The right value, under the name of the other claim */
	if (!wanted->tenant_key || !wanted->user_key)
		claims = lappend(claims, jwt_claim_object(other, claim_value(id, key)));

	/* A function such as auth.jwt() fails on text that is not JSON. */
	if (!claim_setting_is_function())
	{
		claims = lappend(claims, "");
		claims = lappend(claims, psprintf("%s, ", jwt_claim_object(claim, claim_value(id, NULL))));
		claims = lappend(claims, (char *) id);
	}
	return claims;
}

/* An id as JSON; key may be NULL. */
static char *
claim_value(const char *value, const AccessKey *key)
{
	return key && key->type == UUIDOID ? psprintf("\"%s\"", value) :
		strchr(value, '-') && value[0] != '-' ? psprintf("\"%s\"", value) : pstrdup(value);
}

ErrorData *
access_requester_execute(RequesterStatement *statement)
{
	statement->rows = 0;
	statement->interfered = false;
	return attempt_and_undo(execute_as_role, statement);
}

/* Called in a subtransaction that is undone, and with it the role. */
static void
execute_as_role(void *arg)
{
	RequesterStatement *statement = arg;
	AccessSession session = access_session_begin(statement->role, statement->claims);
	uint64		rows = query_write(statement->sql, NULL,
								   statement->returns_count ? keep_count : NULL, &statement->rows);

	if (!statement->returns_count)
		statement->rows = (int64) rows;
	if (statement->proof && statement->rows > 0)
	{
		char	   *found;

		access_session_end(&session);
		found = trial_query_text(statement->proof);
		statement->interfered = found == NULL || strcmp(found, statement->proof_expected) != 0;
	}
}

static void
keep_count(TupleTableSlot *slot, void *arg)
{
	*(int64 *) arg = slot_int8(slot, 0);
}

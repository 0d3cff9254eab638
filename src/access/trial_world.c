/*-------------------------------------------------------------------------
 *
 * trial_world.c
 *	  The restaurants and customers that trial rows belong to: see trial_world.h.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "catalog/pg_type.h"

#include "access/trial_query.h"
#include "access/trial_world.h"

static bool wants_uuid(const List *wanted, bool is_user);
static char *unused_claim(bool is_uuid, int number);


void
trial_world_make(TrialWorld *world)
{
	ListCell   *lc;

	foreach(lc, world->wanted)
	{
		const WantedAccess *wanted = lfirst(lc);

		if (!OidIsValid(wanted->relid) || wanted->problem)
			continue;
		for (int owner = 0; owner < OWNERS; owner++)
		{
			if (access_key_is_primary(wanted->tenant_key, wanted->relid))
				world->tenant[owner] = trial_row_make(world, wanted, owner, true)->key;
			if (access_key_is_primary(wanted->user_key, wanted->relid))
				world->user[owner] = trial_row_make(world, wanted, owner, true)->key;
		}
	}
	for (int owner = 0; owner < OWNERS; owner++)
	{
		if (!world->tenant[owner])
			world->tenant[owner] = unused_claim(wants_uuid(world->wanted, false), owner);
		if (!world->user[owner])
			world->user[owner] = unused_claim(wants_uuid(world->wanted, true), OWNERS + owner);
	}
}

/* True if a tenant's, or user's, key is a uuid. */
static bool
wants_uuid(const List *wanted, bool is_user)
{
	const ListCell *lc;

	foreach(lc, wanted)
	{
		const WantedAccess *table = lfirst(lc);
		const AccessKey *key = is_user ? table->user_key : table->tenant_key;

		if (key && key->type == UUIDOID)
			return true;
	}
	return false;
}

/* A claim that fits a key of any integer type, or of type uuid. */
static char *
unused_claim(bool is_uuid, int number)
{
	return is_uuid ? trial_query_text("SELECT pg_catalog.gen_random_uuid()::pg_catalog.text") :
		psprintf("%d", PG_INT16_MAX - number);
}

const WantedAccess *
trial_world_tenants(const TrialWorld *world)
{
	ListCell   *lc;

	foreach(lc, world->wanted)
	{
		const WantedAccess *wanted = lfirst(lc);

		if (!wanted->problem && wanted->owns_itself)
			return wanted;
	}
	return NULL;
}

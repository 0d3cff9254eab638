/*-------------------------------------------------------------------------
 *
 * advisory_lock.c
 *	  Locks on activities of one session at a time: see advisory_lock.h.
 *
 * menuca_lock_keys()	the first keys, for the view menuca_held_lock
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "fmgr.h"
#include "funcapi.h"
#include "miscadmin.h"
#include "storage/lock.h"
#include "utils/builtins.h"

#include "base/advisory_lock.h"

PG_FUNCTION_INFO_V1(menuca_lock_keys);

/* The first keys: "MCMC", "MCMD" and "MCTK" in ASCII, which no other program is likely to use. */
static const struct
{
	const char *name;
	uint32		key;
}			locks[] = {
	[ADVISORY_LOCK_RUN] = {"run", 0x4D434D43},
	[ADVISORY_LOCK_ACCESS] = {"access", 0x4D434D44},
	[ADVISORY_LOCK_TICKET] = {"ticket", 0x4D43544B}
};

/* The objsubid that pg_locks shows for an advisory lock with two keys. */
#define TWO_KEYS 2

static LOCKTAG lock_tag(AdvisoryLock lock, uint32 object);


/* Returns a row per lock: its name and its first key. */
Datum
menuca_lock_keys(PG_FUNCTION_ARGS)
{
	ReturnSetInfo *rsinfo = (ReturnSetInfo *) fcinfo->resultinfo;

	InitMaterializedSRF(fcinfo, 0);
	for (size_t i = 0; i < lengthof(locks); i++)
	{
		Datum		values[2] = {CStringGetTextDatum(locks[i].name), ObjectIdGetDatum(locks[i].key)};
		bool		nulls[2] = {0};

		tuplestore_putvalues(rsinfo->setResult, rsinfo->setDesc, values, nulls);
	}
	return (Datum) 0;
}

bool
advisory_lock_try(AdvisoryLock lock, uint32 object, bool for_session)
{
	LOCKTAG		tag = lock_tag(lock, object);

	return LockAcquire(&tag, ExclusiveLock, for_session, true) != LOCKACQUIRE_NOT_AVAIL;
}

void
advisory_lock_release(AdvisoryLock lock, uint32 object)
{
	LOCKTAG		tag = lock_tag(lock, object);

	(void) LockRelease(&tag, ExclusiveLock, true);
}

static LOCKTAG
lock_tag(AdvisoryLock lock, uint32 object)
{
	LOCKTAG		tag;

	SET_LOCKTAG_ADVISORY(tag, MyDatabaseId, locks[lock].key, object, TWO_KEYS);
	return tag;
}

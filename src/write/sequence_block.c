/*-------------------------------------------------------------------------
 *
 * sequence_block.c
 *	  Many values of a sequence at once: see sequence_block.h.
 *
 * While no other session can call nextval(), setval() to the last of the values
 * takes them all.  A session that has called nextval() holds ROW EXCLUSIVE on the
 * sequence until its transaction ends.  A lock that conflicts with it is taken
 * only if it is free, without waiting, and released at once.  If that is not
 * possible, nextval() is called for each value.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "access/htup_details.h"
#include "catalog/pg_class.h"
#include "catalog/pg_namespace.h"
#include "catalog/pg_sequence.h"
#include "commands/sequence.h"
#include "common/int.h"
#include "fmgr.h"
#include "miscadmin.h"
#include "storage/lmgr.h"
#include "utils/acl.h"
#include "utils/fmgrprotos.h"
#include "utils/lsyscache.h"
#include "utils/syscache.h"

#include "base/compat.h"
#include "base/owner.h"
#include "base/query.h"
#include "base/relation.h"
#include "base/slot.h"
#include "write/sequence_block.h"

/* The state and the options of a sequence. */
typedef struct SequenceState
{
	int64		last_value;
	bool		is_called;		/* last_value was given out */
	int64		increment;
	int64		min;
	int64		max;
	bool		cycles;
} SequenceState;

static bool take_block(Oid sequence, int64 *values, int n);
static bool owner_may_set(Oid sequence);
static SequenceState sequence_state(Oid sequence);
static void take_sequence_state(TupleTableSlot *slot, void *arg);
static bool block_bounds(const SequenceState *state, int n, int64 *first,
						 int64 *last);


void
sequence_take(Oid sequence, bool check_rights, int64 *values, int n)
{
	bool		allowed = !check_rights ||
		relation_may(sequence, ACL_USAGE) ||
		relation_may(sequence, ACL_UPDATE);

	if (n > 1 && allowed && take_block(sequence, values, n))
		return;

	for (int i = 0; i < n; i++)
	{
		CHECK_FOR_INTERRUPTS();
		values[i] = nextval_internal(sequence, check_rights);
	}
}

/* False when the values cannot be taken at once; then none is used up. */
static bool
take_block(Oid sequence, int64 *values, int n)
{
	OwnerContext owner;
	SequenceState state;
	int64		first;
	int64		last;
	bool		fits;

	if (!owner_may_set(sequence) ||
		!ConditionalLockRelationOid(sequence, ShareRowExclusiveLock))
		return false;

	/* setval() requires a right that nextval() does not. */
	owner = owner_become(sequence);
	state = sequence_state(sequence);
	fits = block_bounds(&state, n, &first, &last);
	if (fits)
		DirectFunctionCall2(setval_oid, ObjectIdGetDatum(sequence), Int64GetDatum(last));
	owner_return(&owner);
	UnlockRelationOid(sequence, ShareRowExclusiveLock);

	for (int i = 0; fits && i < n; i++)
		values[i] = first + i * state.increment;
	return fits;
}

/* An owner's rights can be revoked, which does not matter to nextval(). */
static bool
owner_may_set(Oid sequence)
{
	Oid			owner = relation_owner(sequence);

	return menuca_schema_aclcheck(get_rel_namespace(sequence), owner, ACL_USAGE) == ACLCHECK_OK &&
		pg_class_aclcheck(sequence, owner, ACL_SELECT) == ACLCHECK_OK &&
		pg_class_aclcheck(sequence, owner, ACL_UPDATE) == ACLCHECK_OK;
}

static SequenceState
sequence_state(Oid sequence)
{
	SequenceState state = {0};
	HeapTuple	tuple = SearchSysCache1(SEQRELID, ObjectIdGetDatum(sequence));
	Form_pg_sequence form;

	if (!HeapTupleIsValid(tuple))
		relation_raise_dropped(NULL);
	form = (Form_pg_sequence) GETSTRUCT(tuple);
	state.increment = form->seqincrement;
	state.min = form->seqmin;
	state.max = form->seqmax;
	state.cycles = form->seqcycle;
	ReleaseSysCache(tuple);

	query_begin_snapshot();
	query_each(psprintf("SELECT s.last_value, s.is_called FROM %s s",
						relation_quoted_name(sequence)),
			   NULL, take_sequence_state, &state);
	query_end_snapshot();
	return state;
}

static void
take_sequence_state(TupleTableSlot *slot, void *arg)
{
	SequenceState *state = arg;

	state->last_value = slot_int8(slot, 0);
	state->is_called = slot_bool(slot, 1);
}

/* Finds the next n values; false when the sequence ends or cycles before them. */
static bool
block_bounds(const SequenceState *state, int n, int64 *first, int64 *last)
{
	int64		distance;

	if (state->cycles)
		return false;

	*first = state->last_value;
	if (state->is_called &&
		pg_add_s64_overflow(state->last_value, state->increment, first))
		return false;
	if (pg_mul_s64_overflow(state->increment, n - 1, &distance) ||
		pg_add_s64_overflow(*first, distance, last))
		return false;
	return *first >= state->min && *first <= state->max &&
		*last >= state->min && *last <= state->max;
}

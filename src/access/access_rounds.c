/*-------------------------------------------------------------------------
 *
 * access_rounds.c
 *	  One table after the other, a transaction for each: see access_rounds.h.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "executor/spi.h"
#include "miscadmin.h"
#include "utils/memutils.h"
#include "utils/timestamp.h"

#include "access/access_ledger.h"
#include "access/access_rounds.h"
#include "base/attempt.h"
#include "base/table_lock.h"

/* Pauses between the rounds, in milliseconds: readers of a busy table have it meanwhile. */
#define FIRST_PAUSE 50
#define LONGEST_PAUSE 500

/* Arguments of raise_no_turn(). */
typedef struct HeldTable
{
	Oid			relid;
	int			milliseconds;
} HeldTable;

static List *do_round(List *tables, AccessRoundFn fn, MemoryContext context);
static bool take_turn(void *table, AccessRoundFn fn);
static void raise_no_turn(void *arg);


/*
 * The ledger is locked for the session, since each commit ends the locks of its
 * transaction.  Lists must outlive the commits, so they are in the caller's context.
 */
void
access_rounds_run(const List *tables, AccessRoundFn fn, int milliseconds)
{
	MemoryContext context = CurrentMemoryContext;
	TimestampTz start = GetCurrentTimestamp();
	volatile bool is_open = false;

	if (SPI_connect_ext(SPI_OPT_NONATOMIC) != SPI_OK_CONNECT)
		elog(ERROR, "SPI_connect failed");
	MemoryContextSwitchTo(context);

	PG_TRY();
	{
		List	   *left = list_copy(tables);
		long		pause = FIRST_PAUSE;

		access_ledger_open(true);
		is_open = true;
		while ((left = do_round(left, fn, context)) != NIL)
		{
			long		rest = milliseconds - TimestampDifferenceMilliseconds(start, GetCurrentTimestamp());

			if (rest <= 0)
				break;
			table_lock_pause(Min(pause, rest));
			pause = Min(pause * 2, LONGEST_PAUSE);
		}
	}
	PG_FINALLY();
	{
		if (is_open)
			access_ledger_close();
	}
	PG_END_TRY();

	SPI_finish();
}

/* Returns the tables that others hold. */
static List *
do_round(List *tables, AccessRoundFn fn, MemoryContext context)
{
	List	   *left = NIL;
	ListCell   *lc;

	foreach(lc, tables)
	{
		CHECK_FOR_INTERRUPTS();
		if (!take_turn(lfirst(lc), fn))
			left = lappend(left, lfirst(lc));
		SPI_commit();
		MemoryContextSwitchTo(context);
	}
	return left;
}

/*
 * What a turn without success has allocated is freed: there may be thousands of them
 * while somebody keeps a table.
 */
static bool
take_turn(void *table, AccessRoundFn fn)
{
	MemoryContext turn = AllocSetContextCreate(CurrentMemoryContext, "menuca turn of a table", ALLOCSET_DEFAULT_SIZES);
	MemoryContext context = MemoryContextSwitchTo(turn);
	bool		is_done = fn(table);

	MemoryContextSwitchTo(context);
	if (!is_done)
		MemoryContextDelete(turn);
	return is_done;
}

List *
access_rounds_keep(const List *texts, MemoryContext context)
{
	MemoryContext turn = MemoryContextSwitchTo(context);
	List	   *copies = NIL;
	const ListCell *lc;

	foreach(lc, texts)
		copies = lappend(copies, pstrdup(lfirst(lc)));
	MemoryContextSwitchTo(turn);
	return copies;
}

char *
access_rounds_reason(Oid relid, int milliseconds)
{
	HeldTable	held = {relid, milliseconds};

	return attempt_message(attempt(raise_no_turn, &held));
}

static void
raise_no_turn(void *arg)
{
	const HeldTable *held = arg;

	table_lock_raise_held(list_make1_oid(held->relid), AccessExclusiveLock, held->milliseconds,
						  "Nothing of it was changed.", "");
}

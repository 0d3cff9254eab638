/*-------------------------------------------------------------------------
 *
 * evening_deal.c
 *	  From classes to dining tables: see evening_deal.h.
 *
 * Bookings are dealt by their starts.  When one is, all that use its class at
 * its start have begun by then, so they have their dining tables; as the
 * seating never uses more than there are, enough others are free at that
 * instant.  Whoever was dealt before has begun before, so what is free at the
 * start is free for the whole window.  So dealing cannot fail, and any of the
 * free ones will do.  Only fixed use that begins within the window can be in
 * the way.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "miscadmin.h"

#include "seating/evening_deal.h"

/* The state of one dining table. */
typedef struct DealtTable
{
	int64		until;			/* of the last booking dealt to it */
	bool		used;			/* was any? */
	int32		first_taken;	/* index into the sorted taken */
	int32		ntaken;
	bool		wanted;			/* by the current booking, which had it */
	bool		given;			/* to the current booking */
} DealtTable;

typedef struct DealState
{
	const EveningProblem *problem;
	const int32 *chosen;
	DealtTable *tables;
	int32	   *first_table;	/* of each resource */
	EveningTaken *taken;		/* by resource, table and start */
	EveningHad *had;			/* by booking */
	int32		nhad;
	EveningDeal *deal;
} DealState;

/* A booking to be sorted by its start. */
typedef struct DealOrder
{
	int64		start;
	int32		booking;
} DealOrder;

static void prepare(DealState *state, int32 ntaken, const EveningTaken *taken,
					int32 nhad, const EveningHad *had);
static void count_seats(DealState *state);
static void deal_booking(DealState *state, int32 booking);
static void mark_had(DealState *state, int32 booking, bool wanted);
static int32 pick_table(const DealState *state, int32 resource,
						const EveningBooking *booking);
static bool next_taken(const DealState *state, const DealtTable *table,
					   const EveningBooking *booking, int64 *next);
static int	compare_order(const void *a, const void *b);
static int	compare_taken(const void *a, const void *b);
static int	compare_had(const void *a, const void *b);
static int	compare_seats(const void *a, const void *b);

EveningDeal *
evening_deal(const EveningProblem *problem, const int32 *chosen,
			 int32 ntaken, const EveningTaken *taken,
			 int32 nhad, const EveningHad *had)
{
	DealState	state = {.problem = problem,.chosen = chosen};
	DealOrder  *order = palloc(sizeof(DealOrder) * Max(problem->nbookings, 1));
	int32		n = 0;

	state.deal = palloc0(sizeof(EveningDeal));
	prepare(&state, ntaken, taken, nhad, had);
	count_seats(&state);
	for (int32 b = 0; b < problem->nbookings; b++)
	{
		if (chosen[b] >= 0)
			order[n++] = (DealOrder)
		{
			.start = problem->bookings[b].start,.booking = b
		};
	}
	qsort(order, n, sizeof(DealOrder), compare_order);
	for (int32 i = 0; i < n; i++)
	{
		CHECK_FOR_INTERRUPTS();
		deal_booking(&state, order[i].booking);
	}
	pfree(order);
	pfree(state.tables);
	pfree(state.first_table);
	pfree(state.taken);
	pfree(state.had);
	return state.deal;
}

static void
prepare(DealState *state, int32 ntaken, const EveningTaken *taken,
		int32 nhad, const EveningHad *had)
{
	const EveningProblem *problem = state->problem;
	int32		n = 0;

	state->first_table = palloc(sizeof(int32) * (problem->nresources + 1));
	for (int32 r = 0; r < problem->nresources; r++)
	{
		state->first_table[r] = n;
		n += Max(problem->counts[r], 0);
	}
	state->first_table[problem->nresources] = n;
	state->tables = palloc_extended(sizeof(DealtTable) * Max(n, 1),
									MCXT_ALLOC_HUGE | MCXT_ALLOC_ZERO);
	state->taken = palloc(sizeof(EveningTaken) * Max(ntaken, 1));
	if (ntaken > 0)
		memcpy(state->taken, taken, sizeof(EveningTaken) * ntaken);
	qsort(state->taken, ntaken, sizeof(EveningTaken), compare_taken);
	for (int32 i = ntaken - 1; i >= 0; i--)
	{
		DealtTable *table = &state->tables[state->first_table[state->taken[i].resource] +
										   state->taken[i].table];

		table->first_taken = i;
		table->ntaken++;
	}
	state->nhad = nhad;
	state->had = palloc(sizeof(EveningHad) * Max(nhad, 1));
	if (nhad > 0)
		memcpy(state->had, had, sizeof(EveningHad) * nhad);
	qsort(state->had, nhad, sizeof(EveningHad), compare_had);
}

/* Makes room for the seats of each booking. */
static void
count_seats(DealState *state)
{
	const EveningProblem *problem = state->problem;
	EveningDeal *deal = state->deal;
	int32		n = 0;

	deal->first = palloc(sizeof(int32) * (problem->nbookings + 1));
	for (int32 b = 0; b < problem->nbookings; b++)
	{
		deal->first[b] = n;
		if (state->chosen[b] >= 0)
		{
			const EveningOption *option = &problem->options[state->chosen[b]];

			for (int32 k = 0; k < option->nuses; k++)
				n += problem->uses[option->first_use + k].amount;
		}
	}
	deal->first[problem->nbookings] = n;
	deal->seats = palloc(sizeof(EveningSeat) * Max(n, 1));
}

static void
deal_booking(DealState *state, int32 b)
{
	const EveningProblem *problem = state->problem;
	const EveningBooking *booking = &problem->bookings[b];
	const EveningOption *option = &problem->options[state->chosen[b]];
	EveningSeat *seats = state->deal->seats + state->deal->first[b];
	int32		n = 0;
	bool		dealt = true;

	mark_had(state, b, true);
	for (int32 k = 0; k < option->nuses; k++)
	{
		const EveningUse *use = &problem->uses[option->first_use + k];

		for (int32 i = 0; i < use->amount; i++)
		{
			int32		table = pick_table(state, use->resource, booking);

			seats[n].resource = use->resource;
			seats[n++].table = table;
			if (table < 0)
				dealt = false;
			else
				state->tables[state->first_table[use->resource] + table].given = true;
		}
	}
	mark_had(state, b, false);
	for (int32 i = 0; i < n; i++)
	{
		DealtTable *table;

		if (seats[i].table < 0)
			continue;
		table = &state->tables[state->first_table[seats[i].resource] + seats[i].table];
		table->given = false;
		if (dealt)
		{
			table->used = true;
			table->until = booking->end;
		}
	}
	if (dealt)
		qsort(seats, n, sizeof(EveningSeat), compare_seats);
	else
	{
		/* All or none. */
		for (int32 i = 0; i < n; i++)
			seats[i].table = -1;
		state->deal->undealt++;
	}
}

static void
mark_had(DealState *state, int32 booking, bool wanted)
{
	int32		low = 0;
	int32		high = state->nhad;

	while (low < high)
	{
		int32		middle = low + (high - low) / 2;

		if (state->had[middle].booking < booking)
			low = middle + 1;
		else
			high = middle;
	}
	for (; low < state->nhad && state->had[low].booking == booking; low++)
		state->tables[state->first_table[state->had[low].resource] +
					  state->had[low].table].wanted = wanted;
}

/*
 * The number of a free dining table: one that the booking had, or one with the
 * least time until its next fixed use, or the lowest; -1: none is free.
 */
static int32
pick_table(const DealState *state, int32 resource, const EveningBooking *booking)
{
	const DealtTable *tables = state->tables + state->first_table[resource];
	int32		n = state->first_table[resource + 1] - state->first_table[resource];
	int32		best = -1;
	int64		best_next = PG_INT64_MAX;

	for (int32 i = 0; i < n; i++)
	{
		int64		next;

		if (tables[i].given || (tables[i].used && tables[i].until > booking->start) ||
			!next_taken(state, &tables[i], booking, &next))
			continue;
		if (tables[i].wanted)
			return i;
		if (best < 0 || next < best_next)
		{
			best = i;
			best_next = next;
		}
	}
	return best;
}

/* Whether nothing fixed is in the way; next is when the next fixed use begins. */
static bool
next_taken(const DealState *state, const DealtTable *table,
		   const EveningBooking *booking, int64 *next)
{
	*next = PG_INT64_MAX;
	for (int32 i = 0; i < table->ntaken; i++)
	{
		const EveningTaken *taken = &state->taken[table->first_taken + i];

		if (taken->start < booking->end && booking->start < taken->end)
			return false;
		if (taken->start >= booking->end)
			*next = Min(*next, taken->start);
	}
	return true;
}

static int
compare_order(const void *a, const void *b)
{
	const DealOrder *x = a;
	const DealOrder *y = b;

	if (x->start != y->start)
		return x->start < y->start ? -1 : 1;
	return x->booking < y->booking ? -1 : x->booking > y->booking;
}

static int
compare_taken(const void *a, const void *b)
{
	const EveningTaken *x = a;
	const EveningTaken *y = b;

	if (x->resource != y->resource)
		return x->resource < y->resource ? -1 : 1;
	if (x->table != y->table)
		return x->table < y->table ? -1 : 1;
	return x->start < y->start ? -1 : x->start > y->start;
}

static int
compare_had(const void *a, const void *b)
{
	const EveningHad *x = a;
	const EveningHad *y = b;

	return x->booking < y->booking ? -1 : x->booking > y->booking;
}

static int
compare_seats(const void *a, const void *b)
{
	const EveningSeat *x = a;
	const EveningSeat *y = b;

	if (x->resource != y->resource)
		return x->resource < y->resource ? -1 : 1;
	return x->table < y->table ? -1 : x->table > y->table;
}

/*-------------------------------------------------------------------------
 *
 * booking_fit.c
 *	  A booking that changes still fits its dining tables at commit.
 *
 * menuca_booking_fit_validation(): a trigger function
 *
 * Checked when the booking's time, party size or restaurant changes, when it comes
 * back from cancelled, no_show or completed, and when an assignment gets another
 * dining table, booking or time.  Each of its assignments covers its window, by the
 * settings, and is of a dining table of its restaurant; together they seat the party.
 * A booking without dining tables has nothing to fit.
 *
 * Checked, too, when it becomes confirmed, whoever chose its dining tables, and when.
 * Then they need cover no more than its own time, since turn times and buffers are rules
 * of those who choose.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "fmgr.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"
#include "utils/rel.h"
#include "utils/snapmgr.h"

#include "base/format.h"
#include "base/guc_scope.h"
#include "base/owner.h"
#include "base/query.h"
#include "base/relation.h"
#include "base/slot.h"
#include "base/trigger_call.h"
#include "seating/booking_reader.h"
#include "seating/booking_write.h"
#include "seating/floor_reader.h"
#include "seating/guard_query.h"
#include "seating/guarded_booking.h"
#include "seating/guarded_tables.h"
#include "seating/listed_combination.h"
#include "seating/local_time.h"
#include "seating/seating_extension.h"
#include "seating/seating_schema.h"
#include "seating/seating_settings.h"

PG_FUNCTION_INFO_V1(menuca_booking_fit_validation);

/* SET CONSTRAINTS and the errors name it. */
#define CONSTRAINT "booking_fit_validation"

/* What has happened to a booking. */
typedef enum FitChange
{
	FIT_SAME,					/* nothing that could have broken anything */
	FIT_CONFIRMED,				/* it has become confirmed */
	FIT_CHANGED					/* its time, party, restaurant or dining
								 * tables have changed, or it has come back */
} FitChange;

/* A dining table that is assigned to the booking. */
typedef struct AssignedTable
{
	pg_uuid_t	id;
	char	   *number;
	TimestampTz start;
	TimestampTz end;
	bool		has_restaurant;
	pg_uuid_t	restaurant;
	int			capacity;
} AssignedTable;

/* A booking with its dining tables, as they are now. */
typedef struct BookingFit
{
	const GuardedTables *tables;
	const GuardedBooking *guarded;
	FitChange	change;
	FloorReader reader;			/* without the floor */
	List	   *combinations;	/* ListedCombinations */
	Booking    *booking;
	BookingWindow needed;		/* when it needs its dining tables */
	bool		has_end;		/* false: how long is not known */
	List	   *assigned;		/* AssignedTables, by id */
} BookingFit;

static FitChange changed_booking(const TriggerData *call, const GuardedTables *tables, pg_uuid_t *id);
static FitChange booking_changed(const TriggerData *call);
static bool status_blocks(const TriggerData *call, HeapTuple row);
static bool fits_plainly(const GuardedTables *tables, const pg_uuid_t *id);
static void require_fit(const GuardedTables *tables, const GuardedBooking *guarded, FitChange change);
pg_noreturn static void rethrow_as_misfit(const BookingFit *fit, MemoryContext context);
static void read_settings(BookingFit *fit);
static void read_guarded_booking(BookingFit *fit);
static void find_needed(BookingFit *fit);
static void *make_assigned(TupleTableSlot *slot);
static void check_windows(const BookingFit *fit);
static void check_capacity(const BookingFit *fit);
static const ListedCombination *find_listed(const BookingFit *fit);
static char *exact_utc(TimestampTz time);
pg_noreturn static void raise_misfit(const BookingFit *fit, char *what);


/* AFTER UPDATE of bookings and of booking_table_assignments */
Datum
menuca_booking_fit_validation(PG_FUNCTION_ARGS)
{
	GuardedTables tables;
	TriggerData *call = guarded_tables_call(fcinfo, "menuca_booking_fit_validation",
											TRIGGER_CALL_UPDATE, TRIGGER_CALL_UPDATE, &tables);
	GuardedBooking booking;
	pg_uuid_t	id;
	FitChange	change = changed_booking(call, &tables, &id);

	/* Whoever has confirmed a booking has its row locked. */
	if (change == FIT_CONFIRMED && fits_plainly(&tables, &id))
		return PointerGetDatum(NULL);
	if (change != FIT_SAME && guarded_booking_lock(&tables, &id, &booking) &&
		guarded_booking_blocks(booking.status) && guarded_booking_has_dining_table(&tables, &id))
		require_fit(&tables, &booking, change);
	return PointerGetDatum(NULL);
}

/* Of a booking without an id nothing is known. */
static FitChange
changed_booking(const TriggerData *call, const GuardedTables *tables, pg_uuid_t *id)
{
	HeapTuple	row = guarded_tables_new_row(call);

	if (RelationGetRelid(call->tg_relation) == tables->bookings)
		return guarded_tables_uuid(call, row, "id", id) ? booking_changed(call) : FIT_SAME;
	return (guarded_tables_changed(call, "booking_id") || guarded_tables_changed(call, "table_id") ||
			guarded_tables_changed(call, "start_at") || guarded_tables_changed(call, "end_at")) &&
		guarded_tables_uuid(call, row, "booking_id", id) ? FIT_CHANGED : FIT_SAME;
}

/* Guests who check in sit down where they were promised to, and are not sent away. */
static FitChange
booking_changed(const TriggerData *call)
{
	static const char *const columns[] = {
		"party_size", "restaurant_id", "start_at", "end_at", "booking_date", "start_time", "end_time"
	};

	for (size_t i = 0; i < lengthof(columns); i++)
	{
		if (guarded_tables_changed(call, columns[i]))
			return FIT_CHANGED;
	}
	if (!guarded_tables_changed(call, "status"))
		return FIT_SAME;
	if (status_blocks(call, guarded_tables_new_row(call)) && !status_blocks(call, guarded_tables_old_row(call)))
		return FIT_CHANGED;
	return strcmp(guarded_tables_text(call, guarded_tables_new_row(call), "status"), "confirmed") == 0 ? FIT_CONFIRMED : FIT_SAME;
}

static bool
status_blocks(const TriggerData *call, HeapTuple row)
{
	return guarded_booking_blocks(guarded_tables_text(call, row, "status"));
}

/*
 * Most bookings have one dining table, of their restaurant, with enough seats, for all of
 * their time: one kept statement sees that, and no setting has to be read.
 */
static bool
fits_plainly(const GuardedTables *tables, const pg_uuid_t *id)
{
	Oid			owner = relation_owner(tables->assignments);

	if (!OidIsValid(tables->dining_tables) || relation_owner(tables->dining_tables) != owner ||
		relation_owner(tables->bookings) != owner ||
		!relation_has_column(tables->bookings, "start_at") || !relation_has_column(tables->bookings, "end_at"))
		return false;
	return guard_query_find(tables->assignments,
							psprintf("SELECT FROM ONLY %1$s b JOIN ONLY %2$s a ON a.booking_id = b.id JOIN ONLY %3$s t ON t.id = a.table_id"
									 " WHERE b.id = $1 AND t.restaurant_id = b.restaurant_id AND t.capacity >= b.party_size"
									 " AND a.start_at <= b.start_at AND a.end_at > b.start_at AND a.end_at >= COALESCE(b.end_at, b.start_at)"
									 " AND (SELECT count(*) FROM ONLY %2$s c WHERE c.booking_id = $1) = 1",
									 relation_quoted_name(tables->bookings), relation_quoted_name(tables->assignments),
									 relation_quoted_name(tables->dining_tables)), id, NULL, NULL);
}

/* The row is locked; what is committed now counts, at every isolation level. */
static void
require_fit(const GuardedTables *tables, const GuardedBooking *guarded, FitChange change)
{
	BookingFit	fit = {.tables = tables,.guarded = guarded,.change = change};
	char	   *schema = get_namespace_name(get_rel_namespace(tables->bookings));
	MemoryContext context = CurrentMemoryContext;
	OwnerContext caller;

	if (!guarded->has_restaurant)
		raise_misfit(&fit, "it has no restaurant");
	if (schema == NULL)
		return;
	query_begin_snapshot();
	PushActiveSnapshot(GetLatestSnapshot());
	read_settings(&fit);
	caller = owner_become(tables->bookings);
	guc_scope_set("menuca.seating_schema", schema);
	PG_TRY();
	{
		read_guarded_booking(&fit);
	}
	PG_CATCH();
	{
		rethrow_as_misfit(&fit, context);
	}
	PG_END_TRY();
	owner_return(&caller);
	PopActiveSnapshot();
	query_end_snapshot();

	check_windows(&fit);
	check_capacity(&fit);
}

/* A booking without a time or a party, or with one that does not exist, fits nothing. */
static void
rethrow_as_misfit(const BookingFit *fit, MemoryContext context)
{
	ErrorData  *error;

	MemoryContextSwitchTo(context);
	error = CopyErrorData();
	FlushErrorState();
	if (error->sqlerrcode == ERRCODE_NULL_VALUE_NOT_ALLOWED || error->sqlerrcode == ERRCODE_INVALID_PARAMETER_VALUE ||
		error->sqlerrcode == ERRCODE_DATETIME_FIELD_OVERFLOW || error->sqlerrcode == ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE)
	{
		error->detail = psprintf("Booking %s violates constraint \"%s\".%s%s", guarded_booking_id(&fit->guarded->id), CONSTRAINT,
								 error->detail ? " " : "", error->detail ? error->detail : "");
		error->sqlerrcode = ERRCODE_CHECK_VIOLATION;
		error->table_name = "bookings";
		error->constraint_name = CONSTRAINT;
	}
	ReThrowError(error);
}

/* As the extension's owner, since nobody needs a right on its tables. */
static void
read_settings(BookingFit *fit)
{
	OwnerContext caller = owner_become(extension_table("menuca_seating", "menuca_seating_setting"));

	fit->reader.restaurant = fit->guarded->restaurant;
	fit->reader.settings = seating_settings_of(&fit->guarded->restaurant);
	if (fit->reader.settings->floor.combinations != FLOOR_COMBINATIONS_FREE)
		fit->combinations = listed_combination_all(&fit->guarded->restaurant);
	owner_return(&caller);
}

/* As the owner of bookings, who has the rights of the other tables' owners. */
static void
read_guarded_booking(BookingFit *fit)
{
	QueryArgs	args = {.keep = true};
	const SeatingSchema *schema = seating_schema_find();

	fit->reader.schema = schema;
	fit->reader.zone = local_time_zone(schema, &fit->guarded->restaurant);
	fit->booking = booking_reader_get(&fit->reader, &fit->guarded->id);
	find_needed(fit);
	query_arg(&args, UUIDOID, UUIDPGetDatum(&fit->guarded->id), false);
	fit->assigned = query_list(psprintf("SELECT a.table_id, %s, a.start_at, a.end_at, t.restaurant_id, %s"
										" FROM ONLY %s a LEFT JOIN ONLY %s t ON t.id = a.table_id"
										" WHERE a.booking_id = $1 AND a.table_id IS NOT NULL ORDER BY a.table_id, a.start_at",
										schema->table_number, schema->capacity, schema->assignments, schema->dining_tables), &args, make_assigned);
}

static void
find_needed(BookingFit *fit)
{
	fit->needed = fit->booking->window;
	fit->has_end = true;
	if (fit->change != FIT_CONFIRMED)
		return;
	fit->needed.start = fit->booking->start;
	fit->has_end = booking_write_end_of(&fit->reader, &fit->booking->id, fit->booking->start, &fit->needed.end);
	if (!fit->has_end)
		fit->needed.end = fit->needed.start + 1;
}

static void *
make_assigned(TupleTableSlot *slot)
{
	AssignedTable *assigned = palloc0(sizeof(AssignedTable));

	assigned->id = *DatumGetUUIDP(slot_datum(slot, 0, UUIDOID));
	assigned->number = slot_text_or_null(slot, 1);
	if (assigned->number == NULL)
		assigned->number = guarded_booking_id(&assigned->id);
	assigned->start = slot->tts_isnull[2] ? DT_NOBEGIN : slot_time(slot, 2);
	assigned->end = slot->tts_isnull[3] ? DT_NOEND : slot_time(slot, 3);
	assigned->has_restaurant = !slot->tts_isnull[4];
	if (assigned->has_restaurant)
		assigned->restaurant = *DatumGetUUIDP(slot_datum(slot, 4, UUIDOID));
	assigned->capacity = slot_int4(slot, 5);
	return assigned;
}

static void
check_windows(const BookingFit *fit)
{
	const BookingWindow *needed = &fit->needed;
	ListCell   *lc;

	foreach(lc, fit->assigned)
	{
		const AssignedTable *assigned = lfirst(lc);

		if (!assigned->has_restaurant ||
			memcmp(&assigned->restaurant, &fit->guarded->restaurant, UUID_LEN) != 0)
			raise_misfit(fit, psprintf("its dining table %s is not of its restaurant %s", assigned->number,
									   guarded_booking_id(&fit->guarded->restaurant)));
		if (assigned->start > needed->start || assigned->end < needed->end)
			raise_misfit(fit, psprintf("it needs its dining tables from %s%s%s, and has dining table %s from %s until %s",
									   exact_utc(needed->start), fit->has_end ? " until " : " on",
									   fit->has_end ? exact_utc(needed->end) : "", assigned->number,
									   exact_utc(assigned->start), exact_utc(assigned->end)));
	}
}

static void
check_capacity(const BookingFit *fit)
{
	const ListedCombination *listed = find_listed(fit);
	StringInfoData numbers;
	int64		capacity = 0;
	ListCell   *lc;

	initStringInfo(&numbers);
	foreach(lc, fit->assigned)
	{
		const AssignedTable *assigned = lfirst(lc);

		/* Two rows of one dining table are no two. */
		if (foreach_current_index(lc) > 0 &&
			memcmp(&((const AssignedTable *) list_nth(fit->assigned, foreach_current_index(lc) - 1))->id,
				   &assigned->id, UUID_LEN) == 0)
			continue;
		capacity += assigned->capacity;
		format_append(&numbers, ", ", "%s", assigned->number);
	}
	if (listed)
		capacity = listed->capacity;
	if (capacity < fit->booking->party_size)
		raise_misfit(fit, psprintf("its party is %d, and its dining tables (%s) seat %lld", fit->booking->party_size,
								   numbers.data, (long long) capacity));
}

/* What the restaurant has listed for exactly these dining tables then; the one that seats most. */
static const ListedCombination *
find_listed(const BookingFit *fit)
{
	const ListedCombination *best = NULL;
	ListCell   *lc;

	foreach(lc, fit->combinations)
	{
		const ListedCombination *listed = lfirst(lc);
		bool		same = listed->n == list_length(fit->assigned);

		for (int i = 0; same && i < listed->n; i++)
			same = memcmp(&listed->table_ids[i], &((const AssignedTable *) list_nth(fit->assigned, i))->id, UUID_LEN) == 0;
		if (same && service_times_hold(&listed->times, fit->booking->start, fit->reader.zone) &&
			(best == NULL || listed->capacity > best->capacity))
			best = listed;
	}
	return best;
}

/* format_utc() with microseconds, where there are some. */
static char *
exact_utc(TimestampTz time)
{
	int64		fraction = TIMESTAMP_NOT_FINITE(time) ? 0 : time % USECS_PER_SEC;

	if (fraction < 0)
		fraction += USECS_PER_SEC;
	return fraction == 0 ? format_utc(time) :
		psprintf("%s +0.%06d s", format_utc(time - fraction), (int) fraction);
}

static void
raise_misfit(const BookingFit *fit, char *what)
{
	char	   *id = guarded_booking_id(&fit->guarded->id);

	ereport(ERROR,
			(errcode(ERRCODE_CHECK_VIOLATION),
			 fit->change == FIT_CONFIRMED ? errmsg("booking %s does not fit its dining tables", id) :
			 errmsg("booking %s does not fit its dining tables any more", id),
			 errdetail("It violates constraint \"%s\": %s.", CONSTRAINT, what),
			 fit->booking ? errhint("%s", seating_call("Change it together with its dining tables: SELECT * FROM menuca_move_booking('%s', '%s', %d);",
													   id, format_utc(fit->booking->start), fit->booking->party_size)) : 0,
			 guarded_booking_constraint(fit->tables, CONSTRAINT)));
}

/*-------------------------------------------------------------------------
 *
 * no_plan.c
 *	  Why a party has no plan: see no_plan.h.
 *
 * The planner has the facts (plan_obstacle.h).  When all that is missing are dining tables
 * that are taken, the times are tried at which somebody leaves, since only then does the
 * set of free ones grow.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "miscadmin.h"

#include "base/format.h"
#include "base/sqlstate.h"
#include "seating/local_time.h"
#include "seating/no_plan.h"
#include "seating/rollout_share.h"
#include "seating/plan_obstacle.h"
#include "seating/plan_search.h"
#include "seating/seating_refusal.h"
#include "seating/taken_table.h"

/*
 * Steps of the search at each time that is tried, of which there may be hundreds.  A plan
 * that it finds is one; where it ends early, a later time is named.
 */
#define MAX_EVALUATIONS 100000

/* Rules in the order in which they are named. */
static const int named_rules[] = {
	PLAN_RULE_OVERAGE, PLAN_RULE_K, PLAN_RULE_MOBILITY, PLAN_RULE_ADJACENCY, PLAN_RULE_LISTED_ONLY,
	PLAN_RULE_MAX_PARTY, PLAN_RULE_MIN_PARTY, PLAN_RULE_OTHER_ZONE, PLAN_RULE_ZONE_CLOSED, PLAN_RULE_OUT_OF_SERVICE, PLAN_RULE_BUSY
};

/* What is explained. */
typedef struct Explanation
{
	const FloorReader *reader;
	const PlanQuestion *question;
	TimestampTz start;
	const pg_uuid_t *booking;
	bool		for_walk_in;
	NoPlan	   *none;
	FloorSettings settings;		/* with the limit above */
	PlanObstacles obstacles;	/* what the planner says */
} Explanation;

static void explain_rules(const Explanation *explanation);
static char *rule_reason(const Explanation *explanation, int rule);
static char *overage_reason(const Explanation *explanation);
static char *size_reason(const Explanation *explanation);
static int	fewest_tables(const Explanation *explanation);
static int	compare_seats_down(const void *a, const void *b);
static char *mobility_reason(const Explanation *explanation);
static char *adjacency_reason(const Explanation *explanation);
static bool counts(const Explanation *explanation, int index);
static int64 largest_zone(const Explanation *explanation, bool *alone);
static void explain_busy(const Explanation *explanation);
static void find_next_time(const Explanation *explanation);
static bool fits_at(const Explanation *explanation, TimestampTz start, const List *taken);
static int	compare_times(const void *a, const void *b);


NoPlan *
no_plan_explain(const FloorReader *reader, const PlanQuestion *question, TimestampTz start, const pg_uuid_t *booking, bool for_walk_in)
{
	Explanation explanation = {reader, question, start, booking, for_walk_in, palloc0(sizeof(NoPlan)), reader->floor.settings, {0}};
	PlanObstacles *obstacles = &explanation.obstacles;

	if (explanation.settings.max_evaluations == 0 || explanation.settings.max_evaluations > MAX_EVALUATIONS)
		explanation.settings.max_evaluations = MAX_EVALUATIONS;
	plan_obstacle_find(&reader->floor, &question->query, obstacles);
	if (obstacles->alone & PLAN_RULE_BUSY)
		explain_busy(&explanation);
	else
		explain_rules(&explanation);
	explanation.none->off = explanation.none->rule == PLAN_RULE_K && obstacles->alone != 0 &&
		!(reader->settings->planner && reader->settings->merges);
	return explanation.none;
}

/* There are not that many seats, or one rule, or some together. */
static void
explain_rules(const Explanation *explanation)
{
	const PlanObstacles *obstacles = &explanation->obstacles;
	NoPlan	   *none = explanation->none;
	bool		alone;
	bool		is_listed = explanation->reader->floor.ncombinations > 0;
	int64		seats = largest_zone(explanation, &alone);
	int			party = explanation->question->query.party;
	StringInfoData reasons;

	if (!is_listed && seats < party)
	{
		none->rule = PLAN_RULE_CAPACITY;
		none->reason = psprintf("capacity: a party of %d is bigger than the room, where %s "
								INT64_FORMAT " seats at dining tables in service", party,
								alone ? "no dining table has more than" : "no zone has more than", seats);
		return;
	}
	if (!is_listed && fewest_tables(explanation) > FLOOR_MAX_K)
	{
		none->rule = PLAN_RULE_K;
		none->reason = psprintf("k: a party of %d needs at least %s joined, k_max is %d", party,
								format_things(fewest_tables(explanation), "dining table"), explanation->settings.k_max);
		return;
	}
	initStringInfo(&reasons);
	for (size_t i = 0; i < lengthof(named_rules); i++)
	{
		if ((obstacles->alone ? obstacles->alone : obstacles->together) & named_rules[i])
		{
			format_append(&reasons, "; and ", "%s", rule_reason(explanation, named_rules[i]));
			if (obstacles->alone)
			{
				none->rule = named_rules[i];
				break;
			}
		}
	}
	if (reasons.len == 0)
		format_append(&reasons, "", "capacity: the largest party that any dining tables could have is " INT64_FORMAT ", not %d", obstacles->largest, party);
	none->reason = reasons.data;
}

static char *
rule_reason(const Explanation *explanation, int rule)
{
	int			party = explanation->question->query.party;

	switch (rule)
	{
		case PLAN_RULE_OVERAGE:
			return overage_reason(explanation);
		case PLAN_RULE_K:
			return size_reason(explanation);
		case PLAN_RULE_MOBILITY:
			return mobility_reason(explanation);
		case PLAN_RULE_ADJACENCY:
			return adjacency_reason(explanation);
		case PLAN_RULE_LISTED_ONLY:
			return psprintf("listed: only listed combinations are allowed, and none is for a party of %d at that time", party);
		case PLAN_RULE_MAX_PARTY:
			return psprintf("max_party: the dining tables with enough seats are for smaller parties than %d", party);
		case PLAN_RULE_MIN_PARTY:
			return psprintf("min_party: the dining tables that fit are for larger parties than %d", party);
		case PLAN_RULE_OTHER_ZONE:
			return pstrdup("zone: there is a plan in another zone only");
		case PLAN_RULE_ZONE_CLOSED:
			return pstrdup("zone_closed: there is a plan in a zone only that is not active");
	}
	if (rule == PLAN_RULE_BUSY)
		return pstrdup("busy: some that would do are taken then");
	return pstrdup("out_of_service: there is a plan only with dining tables that are out of service");
}

static char *
overage_reason(const Explanation *explanation)
{
	return psprintf("overage: the closest fit for a party of %d has %s too many, max_overage is %d",
					explanation->question->query.party, format_things(explanation->obstacles.overage_needed, "seat"),
					explanation->settings.max_overage);
}

static char *
size_reason(const Explanation *explanation)
{
	const SeatingSettings *settings = explanation->reader->settings;

	if (!settings->planner || !settings->merges)
		return psprintf("off: a party of %d needs %s joined, and %s", explanation->question->query.party,
						format_things(explanation->obstacles.tables_needed, "dining table"),
						!rollout_share_is_in(&explanation->reader->restaurant) ? "the rollout has not reached the restaurant" :
						settings->planner ? "the setting merges is false" : "the setting planner is false");
	return psprintf("k: a party of %d needs %s joined, k_max is %d", explanation->question->query.party,
					format_things(explanation->obstacles.tables_needed, "dining table"), explanation->settings.k_max);
}

/* Whatever else the rules are: the largest ones of a zone first, until they are enough. */
static int
fewest_tables(const Explanation *explanation)
{
	const Floor *floor = &explanation->reader->floor;
	int		   *capacities = palloc((floor->ntables + 1) * sizeof(int));
	int			fewest = PG_INT32_MAX;

	for (int zone = FLOOR_NO_ZONE; zone < floor->nzones; zone++)
	{
		int64		seats = 0;
		int			n = 0;

		for (int i = 0; i < floor->ntables; i++)
		{
			if (counts(explanation, i) && floor->tables[i].zone == zone)
				capacities[n++] = floor->tables[i].capacity;
		}
		qsort(capacities, n, sizeof(int), compare_seats_down);
		for (int i = 0; i < (zone == FLOOR_NO_ZONE ? Min(n, 1) : n); i++)
		{
			seats += capacities[i];
			if (seats >= explanation->question->query.party)
			{
				fewest = Min(fewest, i + 1);
				break;
			}
		}
	}
	pfree(capacities);
	return fewest;
}

/* The largest first. */
static int
compare_seats_down(const void *a, const void *b)
{
	return *(const int *) b - *(const int *) a;
}

static char *
mobility_reason(const Explanation *explanation)
{
	const PlanObstacles *obstacles = &explanation->obstacles;

	return psprintf("mobility: too few are movable for a party of %d: %d of %s", explanation->question->query.party,
					obstacles->nmovable, format_things(obstacles->nusable, "dining table"));
}

static char *
adjacency_reason(const Explanation *explanation)
{
	static const char *const words[] = {"off", "connected", "pairwise", "neighbors"};
	const PlanObstacles *obstacles = &explanation->obstacles;

	return psprintf("adjacency: no dining tables for a party of %d are next to each other as adjacency demands (%s): %d of %d movable ones are isolated",
					explanation->question->query.party, words[explanation->settings.adjacency], obstacles->nisolated, obstacles->nmovable);
}

/* Whether the question could use a dining table at all. */
static bool
counts(const Explanation *explanation, int index)
{
	const DiningTable *table = &explanation->reader->floor.tables[index];
	int			zone = explanation->question->query.zone;

	return floor_usable(table) && (zone == FLOOR_NO_ZONE || zone == table->zone);
}

/* The seats that a party could have at most: of a zone, or of a dining table alone. */
static int64
largest_zone(const Explanation *explanation, bool *alone)
{
	const Floor *floor = &explanation->reader->floor;
	int64	   *seats = palloc0((floor->nzones + 1) * sizeof(int64));
	int64		most = 0;

	*alone = true;
	for (int i = 0; i < floor->ntables; i++)
	{
		const DiningTable *table = &floor->tables[i];

		if (!counts(explanation, i))
			continue;
		if (table->zone >= 0)
		{
			bool		first = seats[table->zone] == 0;

			seats[table->zone] += table->capacity;
			if (seats[table->zone] > most)
			{
				most = seats[table->zone];
				*alone = first;
			}
		}
		else if (table->capacity > most)
		{
			most = table->capacity;
			*alone = true;
		}
	}
	return most;
}

static void
explain_busy(const Explanation *explanation)
{
	const Floor *floor = &explanation->reader->floor;
	const PlanQuestion *question = explanation->question;
	int			used = 0;
	int			taken = 0;

	for (int i = 0; i < floor->ntables; i++)
	{
		used += counts(explanation, i);
		taken += counts(explanation, i) && !question->free[i];
	}
	explanation->none->rule = PLAN_RULE_BUSY;
	find_next_time(explanation);
	explanation->none->reason = psprintf("busy: %d of %s are taken, or kept for walk-ins, from %s, and the others do not fit a party of %d; %s",
										 taken, format_things(used, "dining table"),
										 refusal_window(explanation->reader, question->window.start, question->window.end),
										 question->query.party,
										 explanation->none->has_next ?
										 psprintf("the next time is %s", refusal_time(explanation->reader, explanation->none->next)) :
										 "there is no later time that day");
}

/* Candidates are the instants at which the window begins as somebody's ends. */
static void
find_next_time(const Explanation *explanation)
{
	const FloorReader *reader = explanation->reader;
	BookingWindow day = explanation->question->window;
	int64		lead = explanation->start - day.start;
	TimestampTz last = local_time_service_day_begin(explanation->start, reader->zone) + 25 * USECS_PER_HOUR;
	OccupiedExcept except = {explanation->booking, NULL};
	List	   *taken;
	ListCell   *lc;
	TimestampTz *starts;
	int			n = 0;

	last = local_time_service_day_begin(last, reader->zone);
	day.end += last - explanation->start;
	taken = taken_table_find(reader, &day, &except);
	starts = palloc((list_length(taken) + 1) * sizeof(TimestampTz));
	foreach(lc, taken)
	{
		TimestampTz start = ((Occupied *) lfirst(lc))->end + lead;

		if (start > explanation->start && start < last)
			starts[n++] = start;
	}
	qsort(starts, n, sizeof(TimestampTz), compare_times);
	for (int i = 0; i < n; i++)
	{
		CHECK_FOR_INTERRUPTS();
		if ((i > 0 && starts[i] == starts[i - 1]) || !fits_at(explanation, starts[i], taken))
			continue;
		explanation->none->has_next = true;
		explanation->none->next = starts[i];
		return;
	}
}

static bool
fits_at(const Explanation *explanation, TimestampTz start, const List *taken)
{
	const FloorReader *reader = explanation->reader;
	PlanQuery	query = explanation->question->query;
	BookingWindow window = explanation->question->window;
	int			n = reader->floor.ntables + 1;
	bool	   *free = palloc(n);
	int		   *priority = palloc(n * sizeof(int));
	int		   *min_party = palloc(n * sizeof(int));
	bool	   *applies = floor_reader_applies(reader, start);
	const ListCell *lc;
	bool		fits;

	window.start += start - explanation->start;
	window.end += start - explanation->start;
	memset(free, true, n);
	foreach(lc, taken)
	{
		const Occupied *other = lfirst(lc);

		if (other->start < window.end && window.start < other->end)
			free[other->table] = false;
	}
	floor_reader_prefer(reader, start, explanation->for_walk_in, free, priority, min_party);
	query.settings = &explanation->settings;
	query.free = free;
	query.applies = applies;
	query.priority = priority;
	query.min_party = min_party;
	fits = plan_search_any(&reader->floor, &query, NULL);
	pfree(free);
	pfree(priority);
	pfree(min_party);
	pfree(applies);
	return fits;
}

static int
compare_times(const void *a, const void *b)
{
	TimestampTz first = *(const TimestampTz *) a;
	TimestampTz second = *(const TimestampTz *) b;

	return first < second ? -1 : first > second;
}

void
no_plan_raise(const FloorReader *reader, const NoPlan *none, const char *subject, const char *hint)
{
	ereport(ERROR,
			(errcode(none->off ? ERRCODE_MENUCA_PLANNER_OFF :
					 none->rule == PLAN_RULE_BUSY ? ERRCODE_MENUCA_TAKEN : ERRCODE_MENUCA_SEATING_RULE),
			 errmsg("there are no dining tables for %s", subject),
			 errdetail("Restaurant %s, %s. Nothing was changed.", refusal_id(&reader->restaurant), none->reason),
			 errhint("%s", hint)));
}

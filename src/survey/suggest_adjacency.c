/*-------------------------------------------------------------------------
 *
 * suggest_adjacency.c
 *	  Which dining tables stand next to each other, by their positions.
 *
 * menuca_suggest_adjacency(restaurant, distance)
 *
 * Positions are sorted by zone and x, so that each is compared with those only whose x
 * is near enough.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include <math.h>

#include "fmgr.h"
#include "funcapi.h"
#include "miscadmin.h"
#include "utils/builtins.h"
#include "utils/fmgrprotos.h"
#include "utils/memutils.h"

#include "base/arguments.h"
#include "base/format.h"
#include "base/results.h"
#include "base/settings.h"
#include "seating/seating_extension.h"
#include "seating/seating_refusal.h"
#include "survey/adjacency_facts.h"
#include "survey/table_position.h"

PG_FUNCTION_INFO_V1(menuca_suggest_adjacency);

/* Part by which two distances may differ and be equal: 0.4 - 0.1 is not 0.3 in binary. */
#define EQUAL_DISTANCES 1e-9

/*
 * Without a distance, neighbors are at most that many times as far apart as half of the
 * dining tables are from their nearest one: more than a step in a grid, less than its diagonal.
 */
#define STEPS_OF_NEIGHBORS 1.25

/* Two dining tables that are near each other. */
typedef struct NearPair
{
	int			a;				/* indexes on the floor, the smaller id first */
	int			b;
	int			zone_rank;		/* of its zone, by name */
	double		distance;
} NearPair;

typedef struct NearPairs
{
	const FloorReader *reader;
	int64		n;
	int64		allocated;
	NearPair   *pairs;
} NearPairs;

static double distance_argument(FunctionCallInfo fcinfo, int place, const TablePositions *positions, const FloorReader *reader);
static double usual_distance(const TablePositions *positions, const FloorReader *reader);
static double nearest_distance(const TablePositions *positions, const FloorReader *reader, int i);
static double distance_between(const TablePosition *a, const TablePosition *b);
static void find_near_pairs(NearPairs *near, const TablePositions *positions, double distance);
static void add_near_pair(NearPairs *near, int a, int b, double distance);
static int	compare_near_pairs(const void *a, const void *b, void *arg);
static void return_pair(ReturnSetInfo *rsinfo, const AdjacencyFacts *facts, const NearPair *pair, const char *next_step);
static char *insert_statement(const AdjacencyFacts *facts, const NearPair *pair);
static void tell_positions(const FloorReader *reader, const TablePositions *positions);
static int	compare_distances(const void *a, const void *b);


/* menuca_suggest_adjacency(...): a row per pair.  Read only. */
Datum
menuca_suggest_adjacency(PG_FUNCTION_ARGS)
{
	ReturnSetInfo *rsinfo = (ReturnSetInfo *) fcinfo->resultinfo;
	NearPairs	near = {0};
	TablePositions *positions;
	AdjacencyFacts *facts;
	char	   *next_step;
	MemoryContext rows;

	argument_require(fcinfo, 0, "restaurant");
	InitMaterializedSRF(fcinfo, 0);
	near.reader = floor_reader_read(PG_GETARG_UUID_P(0));
	facts = adjacency_facts_read(near.reader);
	positions = table_position_read(near.reader);
	tell_positions(near.reader, positions);
	find_near_pairs(&near, positions, distance_argument(fcinfo, 1, positions, near.reader));

	next_step = seating_call("SELECT * FROM menuca_check_adjacency('%s');", refusal_id(&near.reader->restaurant));

	/* There may be very many rows, so what one needs is given back. */
	rows = AllocSetContextCreate(CurrentMemoryContext, "suggested pairs", ALLOCSET_DEFAULT_SIZES);
	for (int64 i = 0; i < near.n; i++)
	{
		MemoryContext caller = MemoryContextSwitchTo(rows);

		CHECK_FOR_INTERRUPTS();
		return_pair(rsinfo, facts, &near.pairs[i], next_step);
		MemoryContextSwitchTo(caller);
		MemoryContextReset(rows);
	}
	return (Datum) 0;
}

static double
distance_argument(FunctionCallInfo fcinfo, int place, const TablePositions *positions, const FloorReader *reader)
{
	double		distance = argument_numeric_or(fcinfo, place, -1);

	if (PG_ARGISNULL(place))
		return usual_distance(positions, reader);
	if (!(distance >= 0) || !isfinite(distance))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("a distance is a number that is 0 or more"),
				 errdetail("It is in the unit of the positions, from centre to centre."),
				 errhint("%s", seating_call("SELECT * FROM menuca_suggest_adjacency('%s');", refusal_id(&reader->restaurant)))));
	return distance;
}

static double
usual_distance(const TablePositions *positions, const FloorReader *reader)
{
	double	   *nearest = palloc((positions->n + 1) * sizeof(double));
	int			n = 0;
	double		distance;

	for (int i = 0; i < positions->n; i++)
	{
		double		to_nearest = nearest_distance(positions, reader, i);

		CHECK_FOR_INTERRUPTS();
		if (to_nearest >= 0)
			nearest[n++] = to_nearest;
	}
	qsort(nearest, n, sizeof(double), compare_distances);
	distance = n > 0 ? nearest[n / 2] * STEPS_OF_NEIGHBORS : 0;
	pfree(nearest);
	if (n == 0)
		return distance;
	ereport(NOTICE,
			(errmsg("neighbors are at most %.6g apart, from centre to centre", distance),
			 errdetail("That is %.2f times the distance that half of %s have to their nearest one in the zone.",
					   STEPS_OF_NEIGHBORS, format_things(n, "dining table")),
			 errhint("%s", seating_call("For another distance: SELECT * FROM menuca_suggest_adjacency('%s', distance => %.6g);",
										refusal_id(&reader->restaurant), distance))));
	return distance;
}

/* To both sides, while x alone is nearer than the nearest one; negative when it is alone in its zone. */
static double
nearest_distance(const TablePositions *positions, const FloorReader *reader, int i)
{
	const TablePosition *all = positions->positions;
	const DiningTable *tables = reader->floor.tables;
	double		nearest = -1;

	for (int step = -1; step <= 1; step += 2)
	{
		for (int j = i + step; j >= 0 && j < positions->n && tables[all[j].table].zone == tables[all[i].table].zone; j += step)
		{
			double		distance = distance_between(&all[i], &all[j]);

			if (nearest >= 0 && fabs(all[j].x - all[i].x) > nearest)
				break;
			if (nearest < 0 || distance < nearest)
				nearest = distance;
		}
	}
	return nearest;
}

static double
distance_between(const TablePosition *a, const TablePosition *b)
{
	return hypot(a->x - b->x, a->y - b->y);
}

static void
find_near_pairs(NearPairs *near, const TablePositions *positions, double distance)
{
	const DiningTable *tables = near->reader->floor.tables;
	int		   *order = survey_text_zone_order(near->reader);
	int		   *rank = palloc((near->reader->floor.nzones + 1) * sizeof(int));
	double		most = distance * (1 + EQUAL_DISTANCES);

	for (int i = 0; i < near->reader->floor.nzones; i++)
		rank[order[i]] = i;
	for (int i = 0; i < positions->n; i++)
	{
		const TablePosition *one = &positions->positions[i];

		for (int j = i + 1; j < positions->n; j++)
		{
			const TablePosition *other = &positions->positions[j];
			double		between;

			CHECK_FOR_INTERRUPTS();
			if (tables[other->table].zone != tables[one->table].zone || other->x - one->x > most)
				break;
			if (fabs(other->y - one->y) > most)
				continue;
			between = distance_between(one, other);
			if (between <= most)
				add_near_pair(near, one->table, other->table, between);
		}
	}
	for (int64 i = 0; i < near->n; i++)
		near->pairs[i].zone_rank = rank[tables[near->pairs[i].a].zone];
	if (near->n > 1)
		qsort_arg(near->pairs, near->n, sizeof(NearPair), compare_near_pairs, unconstify(FloorReader *, near->reader));
}

/* The floor's dining tables are sorted by id. */
static void
add_near_pair(NearPairs *near, int a, int b, double distance)
{
	if (near->n == near->allocated)
	{
		near->allocated = Max(near->allocated * 2, 256);
		near->pairs = near->pairs ? repalloc_huge(near->pairs, near->allocated * sizeof(NearPair)) :
			palloc(near->allocated * sizeof(NearPair));
	}
	near->pairs[near->n].a = Min(a, b);
	near->pairs[near->n].b = Max(a, b);
	near->pairs[near->n++].distance = distance;
}

/* By zone, then by numbers. */
static int
compare_near_pairs(const void *a, const void *b, void *arg)
{
	const int  *place = ((const FloorReader *) arg)->floor.place;
	const NearPair *first = a;
	const NearPair *second = b;

	if (first->zone_rank != second->zone_rank)
		return first->zone_rank - second->zone_rank;
	if (first->a != second->a)
		return place[first->a] - place[second->a];
	return place[first->b] - place[second->b];
}

static void
return_pair(ReturnSetInfo *rsinfo, const AdjacencyFacts *facts, const NearPair *pair, const char *next_step)
{
	const FloorReader *reader = facts->reader;
	bool		known = adjacency_facts_has(facts, pair->a, pair->b);
	Datum		values[9];
	bool		nulls[9] = {0};

	values[0] = UUIDPGetDatum(&reader->table_ids[pair->a]);
	values[1] = UUIDPGetDatum(&reader->table_ids[pair->b]);
	values[2] = CStringGetTextDatum(reader->floor.tables[pair->a].number);
	values[3] = CStringGetTextDatum(reader->floor.tables[pair->b].number);
	values[4] = CStringGetTextDatum(survey_text_zone(reader, reader->floor.tables[pair->a].zone));
	values[5] = DirectFunctionCall1(numeric_trim_scale, result_numeric(pair->distance, 4));
	values[6] = BoolGetDatum(known);
	values[7] = result_text(known ? NULL : insert_statement(facts, pair), &nulls[7]);
	values[8] = CStringGetTextDatum(next_step);
	tuplestore_putvalues(rsinfo->setResult, rsinfo->setDesc, values, nulls);
}

/* In both directions where the restaurant's edges are. */
static char *
insert_statement(const AdjacencyFacts *facts, const NearPair *pair)
{
	const FloorReader *reader = facts->reader;
	char	   *a = refusal_id(&reader->table_ids[pair->a]);
	char	   *b = refusal_id(&reader->table_ids[pair->b]);

	if (reader->schema->adjacencies == NULL)
		return NULL;
	return psprintf("INSERT INTO %s (table_a, table_b) VALUES ('%s', '%s')%s ON CONFLICT DO NOTHING;", reader->schema->adjacencies, a, b,
					facts->both_ways > 0 && facts->one_way == 0 ? psprintf(", ('%s', '%s')", b, a) : "");
}

static void
tell_positions(const FloorReader *reader, const TablePositions *positions)
{
	int64		n = positions->none.count + positions->unreadable.count;

	if (reader->schema->adjacencies == NULL)
		ereport(NOTICE,
				(errmsg("there is no table table_adjacencies, so nothing can be entered"),
				 errhint("CREATE TABLE %s (table_a uuid NOT NULL REFERENCES %s, table_b uuid NOT NULL REFERENCES %s, PRIMARY KEY (table_a, table_b));",
						 quote_qualified_identifier(menuca_seating_schema, "table_adjacencies"),
						 reader->schema->dining_tables, reader->schema->dining_tables)));
	if (n == 0)
		return;
	ereport(NOTICE,
			(errmsg("%s no position that can be read", n == 1 ? "1 active dining table has" : psprintf("%s active dining tables have", format_count(n))),
			 errdetail("Without a position: %s. With one that has no numbers x and y: %s.",
					   positions->none.count > 0 ? survey_text_names(&positions->none) : "none",
					   positions->unreadable.count > 0 ? survey_text_names(&positions->unreadable) : "none"),
			 errhint("SELECT id, table_number, position FROM %s WHERE restaurant_id = '%s' AND active;", reader->schema->dining_tables,
					 refusal_id(&reader->restaurant))));
}

static int
compare_distances(const void *a, const void *b)
{
	double		first = *(const double *) a;
	double		second = *(const double *) b;

	return first < second ? -1 : first > second;
}

/*-------------------------------------------------------------------------
 *
 * adjacency_facts.c
 *	  What table_adjacencies says: see adjacency_facts.h.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "miscadmin.h"
#include "utils/builtins.h"

#include "base/query.h"
#include "base/slot.h"
#include "seating/seating_refusal.h"
#include "survey/adjacency_facts.h"

static void *make_stored_edge(TupleTableSlot *slot);
static int	compare_stored_edges(const ListCell *a, const ListCell *b);
static int	compare_edge_ids(const AdjacencyEdge *a, const AdjacencyEdge *b);
static int	compare_edges(const void *a, const void *b);
static AdjacencyKind edge_kind(const FloorReader *reader, const AdjacencyEdge *edge);
static void count_edge(AdjacencyFacts *facts, const AdjacencyEdge *edge);


AdjacencyFacts *
adjacency_facts_read(const FloorReader *reader)
{
	const SeatingSchema *schema = reader->schema;
	AdjacencyFacts *facts = palloc0(sizeof(AdjacencyFacts));
	QueryArgs	args = {0};
	List	   *rows = NIL;
	ListCell   *lc;

	query_arg(&args, UUIDOID, UUIDPGetDatum(&reader->restaurant), false);
	if (schema->adjacencies)
		rows = query_list(psprintf("SELECT e.table_a, e.table_b, a.id IS NOT NULL, b.id IS NOT NULL"
								   " FROM %1$s e LEFT JOIN %2$s a ON a.id = e.table_a LEFT JOIN %2$s b ON b.id = e.table_b"
								   " WHERE a.restaurant_id = $1 OR b.restaurant_id = $1",
								   schema->adjacencies, schema->dining_tables), &args, make_stored_edge);
	list_sort(rows, compare_stored_edges);
	facts->reader = reader;
	facts->edges = palloc((list_length(rows) + 1) * sizeof(AdjacencyEdge));
	facts->neighbors = palloc0((reader->floor.ntables + 1) * sizeof(int));
	facts->movable_neighbors = palloc0((reader->floor.ntables + 1) * sizeof(int));
	foreach(lc, rows)
	{
		const AdjacencyEdge *row = lfirst(lc);
		AdjacencyEdge *last = facts->nedges > 0 ? &facts->edges[facts->nedges - 1] : NULL;

		CHECK_FOR_INTERRUPTS();
		if (last && compare_edge_ids(last, row) == 0)
		{
			last->stored[0] |= row->stored[0];
			last->stored[1] |= row->stored[1];
		}
		else
			facts->edges[facts->nedges++] = *row;
	}
	for (int i = 0; i < facts->nedges; i++)
	{
		AdjacencyEdge *edge = &facts->edges[i];

		for (int end = 0; end < 2; end++)
			edge->tables[end] = floor_reader_table(reader, &edge->ids[end]);
		edge->kind = edge_kind(reader, edge);
		count_edge(facts, edge);
	}
	return facts;
}

/* The smaller id first. */
static void *
make_stored_edge(TupleTableSlot *slot)
{
	AdjacencyEdge *edge = palloc0(sizeof(AdjacencyEdge));
	pg_uuid_t	ids[2] = {0};
	bool		swap;

	for (int end = 0; end < 2; end++)
	{
		if (!slot->tts_isnull[end])
			ids[end] = *DatumGetUUIDP(slot_datum(slot, end, UUIDOID));
	}
	swap = memcmp(&ids[0], &ids[1], UUID_LEN) > 0;
	for (int end = 0; end < 2; end++)
	{
		edge->ids[end] = ids[swap ? 1 - end : end];
		edge->exists[end] = slot_bool(slot, 2 + (swap ? 1 - end : end));
	}
	edge->stored[swap ? 1 : 0] = true;
	return edge;
}

static int
compare_stored_edges(const ListCell *a, const ListCell *b)
{
	return compare_edge_ids(lfirst(a), lfirst(b));
}

static int
compare_edge_ids(const AdjacencyEdge *a, const AdjacencyEdge *b)
{
	int			order = memcmp(&a->ids[0], &b->ids[0], UUID_LEN);

	return order != 0 ? order : memcmp(&a->ids[1], &b->ids[1], UUID_LEN);
}

static int
compare_edges(const void *a, const void *b)
{
	return compare_edge_ids(a, b);
}

static AdjacencyKind
edge_kind(const FloorReader *reader, const AdjacencyEdge *edge)
{
	const DiningTable *tables = reader->floor.tables;

	if (memcmp(&edge->ids[0], &edge->ids[1], UUID_LEN) == 0)
		return ADJACENCY_LOOP;
	for (int end = 0; end < 2; end++)
	{
		if (edge->tables[end] < 0)
			return edge->exists[end] ? ADJACENCY_FOREIGN : ADJACENCY_MISSING;
	}
	if (!tables[edge->tables[0]].active || !tables[edge->tables[1]].active)
		return ADJACENCY_INACTIVE;
	return tables[edge->tables[0]].zone >= 0 && tables[edge->tables[0]].zone == tables[edge->tables[1]].zone ?
		ADJACENCY_GOOD : ADJACENCY_ACROSS;
}

static void
count_edge(AdjacencyFacts *facts, const AdjacencyEdge *edge)
{
	facts->counts[edge->kind]++;
	if (edge->kind != ADJACENCY_GOOD)
		return;
	if (edge->stored[0] && edge->stored[1])
		facts->both_ways++;
	else
		facts->one_way++;
	for (int end = 0; end < 2; end++)
	{
		facts->neighbors[edge->tables[end]]++;
		facts->movable_neighbors[edge->tables[end]] += facts->reader->floor.tables[edge->tables[1 - end]].movable;
	}
}

bool
adjacency_facts_has(const AdjacencyFacts *facts, int a, int b)
{
	AdjacencyEdge key = {0};
	const pg_uuid_t *ids = facts->reader->table_ids;

	/* The floor's dining tables are sorted by id. */
	key.ids[0] = ids[Min(a, b)];
	key.ids[1] = ids[Max(a, b)];
	return bsearch(&key, facts->edges, facts->nedges, sizeof(AdjacencyEdge), compare_edges) != NULL;
}

bool
adjacency_facts_joins(const FloorReader *reader, int index)
{
	const DiningTable *table = &reader->floor.tables[index];

	return table->active && table->movable && table->zone >= 0 && table->zone_active && table->capacity > 0;
}

char *
adjacency_facts_name(const AdjacencyFacts *facts, const AdjacencyEdge *edge)
{
	const char *numbers[2];

	for (int end = 0; end < 2; end++)
		numbers[end] = edge->tables[end] >= 0 ? facts->reader->floor.tables[edge->tables[end]].number : refusal_id(&edge->ids[end]);
	return psprintf("%s with %s", numbers[0], numbers[1]);
}

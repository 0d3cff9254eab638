/*-------------------------------------------------------------------------
 *
 * item_indexes.c
 *	  Entering new rows into a table's indexes: see item_indexes.h.
 *
 * An index that is entered in its own key order is read and written page by page,
 * once; in another order, each entry visits another page.  Rows come ordered by
 * some of their columns, so an index on one of these is entered at once.  For
 * other indexes whose keys are small, the entries are sorted first.
 *
 * In order, most entries go to the end of the index.  nbtree enters those
 * without a search when it is told which leaf is the last.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "access/genam.h"
#include "access/nbtree.h"
#include "catalog/index.h"
#include "catalog/pg_am.h"
#include "catalog/pg_type.h"
#include "executor/executor.h"
#include "miscadmin.h"
#include "port/pg_bswap.h"
#include "utils/rel.h"
#include "utils/uuid.h"

#include "base/compat.h"
#include "base/int8_sort.h"
#include "write/item_indexes.h"
#include "write/wal_ahead.h"

/* Little memory is used per entry, so the context is reset only every 64. */
#define ROWS_PER_RESET 64

/* The most entries between two searches for the last leaf, if it is not used. */
#define LONGEST_PAUSE 4096

/* Entries of a stretch: their leaves all stay in a near cache. */
#define STRETCH_ENTRIES 2048

/* A section of the sorted entries. */
typedef struct Stretch
{
	int			n;
	int64		entries[STRETCH_ENTRIES][INT8_SORT_MAX_COLUMNS];
} Stretch;

/* An index, and the state of entering it. */
typedef struct ItemIndex
{
	Relation	rel;
	IndexInfo  *info;
	IndexUniqueCheck unique;
	bool		is_btree;
	bool		is_uuid;		/* its only key */
	bool		aimed;			/* nbtree was told the last leaf, and has not
								 * used it yet */
	int			pause;			/* entries until the next search for it */
	int			paused;			/* of these, entries still to come */
	Int8Sort   *waiting;		/* entries to be sorted; NULL: entered at once */
} ItemIndex;

struct ItemIndexes
{
	ResultRelInfo *relinfo;
	EState	   *estate;
	int			nindexes;
	ItemIndex  *indexes;
};

static bool follows_order(const ItemIndex *index, const AttrNumber *ordered);
static int	sort_columns(const ItemIndex *index, TupleDesc desc);
static bool is_uuid_index(const ItemIndex *index, TupleDesc desc);
static void enter_rows(ItemIndexes *indexes, ItemIndex *index,
					   TupleTableSlot **slots, int n);
static void insert_entry(ItemIndexes *indexes, ItemIndex *index, Datum *values,
						 bool *isnull, ItemPointer tid);
static void aim_at_last_leaf(ItemIndex *index);
static void put_entries(ItemIndex *index, TupleTableSlot **slots, int n);
static void enter_waiting(ItemIndexes *indexes, ItemIndex *index);
static void fetch_stretch(ItemIndex *index, Stretch *stretch);
static void enter_stretch(ItemIndexes *indexes, ItemIndex *index, const Stretch *stretch);
static void enter_sorted_entry(ItemIndexes *indexes, ItemIndex *index, const int64 *entry);


ItemIndexes *
item_indexes_open(ResultRelInfo *relinfo, EState *estate,
				  const AttrNumber *ordered, int kilobytes)
{
	ItemIndexes *indexes = palloc0(sizeof(ItemIndexes));
	TupleDesc	desc = RelationGetDescr(relinfo->ri_RelationDesc);
	int			nwaiting = 0;

	ExecOpenIndices(relinfo, false);
	indexes->relinfo = relinfo;
	indexes->estate = estate;
	indexes->indexes = palloc0(sizeof(ItemIndex) * Max(relinfo->ri_NumIndices, 1));

	for (int i = 0; i < relinfo->ri_NumIndices; i++)
	{
		ItemIndex  *index = &indexes->indexes[indexes->nindexes];

		index->rel = relinfo->ri_IndexRelationDescs[i];
		index->info = relinfo->ri_IndexRelationInfo[i];
		if (!index->info->ii_ReadyForInserts)
			continue;
		index->unique = index->rel->rd_index->indisunique ?
			UNIQUE_CHECK_YES : UNIQUE_CHECK_NO;
		index->is_btree = index->rel->rd_rel->relam == BTREE_AM_OID;
		indexes->nindexes++;
		if (!follows_order(index, ordered) && sort_columns(index, desc) > 0)
			nwaiting++;
	}

	for (int i = 0; i < indexes->nindexes; i++)
	{
		ItemIndex  *index = &indexes->indexes[i];
		int			columns = sort_columns(index, desc);

		index->is_uuid = is_uuid_index(index, desc);
		if (!follows_order(index, ordered) && columns > 0)
			index->waiting = int8_sort_begin(columns, kilobytes / nwaiting, false);
	}
	return indexes;
}

void
item_indexes_add(ItemIndexes *indexes, TupleTableSlot **slots, int n)
{
	for (int i = 0; i < indexes->nindexes; i++)
	{
		if (indexes->indexes[i].waiting)
			put_entries(&indexes->indexes[i], slots, n);
		else
			enter_rows(indexes, &indexes->indexes[i], slots, n);
	}
}

void
item_indexes_finish(ItemIndexes *indexes)
{
	for (int i = 0; i < indexes->nindexes; i++)
	{
		if (indexes->indexes[i].waiting)
			enter_waiting(indexes, &indexes->indexes[i]);
	}
	ExecCloseIndices(indexes->relinfo);
	pfree(indexes->indexes);
	pfree(indexes);
}

/* True if rows come in the order of the index's first key. */
static bool
follows_order(const ItemIndex *index, const AttrNumber *ordered)
{
	for (; *ordered != InvalidAttrNumber; ordered++)
	{
		if (index->info->ii_IndexAttrNumbers[0] == *ordered)
			return true;
	}
	return false;
}

/*
 * The number of columns that a sort of the index's entries needs: one for each
 * key, or two for a uuid, and one for the row's place; 0 when the entries cannot
 * be sorted.  The keys' bits need not sort in the index's own order, but those of
 * integers, dates and times do.
 */
static int
sort_columns(const ItemIndex *index, TupleDesc desc)
{
	const IndexInfo *info = index->info;

	if (info->ii_Expressions != NIL || info->ii_Predicate != NIL ||
		!index->is_btree)
		return 0;

	for (int i = 0; i < info->ii_NumIndexAttrs; i++)
	{
		AttrNumber	attnum = info->ii_IndexAttrNumbers[i];
		Form_pg_attribute att;

		if (attnum <= 0)
			return 0;
		att = TupleDescAttr(desc, attnum - 1);
		if (!att->attnotnull)
			return 0;
		if (!att->attbyval)
			return is_uuid_index(index, desc) ? 3 : 0;
	}
	return info->ii_NumIndexAttrs < INT8_SORT_MAX_COLUMNS ? info->ii_NumIndexAttrs + 1 : 0;
}

/* True if its only key is a uuid. */
static bool
is_uuid_index(const ItemIndex *index, TupleDesc desc)
{
	AttrNumber	attnum = index->info->ii_IndexAttrNumbers[0];

	return index->info->ii_NumIndexAttrs == 1 && attnum > 0 &&
		TupleDescAttr(desc, attnum - 1)->atttypid == UUIDOID;
}

/* Enters rows in the order in which they come. */
static void
enter_rows(ItemIndexes *indexes, ItemIndex *index, TupleTableSlot **slots, int n)
{
	EState	   *estate = indexes->estate;
	ExprContext *econtext = GetPerTupleExprContext(estate);
	IndexInfo  *info = index->info;
	MemoryContext old = MemoryContextSwitchTo(GetPerTupleMemoryContext(estate));
	Datum		values[INDEX_MAX_KEYS];
	bool		isnull[INDEX_MAX_KEYS];

	for (int i = 0; i < n; i++)
	{
		CHECK_FOR_INTERRUPTS();
		if (i % ROWS_PER_RESET == 0)
			ResetPerTupleExprContext(estate);
		econtext->ecxt_scantuple = slots[i];
		if (info->ii_Predicate != NIL)
		{
			if (info->ii_PredicateState == NULL)
			{
				MemoryContextSwitchTo(estate->es_query_cxt);
				info->ii_PredicateState = ExecPrepareQual(info->ii_Predicate, estate);
				MemoryContextSwitchTo(GetPerTupleMemoryContext(estate));
			}
			if (!ExecQual(info->ii_PredicateState, econtext))
				continue;
		}
		FormIndexDatum(info, slots[i], estate, values, isnull);
		insert_entry(indexes, index, values, isnull, &slots[i]->tts_tid);
	}
	ResetPerTupleExprContext(estate);
	MemoryContextSwitchTo(old);
}

static void
insert_entry(ItemIndexes *indexes, ItemIndex *index, Datum *values, bool *isnull, ItemPointer tid)
{
	if (index->is_btree)
		aim_at_last_leaf(index);
	index_insert(index->rel, values, isnull, tid, indexes->relinfo->ri_RelationDesc,
				 index->unique, false, index->info);
}

/*
 * Tells nbtree the last leaf, which it remembers by itself only in trees of three
 * levels or more.  It is a hint: nbtree verifies under the leaf's lock that it is
 * still the last one, has room and is the right place for the key; otherwise it
 * drops the hint and searches.  When that happens at once, keys do not come in
 * the index's order, and searching for the last leaf is not worth it.
 */
static void
aim_at_last_leaf(ItemIndex *index)
{
	Buffer		leaf;

	if (RelationGetTargetBlock(index->rel) != InvalidBlockNumber)
	{
		index->aimed = false;
		index->pause = 0;
		return;
	}
	if (index->aimed)
	{
		index->aimed = false;
		index->paused = index->pause = Min(2 * index->pause + 1, LONGEST_PAUSE);
	}
	if (index->paused > 0)
	{
		index->paused--;
		return;
	}

	leaf = menuca_btree_last_leaf(index->rel);
	if (BufferIsValid(leaf))
	{
		RelationSetTargetBlock(index->rel, BufferGetBlockNumber(leaf));
		_bt_relbuf(index->rel, leaf);
		index->aimed = true;
	}
}

/* Half a uuid as a bigint that sorts like it: bytes compare as unsigned numbers. */
static inline int64
uuid_half(const pg_uuid_t *uuid, int half)
{
	uint64		bits;

	memcpy(&bits, uuid->data + half * sizeof(bits), sizeof(bits));
	return (int64) (pg_ntoh64(bits) ^ (UINT64CONST(1) << 63));
}

static inline void
set_uuid_half(pg_uuid_t *uuid, int half, int64 value)
{
	uint64		bits = pg_hton64((uint64) value ^ (UINT64CONST(1) << 63));

	memcpy(uuid->data + half * sizeof(bits), &bits, sizeof(bits));
}

/* Adds the rows' entries to the sort. */
static void
put_entries(ItemIndex *index, TupleTableSlot **slots, int n)
{
	const IndexInfo *info = index->info;

	for (int i = 0; i < n; i++)
	{
		TupleTableSlot *slot = slots[i];
		int64		entry[INT8_SORT_MAX_COLUMNS];
		int			nkeys = info->ii_NumIndexAttrs;
		bool		isnull;

		for (int k = 0; k < nkeys; k++)
			entry[k] = (int64) slot_getattr(slot, info->ii_IndexAttrNumbers[k], &isnull);
		if (index->is_uuid)
		{
			const pg_uuid_t *uuid = DatumGetUUIDP((Datum) entry[0]);

			entry[0] = uuid_half(uuid, 0);
			entry[1] = uuid_half(uuid, 1);
			nkeys = 2;
		}
		entry[nkeys] = (int64) ItemPointerGetBlockNumber(&slot->tts_tid) << 16 |
			ItemPointerGetOffsetNumber(&slot->tts_tid);
		int8_sort_put(index->waiting, entry);
	}
}

/* Enters the sorted entries, stretch by stretch. */
static void
enter_waiting(ItemIndexes *indexes, ItemIndex *index)
{
	Stretch    *stretch = palloc(sizeof(Stretch));

	int8_sort_perform(index->waiting);
	do
	{
		fetch_stretch(index, stretch);
		enter_stretch(indexes, index, stretch);
	} while (stretch->n == STRETCH_ENTRIES);
	int8_sort_end(index->waiting);
	index->waiting = NULL;
	pfree(stretch);
}

static void
fetch_stretch(ItemIndex *index, Stretch *stretch)
{
	int			ncolumns = index->is_uuid ? 3 : index->info->ii_NumIndexAttrs + 1;
	const int64 *entry;

	stretch->n = 0;
	while (stretch->n < STRETCH_ENTRIES &&
		   (entry = int8_sort_next(index->waiting)) != NULL)
		memcpy(stretch->entries[stretch->n++], entry, sizeof(int64) * ncolumns);
}

/*
 * nbtree splits a full leaf in the middle, unless it is the last one.  Keys that
 * are entered in order before an old key would therefore leave half-full leaves.
 * So four of seven are entered first, and the other three then fill those leaves
 * up to seven eighths: fewer splits, and a smaller index.
 */
static void
enter_stretch(ItemIndexes *indexes, ItemIndex *index, const Stretch *stretch)
{
	bool		at_end = RelationGetTargetBlock(index->rel) != InvalidBlockNumber;
	MemoryContext old = MemoryContextSwitchTo(GetPerTupleMemoryContext(indexes->estate));
	int			entered = 0;

	for (int turn = 0; turn < (at_end ? 1 : 2); turn++)
	{
		for (int i = 0; i < stretch->n; i++)
		{
			bool		first = i % 7 % 2 == 0;

			if (!at_end && first != (turn == 0))
				continue;
			enter_sorted_entry(indexes, index, stretch->entries[i]);
			if (++entered % ROWS_PER_RESET == 0)
			{
				ResetPerTupleExprContext(indexes->estate);
				wal_ahead();
			}
		}
	}
	ResetPerTupleExprContext(indexes->estate);
	MemoryContextSwitchTo(old);
}

static void
enter_sorted_entry(ItemIndexes *indexes, ItemIndex *index, const int64 *entry)
{
	int			nkeys = index->info->ii_NumIndexAttrs;
	Datum		values[INDEX_MAX_KEYS];
	bool		isnull[INDEX_MAX_KEYS] = {0};
	pg_uuid_t	uuid;
	int64		place;
	ItemPointerData tid;

	if (index->is_uuid)
	{
		set_uuid_half(&uuid, 0, entry[0]);
		set_uuid_half(&uuid, 1, entry[1]);
		values[0] = UUIDPGetDatum(&uuid);
		place = entry[2];
	}
	else
	{
		for (int k = 0; k < nkeys; k++)
			values[k] = (Datum) entry[k];
		place = entry[nkeys];
	}
	ItemPointerSet(&tid, (BlockNumber) (place >> 16), (OffsetNumber) (place & 0xFFFF));

	CHECK_FOR_INTERRUPTS();
	insert_entry(indexes, index, values, isnull, &tid);
}

/*-------------------------------------------------------------------------
 *
 * import_items.c
 *	  What an import finds and does, as rows: see import_items.h.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "common/hashfn.h"
#include "funcapi.h"
#include "mb/pg_wchar.h"
#include "nodes/pg_list.h"
#include "utils/builtins.h"
#include "utils/hsearch.h"
#include "utils/memutils.h"

#include "base/format.h"
#include "base/results.h"
#include "takeover/import_items.h"

/* More things of one sort than this are one row: nobody reads two screens of the same. */
#define MOST_ROWS 20

/* That many of them are named in that row. */
#define MOST_NAMES 10

/* Bytes of a text of the original's that a row shows. */
#define MOST_BYTES 80

/* What belongs together. */
typedef struct ItemGroup
{
	ImportItem	first;			/* its texts are copies */
	uint64		count;
	List	   *members;		/* ImportItems, the first MOST_ROWS */
	int			number;			/* groups keep the order in which they began */
} ItemGroup;

/* Entry of the table that finds a group by the hash of what it has in common. */
typedef struct GroupEntry
{
	uint64		hash;
	ItemGroup  *group;
} GroupEntry;

struct ImportItems
{
	MemoryContext context;
	HTAB	   *by_hash;
	List	   *groups;
	uint64		counts[IMPORT_STATUS_COUNT];
};

static const char *const kind_names[] = {
	"override", "unknown_override", "weight", "allocation", "merge_group", "hold", "key", "reused_key",
	"shadow_allocation", "orphan_allocation", "other_window", "expired_hold", "stale_hold_window",
	"stale_zone_lock", "assignment_without_window", "double_assignment", "setting", "assignment"
};

static const char *const import_status_names[] = {"planned", "done", "unchanged", "skipped", "debris"};

static ItemGroup *find_group(ImportItems *items, const ImportItem *item);
static uint64 group_hash(const ImportItem *item);
static uint64 text_hash(const char *text, uint64 seed);
static ImportItem *copy_item(const ImportItem *item);
static char *copy_text(const char *text);
static int	compare_groups(const ListCell *a, const ListCell *b);
static void return_group(ReturnSetInfo *rsinfo, const ItemGroup *group, int *number);
static void return_many(ReturnSetInfo *rsinfo, const ItemGroup *group, int number);
static void return_row(ReturnSetInfo *rsinfo, int number, const char *kind, const ImportItem *item, const char *status);
static char *import_summary(const ImportItems *items, const char *detail);


ImportItems *
import_items_begin(void)
{
	ImportItems *items = palloc0(sizeof(ImportItems));
	HASHCTL		control = {.keysize = sizeof(uint64),.entrysize = sizeof(GroupEntry),.hcxt = CurrentMemoryContext};

	items->context = CurrentMemoryContext;
	items->by_hash = hash_create("menuca import items", 64, &control, HASH_ELEM | HASH_BLOBS | HASH_CONTEXT);
	return items;
}

void
import_items_add(ImportItems *items, const ImportItem *item)
{
	MemoryContext old = MemoryContextSwitchTo(items->context);
	ItemGroup  *group = find_group(items, item);
	uint64		count = Max(item->count, 1);

	group->count += count;
	items->counts[item->status] += count;
	if (list_length(group->members) < MOST_ROWS)
		group->members = lappend(group->members, copy_item(item));
	MemoryContextSwitchTo(old);
}

static ItemGroup *
find_group(ImportItems *items, const ImportItem *item)
{
	uint64		hash = group_hash(item);
	bool		found;
	GroupEntry *entry = hash_search(items->by_hash, &hash, HASH_ENTER, &found);

	if (!found)
	{
		entry->group = palloc0(sizeof(ItemGroup));
		entry->group->first = *copy_item(item);
		entry->group->number = list_length(items->groups);
		items->groups = lappend(items->groups, entry->group);
	}
	return entry->group;
}

static uint64
group_hash(const ImportItem *item)
{
	uint64		hash = text_hash(item->action, (uint64) item->kind * IMPORT_STATUS_COUNT + item->status);

	hash = text_hash(item->reason, hash);
	if (item->has_restaurant)
		hash = hash_bytes_extended(item->restaurant.data, UUID_LEN, hash);
	return hash;
}

static uint64
text_hash(const char *text, uint64 seed)
{
	return text ? hash_bytes_extended((const unsigned char *) text, (int) strlen(text), seed) : seed + 1;
}

static ImportItem *
copy_item(const ImportItem *item)
{
	ImportItem *copy = palloc(sizeof(ImportItem));

	*copy = *item;
	copy->noun = copy_text(item->noun);
	copy->object = copy_text(item->object);
	copy->action = copy_text(item->action);
	copy->reason = copy_text(item->reason);
	copy->detail = copy_text(item->detail);
	copy->next_step = copy_text(item->next_step);
	copy->next_for_all = copy_text(item->next_for_all);
	return copy;
}

static char *
copy_text(const char *text)
{
	return text ? pstrdup(text) : NULL;
}

void
import_items_add_missing(ImportItems *items, ImportKind kind, const char *missing)
{
	ImportItem	item = {
		.kind = kind,
		.status = IMPORT_SKIPPED,
		.noun = "table",
		.object = missing,
		.action = "none: there is nothing to take over"
	};

	import_items_add(items, &item);
}

uint64
import_items_count(const ImportItems *items, ImportStatus status)
{
	return items->counts[status];
}

void
import_items_return(ReturnSetInfo *rsinfo, ImportItems *items, const char *detail, const char *next_step)
{
	ImportItem	summary = {.object = "",.action = "",.next_step = next_step};
	int			number = 0;
	ListCell   *lc;

	list_sort(items->groups, compare_groups);
	foreach(lc, items->groups)
		return_group(rsinfo, lfirst(lc), &number);
	summary.reason = import_summary(items, detail);
	return_row(rsinfo, ++number, "summary", &summary, NULL);
}

static int
compare_groups(const ListCell *a, const ListCell *b)
{
	const ItemGroup *left = lfirst(a);
	const ItemGroup *right = lfirst(b);

	if (left->first.kind != right->first.kind)
		return (int) left->first.kind - (int) right->first.kind;
	return left->number - right->number;
}

/* What is as it should be is one row, however few. */
static void
return_group(ReturnSetInfo *rsinfo, const ItemGroup *group, int *number)
{
	ListCell   *lc;

	if (group->count > MOST_ROWS || (group->first.status == IMPORT_UNCHANGED && group->count > 1))
	{
		return_many(rsinfo, group, ++*number);
		return;
	}
	foreach(lc, group->members)
	{
		const ImportItem *item = lfirst(lc);

		return_row(rsinfo, ++*number, kind_names[item->kind], item, import_status_names[item->status]);
	}
}

static void
return_many(ReturnSetInfo *rsinfo, const ItemGroup *group, int number)
{
	ImportItem	row = group->first;
	StringInfoData names;
	ListCell   *lc;
	int			n = 0;

	initStringInfo(&names);
	foreach(lc, group->members)
	{
		const ImportItem *item = lfirst(lc);

		if (n == MOST_NAMES || item->count > 1)
			break;
		format_append(&names, "; ", "%s", item->object);
		n++;
	}
	if (list_length(group->members) == 1)
		appendStringInfoString(&names, group->first.object);
	else if ((uint64) n < group->count)
		format_append(&names, "; ", "...");
	row.object = list_length(group->members) == 1 ? names.data :
		psprintf("%s: %s", format_things(group->count, row.noun), names.data);
	if (list_length(group->members) > 1)
		row.detail = NULL;
	if (row.next_for_all)
		row.next_step = row.next_for_all;
	return_row(rsinfo, number, kind_names[row.kind], &row, import_status_names[row.status]);
}

static void
return_row(ReturnSetInfo *rsinfo, int number, const char *kind, const ImportItem *item, const char *status)
{
	Datum		values[8] = {0};
	bool		nulls[8] = {0};

	values[0] = Int32GetDatum(number);
	values[1] = CStringGetTextDatum(kind);
	values[2] = result_text(*item->object ? item->object : NULL, &nulls[2]);
	values[3] = UUIDPGetDatum(&item->restaurant);
	nulls[3] = !item->has_restaurant;
	values[4] = result_text(*item->action ? item->action : NULL, &nulls[4]);
	values[5] = result_text(status, &nulls[5]);
	values[6] = result_text(item->detail ? item->detail : item->reason, &nulls[6]);
	values[7] = result_text(item->next_step, &nulls[7]);
	tuplestore_putvalues(rsinfo->setResult, rsinfo->setDesc, values, nulls);
}

static char *
import_summary(const ImportItems *items, const char *detail)
{
	StringInfoData text;

	initStringInfo(&text);
	for (int i = 0; i < IMPORT_STATUS_COUNT; i++)
		format_append(&text, ", ", "%s %s", format_count(items->counts[i]), import_status_names[i]);
	if (detail)
		format_append(&text, "; ", "%s", detail);
	return text.data;
}

char *
import_items_name(const char *text)
{
	char	   *line = format_one_line(text);
	int			length = (int) strlen(line);

	if (length <= MOST_BYTES)
		return line;
	return psprintf("%.*s...", pg_mbcliplen(line, length, MOST_BYTES), line);
}

char *
import_items_id(const pg_uuid_t *id)
{
	return DatumGetCString(DirectFunctionCall1(uuid_out, UUIDPGetDatum(id)));
}

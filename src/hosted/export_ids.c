/*-------------------------------------------------------------------------
 *
 * export_ids.c
 *	  Sets of ids, as text: see export_ids.h.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "lib/stringinfo.h"

#include "hosted/export_ids.h"

static int	compare_export_ids(const void *a, const void *b);


void
export_ids_add(ExportIds *ids, int64 id)
{
	if (ids->n == ids->allocated)
	{
		ids->allocated = Max(1024, ids->allocated * 2);
		ids->ids = ids->ids ? repalloc_huge(ids->ids, sizeof(int64) * ids->allocated) :
			palloc(sizeof(int64) * ids->allocated);
	}
	ids->ids[ids->n++] = id;
}

void
export_ids_sort(ExportIds *ids)
{
	int			kept = 0;

	if (ids->n > 1)
		qsort(ids->ids, ids->n, sizeof(int64), compare_export_ids);
	for (int i = 0; i < ids->n; i++)
	{
		if (kept == 0 || ids->ids[kept - 1] != ids->ids[i])
			ids->ids[kept++] = ids->ids[i];
	}
	ids->n = kept;
}

bool
export_ids_contain(const ExportIds *ids, int64 id)
{
	return ids->n > 0 && bsearch(&id, ids->ids, ids->n, sizeof(int64), compare_export_ids) != NULL;
}

char *
export_ids_multirange(const ExportIds *ids)
{
	StringInfoData text;
	int			end;

	initStringInfo(&text);
	appendStringInfoChar(&text, '{');
	for (int start = 0; start < ids->n; start = end)
	{
		for (end = start + 1; end < ids->n && ids->ids[end] == ids->ids[end - 1] + 1; end++)
			 /* find the end of the range */ ;
		appendStringInfo(&text, "%s[" INT64_FORMAT "," INT64_FORMAT "]",
						 start > 0 ? "," : "", ids->ids[start], ids->ids[end - 1]);
	}
	appendStringInfoChar(&text, '}');
	return text.data;
}

char *
export_ids_every(const ExportIds *ids, int step)
{
	StringInfoData text;

	initStringInfo(&text);
	appendStringInfoChar(&text, '{');
	for (int i = 0; i < ids->n; i += step)
		appendStringInfo(&text, "%s" INT64_FORMAT, i > 0 ? "," : "", ids->ids[i]);
	appendStringInfoChar(&text, '}');
	return text.data;
}

static int
compare_export_ids(const void *a, const void *b)
{
	int64		x = *(const int64 *) a;
	int64		y = *(const int64 *) b;

	return (x > y) - (x < y);
}

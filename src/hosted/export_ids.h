/*-------------------------------------------------------------------------
 *
 * export_ids.h
 *	  Sets of ids, as text.
 *
 *-------------------------------------------------------------------------
 */
#ifndef MENUCA_EXPORT_IDS_H
#define MENUCA_EXPORT_IDS_H

/* Ids in an array that grows; begins as {0}. */
typedef struct ExportIds
{
	int			n;
	int			allocated;
	int64	   *ids;
} ExportIds;

/* Appends an id; the array is in the current memory context. */
extern void export_ids_add(ExportIds *ids, int64 id);

/* Sorts the ids, and drops those that repeat another one. */
extern void export_ids_sort(ExportIds *ids);

/* True if the id is one of them; they are sorted. */
extern bool export_ids_contain(const ExportIds *ids, int64 id);

/* Sorted ids as the text of an int8multirange: "{[1,4],[7,7]}". */
extern char *export_ids_multirange(const ExportIds *ids);

/* Every step'th of them, from the first one on, as the text of an int8[]. */
extern char *export_ids_every(const ExportIds *ids, int step);

#endif							/* MENUCA_EXPORT_IDS_H */

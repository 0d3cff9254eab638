/*-------------------------------------------------------------------------
 *
 * export_stage.h
 *	  The parts of an export: arrays of values, each with a checksum.
 *
 * A part is what one file of 01_stage inserts into menuca_hosted.fix_part.
 *
 *-------------------------------------------------------------------------
 */
#ifndef MENUCA_EXPORT_STAGE_H
#define MENUCA_EXPORT_STAGE_H

#include "hosted/export_tables.h"

typedef struct ExportPart
{
	const char *kind;			/* "rows" of a layer, "referred" rows of a
								 * table, or pieces of the "text" of 02_apply */
	int			number;			/* of the layer, or of the table; else 0 */
	int			part_no;		/* from 1 */
	int			nrows;
	List	   *columns;		/* arrays as text: of a layer, its columns
								 * that are not constant; of a table the ids
								 * and their lines; of the text its pieces */
	char	   *checksum;		/* MD5 of these texts, a line each */
	char	   *file;			/* name of its file, without suffix */
} ExportPart;

/*
 * All parts of the rows that the layers refer to, of the layers, and of the text that
 * 02_apply executes, each with at most that many bytes of values as literals, unless
 * one row alone has more: a list of ExportParts.
 */
extern List *export_stage_parts(const ExportTables *tables, const List *layers, const char *text, int bytes);

/* What a stage is known by: a checksum of its parts. */
extern char *export_stage_content(const List *parts);

/* The checksum by which 02_apply knows the text again. */
extern char *export_stage_text_checksum(const char *text);

/* The parts per layer and table, and of the text, as JSON: what 02_apply expects to find. */
extern char *export_stage_expected(const List *parts);

#endif							/* MENUCA_EXPORT_STAGE_H */

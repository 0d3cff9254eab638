/*-------------------------------------------------------------------------
 *
 * export_question.h
 *	  Questions to the copy and to the database that it was made of.
 *
 *-------------------------------------------------------------------------
 */
#ifndef MENUCA_EXPORT_QUESTION_H
#define MENUCA_EXPORT_QUESTION_H

#include "hosted/export_layer.h"

/* A subquery that returns one jsonb, with the copy's answer. */
typedef struct ExportQuestion
{
	char	   *name;
	List	   *tables;			/* numbers of the tables that it reads */
	bool		of_rows;		/* the answer has slices of rows, see the
								 * template question_rows; otherwise it is one
								 * figure */
	bool		of_values;		/* it reads the values of all rows of a layer */
	bool		is_warning;		/* another answer is no reason to refuse */
	const char *next_step;		/* for another answer; NULL: the export is to
								 * be repeated */
	char	   *sql;			/* for the other database */
	char	   *expected;		/* JSON */
	char	   *bounds;			/* int8[] as text: the slices' first ids; or
								 * NULL */
	int64		last;			/* the greatest id */
} ExportQuestion;

/* The rows of a table that the export refers to. */
extern ExportQuestion *export_question_referred(const ExportTable *table);

/* All rows of a table before the layers are applied. */
extern ExportQuestion *export_question_present(const ExportTable *table);

/* The number of a table's rows, before the layers are applied or after. */
extern ExportQuestion *export_question_count(const ExportTable *table, bool after);

/* What a junction is like afterwards: a list of questions, NIL for another table. */
extern List *export_question_figures(const ExportTable *table);

/* The values of a layer's rows. */
extern ExportQuestion *export_question_values(const char *set, const ExportLayer *layer);

/* What the other database's ledger has of the set (layer NULL) or of one of its layers. */
extern List *export_question_ledger(const char *set, const ExportLayer *layer, int set_table, int row_table);

#endif							/* MENUCA_EXPORT_QUESTION_H */

/*-------------------------------------------------------------------------
 *
 * export_check.h
 *	  What is to be the same in the other database as on the copy.
 *
 * A question is a subquery that is executed on the copy, and then, by the exported
 * file, in the other database.
 *
 *-------------------------------------------------------------------------
 */
#ifndef MENUCA_EXPORT_CHECK_H
#define MENUCA_EXPORT_CHECK_H

#include "hosted/copy_of.h"
#include "hosted/export_tables.h"

/* What all checks of an export have in common. */
typedef struct ExportSubject
{
	const char *set;			/* name of the export */
	const CopyOf *original;		/* the database that it is for */
	ExportTables *tables;
	const List *layers;			/* of ExportLayers */
} ExportSubject;

/* The statement of 00_check. */
extern char *export_check_before(const ExportSubject *subject);

/*
 * What holds once the layers are applied, as JSON for 02_apply: the name, the
 * subquery and the copy's answer of each question.
 */
extern char *export_check_questions(const ExportSubject *subject);

/* The statement of 03_verify. */
extern char *export_check_after(const ExportSubject *subject);

#endif							/* MENUCA_EXPORT_CHECK_H */

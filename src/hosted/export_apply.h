/*-------------------------------------------------------------------------
 *
 * export_apply.h
 *	  The statements of an export that write.
 *
 *-------------------------------------------------------------------------
 */
#ifndef MENUCA_EXPORT_APPLY_H
#define MENUCA_EXPORT_APPLY_H

#include "hosted/export_check.h"
#include "hosted/export_stage.h"

/* The statement of the first file of 01_stage; content is what the stage is known by. */
extern char *export_apply_stage(const ExportSubject *subject, const char *content);

/* The statement of the file of one part. */
extern char *export_apply_part(const ExportSubject *subject, const char *content, const ExportPart *part,
							   const char *first_file);

/*
 * The statement of 02_apply.  checks is the statement of 00_check, and text, which is
 * staged, is that with what export_check_questions() returns behind it.
 */
extern char *export_apply_layers(const ExportSubject *subject, const char *content, const List *parts,
								 const char *first_file, const char *checks, const char *text);

/* The statements that show the set in the ledger, roll it back, and remove stage and ledger. */
extern char *export_apply_ledger_row(const ExportSubject *subject);
extern char *export_apply_rollback(const ExportSubject *subject, const char *content);
extern char *export_apply_clean(const ExportSubject *subject);

#endif							/* MENUCA_EXPORT_APPLY_H */

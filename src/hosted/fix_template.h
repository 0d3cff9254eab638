/*-------------------------------------------------------------------------
 *
 * fix_template.h
 *	  Texts of files, with placeholders to fill.
 *
 * The templates are in hosted_templates.sql; a placeholder is {{name}}.
 *
 *-------------------------------------------------------------------------
 */
#ifndef MENUCA_FIX_TEMPLATE_H
#define MENUCA_FIX_TEMPLATE_H

#include "nodes/pg_list.h"

/* What is put in the places of a template's placeholders; begins as {0}. */
typedef struct TemplateValues
{
	List	   *values;			/* of ExportValues, the latest first */
} TemplateValues;

/* Adds a value; a later one of the same name replaces it. */
extern void fix_template_set(TemplateValues *values, const char *name, const char *value);

/* The same for a value that becomes a string literal, and for a number. */
extern void fix_template_set_literal(TemplateValues *values, const char *name, const char *value);
extern void fix_template_set_number(TemplateValues *values, const char *name, int64 value);

/*
 * The template of that name with its placeholders filled, in the current memory
 * context.  What is put in is not looked at again.  Raises an error when there is no
 * such template, or no value for one of its placeholders.
 */
extern char *fix_template_fill(const char *name, const TemplateValues *values);

#endif							/* MENUCA_FIX_TEMPLATE_H */

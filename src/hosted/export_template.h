/*-------------------------------------------------------------------------
 *
 * export_template.h
 *	  Texts of files, with placeholders to fill.
 *
 * The templates are in hosted_templates.sql; a placeholder is {{name}}.
 *
 *-------------------------------------------------------------------------
 */
#ifndef MENUCA_EXPORT_TEMPLATE_H
#define MENUCA_EXPORT_TEMPLATE_H

#include "nodes/pg_list.h"

/* What is put in the places of a template's placeholders. */
typedef struct TemplateValues
{
	List	   *names;
	List	   *values;
} TemplateValues;

/* Adds a value; a later one of the same name replaces it. */
extern void export_template_set(TemplateValues *values, const char *name, const char *value);

/* The same for a value that becomes a string literal, and for a number. */
extern void export_template_set_literal(TemplateValues *values, const char *name, const char *value);
extern void export_template_set_number(TemplateValues *values, const char *name, int64 value);

/*
 * The template of that name with its placeholders filled, in the current memory
 * context.  What is put in is not looked at again.  Raises an error when there is no
 * such template, or no value for one of its placeholders.
 */
extern char *export_template_fill(const char *name, const TemplateValues *values);

/* A body in a dollar quote that does not occur in it, as DO takes it. */
extern char *export_template_dollar_quoted(const char *body);

#endif							/* MENUCA_EXPORT_TEMPLATE_H */

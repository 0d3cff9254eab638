/*-------------------------------------------------------------------------
 *
 * export_set.h
 *	  A set of SQL files, for a database where no extension can be loaded.
 *
 * Clients differ in what they can send, so that a set is returned in a style:
 *
 *		psql		a file each; it may have commands of psql
 *		supabase	what changes the database is a migration, whose name begins
 *					with a time, and has one statement: the client applies all
 *					migrations in the order of their names.  What people read, and
 *					what takes a change back, is a file that it does not apply
 *		statements	one statement each, for a tool that sends one string
 *
 * Each file begins with a header of comments: what the set is, how the file is
 * used, what it was made of, and the SHA-256 of every file's text below its header.
 *
 *-------------------------------------------------------------------------
 */
#ifndef MENUCA_EXPORT_SET_H
#define MENUCA_EXPORT_SET_H

#include "fmgr.h"
#include "nodes/execnodes.h"
#include "nodes/pg_list.h"

typedef enum ExportStyle
{
	EXPORT_PSQL,
	EXPORT_SUPABASE,
	EXPORT_STATEMENTS
} ExportStyle;

/* What a file is for. */
typedef enum ExportKind
{
	EXPORT_READ,				/* it changes nothing; people read its result */
	EXPORT_CHANGE,				/* it is applied, in the order of the files */
	EXPORT_UNDO					/* it takes changes back: never applied by
								 * itself */
} ExportKind;

typedef struct ExportSet ExportSet;

/* Least value of the argument max_bytes, in bytes: a header and a statement that does something. */
#define EXPORT_MIN_BYTES 16384

/* The argument style at that place, counted from 0; raises an error when it is none of them. */
extern ExportStyle export_style_argument(FunctionCallInfo fcinfo, int place);

/*
 * The argument max_bytes at that place, counted from 0; 0 when it is NULL.  Raises
 * an error below EXPORT_MIN_BYTES.
 */
extern int	export_bytes_argument(FunctionCallInfo fcinfo, int place);

/*
 * An empty set.  name, of letters, digits and underscores, becomes part of the names
 * of files; title is what the set does, in one line.
 */
extern ExportSet *export_set_begin(ExportStyle style, const char *name, const char *title);

/* A line of the header: "name: value".  Line breaks in the value become spaces. */
extern void export_set_fact(ExportSet *set, const char *name, const char *value);

/*
 * Appends a file.  name has no suffix, such as "02_apply"; purpose is one line;
 * statements are C strings without a semicolon at their end.
 */
extern void export_set_add(ExportSet *set, ExportKind kind, const char *name,
						   const char *purpose, List *statements);

/*
 * "stem_07_name": a file's name for the seventh thing of that name, whose characters
 * but for letters, digits and underscores become underscores.
 */
extern char *export_set_file_name(const char *stem, int number, const char *name);

/* The SHA-256 of a text, in hexadecimal digits. */
extern char *export_set_sha256(const char *text);

/* The greatest size of a file so far, in bytes, header included. */
extern int	export_set_largest(const ExportSet *set);

/* The same of the files whose name has that text in it. */
extern int	export_set_largest_of(const ExportSet *set, const char *in_name);

/* Returns the set's files as rows: file_no, file_name, purpose, sql. */
extern void export_set_return(const ExportSet *set, ReturnSetInfo *rsinfo);

#endif							/* MENUCA_EXPORT_SET_H */

/*-------------------------------------------------------------------------
 *
 * staging_names.h
 *	  The names that a dump's columns have in a staging table.
 *
 * A name is changed where PostgreSQL cannot have it: xmin and other names of
 * system columns get an underscore, names of more than 63 bytes are cut, and get
 * a number if another column has the cut name.
 *
 *-------------------------------------------------------------------------
 */
#ifndef MENUCA_STAGING_NAMES_H
#define MENUCA_STAGING_NAMES_H

#include "mysql/mysqldump_types.h"

/*
 * The names of the columns of the dump's CREATE TABLE, in its order: an array in
 * the current memory context.
 */
extern char **staging_names(const MysqldumpReader *reader);

/* The name of a column, which CREATE TABLE need not have. */
extern char *staging_name(const MysqldumpReader *reader, const char *dump_name);

/*
 * The place of a column in CREATE TABLE, from 0, or -1.  Letter case does not
 * count.
 */
extern int	staging_find_dump_column(const MysqldumpReader *reader,
									 const char *dump_name);

/*
 * True if a new staging table does not get this column of CREATE TABLE: the
 * current INSERT has no values for it, since it is generated.
 */
extern bool staging_omits(const MysqldumpReader *reader,
						  const MysqldumpColumn *column);

#endif							/* MENUCA_STAGING_NAMES_H */

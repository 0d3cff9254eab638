/*-------------------------------------------------------------------------
 *
 * mysqldump_table.h
 *	  The names of databases, tables and columns, and the wanted table.
 *
 *-------------------------------------------------------------------------
 */
#ifndef MYSQLDUMP_TABLE_H
#define MYSQLDUMP_TABLE_H

#include "mysql/mysqldump_reader.h"

/*
 * Sets the wanted table, as the caller wrote it: name or database.name, of which
 * each may be quoted as in SQL.
 */
extern void mysqldump_want_table(MysqldumpReader *reader, const char *table);

/* Releases what mysqldump_want_table() allocated. */
extern void mysqldump_forget_table(MysqldumpReader *reader);

/*
 * Converts the name that the last token is to the caller's character set.  Fails
 * if it is not valid in the dump's.
 */
extern bool mysqldump_convert_name(MysqldumpReader *reader);

/*
 * The same for a table or a database, which may be another than the wanted one:
 * what is not valid becomes question marks.
 */
extern void mysqldump_convert_any_name(MysqldumpReader *reader);

/*
 * Reads [name.]name of a table that the dump contains from the last token on,
 * adds it to the tables seen, and gets the token after it.  *wanted is true if
 * that is the wanted table, false if there is no name.
 */
extern bool mysqldump_read_table(MysqldumpReader *reader, bool *wanted);

/*
 * The same, of a table that a statement is about: it is not added, and *wanted
 * is false if it is of another database than the tuples so far.
 */
extern bool mysqldump_match_table(MysqldumpReader *reader, bool *wanted);

/*
 * True if the name of the statement's table differs from the wanted one's only in
 * letter case, and its database may be the same.
 */
extern bool mysqldump_is_case_variant(const MysqldumpReader *reader);

/*
 * Records that the wanted table is in this database, or one without a name, and
 * in that of the last table read; returns false.
 */
extern bool mysqldump_fail_databases(MysqldumpReader *reader,
									 const char *database);

#endif							/* MYSQLDUMP_TABLE_H */

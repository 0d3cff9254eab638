/*-------------------------------------------------------------------------
 *
 * mysqldump_columns.h
 *	  The columns of a dump's CREATE TABLE.
 *
 *-------------------------------------------------------------------------
 */
#ifndef MYSQLDUMP_COLUMNS_H
#define MYSQLDUMP_COLUMNS_H

#include "mysql/mysqldump_reader.h"

/*
 * Reads CREATE TABLE from after its opening parenthesis to its end, and adds
 * the table's columns to the reader.
 */
extern bool mysqldump_read_columns(MysqldumpReader *reader);

/* Records that the table's rows come from a query; returns false. */
extern bool mysqldump_fail_query(MysqldumpReader *reader);

/* Forgets the columns of an earlier CREATE TABLE. */
extern void mysqldump_forget_columns(MysqldumpReader *reader);

#endif							/* MYSQLDUMP_COLUMNS_H */

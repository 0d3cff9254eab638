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

/* Reads CREATE TABLE from behind its opening parenthesis to its end. */
extern bool mysqldump_read_columns(MysqldumpReader *reader);

/* Forgets the columns of an earlier CREATE TABLE. */
extern void mysqldump_forget_columns(MysqldumpReader *reader);

#endif							/* MYSQLDUMP_COLUMNS_H */

/*-------------------------------------------------------------------------
 *
 * mysqldump_change.h
 *	  Statements that change rows or columns of the wanted table other than by
 *	  INSERT.
 *
 * They are not carried out, so those that would change what has been read are
 * failures.
 *
 *-------------------------------------------------------------------------
 */
#ifndef MYSQLDUMP_CHANGE_H
#define MYSQLDUMP_CHANGE_H

#include "mysql/mysqldump_reader.h"

/*
 * Reads ALTER, BINLOG, CALL, COMMIT, DELETE, DROP, LOAD, RENAME, ROLLBACK,
 * TRUNCATE or UPDATE, whose first word was the last token, to its end.  *done is
 * false, and nothing is read, if the statement is another one.
 */
extern bool mysqldump_read_change(MysqldumpReader *reader, bool *done);

/*
 * Records that a statement, of which nobody can tell what it does, follows after
 * tuples of the wanted table; returns false.
 */
extern bool mysqldump_fail_unknown_change(MysqldumpReader *reader,
										  const char *name);

#endif							/* MYSQLDUMP_CHANGE_H */

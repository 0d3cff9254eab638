/*-------------------------------------------------------------------------
 *
 * mysqldump_comment.h
 *	  Comments, also those that contain SQL.
 *
 *-------------------------------------------------------------------------
 */
#ifndef MYSQLDUMP_COMMENT_H
#define MYSQLDUMP_COMMENT_H

#include "mysql/mysqldump_reader.h"

/*
 * Skips the comment, or the opening or closing of a version comment, that
 * comes next.  *skipped is false when neither comes next.
 */
extern bool mysqldump_skip_comment(MysqldumpReader *reader, bool *skipped);

/* Advances to end; fails at a NUL before it. */
extern bool mysqldump_skip_without_nul(MysqldumpReader *reader, const char *end);

/*
 * True if INSERT INTO or REPLACE INTO begins the line that comes next, after
 * spaces.
 */
extern bool mysqldump_begins_insert(MysqldumpReader *reader);

#endif							/* MYSQLDUMP_COMMENT_H */

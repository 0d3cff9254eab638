/*-------------------------------------------------------------------------
 *
 * mysqldump_statement.h
 *	  The words that statements begin with.
 *
 *-------------------------------------------------------------------------
 */
#ifndef MYSQLDUMP_STATEMENT_H
#define MYSQLDUMP_STATEMENT_H

#include "mysql/mysqldump_reader.h"

/*
 * Fails unless the last token is a word that a statement of a dump can begin
 * with.
 */
extern bool mysqldump_require_beginning(MysqldumpReader *reader);

/*
 * Gets the token after a statement's first word, which was the last one.  Fails
 * if it cannot follow that word.
 */
extern bool mysqldump_read_second(MysqldumpReader *reader);

/*
 * Fails if the last token begins an INSERT inside a statement that cannot
 * contain one: the delimiter before it is missing.
 */
extern bool mysqldump_check_part(MysqldumpReader *reader);

/* Gets the next token and checks it in this way. */
extern bool mysqldump_next_part(MysqldumpReader *reader);

/* Gets the next token that is none of the keywords between spaces. */
extern bool mysqldump_skip_parts(MysqldumpReader *reader, const char *keywords);

#endif							/* MYSQLDUMP_STATEMENT_H */

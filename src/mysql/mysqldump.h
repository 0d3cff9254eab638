/*-------------------------------------------------------------------------
 *
 * mysqldump.h
 *	  A streaming reader of mysqldump output.
 *
 * The reader gets bytes from a callback, understands the SQL that mysqldump,
 * mariadb-dump and hand-made exports write, and returns the tuples of one
 * table, one at a time.  Everything else in the file is skipped.  Its memory
 * is bounded by the longest tuple.
 *
 * It uses neither PostgreSQL's catalogs nor SPI, and raises no error: a failure
 * is returned, with its line and byte offset.  With MYSQLDUMP_STANDALONE
 * defined it compiles without a server, for the fuzzer.
 *
 *-------------------------------------------------------------------------
 */
#ifndef MYSQLDUMP_H
#define MYSQLDUMP_H

#include "mysql/mysqldump_types.h"

/*
 * Begins to read.  table is the wanted table's name, or database.name where each
 * may be quoted; letter case counts.  Without a database, tuples of two databases
 * are a failure.  In the server the reader is allocated in the current memory
 * context, standalone with malloc().
 */
extern MysqldumpReader *mysqldump_open(MysqldumpReadFn read, void *arg,
									   const char *table);

/*
 * Has names of the dump converted by fn, before the first tuple is read.
 * Without it they stay in the dump's character set.
 */
extern void mysqldump_set_names(MysqldumpReader *reader, MysqldumpNameFn fn,
								void *arg);

/*
 * Advances to the wanted table's next tuple.  After MYSQLDUMP_END and
 * MYSQLDUMP_ERROR, returns the same again.
 */
extern MysqldumpStatus mysqldump_next(MysqldumpReader *reader);

/* Releases the reader's memory. */
extern void mysqldump_close(MysqldumpReader *reader);

/* The values of the current tuple; returns their number, 0 without a tuple. */
extern int	mysqldump_values(const MysqldumpReader *reader,
							 const MysqldumpValue **values);

/*
 * The columns of CREATE TABLE, in order; returns their number, 0 when the
 * dump has not defined the table up to here.
 */
extern int	mysqldump_columns(const MysqldumpReader *reader,
							  const MysqldumpColumn **columns);

/*
 * The column names that the current INSERT lists, in order; returns their
 * number, 0 when it lists none.  Valid until mysqldump_insert_number() changes.
 */
extern int	mysqldump_insert_columns(const MysqldumpReader *reader,
									 char *const **names);

/*
 * Number of INSERT statements into the table so far.  When it changes, the
 * column list may have changed, too.
 */
extern uint64_t mysqldump_insert_number(const MysqldumpReader *reader);

/* Number of tuples of the wanted table returned so far. */
extern uint64_t mysqldump_tuple_number(const MysqldumpReader *reader);

/*
 * The position of the current tuple (after MYSQLDUMP_TUPLE) or of the failure
 * (after MYSQLDUMP_ERROR): line counts from 1, offset in bytes of the original
 * input from 0.
 */
extern void mysqldump_position(const MysqldumpReader *reader,
							   uint64_t *line, uint64_t *offset);

/* The failure (empty if there is none), and what to do about it (or NULL). */
extern const char *mysqldump_message(const MysqldumpReader *reader);
extern const char *mysqldump_hint(const MysqldumpReader *reader);

/*
 * The character set of the text up to here, of SET NAMES or
 * CHARACTER_SET_CLIENT, in lower case ("utf8mb4", "latin1"), or NULL when the
 * dump declared none.
 */
extern const char *mysqldump_charset(const MysqldumpReader *reader);

/*
 * The time zone of TIMESTAMPs up to here, of SET TIME_ZONE, in lower case
 * ("+00:00", "europe/berlin"), or NULL when the dump declared none.  It consists
 * of letters, digits, and + - _ / :
 */
extern const char *mysqldump_time_zone(const MysqldumpReader *reader);

/*
 * The number of tuples so far that come from REPLACE or INSERT IGNORE, which
 * MySQL would not all have kept if their keys repeat; line and offset are of the
 * first of these statements.
 */
extern uint64_t mysqldump_overriding_tuples(const MysqldumpReader *reader,
											uint64_t *line, uint64_t *offset);

/* True when the input is UTF-16; its values are returned as UTF-8. */
extern bool mysqldump_was_utf16(const MysqldumpReader *reader);

/*
 * True when the dump begins with mysqldump's header comment but does not end
 * with its "Dump completed" trailer: it may have been cut between statements.
 * Valid after MYSQLDUMP_END.
 */
extern bool mysqldump_lacks_trailer(const MysqldumpReader *reader);

/*
 * The names of the tables seen so far, separated by commas, with ", ..." when
 * they exceed 320 bytes.
 */
extern const char *mysqldump_tables_seen(const MysqldumpReader *reader);

#endif							/* MYSQLDUMP_H */

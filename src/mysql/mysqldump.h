/*-------------------------------------------------------------------------
 *
 * mysqldump.h
 *	  A streaming reader of mysqldump output.
 *
 * The reader pulls bytes from a callback, understands as much of MySQL's
 * dump language as mysqldump, mariadb-dump and hand-made exports write, and
 * hands out the tuples of one table, one at a time.  Everything else in the
 * file is skipped.  Its memory is bounded by the longest single tuple.
 *
 * It knows nothing of PostgreSQL's catalogs or SPI, raises no error of its
 * own (a failure is returned, with line and byte offset), and compiles
 * without a server when MYSQLDUMP_STANDALONE is defined, for the fuzzer.
 *
 *-------------------------------------------------------------------------
 */
#ifndef MYSQLDUMP_H
#define MYSQLDUMP_H

#include "mysql/mysqldump_types.h"

/*
 * Begins reading.  table is the wanted table's bare name; a database prefix
 * in the dump is ignored, letter case is not.  In the server the reader
 * lives in the current memory context; alone it uses malloc.
 */
extern MysqldumpReader *mysqldump_open(MysqldumpReadFn read, void *arg,
									   const char *table);

/* Advances to the wanted table's next tuple. */
extern MysqldumpStatus mysqldump_next(MysqldumpReader *reader);

/* Releases the reader's memory. */
extern void mysqldump_close(MysqldumpReader *reader);

/* The values of the current tuple; returns their number. */
extern int	mysqldump_values(const MysqldumpReader *reader,
							 const MysqldumpValue **values);

/*
 * The columns of CREATE TABLE, in order; returns their number, 0 when the
 * dump has not defined the table (yet).
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
 * Number of INSERT statements into the table so far: when it changes, so
 * may the column list.
 */
extern uint64_t mysqldump_insert_number(const MysqldumpReader *reader);

/* Tuples of the wanted table handed out so far. */
extern uint64_t mysqldump_tuple_number(const MysqldumpReader *reader);

/*
 * Where the current tuple (after MYSQLDUMP_TUPLE) or the failure (after
 * MYSQLDUMP_ERROR) is: line counts from 1, offset in bytes of the original
 * input from 0.
 */
extern void mysqldump_position(const MysqldumpReader *reader,
							   uint64_t *line, uint64_t *offset);

/* What went wrong, and what to do about it (or NULL). */
extern const char *mysqldump_message(const MysqldumpReader *reader);
extern const char *mysqldump_hint(const MysqldumpReader *reader);

/*
 * The character set that the dump's last SET NAMES declared, in lower case
 * ("utf8mb4", "latin1"), or NULL when there was none.
 */
extern const char *mysqldump_charset(const MysqldumpReader *reader);

/* True when the input was UTF-16; it is handed out as UTF-8. */
extern bool mysqldump_was_utf16(const MysqldumpReader *reader);

/*
 * True when the dump begins with mysqldump's header comment but did not end
 * with its "Dump completed" trailer: it may have been cut between statements.
 * Meaningful after MYSQLDUMP_END.
 */
extern bool mysqldump_lacks_trailer(const MysqldumpReader *reader);

/*
 * Names of the tables seen so far, comma-separated, at most a few hundred
 * bytes.  Like the names of columns, they are in the dump's character set.
 */
extern const char *mysqldump_tables_seen(const MysqldumpReader *reader);

#endif							/* MYSQLDUMP_H */

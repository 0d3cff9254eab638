/*-------------------------------------------------------------------------
 *
 * mysqldump_error.h
 *	  Why a dump cannot be read: failures are recorded in the reader.
 *
 *-------------------------------------------------------------------------
 */
#ifndef MYSQLDUMP_ERROR_H
#define MYSQLDUMP_ERROR_H

#include "mysql/mysqldump_reader.h"

/* What to do about a dump that ends too early, or holds two of the same table. */
#define MYSQLDUMP_CUT_HINT \
	"The file was cut short: copy it again in full, or make the dump again."
#define MYSQLDUMP_TWO_DATABASES_HINT \
	"The file holds the table of more than one database: dump each into a file of its own."

/* Records a failure at the given place; returns false. */
extern bool mysqldump_fail(MysqldumpReader *reader, MysqldumpPosition at,
						   const char *hint, const char *format,...)
			mysqldump_attribute_printf(4, 5);

/* Records a failure at the next byte; returns false. */
#define mysqldump_fail_here(reader, ...) \
	mysqldump_fail(reader, mysqldump_here(reader), __VA_ARGS__)

/*
 * Records that the input ends in the middle of something that begins at the
 * given place; returns false.
 */
extern bool mysqldump_fail_cut(MysqldumpReader *reader, const char *what,
							   MysqldumpPosition begin);

/* Records that the next byte is a NUL where none may be; returns false. */
extern bool mysqldump_fail_nul(MysqldumpReader *reader);

/*
 * Records that there is a problem with what comes next in an INSERT, or with
 * the last token, unless it is but the end of the input; returns false.  The
 * problem is put behind the word in question: "is not supported".
 */
extern bool mysqldump_fail_next(MysqldumpReader *reader, const char *problem);
extern bool mysqldump_fail_token(MysqldumpReader *reader, const char *problem);

#endif							/* MYSQLDUMP_ERROR_H */

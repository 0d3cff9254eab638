/*-------------------------------------------------------------------------
 *
 * mysqldump_error.h
 *	  Failures of the reader: why a dump cannot be read.
 *
 *-------------------------------------------------------------------------
 */
#ifndef MYSQLDUMP_ERROR_H
#define MYSQLDUMP_ERROR_H

#include "mysql/mysqldump_reader.h"

/* Hints for a dump that ends too early, or has the table more than once. */
#define MYSQLDUMP_CUT_HINT \
	"The file was cut short: copy it again in full, or dump the table again."
#define MYSQLDUMP_TWO_DATABASES_HINT \
	"Choose one by table_name => 'database.table', or dump each database into its own file."

/*
 * Records a failure at the given position; returns false.  hint is a static
 * string, or NULL.
 */
extern bool mysqldump_fail(MysqldumpReader *reader, MysqldumpPosition at,
						   const char *hint, const char *format,...)
			mysqldump_attribute_printf(4, 5);

/* Records a failure at the next byte; returns false. */
#define mysqldump_fail_here(reader, ...) \
	mysqldump_fail(reader, mysqldump_here(reader), __VA_ARGS__)

/*
 * Records that the input ends in the middle of what ("a string"), which begins
 * at the given position; returns false.
 */
extern bool mysqldump_fail_cut(MysqldumpReader *reader, const char *what,
							   MysqldumpPosition begin);

/* Records that the next byte is a NUL outside of strings; returns false. */
extern bool mysqldump_fail_nul(MysqldumpReader *reader);

/*
 * Records a problem with the next word of an INSERT, or with the last token;
 * returns false.  At the end of the input, records that the dump was cut.  The
 * message is the quoted word, followed by problem ("is not supported").
 */
extern bool mysqldump_fail_next(MysqldumpReader *reader, const char *problem);
extern bool mysqldump_fail_token(MysqldumpReader *reader, const char *problem);

/* Records a problem with the last token, wherever it is; returns false. */
extern bool mysqldump_fail_word(MysqldumpReader *reader, const char *hint,
								const char *problem);

#endif							/* MYSQLDUMP_ERROR_H */

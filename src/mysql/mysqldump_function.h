/*-------------------------------------------------------------------------
 *
 * mysqldump_function.h
 *	  The few expressions that exporters other than mysqldump write as values.
 *
 *-------------------------------------------------------------------------
 */
#ifndef MYSQLDUMP_FUNCTION_H
#define MYSQLDUMP_FUNCTION_H

#include "mysql/mysqldump_reader.h"

/*
 * Reads an expression as the tuple's last value, which has no text yet.  Fails,
 * naming it, if it is none of those that are known.
 */
extern bool mysqldump_read_function(MysqldumpReader *reader,
									MysqldumpValue *value);

#endif							/* MYSQLDUMP_FUNCTION_H */

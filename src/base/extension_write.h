/*-------------------------------------------------------------------------
 *
 * extension_write.h
 *	  Writing to the tables of an extension.
 *
 * Nobody needs a right to write to a ledger, and nobody has one: what is in it
 * was entered by the extension.  A function does its own checks as the caller,
 * and only the statement that writes is executed as the extension's owner, in
 * a security-restricted operation with a search_path of pg_catalog.
 *
 *-------------------------------------------------------------------------
 */
#ifndef MENUCA_EXTENSION_WRITE_H
#define MENUCA_EXTENSION_WRITE_H

#include "base/query.h"

/*
 * Executes a statement that writes to that table of the extension; the rest is
 * as in query_write().  fn is called as the extension's owner, so it only
 * stores what it gets.  The statement's text is ours, all values are arguments,
 * and what else it reads belongs to the extension or to pg_catalog.  Raises an
 * error when the table is not the extension's any more, or when somebody has
 * put a trigger on it: one whose function belongs to neither the owner nor a
 * superuser, or which has arguments or a condition that calls more than
 * immutable functions of the server.
 */
extern uint64 extension_write(const char *extension, const char *table, const char *sql,
							  QueryArgs *args, QueryRowFn fn, void *arg);

/* The same for menuca_migrate, the extension that repairs the migration. */
#define migrate_write(table, sql, args, fn, arg) \
	extension_write("menuca_migrate", table, sql, args, fn, arg)

#endif							/* MENUCA_EXTENSION_WRITE_H */

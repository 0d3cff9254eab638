/*-------------------------------------------------------------------------
 *
 * uncovered_tables.h
 *	  Tables that menuca_wanted_access does not list: they are closed.
 *
 * A part of a table, such as a partition, is reached through that table, whose
 * policies then apply.  About other tables nobody has decided yet.  On both the
 * services keep the rights that they have, and visitors can do nothing.  See the
 * view menuca_table_coverage.
 *
 *-------------------------------------------------------------------------
 */
#ifndef MENUCA_UNCOVERED_TABLES_H
#define MENUCA_UNCOVERED_TABLES_H

#include "access/wanted_row.h"

/*
 * The parts and undecided tables of the target schema as WantedAccesses, in no
 * order.  names: only these tables, C strings; NIL for all.
 */
extern List *uncovered_tables(List *names);

/* The names of the parts of tables, C strings, without those that are among them. */
extern List *uncovered_table_parts(List *names);

/* What to do about an undecided table: a text with the statements that decide. */
extern char *uncovered_table_remedy(const WantedAccess *table);

#endif							/* MENUCA_UNCOVERED_TABLES_H */

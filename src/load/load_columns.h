/*-------------------------------------------------------------------------
 *
 * load_columns.h
 *	  Which column of a staging table gets which value of a dump's tuples.
 *
 *-------------------------------------------------------------------------
 */
#ifndef MENUCA_LOAD_COLUMNS_H
#define MENUCA_LOAD_COLUMNS_H

#include "load/load_state.h"

/*
 * Chooses the staging table's columns that get values: those that the first
 * INSERT lists, or else those of CREATE TABLE, by name; or else, by place.
 */
extern void load_choose_columns(Load *load);

/*
 * Finds each column's place in the current INSERT, by the names that it lists
 * or else by those of CREATE TABLE.  A column that it does not have becomes
 * NULL; one that only it has is an error.
 */
extern void load_bind_insert(Load *load);

#endif							/* MENUCA_LOAD_COLUMNS_H */

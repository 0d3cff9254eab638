/*-------------------------------------------------------------------------
 *
 * load_columns.h
 *	  Matching the columns of a staging table to the values of a dump's tuples.
 *
 *-------------------------------------------------------------------------
 */
#ifndef MENUCA_LOAD_COLUMNS_H
#define MENUCA_LOAD_COLUMNS_H

#include "load/load_state.h"

/*
 * Chooses the columns of the staging table that get values: by name, those that
 * the first INSERT lists or else those of CREATE TABLE; or else all, by
 * position.  Raises an error when one does not exist, is generated or is the
 * same as another one.
 */
extern void load_choose_columns(Load *load);

/*
 * Finds the value of each column in the tuples of the current INSERT, by the
 * names that it lists or else by those of CREATE TABLE, and takes the encoding
 * and the time zone that the dump has set for it.  A column that the INSERT
 * lacks becomes NULL.  Raises an error when the INSERT has one more.
 */
extern void load_bind_insert(Load *load);

/*
 * True if a time zone's name (in lower case) is an abbreviation to the server.
 * MySQL's zone CET has summer times, but the server's abbreviation CET is one
 * hour ahead of UTC at all times, or what timezone_abbreviations says.
 */
extern bool load_zone_is_abbreviation(const char *zone);

#endif							/* MENUCA_LOAD_COLUMNS_H */

/*-------------------------------------------------------------------------
 *
 * access_key.h
 *	  How a row's owner is found: by a column, or by a column and parents.
 *
 * It is written as a path: restaurant_id, or
 * combo_group_id -> combo_groups.restaurant_id.
 *
 *-------------------------------------------------------------------------
 */
#ifndef MENUCA_ACCESS_KEY_H
#define MENUCA_ACCESS_KEY_H

#include "access/attnum.h"
#include "nodes/pg_list.h"

/* Columns of a row and of its parent that are equal. */
typedef struct AccessPair
{
	AttrNumber	child;
	AttrNumber	parent;
} AccessPair;

/* A parent table on the path, and its column that leads on. */
typedef struct AccessHop
{
	char	   *table;
	Oid			relid;
	AttrNumber	key;			/* its primary key, or "id" */
	List	   *pairs;			/* AccessPairs besides the key, of a foreign
								 * key of several columns */
	bool		unique;			/* no two of its rows have the same key, pairs
								 * included */
	char	   *column;
} AccessHop;

typedef struct AccessKey
{
	Oid			relid;			/* where the path begins */
	char	   *column;			/* its name now */
	char	   *written;		/* as the path has it, which may be an older
								 * one */
	AttrNumber	attnum;
	List	   *hops;			/* AccessHops */
	Oid			type;			/* of the path's last column */
} AccessKey;

/*
 * Resolves a path that begins at a table.  A column that was renamed is found by
 * its foreign key.  Raises an error when a table or column of it does not exist,
 * a parent has no primary key of one integer column (partitioned: no column
 * "id"), or the last column is neither an integer nor a uuid.
 */
extern AccessKey *access_key_parse(Oid relid, const char *path);

/*
 * True if the key is the table's primary key, as in the table of restaurants: each
 * row owns itself.  key may be NULL.
 */
extern bool access_key_is_primary(const AccessKey *key, Oid relid);

/* An SQL condition: the owner of the table's row is value, an SQL expression. */
extern char *access_key_condition(const AccessKey *key, const char *table, const char *value);

#endif							/* MENUCA_ACCESS_KEY_H */

/*-------------------------------------------------------------------------
 *
 * id_space.h
 *	  The ids of a staged table of the old system.
 *
 * V1 numbered each kind of thing from 1, so a number alone does not say what
 * it is an id of: a dish, or an ingredient.
 *
 *-------------------------------------------------------------------------
 */
#ifndef MENUCA_ID_SPACE_H
#define MENUCA_ID_SPACE_H

typedef struct IdSpace
{
	Oid			oid;
	char	   *display_name;
	struct id_set_hash *ids;
}			IdSpace;

/*
 * Reads the column id of a staged table, as the active snapshot sees it.  An
 * invalid relid means the table that a setting of the given name and value
 * names; NULL if there is no such table.  what, such as "menu", is for
 * messages.  Raises an error when the table is not one, may not be read by the
 * caller, or has no integer column id.
 */
extern IdSpace * id_space_read(Oid relid, const char *what,
							   const char *setting, const char *name);

extern bool id_space_has(const IdSpace * space, int64 id);

#endif							/* MENUCA_ID_SPACE_H */

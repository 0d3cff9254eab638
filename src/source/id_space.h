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

/* What a flag column says of an id. */
typedef enum IdFlag
{
	ID_FLAG_UNKNOWN,			/* no such id, no such column, or no answer */
	ID_FLAG_NO,
	ID_FLAG_YES
} IdFlag;

typedef struct IdSpace
{
	Oid			oid;
	char	   *display_name;
	bool		has_flags;		/* it has the flag column */
	struct id_set_hash *ids;
} IdSpace;

/*
 * Reads the column id of a staged table, as the active snapshot sees it.  An
 * invalid relid means the table that a setting of the given name and value
 * names; NULL if there is no such table.  what, such as "menu", is for
 * messages.  flag_column, or NULL, is a column of 'Y' and 'N' (or boolean), in
 * any case of letters; it may be missing.  Raises an error when the table is
 * not one, may not be read by the caller, or has no integer column id.
 */
extern IdSpace *id_space_read(Oid relid, const char *what,
							  const char *setting, const char *name,
							  const char *flag_column);

extern bool id_space_has(const IdSpace *space, int64 id);

/* What the flag column says; of an id that occurs twice, either answer. */
extern IdFlag id_space_flag(const IdSpace *space, int64 id);

/*
 * What a flag's text says: V1 wrote Y and N, its copies whatever a boolean is
 * written as.
 */
extern IdFlag id_space_flag_of_text(const char *text);

extern void id_space_free(IdSpace *space);

#endif							/* MENUCA_ID_SPACE_H */

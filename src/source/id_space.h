/*-------------------------------------------------------------------------
 *
 * id_space.h
 *	  The ids of a staged table of the old system.
 *
 * V1 numbered each kind of thing from 1, so the same number is the id of a dish
 * and of an ingredient.
 *
 *-------------------------------------------------------------------------
 */
#ifndef MENUCA_ID_SPACE_H
#define MENUCA_ID_SPACE_H

/* The value of a flag column for an id. */
typedef enum IdFlag
{
	ID_FLAG_UNKNOWN,			/* no such id or column, or not a boolean */
	ID_FLAG_NO,
	ID_FLAG_YES
} IdFlag;

/* The ids of one table. */
typedef struct IdSpace
{
	Oid			oid;
	char	   *display_name;
	bool		has_flags;		/* the table has the flag column */
	struct id_set_hash *ids;
} IdSpace;

/*
 * Reads the column id of a staged table, as the active snapshot sees it, into
 * the current memory context.  An invalid relid means the table that the
 * setting (its name) with that value (name) names; returns NULL if there is no
 * such table.  what ("menu") names the table in messages.  flag_column is NULL
 * or the name, in any letter case, of a column of 'Y' and 'N' or of booleans,
 * which the table may lack.  Raises an error when relid is not a table, when
 * the caller may not read it, and when it has no integer column id.
 */
extern IdSpace *id_space_read(Oid relid, const char *what,
							  const char *setting, const char *name,
							  const char *flag_column);

/* True if the table has the id. */
extern bool id_space_has(const IdSpace *space, int64 id);

/* The id's flag; of an id that occurs twice, any of its flags. */
extern IdFlag id_space_flag(const IdSpace *space, int64 id);

/* A flag from its text: V1 wrote Y and N, copies of V1 may have booleans. */
extern IdFlag id_space_flag_of_text(const char *text);

/* Releases the memory. */
extern void id_space_free(IdSpace *space);

#endif							/* MENUCA_ID_SPACE_H */

/*-------------------------------------------------------------------------
 *
 * stage_flags.h
 *	  The flags that were set when a stage began, and setting them so again.
 *
 *-------------------------------------------------------------------------
 */
#ifndef MENUCA_STAGE_FLAGS_H
#define MENUCA_STAGE_FLAGS_H

#include "nodes/pg_list.h"
#include "utils/array.h"
#include "utils/uuid.h"

/* A flag of one restaurant, or of all, that is not as it was. */
typedef struct StageFlag
{
	bool		is_default;		/* of all without their own */
	pg_uuid_t	restaurant;		/* unless is_default */
	char	   *key;			/* the setting's name */
	char	   *now;			/* its value as JSON; NULL: it is not set */
	char	   *was;			/* when the stage began */
	bool		is_left;		/* it is as the other stage left it */
} StageFlag;

/* The names of the settings that are flags, a text[]. */
extern Datum stage_flags_keys(void);

/*
 * The flags whose values are not those of when stage_no began, by restaurant and name: a
 * list of StageFlags.  left_by is the stage whose flags is_left is about, 0 for none:
 * then it is true.
 */
extern List *stage_flags_changed(int64 stage_no, int64 left_by);

/* Sets it as it was, by menuca_seating_set().  Returns why that failed, or NULL. */
extern char *stage_flags_restore(const StageFlag *flag);

/* The statement that does so, and which flag it is, in words. */
extern char *stage_flags_statement(const StageFlag *flag);
extern char *stage_flags_name(const StageFlag *flag);

#endif							/* MENUCA_STAGE_FLAGS_H */

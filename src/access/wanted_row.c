/*-------------------------------------------------------------------------
 *
 * wanted_row.c
 *	  The wanted access of one table: see wanted_row.h.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "utils/varlena.h"

#include "access/wanted_row.h"


AclMode
wanted_row_commands(const char *list)
{
	List	   *words;
	ListCell   *lc;
	AclMode		mode = 0;

	if (list == NULL)
		return 0;
	if (!SplitIdentifierString(pstrdup(list), ',', &words))
		words = list_make1(pstrdup(list));
	foreach(lc, words)
	{
		const char *word = lfirst(lc);

		if (strcmp(word, "all") == 0)
			mode |= ACCESS_ALL;
		else if (strcmp(word, "select") == 0)
			mode |= ACL_SELECT;
		else if (strcmp(word, "insert") == 0)
			mode |= ACL_INSERT;
		else if (strcmp(word, "update") == 0)
			mode |= ACL_UPDATE | ACL_SELECT;
		else if (strcmp(word, "delete") == 0)
			mode |= ACL_DELETE | ACL_SELECT;
		else
			ereport(ERROR,
					(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
					 errmsg("\"%s\" is not a list of commands", list),
					 errhint("Write all, or some of select, insert, update and delete with commas between them.")));
	}
	return mode;
}

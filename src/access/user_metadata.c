/*-------------------------------------------------------------------------
 *
 * user_metadata.c
 *	  What users write about themselves must not say what they may do: see
 *	  user_metadata.h.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "access/access_expression.h"
#include "access/user_metadata.h"
#include "base/compat.h"
#include "base/stored_expression.h"

static bool names_user_metadata(const char *text);
pg_noreturn static void refuse_metadata(const char *where);


void
user_metadata_refuse(const char *text, const char *where)
{
	if (names_user_metadata(text))
		refuse_metadata(where);
}

/* As it was written, and with its constant parts evaluated. */
void
user_metadata_refuse_in(Oid relid, Node *condition, const char *where)
{
	if (names_user_metadata(access_expression_text(relid, condition)) ||
		names_user_metadata(access_expression_text(relid, stored_expression_simplify(condition))))
		refuse_metadata(where);
}

/* Letters alone count: user_metadata, "User_MetaData", raw_user_meta_data. */
static bool
names_user_metadata(const char *text)
{
	char	   *letters = palloc(strlen(text) + 1);
	char	   *end = letters;

	for (const char *c = text; *c; c++)
	{
		if (isalnum((unsigned char) *c) && !IS_HIGHBIT_SET(*c))
			*end++ = pg_ascii_tolower((unsigned char) *c);
	}
	*end = '\0';
	return strstr(letters, "usermetadata") != NULL;
}

static void
refuse_metadata(const char *where)
{
	ereport(ERROR,
			(errcode(ERRCODE_INSUFFICIENT_PRIVILEGE),
			 errmsg("%s reads user_metadata, which users write themselves", where),
			 errdetail("Everybody could give himself the restaurant or the role that he likes."),
			 errhint("Use app_metadata, which only the platform's services write, such as: SET menuca.tenant_claim = 'app_metadata -> restaurant_id';")));
}

/*-------------------------------------------------------------------------
 *
 * access_columns.c
 *	  The columns that staff and customers may read and write, for the
 *	  statements of an application.
 *
 * menuca_access_columns(tables)
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "fmgr.h"
#include "funcapi.h"
#include "miscadmin.h"
#include "utils/builtins.h"

#include "access/wanted_access.h"
#include "access/wanted_columns.h"
#include "base/arguments.h"
#include "base/format.h"
#include "base/relation.h"
#include "base/results.h"

PG_FUNCTION_INFO_V1(menuca_access_columns);

static void return_columns(ReturnSetInfo *rsinfo, const WantedAccess *wanted);
static List *unquoted(const List *columns);


/* menuca_access_columns(tables): a row per table that staff, customers or visitors may use. */
Datum
menuca_access_columns(PG_FUNCTION_ARGS)
{
	ReturnSetInfo *rsinfo = (ReturnSetInfo *) fcinfo->resultinfo;
	ListCell   *lc;

	InitMaterializedSRF(fcinfo, 0);
	foreach(lc, wanted_access_tables(argument_text_list(fcinfo, 0, "tables")))
	{
		const WantedAccess *wanted = lfirst(lc);

		CHECK_FOR_INTERRUPTS();
		if (OidIsValid(wanted->relid) && !wanted->problem &&
			wanted_access_of_role(wanted, ROLE_TENANT) != 0)
			return_columns(rsinfo, wanted);
	}
	return (Datum) 0;
}

static void
return_columns(ReturnSetInfo *rsinfo, const WantedAccess *wanted)
{
	AclMode		may = wanted_access_of_role(wanted, ROLE_TENANT);
	StringInfoData list;
	Datum		values[6];
	bool		nulls[6] = {0};
	ListCell   *lc;

	initStringInfo(&list);
	foreach(lc, wanted_columns_allowed(wanted, ACL_SELECT))
		format_append(&list, ", ", "%s", (char *) lfirst(lc));

	values[0] = CStringGetTextDatum(wanted->table);
	nulls[1] = !(may & ACL_SELECT);
	values[1] = CStringGetTextDatum(psprintf("SELECT %s FROM %s;", list.data, relation_quoted_name(wanted->relid)));
	values[2] = result_text_array(may & ACL_INSERT ? unquoted(wanted->insertable) : NIL);
	values[3] = result_text_array(may & ACL_UPDATE ? unquoted(wanted->writable) : NIL);
	values[4] = result_text_array(unquoted(wanted->read_only));
	values[5] = result_text_array(unquoted(wanted->hidden));
	tuplestore_putvalues(rsinfo->setResult, rsinfo->setDesc, values, nulls);
}

/* Names without the quotes that SQL needs: the elements of an array are no SQL. */
static List *
unquoted(const List *columns)
{
	List	   *names = NIL;
	const ListCell *lc;

	foreach(lc, columns)
	{
		char	   *name = pstrdup(lfirst(lc));

		if (*name == '"')
		{
			char	   *to = name;

			for (const char *from = name + 1; from[1] != '\0'; from++)
			{
				*to++ = *from;
				if (*from == '"')
					from++;
			}
			*to = '\0';
		}
		names = lappend(names, name);
	}
	return names;
}

/*-------------------------------------------------------------------------
 *
 * advice_pages.c
 *	  Damaged pages, as amcheck finds them: see advice_pages.h.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "commands/extension.h"
#include "miscadmin.h"
#include "utils/builtins.h"

#include "advice/advice_pages.h"
#include "base/attempt.h"
#include "base/extension.h"
#include "base/format.h"
#include "base/query.h"
#include "base/settings.h"
#include "base/slot.h"

/* A relation, and how amcheck looks at it. */
typedef struct PageCheck
{
	char	   *name;
	char	   *sql;			/* returns the number of damages, or raises
								 * them */
	int64		damages;
} PageCheck;

static List *page_checks(void);
static void *make_page_check(TupleTableSlot *slot);
static void check_pages(void *arg);
static bool is_damage(const ErrorData *error);


void
advice_pages_look(Advice *advice)
{
	int			checked = 0;
	int			open = 0;
	char	   *why = NULL;
	StringInfoData damaged;
	ListCell   *lc;
	const char *before = advice->figure ? advice->figure : "";
	const char *separator = advice->figure ? "; " : "";

	initStringInfo(&damaged);
	if (!OidIsValid(get_extension_oid("amcheck", true)))
	{
		advice->figure = psprintf("%s%samcheck is not installed, so pages were not looked at", before, separator);
		return;
	}
	foreach(lc, page_checks())
	{
		PageCheck  *check = lfirst(lc);
		ErrorData  *error = attempt(check_pages, check);

		CHECK_FOR_INTERRUPTS();
		if ((error && is_damage(error)) || check->damages > 0)
			format_append(&damaged, "; ", "%s: %s", check->name,
						  error ? error->message : format_things(check->damages, "damage"));
		else if (error)
		{
			open++;
			why = error->message;
		}
		else
			checked++;
	}
	if (damaged.len > 0)
	{
		advice->figure = psprintf("amcheck: %s%s%s", damaged.data, separator, before);
		advice->triggered = true;
		advice->unknown = false;
		return;
	}
	advice->figure = psprintf("%s%samcheck: nothing in %s%s%s%s", before, separator, format_things(checked, "relation"),
							  open > 0 ? psprintf(", %s not looked at (", format_count(open)) : "", why ? why : "", open > 0 ? ")" : "");
}

/*
 * The tables of the target schema that have pages, and their btree indexes.  All
 * arguments are there, of exactly their types, or a namesake could be taken.
 */
static List *
page_checks(void)
{
	QueryArgs	args = {0};
	List	   *checks;

	query_arg_text(&args, menuca_target_schema);
	query_arg_text(&args, extension_schema("amcheck"));
	query_begin_snapshot();
	checks = query_list("SELECT format('%I.%I', n.nspname, c.relname) AS name,"
						" CASE c.relkind WHEN 'r' THEN format('SELECT pg_catalog.count(*) FROM %sverify_heapam(%s::pg_catalog.regclass, false, false, ''none''::pg_catalog.text, NULL::pg_catalog.int8, NULL::pg_catalog.int8)', $2, c.oid)"
						" ELSE format('SELECT pg_catalog.count(%sbt_index_check(%s::pg_catalog.regclass)) OPERATOR(pg_catalog.*) 0::pg_catalog.int8', $2, c.oid) END AS sql"
						" FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace LEFT JOIN pg_am a ON a.oid = c.relam"
						" LEFT JOIN pg_index i ON i.indexrelid = c.oid"
						" WHERE n.nspname = $1 AND c.relpersistence = 'p'"
						" AND (c.relkind = 'r' AND a.amname = 'heap' OR c.relkind = 'i' AND a.amname = 'btree' AND i.indisvalid)"
						" ORDER BY c.relkind DESC, c.relname", &args, make_page_check);
	query_end_snapshot();
	return checks;
}

static void *
make_page_check(TupleTableSlot *slot)
{
	PageCheck  *check = palloc0(sizeof(PageCheck));

	check->name = slot_text_of(slot, "name");
	check->sql = slot_text_of(slot, "sql");
	return check;
}

/* As the caller, who needs the right to execute amcheck's functions. */
static void
check_pages(void *arg)
{
	PageCheck  *check = arg;

	query_write(check->sql, NULL, slot_store_int8, &check->damages);
}

static bool
is_damage(const ErrorData *error)
{
	return error->sqlerrcode == ERRCODE_DATA_CORRUPTED || error->sqlerrcode == ERRCODE_INDEX_CORRUPTED;
}

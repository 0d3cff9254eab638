/*-------------------------------------------------------------------------
 *
 * export_indexes.c
 *	  The wanted indexes, as SQL files for the database that this copy was made of.
 *
 * menuca_export_indexes(style)
 *
 * The database lacks what the copy lacks, and what the ledger says that was created
 * here.  CREATE INDEX CONCURRENTLY cannot be in a transaction, and clients wrap files
 * into one, so each is a file of one statement; psql executes one by one, so its file
 * begins with another that asks whether it is the right database.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "fmgr.h"
#include "funcapi.h"
#include "miscadmin.h"
#include "utils/builtins.h"

#include "base/export_original.h"
#include "base/export_set.h"
#include "base/export_template.h"
#include "base/format.h"
#include "base/json.h"
#include "base/relation.h"
#include "base/settings.h"
#include "index/created_index.h"
#include "index/index_plan.h"

PG_FUNCTION_INFO_V1(menuca_export_indexes);

#define SET_NAME "menuca_indexes"

typedef struct IndexExport
{
	ExportSet  *set;
	ExportStyle style;
	char	   *original;		/* JSON */
	List	   *checked;		/* PlannedIndexes: all that can exist */
	List	   *to_create;		/* those of them that the database lacks */
} IndexExport;

static void collect_indexes(IndexExport *export);
static bool is_created_here(const PlannedIndex *planned, const List *entries);
static void add_index_facts(IndexExport *export);
static void add_index_check(IndexExport *export, const char *file, const char *purpose, bool is_before);
static char *indexes_json(const IndexExport *export);
static List *plain_columns(const PlannedIndex *planned);
static void add_leftover(IndexExport *export, const PlannedIndex *planned, int number);
static void add_create(IndexExport *export, const PlannedIndex *planned, int number);
static List *concurrent_statements(const IndexExport *export, const char *before, char *statement);
static char *index_definition_of(const PlannedIndex *planned);
static void add_drop(IndexExport *export, const PlannedIndex *planned, int number);


/* menuca_export_indexes(style): a row per file. */
Datum
menuca_export_indexes(PG_FUNCTION_ARGS)
{
	IndexExport export = {0};
	int			n;

	InitMaterializedSRF(fcinfo, 0);
	export.style = export_style_argument(fcinfo, 0);
	export.original = export_original_json();
	export.set = export_set_begin(export.style, SET_NAME, "the indexes that the platform wants");
	collect_indexes(&export);
	n = list_length(export.to_create);

	add_index_check(&export, "00_check", "changes nothing; shows which indexes exist, and what is in their way", true);
	for (int i = 0; i < n; i++)
		add_leftover(&export, list_nth(export.to_create, i), i + 1);
	for (int i = 0; i < n; i++)
		add_create(&export, list_nth(export.to_create, i), i + 1);
	add_index_check(&export, "03_verify", "changes nothing; shows which indexes are missing or invalid", false);
	for (int i = n - 1; i >= 0; i--)
		add_drop(&export, list_nth(export.to_create, i), i + 1);
	export_set_return(export.set, (ReturnSetInfo *) fcinfo->resultinfo);
	return (Datum) 0;
}

static void
collect_indexes(IndexExport *export)
{
	List	   *entries = created_index_entries(menuca_target_schema);
	StringInfoData left;
	ListCell   *lc;

	initStringInfo(&left);
	add_index_facts(export);
	foreach(lc, index_plan_make(menuca_target_schema))
	{
		PlannedIndex *planned = lfirst(lc);

		CHECK_FOR_INTERRUPTS();
		if (planned->action == INDEX_CONFLICT || planned->action == INDEX_IMPOSSIBLE || planned->action == INDEX_COVERED)
		{
			format_append(&left, ", ", "%s (%s)", planned->wanted->text.name, index_action_name(planned->action));
			continue;
		}
		export->checked = lappend(export->checked, planned);
		if (planned->action != INDEX_EXISTS || is_created_here(planned, entries))
			export->to_create = lappend(export->to_create, planned);
	}
	if (left.len > 0)
		export_set_fact(export->set, "not in the set", left.data);
	export_set_fact(export->set, "indexes to create", psprintf("%d of %d", list_length(export->to_create), list_length(export->checked)));
}

/* An index that existed before is never in the ledger. */
static bool
is_created_here(const PlannedIndex *planned, const List *entries)
{
	const ListCell *lc;

	foreach(lc, entries)
	{
		if (strcmp(((CreatedIndex *) lfirst(lc))->wanted.text.name, planned->wanted->text.name) == 0)
			return true;
	}
	return false;
}

static void
add_index_facts(IndexExport *export)
{
	export_set_fact(export->set, "for the database", export->original);
	export_set_fact(export->set, "exported by", GetUserNameFromId(GetSessionUserId(), false));
}

static void
add_index_check(IndexExport *export, const char *file, const char *purpose, bool is_before)
{
	ExportValue values[] = {
		{"wanted", quote_literal_cstr(indexes_json(export))},
		{"is_before", is_before ? "true" : "false"}
	};

	export_set_add(export->set, EXPORT_READ, file, purpose,
				   list_make1(export_template_check("menuca_hosted_index_check_template", SET_NAME, file, values, lengthof(values))));
}

static char *
indexes_json(const IndexExport *export)
{
	StringInfoData json;
	ListCell   *lc;

	initStringInfo(&json);
	json_begin(&json);
	json_raw(&json, "original", export->original);
	json_text(&json, "server", psprintf("%d", PG_VERSION_NUM / 10000));
	json_raw(&json, "indexes", "[");
	foreach(lc, export->checked)
	{
		const PlannedIndex *planned = lfirst(lc);

		if (foreach_current_index(lc) > 0)
			appendStringInfoString(&json, ",\n");
		json_begin(&json);
		json_text(&json, "name", planned->wanted->text.name);
		json_text(&json, "table", relation_quoted_name(planned->table));
		json_text(&json, "index", planned->name);
		json_bool(&json, "create", list_member_ptr(export->to_create, planned));
		json_text(&json, "definition", index_definition_of(planned));
		json_texts(&json, "columns", plain_columns(planned));
		json_end(&json);
	}
	appendStringInfoChar(&json, ']');
	json_end(&json);
	return json.data;
}

/* Those of its columns that are names of the table's columns, not expressions. */
static List *
plain_columns(const PlannedIndex *planned)
{
	List	   *columns = NIL;
	ListCell   *lc;

	foreach(lc, planned->wanted->text.columns)
	{
		if (relation_has_column(planned->table, lfirst(lc)))
			columns = lappend(columns, lfirst(lc));
	}
	return columns;
}

/* A failed build leaves an invalid index, which IF NOT EXISTS would be content with. */
static void
add_leftover(IndexExport *export, const PlannedIndex *planned, int number)
{
	ExportValue values[] = {
		{"guard", export_original_guard(export->original)},
		{"index", quote_literal_cstr(planned->name)},
		{"table", quote_literal_cstr(relation_quoted_name(planned->table))}
	};

	export_set_add(export->set, EXPORT_CHANGE, export_set_file_name("01_leftover", number, planned->wanted->text.name),
				   psprintf("drops index %s if a failed build left it invalid", planned->name),
				   list_make1(export_template_do(EXPORT_SETTINGS, export_template_from("menuca_hosted_index_leftover_template", values, lengthof(values)))));
}

static void
add_create(IndexExport *export, const PlannedIndex *planned, int number)
{
	export_set_add(export->set, EXPORT_CHANGE, export_set_file_name("02_create", number, planned->wanted->text.name),
				   psprintf("creates index %s without blocking writers; not inside a transaction", planned->name),
				   concurrent_statements(export, export_original_guard(export->original),
										 psprintf("CREATE INDEX CONCURRENTLY IF NOT EXISTS %s %s",
												  quote_identifier(planned->wanted->text.name), planned->body)));
}

/* Where statements are executed one by one, others can be before it. */
static List *
concurrent_statements(const IndexExport *export, const char *before, char *statement)
{
	if (export->style != EXPORT_PSQL)
		return list_make1(statement);
	return list_make2(export_template_do(EXPORT_SETTINGS, before), statement);
}

/* As pg_get_indexdef() shows it there. */
static char *
index_definition_of(const PlannedIndex *planned)
{
	return psprintf("CREATE INDEX %s %s", quote_identifier(planned->wanted->text.name), planned->body);
}

static void
add_drop(IndexExport *export, const PlannedIndex *planned, int number)
{
	ExportValue values[] = {
		{"guard", export_original_guard(export->original)},
		{"index", quote_literal_cstr(planned->name)},
		{"definition", quote_literal_cstr(index_definition_of(planned))}
	};

	export_set_add(export->set, EXPORT_UNDO, export_set_file_name("04_rollback", number, planned->wanted->text.name),
				   psprintf("drops index %s without blocking writers; not inside a transaction", planned->name),
				   concurrent_statements(export, export_template_from("menuca_hosted_index_drop_template", values, lengthof(values)),
										 psprintf("DROP INDEX CONCURRENTLY IF EXISTS %s", planned->name)));
}

/*-------------------------------------------------------------------------
 *
 * guarantee.c
 *	  The guarantees: see guarantee.h.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "catalog/namespace.h"
#include "catalog/pg_am_d.h"
#include "catalog/pg_inherits.h"
#include "catalog/pg_type.h"
#include "commands/defrem.h"
#include "miscadmin.h"
#include "utils/acl.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"

#include "base/attempt.h"
#include "base/owner.h"
#include "base/query.h"
#include "base/relation.h"
#include "base/settings.h"
#include "deployment/guarantee.h"
#include "seating/seating_extension.h"
#include "seating/seating_schema.h"

/* Names of what is created. */
#define ONCE_NAME "booking_table_assignments_no_overlap"
#define INDEX_NAME "idx_booking_table_assignments_booking_id"

/* The function of the original's trigger, which has the name of ours. */
#define ORIGINAL_FUNCTION "validate_booking_has_assignments"

/* The tables, and what breaks a rule, which is looked for once. */
typedef struct PlannedTables
{
	const GuardedTables *tables;
	bool		known[GUARANTEE_RELEASED + 1];
	char	   *broken[GUARANTEE_RELEASED + 1];
	char	   *queries[GUARANTEE_RELEASED + 1];
} PlannedTables;

static List *wanted_guarantees(const GuardedTables *tables);
static Guarantee *wanted_trigger(const char *name, Oid relid, const char *when, const char *function, GuaranteeRule rule);
static Guarantee *wanted_object(const char *name, GuaranteeKind kind, Oid relid, const char *create, const char *wanted);
static void plan_one(Guarantee *guarantee, PlannedTables *planned);
static bool is_there(Guarantee *guarantee);
static void find_passed_by(Guarantee *guarantee, PlannedTables *planned);
static char *find_other(const Guarantee *guarantee);
static void find_replaced(Guarantee *guarantee);
static bool find_impossible(Guarantee *guarantee, PlannedTables *planned);
static bool find_broken_rows(Guarantee *guarantee, PlannedTables *planned);
static void look_for_broken_rows(PlannedTables *planned, GuaranteeRule rule);
static char *find_heirs(const GuardedTables *tables);
static bool find_missing_right(Guarantee *guarantee);
static bool find_missing_function_right(Guarantee *guarantee);
static bool find_unreadable(Guarantee *guarantee, const GuardedTables *tables);
static void find_schema(void *arg);
static bool find_no_btree_gist(Guarantee *guarantee);
static bool has_gist_for_uuids(void);
static bool may_create_btree_gist(void);
static bool find_name_taken(Guarantee *guarantee);
static void set_impossible(Guarantee *guarantee, char *reason, char *remedy);


GuardedTables
guarantee_tables(void)
{
	(void) seating_schema_find();
	return guarded_tables_in(get_namespace_oid(menuca_seating_schema, false));
}

List *
guarantee_plan(const GuardedTables *tables)
{
	PlannedTables planned = {.tables = tables};
	List	   *guarantees = wanted_guarantees(tables);
	ListCell   *lc;

	foreach(lc, guarantees)
	{
		CHECK_FOR_INTERRUPTS();
		plan_one(lfirst(lc), &planned);
	}
	return guarantees;
}

static List *
wanted_guarantees(const GuardedTables *tables)
{
	static const char *const once = "EXCLUDE USING gist (table_id WITH =, tstzrange(start_at, end_at) WITH &&)";
	char	   *assignments = relation_quoted_name(tables->assignments);
	List	   *guarantees = NIL;
	Guarantee  *no_overlap;

	guarantees = lappend(guarantees,
						 wanted_object("btree_gist", GUARANTEE_EXTENSION, InvalidOid,
									   psprintf("CREATE EXTENSION btree_gist SCHEMA %s;",
												pnstrdup(seating_extension_schema(), strlen(seating_extension_schema()) - 1)),
									   "CREATE EXTENSION btree_gist"));
	no_overlap = wanted_object(ONCE_NAME, GUARANTEE_CONSTRAINT, tables->assignments,
							   psprintf("ALTER TABLE %s ADD CONSTRAINT %s %s;", assignments, ONCE_NAME, once), once);
	no_overlap->rule = GUARANTEE_ONCE;
	guarantees = lappend(guarantees, no_overlap);
	guarantees = lappend(guarantees,
						 wanted_object(INDEX_NAME, GUARANTEE_INDEX, tables->assignments,
									   psprintf("CREATE INDEX %s ON %s USING btree (booking_id);", INDEX_NAME, assignments),
									   psprintf("CREATE INDEX %s ON %s USING btree (booking_id)", INDEX_NAME, assignments)));
	guarantees = lappend(guarantees,
						 wanted_trigger("booking_assignment_validation", tables->bookings, "AFTER INSERT OR UPDATE",
										"menuca_booking_assignment_validation", GUARANTEE_SEATED));
	guarantees = lappend(guarantees,
						 wanted_trigger("booking_assignment_validation", tables->assignments, "AFTER DELETE OR UPDATE",
										"menuca_booking_assignment_validation", GUARANTEE_SEATED));
	guarantees = lappend(guarantees,
						 wanted_trigger("booking_assignment_truncation", tables->assignments, "AFTER TRUNCATE",
										"menuca_booking_assignment_truncation", GUARANTEE_SEATED));
	guarantees = lappend(guarantees,
						 wanted_trigger("booking_fit_validation", tables->bookings, "AFTER UPDATE",
										"menuca_booking_fit_validation", GUARANTEE_NOTHING));
	guarantees = lappend(guarantees,
						 wanted_trigger("booking_fit_validation", tables->assignments, "AFTER UPDATE",
										"menuca_booking_fit_validation", GUARANTEE_NOTHING));
	guarantees = lappend(guarantees,
						 wanted_trigger("booking_release", tables->bookings, "AFTER UPDATE",
										"menuca_booking_release", GUARANTEE_RELEASED));
	return guarantees;
}

/* As pg_get_triggerdef() shows it.  Those that validate wait for the commit. */
static Guarantee *
wanted_trigger(const char *name, Oid relid, const char *when, const char *function, GuaranteeRule rule)
{
	bool		deferred = strstr(name, "_validation") != NULL;
	char	   *wanted = psprintf("CREATE %sTRIGGER %s %s ON %s %sFOR EACH %s EXECUTE FUNCTION %s%s()",
								  deferred ? "CONSTRAINT " : "", name, when, relation_quoted_name(relid),
								  deferred ? "DEFERRABLE INITIALLY DEFERRED " : "",
								  strcmp(when, "AFTER TRUNCATE") == 0 ? "STATEMENT" : "ROW",
								  seating_extension_schema(), function);
	Guarantee  *guarantee = wanted_object(name, GUARANTEE_TRIGGER, relid, psprintf("%s;", wanted), wanted);

	guarantee->rule = rule;
	return guarantee;
}

static Guarantee *
wanted_object(const char *name, GuaranteeKind kind, Oid relid, const char *create, const char *wanted)
{
	Guarantee  *guarantee = palloc0(sizeof(Guarantee));

	guarantee->name = name;
	guarantee->kind = kind;
	guarantee->relid = relid;
	guarantee->rule = GUARANTEE_NOTHING;
	guarantee->create = pstrdup(create);
	guarantee->wanted = pstrdup(wanted);
	return guarantee;
}

static void
plan_one(Guarantee *guarantee, PlannedTables *planned)
{
	if (is_there(guarantee))
	{
		if (strcmp(guarantee->status, "unchanged") == 0)
			find_passed_by(guarantee, planned);
		return;
	}
	guarantee->reason = find_other(guarantee);
	if (guarantee->reason)
	{
		guarantee->status = "unchanged";
		return;
	}
	guarantee->status = "planned";
	find_replaced(guarantee);
	if (!find_impossible(guarantee, planned))
		guarantee->statements = lappend(guarantee->statements, guarantee->create);
}

/* A trigger that somebody has disabled is enabled again. */
static bool
is_there(Guarantee *guarantee)
{
	const GuaranteeState *found = guarantee_state_find(guarantee->kind, guarantee->relid, guarantee->name);

	if (found == NULL || strcmp(found->definition, guarantee->wanted) != 0 || strcmp(found->enabled, "invalid") == 0)
		return false;
	guarantee->status = "unchanged";
	if (strcmp(found->enabled, "D") == 0 || strcmp(found->enabled, "R") == 0)
	{
		guarantee->status = "planned";
		guarantee->reason = pstrdup("somebody has disabled it");
		guarantee->statements = list_make1(psprintf("ALTER TABLE %s ENABLE TRIGGER %s;",
													relation_quoted_name(guarantee->relid), quote_identifier(guarantee->name)));
		(void) find_missing_right(guarantee);
	}
	return true;
}

/* Rows that came while triggers did not fire are told of; what is there guards the next ones. */
static void
find_passed_by(Guarantee *guarantee, PlannedTables *planned)
{
	look_for_broken_rows(planned, guarantee->rule);
	guarantee->reason = planned->broken[guarantee->rule];
	guarantee->remedy = planned->queries[guarantee->rule];
}

/* Why nothing has to be created, although nothing has that name; or NULL. */
static char *
find_other(const Guarantee *guarantee)
{
	QueryArgs	args = {0};
	char	   *other = NULL;

	query_arg(&args, OIDOID, ObjectIdGetDatum(guarantee->relid), false);
	query_begin_snapshot();
	if (guarantee->kind == GUARANTEE_EXTENSION && has_gist_for_uuids())
		other = pstrdup("uuids have an operator class for gist already");

	/* Of its columns, a generated one is what it is generated from. */
	if (guarantee->kind == GUARANTEE_CONSTRAINT)
		other = query_text("SELECT format('constraint %I of the table does this: %s', c.conname, pg_get_constraintdef(c.oid))"
						   " FROM pg_constraint c JOIN pg_index i ON i.indexrelid = c.conindid"
						   " WHERE c.conrelid = $1 AND c.contype = 'x' AND i.indisvalid AND i.indpred IS NULL"
						   " AND (SELECT array_agg(regexp_replace(COALESCE(pg_get_expr(d.adbin, d.adrelid), pg_get_indexdef(i.indexrelid, k.n::int4, false)),"
						   " ', ''\\[\\)''::text\\)$', ')') || o.oprname::text || o.oprnamespace::regnamespace::text)"
						   " FROM unnest(i.indkey::int2[], c.conexclop) WITH ORDINALITY k (attnum, op, n)"
						   " JOIN pg_operator o ON o.oid = k.op"
						   " LEFT JOIN pg_attribute a ON a.attrelid = c.conrelid AND a.attnum = k.attnum AND a.attgenerated <> ''"
						   " LEFT JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum)"
						   " <@ ARRAY['table_id=pg_catalog', 'tstzrange(start_at, end_at)&&pg_catalog'] ORDER BY c.conname LIMIT 1", &args);
	if (guarantee->kind == GUARANTEE_INDEX)
		other = query_text("SELECT format('index %I of the table begins with booking_id', c.relname)"
						   " FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid JOIN pg_am m ON m.oid = c.relam"
						   " JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = i.indkey[0]"
						   " WHERE i.indrelid = $1 AND a.attname = 'booking_id' AND m.amname IN ('btree', 'hash')"
						   " AND i.indisvalid AND i.indisready AND i.indislive AND i.indpred IS NULL ORDER BY c.relname LIMIT 1", &args);
	query_end_snapshot();
	return other;
}

/* What has the name is dropped; constraints and constraint triggers share their names. */
static void
find_replaced(Guarantee *guarantee)
{
	static const GuaranteeKind kinds[] = {GUARANTEE_TRIGGER, GUARANTEE_CONSTRAINT, GUARANTEE_INDEX};

	if (guarantee->kind == GUARANTEE_EXTENSION)
		return;
	for (size_t i = 0; i < lengthof(kinds); i++)
	{
		GuaranteeState *state;

		if ((kinds[i] == GUARANTEE_INDEX) == (guarantee->kind == GUARANTEE_TRIGGER) && kinds[i] != GUARANTEE_CONSTRAINT)
			continue;
		state = guarantee_state_find(kinds[i], guarantee->relid, guarantee->name);
		if (state == NULL)
			continue;
		guarantee->replaced = lappend(guarantee->replaced, state);
		guarantee->statements = lappend(guarantee->statements,
										guarantee_state_drop(kinds[i], guarantee->relid, guarantee->name));
		guarantee->reason = psprintf("it replaces %s%s%s", guarantee->reason ? psprintf("%s; ", guarantee->reason) : "",
									 state->definition, strstr(state->definition, ORIGINAL_FUNCTION "(") ?
									 ", which sees neither INSERT nor the loss of the last dining table" : "");
	}
}

static bool
find_impossible(Guarantee *guarantee, PlannedTables *planned)
{
	const GuardedTables *tables = planned->tables;
	char	   *obstacle = guarded_tables_obstacle(tables, OidIsValid(guarantee->relid) ? guarantee->relid : tables->bookings);

	if (obstacle == NULL)
		obstacle = find_heirs(tables);
	if (obstacle)
	{
		set_impossible(guarantee, obstacle, NULL);
		return true;
	}
	return find_missing_right(guarantee) || find_missing_function_right(guarantee) ||
		find_unreadable(guarantee, tables) || find_no_btree_gist(guarantee) ||
		find_name_taken(guarantee) || find_broken_rows(guarantee, planned);
}

static bool
find_broken_rows(Guarantee *guarantee, PlannedTables *planned)
{
	GuaranteeRule rule = guarantee->rule;

	look_for_broken_rows(planned, rule);
	if (planned->broken[rule])
		set_impossible(guarantee, planned->broken[rule], planned->queries[rule]);
	return planned->broken[rule] != NULL;
}

static void
look_for_broken_rows(PlannedTables *planned, GuaranteeRule rule)
{
	if (!planned->known[rule])
		planned->broken[rule] = guarantee_data_broken(planned->tables, rule, &planned->queries[rule]);
	planned->known[rule] = true;
}

/* Rows of partitions and of what inherits fire triggers of their own table only. */
static char *
find_heirs(const GuardedTables *tables)
{
	const Oid	relids[] = {tables->bookings, tables->assignments};

	for (size_t i = 0; i < lengthof(relids); i++)
	{
		if (has_superclass(relids[i]) || find_inheritance_children(relids[i], NoLock) != NIL)
			return psprintf("table %s is a partition, or inherits, or is inherited from", relation_display_name(relids[i]));
	}
	return NULL;
}

static bool
find_missing_right(Guarantee *guarantee)
{
	Oid			schema;

	if (guarantee->kind == GUARANTEE_EXTENSION)
		return false;
	if (!relation_is_owned(guarantee->relid))
	{
		set_impossible(guarantee, psprintf("role \"%s\" does not own table %s", GetUserNameFromId(GetUserId(), false),
										   relation_display_name(guarantee->relid)),
					   psprintf("SET ROLE %s;", quote_identifier(GetUserNameFromId(relation_owner(guarantee->relid), false))));
		return true;
	}
	schema = get_rel_namespace(guarantee->relid);
	if (guarantee->kind != GUARANTEE_TRIGGER && !relation_may_in_schema(schema, ACL_CREATE))
	{
		set_impossible(guarantee, psprintf("role \"%s\" may not create indexes in schema %s", GetUserNameFromId(GetUserId(), false),
										   get_namespace_name(schema)),
					   psprintf("GRANT CREATE ON SCHEMA %s TO %s;", quote_identifier(get_namespace_name(schema)),
								quote_identifier(GetUserNameFromId(GetUserId(), false))));
		return true;
	}
	return false;
}

/* Whoever creates a trigger must be able to execute its function. */
static bool
find_missing_function_right(Guarantee *guarantee)
{
	QueryArgs	args = {0};
	char	   *function;
	bool		may;

	if (guarantee->kind != GUARANTEE_TRIGGER)
		return false;
	function = pstrdup(strstr(guarantee->wanted, "FUNCTION ") + strlen("FUNCTION "));
	query_arg_text(&args, function);
	query_arg(&args, OIDOID, ObjectIdGetDatum(GetUserId()), false);
	query_begin_snapshot();
	may = query_bool("SELECT has_function_privilege($2, $1, 'EXECUTE')", &args);
	query_end_snapshot();
	if (!may)
		set_impossible(guarantee, psprintf("role \"%s\" may not execute %s", GetUserNameFromId(GetUserId(), false), function),
					   psprintf("GRANT EXECUTE ON FUNCTION %s TO %s;", function,
								quote_identifier(GetUserNameFromId(GetUserId(), false))));
	return !may;
}

/* What fits is found by the settings and the restaurant, as the owner of bookings. */
static bool
find_unreadable(Guarantee *guarantee, const GuardedTables *tables)
{
	OwnerContext caller;
	ErrorData  *error;

	if (strcmp(guarantee->name, "booking_fit_validation") != 0)
		return false;
	caller = owner_become(tables->bookings);
	error = attempt(find_schema, NULL);
	owner_return(&caller);
	if (error)
		set_impossible(guarantee, psprintf("the owner of table %s must be able to read the restaurant's tables: %s",
										   relation_display_name(tables->bookings), error->message), error->hint);
	return error != NULL;
}

static void
find_schema(pg_attribute_unused() void *arg)
{
	(void) seating_schema_find();
}

static bool
find_no_btree_gist(Guarantee *guarantee)
{
	bool		none;

	if (guarantee->kind != GUARANTEE_EXTENSION && guarantee->kind != GUARANTEE_CONSTRAINT)
		return false;
	query_begin_snapshot();
	none = !has_gist_for_uuids() && !may_create_btree_gist();
	query_end_snapshot();
	if (none)
		set_impossible(guarantee, pstrdup("extension btree_gist, which exclusion constraints on uuids need, cannot be created by this role on this server"),
					   pstrdup("CREATE EXTENSION btree_gist;"));
	return none;
}

static bool
has_gist_for_uuids(void)
{
	return OidIsValid(GetDefaultOpClass(UUIDOID, GIST_AM_OID));
}

static bool
may_create_btree_gist(void)
{
	QueryArgs	args = {0};

	query_arg(&args, OIDOID, ObjectIdGetDatum(GetUserId()), false);
	query_arg(&args, BOOLOID, BoolGetDatum(superuser()), false);
	return query_bool("SELECT EXISTS (SELECT FROM pg_available_extensions e JOIN pg_available_extension_versions v"
					  " ON v.name = e.name AND v.version = e.default_version WHERE e.name = 'btree_gist'"
					  " AND ($2 OR v.trusted AND has_database_privilege($1, current_database(), 'CREATE')))", &args);
}

/* Indexes share their names with all relations of the schema. */
static bool
find_name_taken(Guarantee *guarantee)
{
	Oid			relid;

	if (guarantee->kind != GUARANTEE_CONSTRAINT && guarantee->kind != GUARANTEE_INDEX)
		return false;
	relid = get_relname_relid(guarantee->name, get_rel_namespace(guarantee->relid));
	if (!OidIsValid(relid) || guarantee->replaced != NIL)
		return false;
	set_impossible(guarantee, psprintf("%s is the name of another relation in the schema", relation_display_name(relid)),
				   psprintf("ALTER TABLE %s RENAME TO %s;", relation_quoted_name(relid),
							quote_identifier(psprintf("former_%s", guarantee->name))));
	return true;
}

static void
set_impossible(Guarantee *guarantee, char *reason, char *remedy)
{
	guarantee->status = "impossible";
	guarantee->reason = reason;
	guarantee->remedy = remedy;
	guarantee->statements = list_make1(guarantee->create);
}

char *
guarantee_object(GuaranteeKind kind, const char *name, const char *schema, const char *table)
{
	if (kind == GUARANTEE_EXTENSION)
		return psprintf("extension %s", name);
	return psprintf("table %s.%s", schema, table);
}

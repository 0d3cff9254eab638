/*-------------------------------------------------------------------------
 *
 * access_reversal.c
 *	  Rolling back the access of one table: see access_reversal.h.
 *
 * A policy that somebody has changed since is kept, and so are policies of others.
 * What was there before is given back, and then everything is compared with it.  The
 * views that policies read are dropped with what concerns the schemas, after all tables.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "miscadmin.h"
#include "utils/builtins.h"

#include "access/access_ledger.h"
#include "access/access_policy.h"
#include "access/access_restore.h"
#include "access/access_reversal.h"
#include "access/access_rounds.h"
#include "access/access_state.h"
#include "access/access_undo.h"
#include "access/owner_view.h"
#include "access/wanted_access.h"
#include "base/attempt.h"
#include "base/extension.h"
#include "base/guc_scope.h"
#include "base/query.h"
#include "base/slot.h"
#include "base/table_lock.h"

/* A policy of a table reads another one. */
typedef struct PolicyReference
{
	Oid			table;
	Oid			referenced;
} PolicyReference;

/* What access_reversals_make() is making. */
typedef struct ReversalOrder
{
	List	   *references;		/* PolicyReferences */
	List	   *tables;			/* AccessReversals, sorted by table */
	List	   *visited;		/* those that have their place, or are about
								 * to */
	List	   *ordered;
} ReversalOrder;

static void *make_reference(TupleTableSlot *slot);
static void add_reversal(ReversalOrder *order, AccessReversal *reversal);
static bool is_read_by(const List *references, const AccessReversal *reversal, const AccessReversal *other);
static const AccessReversal *still_read_by(const AccessReversal *reversal);
static bool is_left(const AccessReversal *reversal);
static void find_reversed_table(AccessReversal *reversal);
static void carry_out(AccessReversal *reversal);
static void clear_results(AccessReversal *reversal);
static int	count_remaining(const List *reversals);
static void roll_back_table_access(void *arg);
static void roll_back_actions(AccessReversal *reversal);
static void note_dropped_table(AccessReversal *reversal);
static List *undo_policies(AccessReversal *reversal);
static void restore_policies(AccessReversal *reversal);
static void undo_views(AccessReversal *reversal);
static bool undo_view(AccessReversal *reversal, const AccessChange *change);
static void undo_row_security(AccessReversal *reversal, const List *remaining);
static int	count_later(const AccessReversal *reversal, const List *remaining);
static void undo_grants(AccessReversal *reversal);
static void restore_state(AccessReversal *reversal);
static void undo_change(const AccessReversal *reversal, const AccessChange *change);
static void mark_undone(const AccessReversal *reversal, const AccessChange *change);
static void add_reason(AccessReversal *reversal, char *reason);


List *
access_reversals_make(List *names, bool dry_run, bool by_table)
{
	ReversalOrder order = {0};
	ListCell   *lc;

	order.references = query_list(psprintf("SELECT table_oid, referenced_oid FROM %smenuca_policy_reference", migrate_schema()),
								  NULL, make_reference);
	foreach(lc, access_ledger_tables(names))
	{
		AccessReversal *reversal = palloc0(sizeof(AccessReversal));

		reversal->table = ((AccessTable *) lfirst(lc))->name;
		reversal->dry_run = dry_run;
		reversal->by_table = by_table;
		reversal->context = CurrentMemoryContext;
		find_reversed_table(reversal);
		order.tables = lappend(order.tables, reversal);
	}
	foreach(lc, order.tables)
		add_reversal(&order, lfirst(lc));
	foreach(lc, order.ordered)
	{
		AccessReversal *reversal = lfirst(lc);

		reversal->all = order.ordered;
		reversal->references = order.references;
	}
	return order.ordered;
}

static void *
make_reference(TupleTableSlot *slot)
{
	PolicyReference *reference = palloc(sizeof(PolicyReference));

	reference->table = DatumGetObjectId(slot_datum(slot, 0, OIDOID));
	reference->referenced = DatumGetObjectId(slot_datum(slot, 1, OIDOID));
	return reference;
}

/* Policies may read each other's tables in a circle, so each is visited once. */
static void
add_reversal(ReversalOrder *order, AccessReversal *reversal)
{
	ListCell   *lc;

	check_stack_depth();
	if (list_member_ptr(order->visited, reversal))
		return;
	order->visited = lappend(order->visited, reversal);
	foreach(lc, order->tables)
	{
		if (is_read_by(order->references, reversal, lfirst(lc)))
			add_reversal(order, lfirst(lc));
	}
	order->ordered = lappend(order->ordered, reversal);
}

static bool
is_read_by(const List *references, const AccessReversal *reversal, const AccessReversal *other)
{
	const ListCell *lc;

	foreach(lc, references)
	{
		const PolicyReference *reference = lfirst(lc);

		if (OidIsValid(reversal->relid) && reference->referenced == reversal->relid && reference->table == other->relid)
			return true;
	}
	return false;
}

/*
 * The table before this one whose policies read it and that is not rolled back: its
 * requests would fail.  NULL when there is none.
 */
static const AccessReversal *
still_read_by(const AccessReversal *reversal)
{
	const ListCell *lc;

	foreach(lc, reversal->all)
	{
		const AccessReversal *other = lfirst(lc);

		if (other == reversal)
			break;
		if (is_read_by(reversal->references, reversal, other) && is_left(other))
			return other;
	}
	return NULL;
}

static bool
is_left(const AccessReversal *reversal)
{
	return strcmp(reversal->status, "failed") == 0 || strcmp(reversal->status, "busy") == 0;
}

/* It may have been dropped meanwhile. */
static void
find_reversed_table(AccessReversal *reversal)
{
	reversal->relid = reversal->table ? wanted_access_relation(reversal->table) : InvalidOid;
}

void
access_reversal_carry_out(AccessReversal *reversal)
{
	carry_out(reversal);

	if (strcmp(reversal->status, "busy") != 0)
		return;

	/* The turn's own memory is freed; changes are read again by the next one. */
	reversal->reasons = access_rounds_keep(reversal->reasons, reversal->context);
	reversal->changes = NIL;
}

static void
carry_out(AccessReversal *reversal)
{
	int			remaining = reversal->table ? 0 : count_remaining(reversal->all);
	const AccessReversal *reader = still_read_by(reversal);
	ErrorData  *error;

	clear_results(reversal);
	if (remaining > 0)
	{
		reversal->status = "failed";
		add_reason(reversal, psprintf("not rolled back, since %d of the tables are not: their roles need the schema", remaining));
		return;
	}
	if (reader)
	{
		reversal->status = reader->status;
		add_reason(reversal, psprintf("not rolled back, since table \"%s\", whose policies read it, is not", reader->table));
		return;
	}
	error = attempt(roll_back_table_access, reversal);
	if (error == NULL)
		return;
	clear_results(reversal);
	reversal->status = reversal->by_table && error->sqlerrcode == ERRCODE_LOCK_NOT_AVAILABLE ? "busy" : "failed";
	reversal->reasons = list_make1(attempt_message(error));
}

static void
clear_results(AccessReversal *reversal)
{
	reversal->status = "planned";
	reversal->dropped = reversal->changed = reversal->gone = reversal->grants = 0;
	reversal->rls_off = reversal->rls_kept = reversal->is_unmet = false;
	reversal->reasons = NIL;
}

/* How many of the tables are not rolled back: their roles need the schemas. */
static int
count_remaining(const List *reversals)
{
	int			remaining = 0;
	const ListCell *lc;

	foreach(lc, reversals)
	{
		const AccessReversal *reversal = lfirst(lc);

		remaining += reversal->table && is_left(reversal);
	}
	return remaining;
}

static void
roll_back_table_access(void *arg)
{
	AccessReversal *reversal = arg;
	int			scope;

	reversal->changes = access_ledger_changes(reversal->table);
	find_reversed_table(reversal);
	if (reversal->table && !OidIsValid(reversal->relid))
	{
		note_dropped_table(reversal);
		return;
	}
	if (reversal->table && !reversal->dry_run)
		access_ledger_require_owner(reversal->relid);
	if (reversal->table && reversal->by_table && !reversal->dry_run &&
		!table_lock_try(reversal->relid, AccessExclusiveLock, ACCESS_LOCK_WAIT))
	{
		reversal->status = "busy";
		return;
	}

	/* While others wait for this table, it waits for nobody. */
	scope = guc_scope_begin_lock_timeout(psprintf("%d", ACCESS_LOCK_WAIT));
	roll_back_actions(reversal);
	guc_scope_end(scope);
}

static void
roll_back_actions(AccessReversal *reversal)
{
	query_begin_snapshot();
	if (reversal->table)
	{
		List	   *remaining = undo_policies(reversal);

		restore_policies(reversal);
		undo_row_security(reversal, remaining);
	}
	else
		undo_views(reversal);
	query_end_snapshot();
	query_begin_snapshot();
	undo_grants(reversal);
	query_end_snapshot();

	reversal->status = reversal->dry_run ? "planned" : "undone";
	if (reversal->changed > 0 || reversal->rls_kept || reversal->is_unmet)
		reversal->status = reversal->dry_run ? "planned in part" : "undone in part";
}

static void
note_dropped_table(AccessReversal *reversal)
{
	ListCell   *lc;

	reversal->status = "gone";
	reversal->gone = list_length(reversal->changes);
	add_reason(reversal, "the table does not exist any more");
	foreach(lc, reversal->changes)
		mark_undone(reversal, lfirst(lc));
	if (!reversal->dry_run)
		access_state_mark_undone(reversal->table);
}

/* Drops policies that are as they were deployed; returns those that remain. */
static List *
undo_policies(AccessReversal *reversal)
{
	List	   *existing = access_policies_of(reversal->relid);
	List	   *remaining = list_copy(existing);
	ListCell   *lc;

	foreach(lc, reversal->changes)
	{
		const AccessChange *change = lfirst(lc);
		AccessPolicy *policy;

		if (strcmp(change->kind, "policy") != 0)
			continue;
		if (change->object == NULL || change->definition == NULL)
			access_undo_refuse(change);
		policy = access_policy_find(existing, change->object);
		if (policy == NULL)
		{
			reversal->gone++;
			mark_undone(reversal, change);
		}
		else if (strcmp(policy->definition, change->definition) != 0)
		{
			reversal->changed++;
			add_reason(reversal, psprintf("policy %s is kept, since it was changed after the deployment: %s",
										  policy->name, policy->definition));
		}
		else
		{
			reversal->dropped++;
			remaining = list_delete_ptr(remaining, policy);
			undo_change(reversal, change);
		}
	}
	return remaining;
}

/* Those that deployments have dropped or replaced. */
static void
restore_policies(AccessReversal *reversal)
{
	ListCell   *lc;

	foreach(lc, access_restore_policies(reversal->table, reversal->relid, reversal->dry_run))
		add_reason(reversal, psprintf("policy %s, which the deployment had replaced or dropped, is created again", (char *) lfirst(lc)));
}

/*
 * Drops views that are as they were deployed, and that nothing reads any more: those
 * that read another one before that one.
 */
static void
undo_views(AccessReversal *reversal)
{
	List	   *kept = NIL;
	bool		undone = true;
	ListCell   *lc;

	foreach(lc, reversal->changes)
	{
		const AccessChange *change = lfirst(lc);

		if (strcmp(change->kind, "view") == 0)
			kept = lappend(kept, lfirst(lc));
	}
	while (undone)
	{
		undone = false;
		foreach(lc, kept)
		{
			if (!undo_view(reversal, lfirst(lc)))
				continue;
			kept = foreach_delete_current(kept, lc);
			undone = true;
		}
	}
	foreach(lc, kept)
	{
		reversal->changed++;
		add_reason(reversal, psprintf("view %s is kept, since it was changed after the deployment, or is still read",
									  ((AccessChange *) lfirst(lc))->object));
	}
}

/* False when the view has to be kept as yet. */
static bool
undo_view(AccessReversal *reversal, const AccessChange *change)
{
	char	   *definition;
	bool		is_kept;

	if (change->object == NULL || change->definition == NULL || !owner_view_is_name(change->object))
		access_undo_refuse(change);
	definition = owner_view_definition(change->object);
	if (definition == NULL)
	{
		reversal->gone++;
		mark_undone(reversal, change);
		return true;
	}

	/* What this rollback has dropped reads it no more. */
	query_begin_snapshot();
	is_kept = strcmp(definition, change->definition) != 0 ||
		(!reversal->dry_run && owner_view_is_used(change->object));
	query_end_snapshot();
	if (is_kept)
		return false;
	undo_change(reversal, change);
	return true;
}

/*
 * Row security stays on where somebody may rely on a policy that remains: one that
 * was there before, when row security was off, had no effect then either.
 */
static void
undo_row_security(AccessReversal *reversal, const List *remaining)
{
	int			later = count_later(reversal, remaining);
	ListCell   *lc;

	foreach(lc, reversal->changes)
	{
		const AccessChange *change = lfirst(lc);

		if (strcmp(change->kind, "row_security") != 0)
			continue;
		if (later > 0)
		{
			reversal->rls_kept = true;
			add_reason(reversal, psprintf("row security stays on: without it, the remaining policies (%d) would have no effect",
										  later));
			continue;
		}
		reversal->rls_off = true;
		undo_change(reversal, change);
	}
	if (remaining == NIL && reversal->dropped > 0 && !reversal->rls_off)
		add_reason(reversal, "row security was on before the deployment and stays on, now without a policy: only the owner sees rows");
}

/* How many of the policies were not there before the deployment, or not like that. */
static int
count_later(const AccessReversal *reversal, const List *remaining)
{
	List	   *before = access_state_before(reversal->table);
	int			later = 0;
	const ListCell *lc;

	foreach(lc, remaining)
	{
		AccessPolicy *policy = lfirst(lc);
		AccessItem	item = {
			.kind = "policy",
			.object = pstrdup(quote_identifier(policy->name)),
			.value = policy->definition
		};

		later += !access_item_is_in(&item, before);
	}
	return later;
}

/*
 * Revokes what deployments granted, and grants what they revoked.  Where the ledger
 * has the privileges from before, these are given back, columns included, and the
 * statements of the changes are only checked.
 */
static void
undo_grants(AccessReversal *reversal)
{
	bool		has_state = access_state_exists(reversal->table);
	ListCell   *lc;

	foreach(lc, reversal->changes)
	{
		const AccessChange *change = lfirst(lc);

		if (strcmp(change->kind, "grant") != 0 && strcmp(change->kind, "revoke") != 0)
			continue;
		reversal->grants++;
		if (has_state)
		{
			(void) access_undo_statement(change, reversal->relid);
			mark_undone(reversal, change);
		}
		else
			undo_change(reversal, change);
	}
	if (has_state && !reversal->dry_run)
		restore_state(reversal);
}

static void
restore_state(AccessReversal *reversal)
{
	List	   *unmet = access_restore_privileges(reversal->table, reversal->relid);

	reversal->is_unmet = unmet != NIL;
	reversal->reasons = list_concat(reversal->reasons, unmet);
	reversal->reasons = list_concat(reversal->reasons,
									access_restore_differences(reversal->table, reversal->relid));
	if (!reversal->is_unmet)
		access_state_mark_undone(reversal->table);
}

static void
undo_change(const AccessReversal *reversal, const AccessChange *change)
{
	char	   *statement = access_undo_statement(change, reversal->relid);

	if (!reversal->dry_run)
		access_ledger_execute(statement);
	mark_undone(reversal, change);
}

static void
mark_undone(const AccessReversal *reversal, const AccessChange *change)
{
	if (!reversal->dry_run)
		access_ledger_mark_undone(change->id);
}

static void
add_reason(AccessReversal *reversal, char *reason)
{
	reversal->reasons = lappend(reversal->reasons, reason);
}

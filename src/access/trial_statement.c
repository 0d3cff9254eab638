/*-------------------------------------------------------------------------
 *
 * trial_statement.c
 *	  The statements that are tried on a trial row: see trial_statement.h.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "executor/spi.h"
#include "utils/builtins.h"
#include "utils/portal.h"

#include "access/trial_columns.h"
#include "access/trial_query.h"
#include "access/trial_statement.h"
#include "base/owner.h"
#include "base/query.h"
#include "base/relation.h"

/* The cursor at the trial row. */
#define CURSOR "menuca_trial_row"

static const struct
{
	const char *name;
	AclMode		needs;
	bool		is_thorough;
}			statements[TRIAL_STATEMENTS] = {
	[TRIAL_SELECT] = {"select", ACL_SELECT, true},
	[TRIAL_LOCK] = {"select for update", ACL_SELECT | ACL_UPDATE, false},
	[TRIAL_UPDATE] = {"update", ACL_UPDATE, false},
	[TRIAL_UPDATE_BLIND] = {"update, blind", ACL_UPDATE, true},
	[TRIAL_UPDATE_RETURNING] = {"update returning", ACL_SELECT | ACL_UPDATE, false},
	[TRIAL_MERGE_UPDATE] = {"merge update", ACL_SELECT | ACL_UPDATE, false},
	[TRIAL_UPSERT] = {"insert on conflict", ACL_SELECT | ACL_INSERT | ACL_UPDATE, false},
	[TRIAL_DELETE] = {"delete", ACL_DELETE, false},
	[TRIAL_DELETE_BLIND] = {"delete, blind", ACL_DELETE, true},
	[TRIAL_DELETE_RETURNING] = {"delete returning", ACL_SELECT | ACL_DELETE, false},
	[TRIAL_MERGE_DELETE] = {"merge delete", ACL_SELECT | ACL_DELETE, false},
	[TRIAL_INSERT] = {"insert", ACL_INSERT, true},
	[TRIAL_INSERT_RETURNING] = {"insert returning", ACL_SELECT | ACL_INSERT, false},
	[TRIAL_MERGE_INSERT] = {"merge insert", ACL_INSERT, false}
};

static bool key_takes_conflicts(Oid relid);


const char *
trial_statement_name(TrialStatement statement)
{
	return statements[statement].name;
}

AclMode
trial_statement_needs(TrialStatement statement)
{
	return statements[statement].needs;
}

bool
trial_statement_is_thorough(TrialStatement statement)
{
	return statements[statement].is_thorough;
}

TrialTarget *
trial_target_make(const WantedAccess *wanted, const TrialRow *row, const List *only)
{
	TrialTarget *target = palloc0(sizeof(TrialTarget));

	target->row = row;
	target->table = relation_quoted_name(row->relid);
	target->key = trial_row_key_columns(row);
	target->column = trial_columns_to_update(wanted);
	if (target->column)
		target->value = trial_query_row_text(row->relid,
											 psprintf("SELECT pg_catalog.format('%%L', %s) FROM %s WHERE %s",
													  target->column, target->table, row->where));
	target->only = only;
	target->values = trial_row_values(row, only, NULL, NULL);
	target->can_upsert = key_takes_conflicts(row->relid);
	return target;
}

TrialTarget *
trial_target_with(const TrialTarget *target, const char *column, const char *value)
{
	TrialTarget *other = palloc(sizeof(TrialTarget));

	*other = *target;
	other->column = pstrdup(column);
	other->value = pstrdup(value);
	other->values = trial_row_values(target->row, target->only, column, value);
	return other;
}

/* No other key can be named in ON CONFLICT than one that is checked at once. */
static bool
key_takes_conflicts(Oid relid)
{
	QueryArgs	args = {0};

	query_arg(&args, OIDOID, ObjectIdGetDatum(relid), false);
	return query_bool("SELECT indimmediate FROM pg_index WHERE indrelid = $1 AND indisprimary", &args);
}

char *
trial_statement_text(const TrialTarget *target, TrialStatement statement)
{
	const char *table = target->table;
	const char *where = target->row->where;
	const char *merge = psprintf("MERGE INTO %s USING (SELECT 1 AS menuca_one) AS menuca_source ON %s",
								 table, statement == TRIAL_MERGE_INSERT ? "false" : where);
	const char *set;

	switch (statement)
	{
		case TRIAL_SELECT:
			return psprintf("SELECT pg_catalog.count(*) FROM %s WHERE %s", table, where);
		case TRIAL_DELETE:
			return psprintf("DELETE FROM %s WHERE %s", table, where);
		case TRIAL_DELETE_BLIND:
			return psprintf("DELETE FROM %s WHERE CURRENT OF " CURSOR, table);
		case TRIAL_DELETE_RETURNING:
			return psprintf("DELETE FROM %s WHERE CURRENT OF " CURSOR " RETURNING %s", table, target->key);
		case TRIAL_MERGE_DELETE:
			return psprintf("%s WHEN MATCHED THEN DELETE", merge);
		case TRIAL_INSERT:
			return psprintf("INSERT INTO %s %s", table, target->values);
		case TRIAL_INSERT_RETURNING:
			return psprintf("INSERT INTO %s %s RETURNING %s", table, target->values, target->key);
		case TRIAL_MERGE_INSERT:
			return psprintf("%s WHEN NOT MATCHED THEN INSERT %s", merge, target->values);
		default:
			break;
	}

	if (!target->column)
		return NULL;
	set = psprintf("SET %s = %s", target->column, target->value);
	switch (statement)
	{
		case TRIAL_LOCK:
			return psprintf("SELECT 1 FROM %s WHERE %s FOR UPDATE", table, where);
		case TRIAL_UPDATE:
			return psprintf("UPDATE %s %s WHERE %s", table, set, where);
		case TRIAL_UPDATE_BLIND:
			return psprintf("UPDATE %s %s WHERE CURRENT OF " CURSOR, table, set);
		case TRIAL_UPDATE_RETURNING:
			return psprintf("UPDATE %s %s WHERE CURRENT OF " CURSOR " RETURNING %s", table, set, target->key);
		case TRIAL_MERGE_UPDATE:
			return psprintf("%s WHEN MATCHED THEN UPDATE %s", merge, set);
		case TRIAL_UPSERT:
			return target->can_upsert ?
				psprintf("INSERT INTO %s %s ON CONFLICT (%s) DO UPDATE %s", table, target->values,
						 target->key, set) : NULL;
		default:
			break;
	}
	return NULL;
}

void
trial_cursor_open(const TrialRow *row)
{
	char	   *place = trial_query_text(trial_query_row_finder(row->relid, row->where));
	OwnerContext caller;
	Portal		cursor;

	if (place == NULL)
		ereport(ERROR,
				(errcode(ERRCODE_TRIGGERED_ACTION_EXCEPTION),
				 errmsg("a row that was inserted into table %s is not found there",
						relation_display_name(row->relid))));
	caller = owner_become(row->relid);
	if (SPI_connect() != SPI_OK_CONNECT)
		elog(ERROR, "SPI_connect failed");
	cursor = SPI_cursor_open_with_args(CURSOR,
									   psprintf("SELECT 1 FROM %s WHERE %s",
												relation_quoted_name(row->relid), place),
									   0, NULL, NULL, NULL, false, CURSOR_OPT_NO_SCROLL);
	SPI_cursor_fetch(cursor, true, 1);
	SPI_finish();
	owner_return(&caller);
}

void
trial_cursor_close(void)
{
	Portal		cursor = GetPortalByName(CURSOR);

	if (PortalIsValid(cursor))
		PortalDrop(cursor, false);
}

/*-------------------------------------------------------------------------
 *
 * tried_row.c
 *	  What the wanted access says of the row that a matrix tries: see tried_row.h.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "access/tried_row.h"

static bool owner_may(const TableMatrix *matrix, RequesterKind kind, AclMode command);


const char *
tried_row_name(const TableMatrix *matrix)
{
	if (matrix->parent)
		return psprintf("%s, of inactive %s", tried_row_owner_name(matrix), matrix->parent->table);
	if (!matrix->wanted->public_expr)
		return tried_row_owner_name(matrix);
	if (!matrix->has_owner)
		return matrix->public ? "public" : "inactive";
	return psprintf("%s, %s", tried_row_owner_name(matrix), matrix->public ? "public" : "inactive");
}

const char *
tried_row_owner_name(const TableMatrix *matrix)
{
	if (!matrix->has_owner)
		return "any";
	switch (matrix->owner)
	{
		case OWN:
			return "own";
		case FOREIGN:
			return "foreign";
		case THIRD:
			return "foreign too";
		default:
			break;
	}
	return "ownerless";
}

bool
tried_row_allows(const TableMatrix *matrix, RequesterKind kind, AclMode commands)
{
	const WantedAccess *wanted = matrix->wanted;

	if (kind == KIND_ADMIN)
		return (wanted->admin_may & commands) == commands;
	for (AclMode command = 1; command <= commands; command <<= 1)
	{
		if ((commands & command) && !(command == ACL_SELECT && matrix->public) &&
			!owner_may(matrix, kind, command))
			return false;
	}
	return true;
}

static bool
owner_may(const TableMatrix *matrix, RequesterKind kind, AclMode command)
{
	const WantedAccess *wanted = matrix->wanted;

	if (matrix->owner != OWN || (command == ACL_INSERT && wanted->insert_needs))
		return false;
	return (kind == KIND_TENANT && wanted->tenant_key && (wanted->tenant_may & command)) ||
		(kind == KIND_USER && wanted->user_key && (wanted->user_may & command));
}

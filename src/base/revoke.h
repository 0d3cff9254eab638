/*-------------------------------------------------------------------------
 *
 * revoke.h
 *	  Taking away what default privileges gave on a new object.
 *
 *-------------------------------------------------------------------------
 */
#ifndef MENUCA_REVOKE_H
#define MENUCA_REVOKE_H

/*
 * Revokes all rights on a table, with the sequences that its columns own, or
 * on a schema, from everybody but its owner.  It was created just now, so all
 * that others have came from default privileges.
 */
extern void revoke_table_from_others(Oid relid);
extern void revoke_schema_from_others(Oid schema);

#endif							/* MENUCA_REVOKE_H */

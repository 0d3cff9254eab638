/*-------------------------------------------------------------------------
 *
 * access_undo.h
 *	  The statement that undoes a change of access.
 *
 *-------------------------------------------------------------------------
 */
#ifndef MENUCA_ACCESS_UNDO_H
#define MENUCA_ACCESS_UNDO_H

#include "access/access_ledger.h"
#include "base/compat.h"

/*
 * The statement that undoes a change to a table (InvalidOid: to the schemas),
 * made from the kind and the object of the change.  The ledger's text only says
 * which privileges it is about: it is read as data and never executed.  Raises
 * an error when it is about anything else than the change's own object and
 * role.
 */
extern char *access_undo_statement(const AccessChange *change, Oid relid);

/* Raises that error. */
pg_noreturn extern void access_undo_refuse(const AccessChange *change);

#endif							/* MENUCA_ACCESS_UNDO_H */

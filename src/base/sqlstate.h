/*-------------------------------------------------------------------------
 *
 * sqlstate.h
 *	  The extension's own error codes.
 *
 * Class MC means "refused", as opposed to broken.  Whatever is refused with
 * one of these has changed nothing, except that MC002 and MC003 may come
 * from a batched run, whose committed batches stay.
 *
 *-------------------------------------------------------------------------
 */
#ifndef MENUCA_SQLSTATE_H
#define MENUCA_SQLSTATE_H

#include "utils/elog.h"

#define ERRCODE_MENUCA_COVERAGE		MAKE_SQLSTATE('M', 'C', '0', '0', '1')
#define ERRCODE_MENUCA_ORPHANS		MAKE_SQLSTATE('M', 'C', '0', '0', '2')
#define ERRCODE_MENUCA_INTEGRITY	MAKE_SQLSTATE('M', 'C', '0', '0', '3')
#define ERRCODE_MENUCA_ORIENTATION	MAKE_SQLSTATE('M', 'C', '0', '0', '4')
#define ERRCODE_MENUCA_ROLLBACK		MAKE_SQLSTATE('M', 'C', '0', '0', '5')
#define ERRCODE_MENUCA_LOAD			MAKE_SQLSTATE('M', 'C', '0', '0', '6')
#define ERRCODE_MENUCA_ID_SPACE		MAKE_SQLSTATE('M', 'C', '0', '0', '7')
#define ERRCODE_MENUCA_DIRECTION	MAKE_SQLSTATE('M', 'C', '0', '0', '8')
#define ERRCODE_MENUCA_SNAPSHOT		MAKE_SQLSTATE('M', 'C', '0', '1', '0')
#define ERRCODE_MENUCA_INDEX		MAKE_SQLSTATE('M', 'C', '0', '1', '1')
#define ERRCODE_MENUCA_ENVIRONMENT	MAKE_SQLSTATE('M', 'C', '0', '2', '0')
#define ERRCODE_MENUCA_TICKET_ORDER MAKE_SQLSTATE('M', 'C', '0', '2', '1')
#define ERRCODE_MENUCA_PREREQUISITE MAKE_SQLSTATE('M', 'C', '0', '2', '2')
#define ERRCODE_MENUCA_VERDICT		MAKE_SQLSTATE('M', 'C', '0', '2', '3')
#define ERRCODE_MENUCA_ACCESS		MAKE_SQLSTATE('M', 'C', '0', '3', '0')

#endif							/* MENUCA_SQLSTATE_H */

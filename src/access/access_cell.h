/*-------------------------------------------------------------------------
 *
 * access_cell.h
 *	  The cells of the matrix of one table, while they are being filled.
 *
 *-------------------------------------------------------------------------
 */
#ifndef MENUCA_ACCESS_CELL_H
#define MENUCA_ACCESS_CELL_H

#include "access/access_requester.h"
#include "access/trial_rows.h"
#include "access/trial_statement.h"
#include "base/finding.h"

/* A cell of the matrix: a command of a role on a kind of row. */
typedef struct AccessCell
{
	const char *table;
	const char *kind;			/* public, tenant, user, unclaimed or admin */
	AccessRole	role;
	const char *command;		/* as trial_statement_name(), or a privilege */
	const char *row;			/* whose it is, and whether it is public */
	const char *expected;		/* allowed or refused */
	char	   *actual;
	FindingStatus status;
	char	   *detail;			/* or NULL */
} AccessCell;

/* The matrix of one table. */
typedef struct TableMatrix
{
	TrialWorld	world;
	const WantedAccess *wanted;
	List	   *cells;			/* AccessCells */

	/* The kind of row that is tried */
	int			owner;
	bool		public;
	bool		has_owner;		/* rows of the table belong to somebody */
	const WantedAccess *parent; /* whose row, to which it belongs, is not
								 * public; or NULL */

	/* The row that is tried; NULL: none */
	TrialTarget *target;
	TrialTarget *services_target;	/* the same, with all columns */
	const char *proof;			/* yields what nothing may change; see
								 * RequesterStatement */
	const char *proof_expected;
} TableMatrix;

/*
 * Executes a statement with each of the kind's claims, or with few of them, and
 * adds the cell, which passes when the result is as expected with all of them.
 */
extern void access_cell_try(TableMatrix *matrix, RequesterKind kind, const char *command, const char *row,
							const char *sql, bool allowed, bool few);

/* Adds a cell. */
extern void access_cell_add(TableMatrix *matrix, RequesterKind kind, const char *command, const char *row,
							bool allowed, FindingStatus status, char *actual, char *detail);

/*
 * Adds a cell for each kind: a row that cannot be tried out is SKIP, never PASS, and
 * ERROR when a trigger of the table makes it impossible.
 */
extern void access_cell_skip(TableMatrix *matrix, const char *command, const char *row,
							 const ErrorData *error);

#endif							/* MENUCA_ACCESS_CELL_H */

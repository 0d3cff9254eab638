/*-------------------------------------------------------------------------
 *
 * sequence_block.h
 *	  Many values of a sequence at once.
 *
 *-------------------------------------------------------------------------
 */
#ifndef MENUCA_SEQUENCE_BLOCK_H
#define MENUCA_SEQUENCE_BLOCK_H

/*
 * Fills values with the next n values of a sequence, as n calls of nextval()
 * would (check_rights: with its check of the user's rights); like those, they
 * are used up whatever becomes of the transaction.  Raises nextval()'s errors
 * when the user may not, or the sequence has not got as many left.
 */
extern void sequence_take(Oid sequence, bool check_rights, int64 *values, int n);

#endif							/* MENUCA_SEQUENCE_BLOCK_H */

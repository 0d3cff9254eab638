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
 * Fills values with the next n values of a sequence, like n calls of nextval();
 * check_rights: with its check of the user's rights.  The values are used up even
 * if the transaction aborts.  Raises nextval()'s errors when the user lacks the
 * rights or the sequence has fewer values.
 */
extern void sequence_take(Oid sequence, bool check_rights, int64 *values, int n);

#endif							/* MENUCA_SEQUENCE_BLOCK_H */

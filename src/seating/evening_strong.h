/*-------------------------------------------------------------------------
 *
 * evening_strong.h
 *	  A model whose relaxation is tighter.
 *
 *-------------------------------------------------------------------------
 */
#ifndef MENUCA_EVENING_STRONG_H
#define MENUCA_EVENING_STRONG_H

#include "seating/evening_model.h"

/*
 * The same evening, with resources added that no seating can exceed, but
 * fractions of seatings can: pairs, triples and so on of dining tables of one
 * class.  Shares the model's groups.
 */
extern EveningModel *evening_strong_make(const EveningModel *model);

#endif							/* MENUCA_EVENING_STRONG_H */

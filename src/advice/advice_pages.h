/*-------------------------------------------------------------------------
 *
 * advice_pages.h
 *	  Damaged pages, as amcheck finds them.
 *
 *-------------------------------------------------------------------------
 */
#ifndef MENUCA_ADVICE_PAGES_H
#define MENUCA_ADVICE_PAGES_H

#include "advice/advice_facts.h"

/*
 * Adds what amcheck finds in the target schema's tables and their btree indexes to
 * the advice, or that it is not installed; its rights are needed.
 */
extern void advice_pages_look(Advice *advice);

#endif							/* MENUCA_ADVICE_PAGES_H */

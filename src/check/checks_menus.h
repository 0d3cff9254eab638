/*-------------------------------------------------------------------------
 *
 * checks_menus.h
 *	  The check of the restaurants' menus.
 *
 *-------------------------------------------------------------------------
 */
#ifndef MENUCA_CHECKS_MENUS_H
#define MENUCA_CHECKS_MENUS_H

#include "base/finding.h"

/* The subject is Facts. */
extern void check_menus(void *subject, Finding *finding);

#endif							/* MENUCA_CHECKS_MENUS_H */

/*-------------------------------------------------------------------------
 *
 * checks_contents.h
 *	  Checks of what the tables' rows say, and of what keeps wrong rows out.
 *
 * Each check fills a finding about its subject, the Facts; it may raise an
 * error, which becomes the finding of status ERROR.
 *
 *-------------------------------------------------------------------------
 */
#ifndef MENUCA_CHECKS_CONTENTS_H
#define MENUCA_CHECKS_CONTENTS_H

#include "base/finding.h"

extern void check_row_contents(void *subject, Finding *finding);
extern void check_safeguards(void *subject, Finding *finding);

#endif							/* MENUCA_CHECKS_CONTENTS_H */

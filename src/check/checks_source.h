/*-------------------------------------------------------------------------
 *
 * checks_source.h
 *	  Checks of the source.
 *
 * Each check fills a finding about its subject, the Facts; it may raise an
 * error, which becomes the finding of status ERROR.
 *
 *-------------------------------------------------------------------------
 */
#ifndef MENUCA_CHECKS_SOURCE_H
#define MENUCA_CHECKS_SOURCE_H

#include "base/finding.h"

extern void check_orientation(void *subject, Finding *finding);
extern void check_id_space(void *subject, Finding *finding);
extern void check_direction(void *subject, Finding *finding);

#endif							/* MENUCA_CHECKS_SOURCE_H */

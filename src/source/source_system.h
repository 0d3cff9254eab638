/*-------------------------------------------------------------------------
 *
 * source_system.h
 *	  The old systems: V1 and V2.
 *
 *-------------------------------------------------------------------------
 */
#ifndef MENUCA_SOURCE_SYSTEM_H
#define MENUCA_SOURCE_SYSTEM_H

/* The system that a row came from; anything but v1 and v2 counts as other. */
typedef enum SourceSystem
{
	SYSTEM_V1,
	SYSTEM_V2,
	SYSTEM_OTHER
} SourceSystem;

#define SYSTEM_COUNT (SYSTEM_OTHER + 1)

/* "v1", "v2" or "other", as in the columns source_system. */
static inline const char *
source_system_name(SourceSystem system)
{
	static const char *const names[SYSTEM_COUNT] = {"v1", "v2", "other"};

	return names[system];
}

/* "V1", "V2" or "another system", for messages. */
static inline const char *
source_system_title(SourceSystem system)
{
	static const char *const titles[SYSTEM_COUNT] = {"V1", "V2", "another system"};

	return titles[system];
}

#endif							/* MENUCA_SOURCE_SYSTEM_H */

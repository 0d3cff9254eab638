/*-------------------------------------------------------------------------
 *
 * mysqldump_set.h
 *	  SET statements: the settings that decide what a dump's text means.
 *
 *-------------------------------------------------------------------------
 */
#ifndef MYSQLDUMP_SET_H
#define MYSQLDUMP_SET_H

#include "mysql/mysqldump_reader.h"

/*
 * Reads a SET statement from after its first word to its end, and keeps the
 * session's character set, time zone and what matters of its SQL mode.  Settings
 * of the server (GLOBAL) do not change the session.
 */
extern bool mysqldump_read_set(MysqldumpReader *reader);

#endif							/* MYSQLDUMP_SET_H */

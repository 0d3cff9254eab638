/*-------------------------------------------------------------------------
 *
 * mysql_dates.h
 *	  MySQL's dates and times as text.
 *
 *-------------------------------------------------------------------------
 */
#ifndef MENUCA_MYSQL_DATES_H
#define MENUCA_MYSQL_DATES_H

#include "mysql/mysqldump_types.h"

/* Bytes for a date and its time, with the NUL. */
#define MYSQL_DATE_SIZE	32

/* True for 0000-00-00, alone or at midnight. */
extern bool mysql_is_zero_date(const char *date, size_t len);

/*
 * Why a date, or a date and its time, cannot be held by the server as it is
 * written; NULL if it can.  *has_zone is true if a time zone follows.
 */
extern const char *mysql_date_problem(const char *date, size_t len, bool *has_zone);

/* True for [-]HH:MM, [-]HH:MM:SS and [-]HH:MM:SS.FFFFFF, of any number of hours. */
extern bool mysql_is_time(const char *time, size_t len);

/*
 * Writes a date that consists of digits, such as 20040102030405, as
 * 2004-01-02 03:04:05 into date, which has MYSQL_DATE_SIZE bytes; zero as
 * 0000-00-00.  timestamp_width is the width of MySQL 4.0's type, or -1.  Returns
 * false if the value is no such date.
 */
extern bool mysql_date_of_digits(const MysqldumpValue *value, int timestamp_width,
								 char *date);

/* True for a timestamp whose time is not midnight. */
extern bool mysql_has_time(const char *date, size_t len);

#endif							/* MENUCA_MYSQL_DATES_H */

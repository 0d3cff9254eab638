/*-------------------------------------------------------------------------
 *
 * mysqldump_test.h
 *	  The tests of the mysqldump reader, by subject.
 *
 *-------------------------------------------------------------------------
 */
#ifndef MYSQLDUMP_TEST_H
#define MYSQLDUMP_TEST_H

#include <stddef.h>

/* test_statements.c: which are read, skipped or refused. */
extern void test_statements(void);
extern void test_stray_lines(void);
extern void test_formats(void);
extern void test_modes(void);
extern void test_databases(void);
extern void test_changes(void);
extern void test_transactions(void);
extern void test_comments(void);

/* test_values.c: values, tuples, and the columns of CREATE TABLE. */
extern void test_values(void);
extern void test_arity(void);
extern void test_create(void);

/* test_input.c: cuts, encodings, and what is known of an input. */
extern void test_cuts(void);
extern void test_encodings(void);
extern void test_facts(void);
extern void test_tables_seen(void);

/* test_limits.c: what is deep, long or large; the memory that it takes. */
/* Measures the peak of the process, so it must be the first test. */
extern void test_memory(size_t inserts);
extern void test_nesting(void);
extern void test_long_values(void);
extern void test_blocks(void);
extern void test_largest_value(void);

#endif							/* MYSQLDUMP_TEST_H */

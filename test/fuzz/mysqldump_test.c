/*-------------------------------------------------------------------------
 *
 * mysqldump_test.c
 *	  Tests of the mysqldump reader, without a server.
 *
 * Output is TAP; the exit status is 1 if a test failed.
 *
 *-------------------------------------------------------------------------
 */
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "mysqldump_test.h"
#include "test_reading.h"

/* With the argument "quick", omits what takes too long under valgrind. */
int
main(int argc, char **argv)
{
	bool		quick = argc > 1 && strcmp(argv[1], "quick") == 0;

	/* first, since it measures the peak of the process */
	test_memory(quick ? 40000 : 2000000);

	test_statements();
	test_stray_lines();
	test_formats();
	test_modes();
	test_databases();
	test_changes();
	test_transactions();
	test_comments();
	test_values();
	test_arity();
	test_create();
	test_cuts();
	test_encodings();
	test_facts();
	test_tables_seen();
	test_nesting();
	test_long_values();
	test_blocks();
	if (!quick)
		test_largest_value();

	printf("1..%d\n", tests);
	return failures > 0;
}

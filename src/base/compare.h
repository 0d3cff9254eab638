/*-------------------------------------------------------------------------
 *
 * compare.h
 *	  Comparisons for qsort().
 *
 *-------------------------------------------------------------------------
 */
#ifndef MENUCA_COMPARE_H
#define MENUCA_COMPARE_H

/* Compares two int64. */
static inline int
compare_int8(const void *a, const void *b)
{
	int64		left = *(const int64 *) a;
	int64		right = *(const int64 *) b;

	return left < right ? -1 : left > right;
}

/* Compares two doubles; neither may be NaN. */
static inline int
compare_float8(const void *a, const void *b)
{
	double		left = *(const double *) a;
	double		right = *(const double *) b;

	return left < right ? -1 : left > right;
}

/* The median of n > 0 values, which it sorts. */
static inline double
compare_median(double *values, int n)
{
	qsort(values, n, sizeof(double), compare_float8);
	return n % 2 == 1 ? values[n / 2] : (values[n / 2 - 1] + values[n / 2]) / 2;
}

#endif							/* MENUCA_COMPARE_H */

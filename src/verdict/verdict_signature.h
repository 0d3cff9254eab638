/*-------------------------------------------------------------------------
 *
 * verdict_signature.h
 *	  Signing a verdict with the key that staging and production share.
 *
 *-------------------------------------------------------------------------
 */
#ifndef MENUCA_VERDICT_SIGNATURE_H
#define MENUCA_VERDICT_SIGNATURE_H

/*
 * The signature of a text: its HMAC-SHA256 under this database's verdict key, as
 * hexadecimal digits in the current memory context.  NULL when no key is set.
 */
extern char *verdict_signature(const char *text);

/* True if two signatures are equal; takes as long wherever they differ. */
extern bool verdict_signature_equal(const char *a, const char *b);

/* The first digits of a signature under the key, which is set; NULL without. */
extern char *verdict_key_fingerprint(void);

#endif							/* MENUCA_VERDICT_SIGNATURE_H */

/*-------------------------------------------------------------------------
 *
 * claim_setting.h
 *	  Which setting holds the claims of a request: menuca.jwt_claims.
 *
 * It names the setting that holds them as JSON, or, with (), the function that
 * returns them as jsonb, such as Supabase's auth.jwt().
 *
 *-------------------------------------------------------------------------
 */
#ifndef MENUCA_CLAIM_SETTING_H
#define MENUCA_CLAIM_SETTING_H

/* True if a function returns the claims. */
extern bool claim_setting_is_function(void);

/* The setting to put claims into when policies are tried out. */
extern const char *claim_setting_name(void);

#endif							/* MENUCA_CLAIM_SETTING_H */

/*-------------------------------------------------------------------------
 *
 * verdict_signature.c
 *	  Signing a verdict: see verdict_signature.h.
 *
 * menuca_set_verdict_key(key)
 *
 * The key is in a table that only the extension's owner can read, so that it
 * works where nobody can edit the server's configuration, and a dump does not
 * carry it along.  Whoever may export a verdict signs with it, but cannot see it.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "common/cryptohash.h"
#include "common/hmac.h"
#include "common/sha2.h"
#include "fmgr.h"
#include "utils/builtins.h"

#include "base/arguments.h"
#include "base/extension.h"
#include "base/extension_write.h"
#include "base/owner.h"
#include "base/query.h"
#include "verdict/verdict_signature.h"

/* A shorter key could be guessed; two uuids have 32 bytes. */
#define MIN_KEY_BYTES 16

/* What the fingerprint is a signature of, and how many digits of it are shown. */
#define FINGERPRINT_TEXT "menuca verdict key"
#define FINGERPRINT_DIGITS 8

PG_FUNCTION_INFO_V1(menuca_set_verdict_key);

static char *fingerprint_of(const char *key);
static char *read_verdict_key(void);
static void store_verdict_key(const char *key);
static char *hmac_hex(const char *key, const char *text);


/* Sets, replaces or removes (NULL) the key; returns what is set now. */
Datum
menuca_set_verdict_key(PG_FUNCTION_ARGS)
{
	char	   *key = argument_text_or_null(fcinfo, 0);

	query_require_writable("menuca_set_verdict_key()");
	if (key && strlen(key) < MIN_KEY_BYTES)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("the verdict key is too short"),
				 errdetail("It has %zu bytes, and must have at least %d. Nothing was changed.", strlen(key), MIN_KEY_BYTES),
				 errhint("To make one: SELECT gen_random_uuid()::text || gen_random_uuid()::text; set it on staging and on production.")));
	store_verdict_key(key);
	if (key == NULL)
		PG_RETURN_TEXT_P(cstring_to_text("no verdict key is set: verdicts are not protected"));
	PG_RETURN_TEXT_P(cstring_to_text(psprintf("the verdict key with fingerprint %s is set; it must be the same on staging and on production",
											  fingerprint_of(key))));
}

char *
verdict_signature(const char *text)
{
	char	   *key = read_verdict_key();

	return key ? hmac_hex(key, text) : NULL;
}

bool
verdict_signature_equal(const char *a, const char *b)
{
	size_t		length = strlen(a);
	unsigned char difference = 0;

	if (strlen(b) != length)
		return false;
	for (size_t i = 0; i < length; i++)
		difference |= (unsigned char) a[i] ^ (unsigned char) b[i];
	return difference == 0;
}

char *
verdict_key_fingerprint(void)
{
	char	   *key = read_verdict_key();

	return key ? fingerprint_of(key) : NULL;
}

static char *
fingerprint_of(const char *key)
{
	return pnstrdup(hmac_hex(key, FINGERPRINT_TEXT), FINGERPRINT_DIGITS);
}

/* The key, read as the owner of its table; NULL when none is set. */
static char *
read_verdict_key(void)
{
	OwnerContext caller = owner_become(migrate_table("menuca_verdict_key"));
	char	   *key = query_text(psprintf("SELECT key FROM %smenuca_verdict_key", migrate_schema()), NULL);

	owner_return(&caller);
	return key;
}

static void
store_verdict_key(const char *key)
{
	QueryArgs	args = {0};

	migrate_write("menuca_verdict_key", psprintf("DELETE FROM %smenuca_verdict_key", migrate_schema()),
				  NULL, NULL, NULL);
	if (key == NULL)
		return;
	query_arg_text(&args, key);
	migrate_write("menuca_verdict_key", psprintf("INSERT INTO %smenuca_verdict_key (key) VALUES ($1)", migrate_schema()),
				  &args, NULL, NULL);
}

static char *
hmac_hex(const char *key, const char *text)
{
	static const char digits[] = "0123456789abcdef";
	pg_hmac_ctx *hmac = pg_hmac_create(PG_SHA256);
	uint8		result[PG_SHA256_DIGEST_LENGTH];
	char	   *hex = palloc(2 * sizeof(result) + 1);

	if (hmac == NULL ||
		pg_hmac_init(hmac, (const uint8 *) key, strlen(key)) < 0 ||
		pg_hmac_update(hmac, (const uint8 *) text, strlen(text)) < 0 ||
		pg_hmac_final(hmac, result, sizeof(result)) < 0)
		elog(ERROR, "could not compute the signature of a verdict: %s",
			 hmac ? pg_hmac_error(hmac) : "out of memory");
	pg_hmac_free(hmac);

	for (size_t i = 0; i < sizeof(result); i++)
	{
		hex[2 * i] = digits[result[i] >> 4];
		hex[2 * i + 1] = digits[result[i] & 15];
	}
	hex[2 * sizeof(result)] = '\0';
	return hex;
}

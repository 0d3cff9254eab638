/*-------------------------------------------------------------------------
 *
 * backup_argument.c
 *	  The arguments of a function that registers a backup: see backup_argument.h.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "fmgr.h"
#include "utils/builtins.h"
#include "utils/jsonb.h"
#include "utils/timestamp.h"

#include "base/arguments.h"
#include "base/backup_argument.h"
#include "base/blank.h"

/* Bytes of an id at most; an index on ids takes no more than 2704. */
#define MAX_ID_BYTES 2000

static char *nonblank_argument(FunctionCallInfo fcinfo, int place, const char *name);
static void require_indexable_id(const char *id);
static void require_plausible_times(const BackupArgument *backup);


void
backup_argument_read(FunctionCallInfo fcinfo, BackupArgument *backup)
{
	backup->label = argument_label(fcinfo, 0);
	backup->id = nonblank_argument(fcinfo, 1, "id");
	require_indexable_id(backup->id);
	backup->method = nonblank_argument(fcinfo, 2, "method");
	argument_require(fcinfo, 3, "size");
	backup->size = PG_GETARG_INT64(3);
	if (backup->size <= 0)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("a backup cannot have %lld bytes", (long long) backup->size),
				 errdetail("Nothing was registered."),
				 errhint("Pass the size of the file in bytes, which is positive.")));
	backup->checksum = nonblank_argument(fcinfo, 4, "checksum");
	argument_require(fcinfo, 5, "started");
	backup->started = PG_GETARG_TIMESTAMPTZ(5);
	argument_require(fcinfo, 6, "finished");
	backup->finished = PG_GETARG_TIMESTAMPTZ(6);
	require_plausible_times(backup);
	backup->verified = argument_bool(fcinfo, 7, "verified");
	argument_require(fcinfo, 8, "details");
	backup->details = PG_GETARG_DATUM(8);
	if (!JB_ROOT_IS_OBJECT(DatumGetJsonbP(backup->details)))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("argument \"details\" must be a JSON object"),
				 errdetail("Nothing was registered."),
				 errhint("For example: details => '{\"host\": \"db1\", \"path\": \"/srv/backups/file.dump\"}'; or omit it.")));
}

/* As argument_text_not_blank, with what each text of a backup is for. */
static char *
nonblank_argument(FunctionCallInfo fcinfo, int place, const char *name)
{
	char	   *text = argument_text(fcinfo, place, name);

	if (blank_text(text, strlen(text)))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("argument \"%s\" must not be blank", name),
				 errdetail("Nothing was registered."),
				 errhint("The id locates the backup: a host and path, or the number that a service gave it. The method is how it was made. The checksum shows later whether it is unchanged.")));
	return text;
}

static void
require_indexable_id(const char *id)
{
	if (strlen(id) > MAX_ID_BYTES)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("the id of a backup has at most %d bytes, not %zu", MAX_ID_BYTES, strlen(id)),
				 errdetail("Nothing was registered."),
				 errhint("Pass what the backup is found by; what else is known of it belongs into details.")));
}

static void
require_plausible_times(const BackupArgument *backup)
{
	TimestampTz now = GetCurrentTimestamp();

	if (TIMESTAMP_NOT_FINITE(backup->started) || TIMESTAMP_NOT_FINITE(backup->finished))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("the times of a backup must not be infinite"),
				 errdetail("Nothing was registered."),
				 errhint("Pass the times at which it started and finished.")));
	if (backup->finished < backup->started)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("the backup finished before it started"),
				 errdetail("It started at %s and finished at %s. Nothing was registered.",
						   pstrdup(timestamptz_to_str(backup->started)),
						   pstrdup(timestamptz_to_str(backup->finished))),
				 errhint("The arguments started and finished may be swapped.")));
	if (backup->finished > now)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("the backup finishes in the future"),
				 errdetail("It finishes at %s, and it is now %s. Nothing was registered.",
						   pstrdup(timestamptz_to_str(backup->finished)),
						   pstrdup(timestamptz_to_str(now))),
				 errhint("Register it once it is finished. If it is, take its times from this server's clock: SELECT clock_timestamp();")));
}

/*-------------------------------------------------------------------------
 *
 * receipt.c
 *	  Receipts of the hosted production.
 *
 * menuca_accept_receipt(receipt)
 *
 * A file that only reads ends with a receipt of its own rows.  Its checksum reveals
 * what a client cut and what a person edited; it is no signature, since whoever
 * reads the file can compute one.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "access/htup_details.h"
#include "base/database_identity.h"
#include "catalog/pg_type.h"
#include "fmgr.h"
#include "funcapi.h"
#include "utils/builtins.h"
#include "utils/fmgrprotos.h"
#include "utils/jsonb.h"
#include "utils/timestamp.h"

#include "base/arguments.h"
#include "base/attempt.h"
#include "base/extension.h"
#include "base/extension_write.h"
#include "base/format.h"
#include "base/query.h"
#include "base/results.h"
#include "base/slot.h"
#include "base/sqlstate.h"
#include "hosted/copy_of.h"
#include "hosted/hosted_production.h"
#include "hosted/receipt_text.h"

PG_FUNCTION_INFO_V1(menuca_accept_receipt);

/* Difference of two servers' clocks that is no fault of a receipt: what hosts without NTP drift in weeks. */
#define CLOCK_DIFFERENCE (5 * INT64CONST(60) * USECS_PER_SEC)

/* A receipt, as menuca_receipt_facts() reads it; texts are NULL where it has none. */
typedef struct Receipt
{
	Jsonb	   *document;
	bool		is_whole;
	bool		checksum_fits;
	char	   *set_name;
	char	   *file;
	char	   *database;
	char	   *time;
	char	   *sha256;
	char	   *kind;			/* NULL for a file that has no receipt */
	int64		run_id;			/* 0: not of a fix */
	TimestampTz made_at;
} Receipt;

/* Its row of menuca_hosted_receipts. */
typedef struct AcceptedReceipt
{
	int64		id;
	char	   *status;
	int64		counts[3];		/* of rows that passed, warned and failed */
} AcceptedReceipt;

static Receipt *read_receipt(Jsonb *document);
static void *make_receipt(TupleTableSlot *slot);
static void parse_time(void *arg);
static void require_untouched(const Receipt *receipt);
static void require_of_original(const Receipt *receipt, const CopyOf *original);
static void require_of_copy(const Receipt *receipt);
static void require_plausible_time(const Receipt *receipt, const CopyOf *original);
static void require_known_set(const Receipt *receipt);
static bool insert_receipt(const Receipt *receipt);
static AcceptedReceipt *find_accepted(const Receipt *receipt);
static void *make_accepted(TupleTableSlot *slot);
static char *quoted_excerpt(const char *text);
pg_noreturn static void raise_incomplete_receipt(const char *what);


/* Records a receipt, once; returns what it says.  Raises an error when it is refused. */
Datum
menuca_accept_receipt(PG_FUNCTION_ARGS)
{
	char	   *text = argument_text(fcinfo, 0, "receipt");
	TupleDesc	desc = result_row_type(fcinfo, "itttztiiibt");
	const CopyOf *original;
	Receipt    *receipt;
	AcceptedReceipt *accepted;
	bool		is_new;
	Datum		values[11];
	bool		nulls[11] = {0};

	query_require_writable("menuca_accept_receipt()");
	original = copy_of_require();
	receipt = read_receipt(receipt_text_find(text));
	require_untouched(receipt);
	require_of_original(receipt, original);
	require_of_copy(receipt);
	require_plausible_time(receipt, original);
	require_known_set(receipt);
	is_new = insert_receipt(receipt);
	accepted = find_accepted(receipt);

	values[0] = Int64GetDatum(accepted->id);
	values[1] = CStringGetTextDatum(receipt->set_name);
	values[2] = CStringGetTextDatum(receipt->file);
	values[3] = CStringGetTextDatum(receipt->database);
	values[4] = TimestampTzGetDatum(receipt->made_at);
	values[5] = CStringGetTextDatum(accepted->status);
	for (int i = 0; i < 3; i++)
		values[6 + i] = Int64GetDatum(accepted->counts[i]);
	values[9] = BoolGetDatum(is_new);
	values[10] = CStringGetTextDatum(accepted->counts[2] == 0 ? hosted_production_next_call(original) :
									 migrate_call("SELECT * FROM menuca_hosted_receipt_row WHERE receipt_id = %lld AND status IN ('FAIL', 'ERROR') ORDER BY check_no;",
												  (long long) accepted->id));
	PG_RETURN_DATUM(HeapTupleGetDatum(heap_form_tuple(desc, values, nulls)));
}

static Receipt *
read_receipt(Jsonb *document)
{
	QueryArgs	args = {0};
	Receipt    *receipt;

	query_arg(&args, JSONBOID, JsonbPGetDatum(document), false);
	receipt = linitial(query_list(psprintf("SELECT * FROM %smenuca_receipt_facts($1)", migrate_schema()),
								  &args, make_receipt));
	receipt->document = document;
	return receipt;
}

static void *
make_receipt(TupleTableSlot *slot)
{
	Receipt    *receipt = palloc0(sizeof(Receipt));

	receipt->is_whole = slot_bool_of(slot, "is_whole");
	receipt->checksum_fits = slot_bool_of(slot, "checksum_fits");
	receipt->set_name = slot_text_or_null_of(slot, "set_name");
	receipt->file = slot_text_or_null_of(slot, "file");
	receipt->database = slot_text_or_null_of(slot, "database_name");
	receipt->time = slot_text_or_null_of(slot, "made_at");
	receipt->sha256 = slot_text_or_null_of(slot, "sha256");
	receipt->kind = slot_text_or_null_of(slot, "kind");
	receipt->run_id = slot_int8_or_zero_of(slot, "run_id");
	return receipt;
}

/* The checksum first: of what was cut, nothing else can be said. */
static void
require_untouched(const Receipt *receipt)
{
	if (!receipt->checksum_fits)
		ereport(ERROR,
				(errcode(ERRCODE_MENUCA_RECEIPT),
				 errmsg("the receipt does not match its checksum"),
				 errdetail("It was edited, or cut by a client, after the file returned it. Nothing was recorded."),
				 errhint("%s", migrate_call("Run the file again on the hosted database, and paste its receipt as it is: SELECT * FROM menuca_accept_receipt('...');"))));
	if (!receipt->is_whole)
		raise_incomplete_receipt("A receipt has set, file, database, time, and rows with check_no, name and status");
	if (attempt(parse_time, unconstify(Receipt *, receipt)))
		raise_incomplete_receipt(psprintf("Its time is %s, which is none", quoted_excerpt(receipt->time)));
}

static void
parse_time(void *arg)
{
	Receipt    *receipt = arg;

	receipt->made_at = DatumGetTimestampTz(DirectFunctionCall3(timestamptz_in, CStringGetDatum(receipt->time),
															   ObjectIdGetDatum(InvalidOid), Int32GetDatum(-1)));
}

/* Anybody can compute a checksum that fits. */
static void
raise_incomplete_receipt(const char *what)
{
	ereport(ERROR,
			(errcode(ERRCODE_MENUCA_RECEIPT),
			 errmsg("the receipt was not written by a file of a set"),
			 errdetail("%s. Nothing was recorded.", what),
			 errhint("%s", migrate_call("Run the file on the hosted database, and paste its receipt as it is: SELECT * FROM menuca_accept_receipt('...');"))));
}

static void
require_of_original(const Receipt *receipt, const CopyOf *original)
{
	if (strcmp(receipt->database, original->database) == 0)
		return;
	ereport(ERROR,
			(errcode(ERRCODE_MENUCA_ENVIRONMENT),
			 errmsg("the receipt is of another database"),
			 errdetail("The file was executed in database %s, but this is a copy of %s. Nothing was recorded.",
					   quoted_excerpt(receipt->database), copy_of_describe(original)),
			 errhint("Connect to the database that the copy was made of, and run the file there.")));
}

/* What another copy exported was compared with that one: it proves nothing about this one. */
static void
require_of_copy(const Receipt *receipt)
{
	QueryArgs	args = {0};
	char	   *exported_from;
	char	   *here = copy_of_name();

	query_arg(&args, JSONBOID, JsonbPGetDatum(receipt->document), false);
	exported_from = query_text("SELECT $1 ->> 'exported_from'", &args);
	if (exported_from && here && strcmp(exported_from, here) == 0)
		return;
	ereport(ERROR,
			(errcode(ERRCODE_MENUCA_RECEIPT),
			 errmsg("the receipt is of a file that was not exported here"),
			 errdetail("The file was exported from %s; this is %s. Nothing was recorded.",
					   exported_from ? quoted_excerpt(exported_from) : "a copy that it does not name", here ? here : "no copy"),
			 errhint("%s", migrate_call("Export the files of this copy, run them on the hosted database, and paste their receipts: SELECT * FROM menuca_accept_receipt('...');"))));
}

static void
require_plausible_time(const Receipt *receipt, const CopyOf *original)
{
	TimestampTz now = GetCurrentTimestamp();
	bool		too_late = receipt->made_at > now + CLOCK_DIFFERENCE;

	if (!too_late && receipt->made_at >= original->recorded_at - CLOCK_DIFFERENCE)
		return;
	ereport(ERROR,
			(errcode(ERRCODE_MENUCA_RECEIPT),
			 too_late ? errmsg("the receipt is of a time in the future") :
			 errmsg("the receipt is older than this copy"),
			 errdetail("It was made at %s; here it is %s, and the copy was recorded at %s. Nothing was recorded.",
					   format_utc(receipt->made_at), format_utc(now), format_utc(original->recorded_at)),
			 too_late ? errhint("Compare the clocks of both servers; on the hosted database: SELECT now();") :
			 errhint("%s", migrate_call("Run the file again on the hosted database, and paste its receipt: SELECT * FROM menuca_accept_receipt('...');"))));
}

/* A run that was rolled back is no fix to be applied. */
static void
require_known_set(const Receipt *receipt)
{
	QueryArgs	args = {0};
	char	   *run_status;

	if (receipt->kind == NULL)
		ereport(ERROR,
				(errcode(ERRCODE_MENUCA_RECEIPT),
				 errmsg("no set that is exported here has such a file"),
				 errdetail("It is file %s of set %s. Nothing was recorded.",
						   quoted_excerpt(receipt->file), quoted_excerpt(receipt->set_name)),
				 errhint("%s", migrate_call("These files have receipts: SELECT * FROM menuca_hosted_file;"))));
	if (receipt->run_id == 0)
		return;
	query_arg_int8(&args, receipt->run_id);
	run_status = query_text(psprintf("SELECT status FROM %smenuca_runs WHERE run_id = $1", migrate_schema()), &args);
	if (run_status && strcmp(run_status, "completed") == 0)
		return;
	ereport(ERROR,
			(errcode(ERRCODE_MENUCA_RECEIPT),
			 errmsg("the receipt is of a fix that this database has not made"),
			 errdetail("Set \"%s\" is of run %lld, which %s. Nothing was recorded.", receipt->set_name, (long long) receipt->run_id,
					   run_status ? psprintf("is %s here", run_status) : "is not in the ledger here"),
			 errhint("%s", migrate_call("The runs of this copy: SELECT run_id, kind, status FROM menuca_runs ORDER BY run_id;"))));
}

/* Returns false when it was accepted before. */
static bool
insert_receipt(const Receipt *receipt)
{
	QueryArgs	args = {0};

	query_arg_text(&args, database_identity_name());
	query_arg_int8(&args, database_identity_cluster());
	query_arg_text(&args, receipt->sha256);
	query_arg(&args, TIMESTAMPTZOID, TimestampTzGetDatum(receipt->made_at), false);
	query_arg(&args, JSONBOID, JsonbPGetDatum(receipt->document), false);
	return migrate_write("menuca_hosted_receipt",
						 psprintf("INSERT INTO %smenuca_hosted_receipt (database_name, system_identifier, sha256, made_at, document)"
								  " VALUES ($1, $2, $3, $4, $5) ON CONFLICT DO NOTHING", migrate_schema()),
						 &args, NULL, NULL) == 1;
}

static AcceptedReceipt *
find_accepted(const Receipt *receipt)
{
	QueryArgs	args = {0};
	List	   *found;

	query_arg_text(&args, database_identity_name());
	query_arg_int8(&args, database_identity_cluster());
	query_arg_text(&args, receipt->sha256);
	query_begin_snapshot();
	found = query_list(psprintf("SELECT v.* FROM %smenuca_hosted_receipts v JOIN %smenuca_hosted_receipt r USING (receipt_id)"
								" WHERE r.database_name = $1 AND r.system_identifier = $2 AND r.sha256 = $3",
								migrate_schema(), migrate_schema()), &args, make_accepted);
	query_end_snapshot();
	if (found == NIL)
		ereport(ERROR,
				(errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
				 errmsg("the receipt was not stored"),
				 errdetail("Somebody has changed table or view menuca_hosted_receipt. Nothing was recorded."),
				 errhint("Restore the extension's views and tables from a backup.")));
	return linitial(found);
}

static void *
make_accepted(TupleTableSlot *slot)
{
	AcceptedReceipt *accepted = palloc0(sizeof(AcceptedReceipt));

	accepted->id = slot_int8_of(slot, "receipt_id");
	accepted->status = slot_text_of(slot, "status");
	accepted->counts[0] = slot_int8_of(slot, "passed");
	accepted->counts[1] = slot_int8_of(slot, "warned");
	accepted->counts[2] = slot_int8_of(slot, "failed");
	return accepted;
}

/* What others wrote may be long, or have line breaks. */
static char *
quoted_excerpt(const char *text)
{
	QueryArgs	args = {0};

	query_arg_text(&args, text);
	return query_text("SELECT to_json(left($1, 80))::text", &args);
}

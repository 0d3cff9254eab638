--
-- Dining tables for bookings
--

CREATE TABLE menuca_seating_key (
	restaurant_id uuid NOT NULL,
	idempotency_key text NOT NULL,
	booking_id uuid NOT NULL,
	table_ids uuid[] NOT NULL,
	used_at timestamptz NOT NULL DEFAULT clock_timestamp(),
	PRIMARY KEY (restaurant_id, idempotency_key)
);

COMMENT ON TABLE menuca_seating_key IS
'Idempotency keys: the same request again has the same answer, another one with the key is refused.';
COMMENT ON COLUMN menuca_seating_key.restaurant_id IS
'The restaurant within which the key is used once.';
COMMENT ON COLUMN menuca_seating_key.idempotency_key IS
'The key.';
COMMENT ON COLUMN menuca_seating_key.booking_id IS
'The booking that it was used for.';
COMMENT ON COLUMN menuca_seating_key.table_ids IS
'Ids of the dining tables that the booking got, sorted.';
COMMENT ON COLUMN menuca_seating_key.used_at IS
'When it was used first.';

CREATE TABLE menuca_seating_attempt (
	attempt_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
	booking_id uuid NOT NULL,
	restaurant_id uuid,
	party_size integer,
	start_at timestamptz,
	outcome text NOT NULL,
	reason text NOT NULL,
	table_ids uuid[],
	score numeric,
	attempts integer NOT NULL,
	scope text NOT NULL DEFAULT 'booking',
	duration interval NOT NULL,
	next_at timestamptz,
	zone_id uuid,
	variant text,
	attempted_by text NOT NULL DEFAULT session_user,
	attempted_at timestamptz NOT NULL DEFAULT clock_timestamp()
);

COMMENT ON TABLE menuca_seating_attempt IS
'Log of menuca_auto_assign(), a row for each call whose transaction was committed, and of menuca_auto_assign_day(), a row for each booking that it decided about.';
COMMENT ON COLUMN menuca_seating_attempt.scope IS
'booking, or day for those of menuca_auto_assign_day(); their duration is their share of the run.';
COMMENT ON COLUMN menuca_seating_attempt.attempt_id IS
'Number of the row.';
COMMENT ON COLUMN menuca_seating_attempt.booking_id IS
'The booking.';
COMMENT ON COLUMN menuca_seating_attempt.restaurant_id IS
'Its restaurant; NULL when the booking could not be locked.';
COMMENT ON COLUMN menuca_seating_attempt.party_size IS
'Its party then.';
COMMENT ON COLUMN menuca_seating_attempt.start_at IS
'Its start then.';
COMMENT ON COLUMN menuca_seating_attempt.outcome IS
'assigned, moved, already, none, off, conflict or state.';
COMMENT ON COLUMN menuca_seating_attempt.reason IS
'The same in words, with figures.';
COMMENT ON COLUMN menuca_seating_attempt.table_ids IS
'Ids of the dining tables that it has; NULL without.';
COMMENT ON COLUMN menuca_seating_attempt.score IS
'Score of the plan; NULL unless assigned.';
COMMENT ON COLUMN menuca_seating_attempt.attempts IS
'Plans that were tried; more than 1 when others were faster.';
COMMENT ON COLUMN menuca_seating_attempt.duration IS
'How long the call took.';
COMMENT ON COLUMN menuca_seating_attempt.next_at IS
'The next time of that service day with a plan; NULL unless it is busy.';
COMMENT ON COLUMN menuca_seating_attempt.zone_id IS
'The only zone that the caller wanted; NULL for any.';
COMMENT ON COLUMN menuca_seating_attempt.variant IS
'The variant of the settings that the restaurant had then, or none; NULL when the booking could not be locked.';
COMMENT ON COLUMN menuca_seating_attempt.attempted_by IS
'Session user who called.';
COMMENT ON COLUMN menuca_seating_attempt.attempted_at IS
'When the call ended.';

CREATE FUNCTION menuca_assign_tables(
	booking uuid,
	tables uuid[],
	idempotency_key text DEFAULT NULL,
	force text[] DEFAULT NULL,
	OUT booking_id uuid,
	OUT outcome text,
	OUT table_ids uuid[],
	OUT table_numbers text[],
	OUT window_start timestamptz,
	OUT window_end timestamptz,
	OUT waived text[])
RETURNS SETOF record
AS 'MODULE_PATHNAME'
LANGUAGE C VOLATILE PARALLEL UNSAFE;

COMMENT ON FUNCTION menuca_assign_tables(uuid, uuid[], text, text[]) IS
'Gives a booking the dining tables that are named. Every rule of the planner is checked, but for those that force names: overage, min_party, max_party, k, listed, zone, zone_closed, mobility, adjacency, walk_ins_only; what was waived is in the ledger. A booking that has dining tables gets them back. Raises MC040 for a rule, MC041 and MC042 for a dining table that is taken or held, MC044 for an idempotency key that was used for something else, MC045 for the booking''s state.';

CREATE FUNCTION menuca_auto_assign(
	booking uuid,
	idempotency_key text DEFAULT NULL,
	zone uuid DEFAULT NULL,
	OUT booking_id uuid,
	OUT outcome text,
	OUT reason text,
	OUT table_ids uuid[],
	OUT table_numbers text[],
	OUT score numeric,
	OUT attempts integer,
	OUT duration interval,
	OUT next_at timestamptz)
RETURNS SETOF record
AS 'MODULE_PATHNAME'
LANGUAGE C VOLATILE PARALLEL UNSAFE;

COMMENT ON FUNCTION menuca_auto_assign(uuid, text, uuid) IS
'Gives a booking the best dining tables that are free, never a dominated set, and logs the attempt. outcome: assigned; already, it has some; none, there is no plan, reason says why and next_at when there is one on that service day; off, the planner is; conflict, others were faster; state, the booking''s. Raises an error for bad input only.';

CREATE FUNCTION menuca_unassign_tables(
	booking uuid,
	OUT booking_id uuid,
	OUT outcome text,
	OUT table_ids uuid[],
	OUT table_numbers text[],
	OUT status text)
RETURNS SETOF record
AS 'MODULE_PATHNAME'
LANGUAGE C VOLATILE PARALLEL UNSAFE;

COMMENT ON FUNCTION menuca_unassign_tables(uuid) IS
'Takes its dining tables from a booking, which is pending again if it was confirmed; the ledger has what it was. outcome: unassigned, or none when it had none. Raises MC045 for guests who are checked in.';

CREATE FUNCTION menuca_move_booking(
	booking uuid,
	start_at timestamptz,
	party_size integer DEFAULT NULL,
	duration interval DEFAULT NULL,
	tables uuid[] DEFAULT NULL,
	force text[] DEFAULT NULL,
	OUT booking_id uuid,
	OUT outcome text,
	OUT table_ids uuid[],
	OUT table_numbers text[],
	OUT window_start timestamptz,
	OUT window_end timestamptz,
	OUT party_size integer,
	OUT waived text[])
RETURNS SETOF record
AS 'MODULE_PATHNAME'
LANGUAGE C VOLATILE PARALLEL UNSAFE;

COMMENT ON FUNCTION menuca_move_booking(uuid, timestamptz, integer, interval, uuid[], text[]) IS
'Changes time and party of a booking together with its dining tables: those that are named, else those that it has if they still are a plan, else the best that are free. A booking that waits only gets its time. Without duration it stays as long as before. Raises MC040 to MC046 as menuca_assign_tables does, and changes nothing then.';

CREATE FUNCTION menuca_seat_walk_in(
	restaurant uuid,
	party_size integer,
	duration interval DEFAULT NULL,
	tables uuid[] DEFAULT NULL,
	zone uuid DEFAULT NULL,
	start_at timestamptz DEFAULT NULL,
	force text[] DEFAULT NULL,
	details jsonb DEFAULT NULL,
	OUT booking_id uuid,
	OUT table_ids uuid[],
	OUT table_numbers text[],
	OUT window_start timestamptz,
	OUT window_end timestamptz,
	OUT waived text[])
RETURNS SETOF record
AS 'MODULE_PATHNAME'
LANGUAGE C VOLATILE PARALLEL UNSAFE;

COMMENT ON FUNCTION menuca_seat_walk_in(uuid, integer, interval, uuid[], uuid, timestamptz, text[], jsonb) IS
'Seats guests without a booking now, or from start_at on: inserts a booking that is checked in, with the dining tables that are named, else the best that are free in its own window; those kept for walk-ins are open to it. details has other columns of the booking. Raises MC040 to MC042, or MC046.';

CREATE FUNCTION menuca_hold_tables(
	restaurant uuid,
	tables uuid[],
	start_at timestamptz,
	duration interval DEFAULT NULL,
	party_size integer DEFAULT NULL,
	booking uuid DEFAULT NULL,
	ttl interval DEFAULT '3 min',
	force text[] DEFAULT NULL,
	OUT hold_id uuid,
	OUT table_ids uuid[],
	OUT table_numbers text[],
	OUT window_start timestamptz,
	OUT window_end timestamptz,
	OUT expires_at timestamptz,
	OUT waived text[])
RETURNS SETOF record
AS 'MODULE_PATHNAME'
LANGUAGE C VOLATILE PARALLEL UNSAFE;

COMMENT ON FUNCTION menuca_hold_tables(uuid, uuid[], timestamptz, interval, integer, uuid, interval, text[]) IS
'Holds dining tables for ttl: those that are named, or with NULL the best that are free. Rules about the party are checked when party_size or booking is given. Raises MC040 to MC042, MC045 or MC046.';

CREATE FUNCTION menuca_confirm_hold(
	hold uuid,
	booking uuid,
	idempotency_key text DEFAULT NULL,
	force text[] DEFAULT NULL,
	OUT booking_id uuid,
	OUT outcome text,
	OUT table_ids uuid[],
	OUT table_numbers text[],
	OUT window_start timestamptz,
	OUT window_end timestamptz,
	OUT waived text[])
RETURNS SETOF record
AS 'MODULE_PATHNAME'
LANGUAGE C VOLATILE PARALLEL UNSAFE;

COMMENT ON FUNCTION menuca_confirm_hold(uuid, uuid, text, text[]) IS
'Gives a booking the dining tables of a hold, which ends; as menuca_assign_tables. Raises MC043 when the hold has expired or is gone.';

CREATE FUNCTION menuca_extend_hold(
	hold uuid,
	ttl interval DEFAULT '3 min')
RETURNS timestamptz
AS 'MODULE_PATHNAME'
LANGUAGE C VOLATILE PARALLEL UNSAFE;

COMMENT ON FUNCTION menuca_extend_hold(uuid, interval) IS
'Lets a hold expire ttl from now, but not sooner than it would; returns when. Raises MC043 when it has expired or is gone.';

CREATE FUNCTION menuca_release_hold(hold uuid)
RETURNS boolean
AS 'MODULE_PATHNAME'
LANGUAGE C VOLATILE PARALLEL UNSAFE;

COMMENT ON FUNCTION menuca_release_hold(uuid) IS
'Ends a hold; returns false when it had expired or was gone.';

SELECT pg_catalog.pg_extension_config_dump('menuca_seating_key', '');
SELECT pg_catalog.pg_extension_config_dump('menuca_seating_attempt', '');
SELECT pg_catalog.pg_extension_config_dump('menuca_seating_attempt_attempt_id_seq', '');

REVOKE ALL ON FUNCTION menuca_assign_tables(uuid, uuid[], text, text[]) FROM PUBLIC;
REVOKE ALL ON FUNCTION menuca_auto_assign(uuid, text, uuid) FROM PUBLIC;
REVOKE ALL ON FUNCTION menuca_unassign_tables(uuid) FROM PUBLIC;
REVOKE ALL ON FUNCTION menuca_move_booking(uuid, timestamptz, integer, interval, uuid[], text[]) FROM PUBLIC;
REVOKE ALL ON FUNCTION menuca_seat_walk_in(uuid, integer, interval, uuid[], uuid, timestamptz, text[], jsonb) FROM PUBLIC;
REVOKE ALL ON FUNCTION menuca_hold_tables(uuid, uuid[], timestamptz, interval, integer, uuid, interval, text[]) FROM PUBLIC;
REVOKE ALL ON FUNCTION menuca_confirm_hold(uuid, uuid, text, text[]) FROM PUBLIC;
REVOKE ALL ON FUNCTION menuca_extend_hold(uuid, interval) FROM PUBLIC;
REVOKE ALL ON FUNCTION menuca_release_hold(uuid) FROM PUBLIC;

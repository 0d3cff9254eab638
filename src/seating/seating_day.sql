--
-- What people have decided about single bookings
--

CREATE TABLE menuca_booking_lock (
	booking_id uuid PRIMARY KEY,
	restaurant_id uuid NOT NULL,
	locked boolean NOT NULL,
	prefers uuid[],
	priority integer NOT NULL,
	locked_by text NOT NULL DEFAULT session_user,
	locked_at timestamptz NOT NULL DEFAULT clock_timestamp()
);

COMMENT ON TABLE menuca_booking_lock IS
'Bookings that keep their dining tables, would rather have certain ones, or come before others, by menuca_lock_booking().';
COMMENT ON COLUMN menuca_booking_lock.booking_id IS
'The booking.';
COMMENT ON COLUMN menuca_booking_lock.restaurant_id IS
'Its restaurant.';
COMMENT ON COLUMN menuca_booking_lock.locked IS
'True when its dining tables are not changed by menuca_auto_assign_day().';
COMMENT ON COLUMN menuca_booking_lock.prefers IS
'Ids of dining tables that it gets when they are free and a plan for it; NULL for none.';
COMMENT ON COLUMN menuca_booking_lock.priority IS
'Of two bookings the one of higher priority is seated first; 0 is that of all others.';
COMMENT ON COLUMN menuca_booking_lock.locked_by IS
'Session user who decided it first.';
COMMENT ON COLUMN menuca_booking_lock.locked_at IS
'When that was.';

CREATE FUNCTION menuca_lock_booking(
	booking uuid,
	tables uuid[] DEFAULT NULL,
	prefers boolean DEFAULT false,
	priority integer DEFAULT 0,
	force text[] DEFAULT NULL,
	OUT booking_id uuid,
	OUT outcome text,
	OUT table_ids uuid[],
	OUT table_numbers text[],
	OUT priority_of_booking integer,
	OUT undo text)
RETURNS SETOF record
AS 'MODULE_PATHNAME'
LANGUAGE C VOLATILE PARALLEL UNSAFE;

COMMENT ON FUNCTION menuca_lock_booking(uuid, uuid[], boolean, integer, text[]) IS
'Gives a booking these dining tables now, by the rules of menuca_assign_tables(), and locks it to them; without tables, to those that it has: menuca_auto_assign_day() never moves it. With prefers they are a wish instead: it gets them when they are free. priority, 0 to 100, seats it before others; NULL leaves it as it is. Called again, it replaces what was decided. Raises MC040 to MC042, or MC045.';

CREATE FUNCTION menuca_unlock_booking(booking uuid)
RETURNS boolean
AS 'MODULE_PATHNAME'
LANGUAGE C VOLATILE PARALLEL UNSAFE;

COMMENT ON FUNCTION menuca_unlock_booking(uuid) IS
'Ends lock, wish and priority of a booking, which keeps its dining tables; returns false when it had none.';

--
-- A whole service day
--

CREATE FUNCTION menuca_auto_assign_day(
	restaurant uuid,
	date date DEFAULT NULL,
	dry_run boolean DEFAULT true,
	move text DEFAULT 'none',
	OUT booking uuid,
	OUT party_size integer,
	OUT start_at timestamptz,
	OUT outcome text,
	OUT table_ids uuid[],
	OUT table_numbers text[],
	OUT score numeric,
	OUT reason text)
RETURNS SETOF record
AS 'MODULE_PATHNAME'
LANGUAGE C VOLATILE PARALLEL UNSAFE;

COMMENT ON FUNCTION menuca_auto_assign_day(uuid, date, boolean, text) IS
'Seats the bookings that wait on a service day, the current one by default, beside all that is assigned or held: by priority most of them, then with the least sum of scores. With move ''unlocked'' those that have dining tables keep a seat, but may get other ones, unless they are locked or checked in. One row for each booking that waits, or may move; outcome is assigned, moved, already, none or off, in a dry run as it would be. Bookings of that day whose time or party is not known come last, with the outcome unreadable. All is written, or nothing.';

CREATE FUNCTION menuca_day_result(
	restaurant uuid,
	date date DEFAULT NULL,
	move text DEFAULT 'none',
	OUT service_day date,
	OUT bookings integer,
	OUT seated integer,
	OUT bound integer,
	OUT proven boolean,
	OUT score numeric,
	OUT score_bound numeric,
	OUT score_proven boolean,
	OUT combinations integer,
	OUT moved integer,
	OUT kept integer,
	OUT unreadable integer)
RETURNS record
AS 'MODULE_PATHNAME'
LANGUAGE C VOLATILE PARALLEL UNSAFE;

COMMENT ON FUNCTION menuca_day_result(uuid, date, text) IS
'What menuca_auto_assign_day() reaches on a service day: the bookings that wait (or may move), those of them that are seated, the number that no seating exceeds (bound; proven when no seating has more of any priority), the sum of scores and a bound that no seating of as many is below, bookings with several dining tables, bookings moved; and beside them those that keep their dining tables, and those whose time or party is not known (unreadable). Read only.';

CREATE FUNCTION menuca_replay_day(
	restaurant uuid,
	date date DEFAULT NULL,
	settings jsonb DEFAULT NULL,
	OUT service_day date,
	OUT bookings integer,
	OUT seated integer,
	OUT bound integer,
	OUT proven boolean,
	OUT score numeric,
	OUT score_bound numeric,
	OUT score_proven boolean,
	OUT combinations integer,
	OUT were_seated integer,
	OUT unreadable integer,
	OUT settings_tried jsonb)
RETURNS SETOF record
AS 'MODULE_PATHNAME'
LANGUAGE C VOLATILE PARALLEL UNSAFE;

COMMENT ON FUNCTION menuca_replay_day(uuid, date, jsonb) IS
'A service day as it would have been with other settings, on the floor as it is now, as if nothing had been assigned: all its bookings but the cancelled ones are seated once more, those that are over, too. settings is as menuca_seating_set() takes it, or an array of such objects, for a row each; were_seated is how many have dining tables. Read only.';

SELECT pg_catalog.pg_extension_config_dump('menuca_booking_lock', '');

REVOKE ALL ON FUNCTION menuca_lock_booking(uuid, uuid[], boolean, integer, text[]) FROM PUBLIC;
REVOKE ALL ON FUNCTION menuca_unlock_booking(uuid) FROM PUBLIC;
REVOKE ALL ON FUNCTION menuca_auto_assign_day(uuid, date, boolean, text) FROM PUBLIC;
REVOKE ALL ON FUNCTION menuca_day_result(uuid, date, text) FROM PUBLIC;
REVOKE ALL ON FUNCTION menuca_replay_day(uuid, date, jsonb) FROM PUBLIC;

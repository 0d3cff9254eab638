--
-- Guarantees on the tables of the users
--

CREATE FUNCTION menuca_booking_assignment_validation()
RETURNS trigger
AS 'MODULE_PATHNAME'
LANGUAGE C VOLATILE;

COMMENT ON FUNCTION menuca_booking_assignment_validation() IS
'Trigger function of bookings and booking_table_assignments, for constraint triggers: at commit each confirmed booking has a dining table.';

CREATE FUNCTION menuca_booking_assignment_truncation()
RETURNS trigger
AS 'MODULE_PATHNAME'
LANGUAGE C VOLATILE;

COMMENT ON FUNCTION menuca_booking_assignment_truncation() IS
'Trigger function of booking_table_assignments, for TRUNCATE: has confirmed bookings checked at commit.';

CREATE FUNCTION menuca_booking_fit_validation()
RETURNS trigger
AS 'MODULE_PATHNAME'
LANGUAGE C VOLATILE;

COMMENT ON FUNCTION menuca_booking_fit_validation() IS
'Trigger function of bookings and booking_table_assignments, for constraint triggers: at commit a booking that was changed, or confirmed, fits its dining tables.';

CREATE FUNCTION menuca_booking_release()
RETURNS trigger
AS 'MODULE_PATHNAME'
LANGUAGE C VOLATILE;

COMMENT ON FUNCTION menuca_booking_release() IS
'Trigger function of bookings: releases the dining tables, the zone and the holds of a booking that is cancelled or no_show, and ends those of a completed one now.';

-- TRUNCATE fires no trigger that could wait for the commit; this table has one that can.
CREATE TABLE menuca_seating_truncation (
	assignments oid
);

COMMENT ON TABLE menuca_seating_truncation IS
'Tables that the current transaction has truncated, for the check at its end; always empty.';
COMMENT ON COLUMN menuca_seating_truncation.assignments IS
'OID of the table.';

CREATE FUNCTION menuca_seating_truncation_validation()
RETURNS trigger
AS 'MODULE_PATHNAME'
LANGUAGE C VOLATILE;

COMMENT ON FUNCTION menuca_seating_truncation_validation() IS
'Trigger function of menuca_seating_truncation: after TRUNCATE of booking_table_assignments, each confirmed booking has a dining table at commit.';

CREATE CONSTRAINT TRIGGER truncation_validation AFTER INSERT ON @extschema@.menuca_seating_truncation
DEFERRABLE INITIALLY DEFERRED
FOR EACH ROW EXECUTE FUNCTION menuca_seating_truncation_validation();

REVOKE ALL ON FUNCTION menuca_booking_assignment_validation() FROM PUBLIC;
REVOKE ALL ON FUNCTION menuca_booking_assignment_truncation() FROM PUBLIC;
REVOKE ALL ON FUNCTION menuca_booking_fit_validation() FROM PUBLIC;
REVOKE ALL ON FUNCTION menuca_booking_release() FROM PUBLIC;
REVOKE ALL ON FUNCTION menuca_seating_truncation_validation() FROM PUBLIC;

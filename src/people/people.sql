--
-- What people do and say: the checklist, what they attest, the issues that they
-- find, and their answers about samples.  What of it counts for a ticket is in
-- the runbook.
--

CREATE TABLE menuca_checklist (
	ticket_no integer NOT NULL CHECK (ticket_no BETWEEN 0 AND 10),
	item text NOT NULL CHECK (item <> ''),
	title text NOT NULL,
	phase text NOT NULL DEFAULT 'after' CHECK (phase IN ('before', 'after')),
	must boolean NOT NULL DEFAULT false,
	"position" integer NOT NULL DEFAULT 100,
	shipped text,
	PRIMARY KEY (ticket_no, item)
);

COMMENT ON TABLE menuca_checklist IS
'What people have to see or do for a ticket, and attest with menuca_attest(); the operator may edit it.';
COMMENT ON COLUMN menuca_checklist.ticket_no IS
'Number of the ticket, 0 to 10.';
COMMENT ON COLUMN menuca_checklist.item IS
'Name of the item within the ticket, for calls.';
COMMENT ON COLUMN menuca_checklist.title IS
'What a person attests, in words.';
COMMENT ON COLUMN menuca_checklist.phase IS
'before: it may be attested at any time; after: only once the ticket is executed, and again after each later change.';
COMMENT ON COLUMN menuca_checklist.must IS
'True when the ticket is not COMPLETE without it; false switches a shipped item off, which cannot be deleted.';
COMMENT ON COLUMN menuca_checklist."position" IS
'Place of the item among those of its ticket.';
COMMENT ON COLUMN menuca_checklist.shipped IS
'Hash of the row as the extension shipped it; NULL in rows that the operator added. Do not change it.';

INSERT INTO menuca_checklist
	(ticket_no, item, title, phase, must, "position")
VALUES
	(0, 'schedule', 'Everybody who takes part knows the day, the hour and the order of the tickets', 'before', false, 1),
	(1, 'restore_known', 'Somebody present has restored a backup of this database before', 'before', false, 1),
	(4, 'known_combo', 'A combo that the team knows by heart has the dishes that it should have', 'after', false, 1),
	-- staging's validation: the platform is used as customers and restaurants use it
	(5, 'login', 'Logging in was tried, as a customer and as a restaurant', 'after', true, 1),
	(5, 'menu', 'A restaurant''s menu was opened', 'after', true, 2),
	(5, 'combo', 'A combo was opened and shows its dishes by name', 'after', true, 3),
	(5, 'cart', 'A combo was put into the cart', 'after', true, 4),
	(5, 'checkout', 'An order with a combo went through the checkout', 'after', true, 5),
	(5, 'api', 'The API answers with combos and their dishes', 'after', true, 6),
	(5, 'other_restaurant', 'As a restaurant, another restaurant''s data is not shown', 'after', true, 7),
	-- production's window
	(6, 'notice', 'The window was announced at least 24 hours before', 'before', true, 1),
	(6, 'people', 'Two people who know the runbook are present until the end', 'before', true, 2),
	(6, 'support', 'Support is briefed and can be reached', 'before', true, 3),
	(6, 'status_page', 'The status page announces the window', 'before', true, 4),
	(6, 'rollback_plan', 'The people present have read the rollback plan', 'before', true, 5),
	(6, 'dashboards', 'Dashboards and logs are open', 'before', true, 6),
	(7, 'dashboards', 'Dashboards show nothing unusual', 'after', false, 1),
	(8, 'own_restaurant', 'A restaurant sees its own dishes', 'after', false, 1),
	(8, 'other_restaurant', 'As a restaurant, another restaurant''s data is not shown', 'after', false, 2),
	(9, 'menu', 'A restaurant''s menu was opened', 'after', true, 1),
	(9, 'combo', 'A combo was opened and shows its dishes by name', 'after', true, 2),
	(9, 'cart', 'A combo was put into the cart', 'after', true, 3),
	(9, 'checkout', 'An order with a combo went through the checkout', 'after', true, 4),
	(9, 'api', 'The API answers with combos and their dishes', 'after', false, 5),
	(9, 'dashboards', 'Dashboards show nothing unusual', 'after', false, 6),
	(10, 'menu', 'A restaurant''s menu was opened', 'after', true, 1),
	(10, 'combo', 'A combo was opened and shows its dishes by name', 'after', true, 2),
	(10, 'cart', 'A combo was put into the cart', 'after', true, 3),
	(10, 'checkout', 'An order with a combo went through the checkout', 'after', true, 4),
	(10, 'complaints', 'Support has no complaint about menus or combos', 'after', false, 5),
	(10, 'all_clear', 'Support and restaurants know that the work is done', 'after', false, 6);

-- A dump has what was edited or added; CREATE EXTENSION ships the rest again.
UPDATE menuca_checklist
SET shipped = md5(ROW(ticket_no, item, title, phase, must, "position")::text);

CREATE FUNCTION menuca_protect_checklist()
RETURNS trigger
AS 'MODULE_PATHNAME'
LANGUAGE C;

COMMENT ON FUNCTION menuca_protect_checklist() IS
'Trigger function of menuca_checklist. Where a dump is restored, an edited row replaces the shipped one; deleting a shipped row is refused, since the next restore would bring it back: set must to false instead.';

REVOKE ALL ON FUNCTION menuca_protect_checklist() FROM PUBLIC;

CREATE TRIGGER replace_shipped BEFORE INSERT ON menuca_checklist
	FOR EACH ROW WHEN (NEW.shipped IS NOT NULL)
	EXECUTE FUNCTION menuca_protect_checklist();

COMMENT ON TRIGGER replace_shipped ON menuca_checklist IS
'A row that was shipped once, such as one that a restore inserts, replaces the shipped row of the same name or hash.';

CREATE TRIGGER keep_shipped BEFORE DELETE ON menuca_checklist
	FOR EACH ROW WHEN (OLD.shipped IS NOT NULL AND pg_catalog.pg_trigger_depth() = 0)
	EXECUTE FUNCTION menuca_protect_checklist();

COMMENT ON TRIGGER keep_shipped ON menuca_checklist IS
'Refuses the deletion of a shipped row, which the next restore of a dump would bring back.';

CREATE TABLE menuca_attestation (
	attestation_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
	environment_id bigint NOT NULL,
	ticket_no integer NOT NULL,
	item text NOT NULL,
	result text NOT NULL CHECK (result IN ('PASS', 'FAILED', 'WAIVED')),
	who text NOT NULL,
	note text,
	attested_by text NOT NULL DEFAULT session_user,
	attested_at timestamptz NOT NULL DEFAULT clock_timestamp(),
	CHECK (result <> 'WAIVED' OR note IS NOT NULL)
);

COMMENT ON TABLE menuca_attestation IS
'What people have attested; of an item, the newest attestation counts.';
COMMENT ON COLUMN menuca_attestation.attestation_id IS
'Number of the attestation.';
COMMENT ON COLUMN menuca_attestation.environment_id IS
'The environment (menuca_registered_environment).';
COMMENT ON COLUMN menuca_attestation.ticket_no IS
'Number of the ticket.';
COMMENT ON COLUMN menuca_attestation.item IS
'The item of the ticket (menuca_checklist).';
COMMENT ON COLUMN menuca_attestation.result IS
'PASS, FAILED, or WAIVED: nobody has looked, and the note says why that is accepted.';
COMMENT ON COLUMN menuca_attestation.who IS
'Name of the person who attests it.';
COMMENT ON COLUMN menuca_attestation.note IS
'What the person added; NULL for nothing.';
COMMENT ON COLUMN menuca_attestation.attested_by IS
'Session user who recorded it.';
COMMENT ON COLUMN menuca_attestation.attested_at IS
'When it was recorded.';

CREATE TABLE menuca_issue (
	issue_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
	environment_id bigint NOT NULL,
	ticket_no integer NOT NULL,
	severity text NOT NULL CHECK (severity IN ('critical', 'high', 'medium', 'low')),
	title text NOT NULL,
	who text NOT NULL,
	note text,
	reported_by text NOT NULL DEFAULT session_user,
	reported_at timestamptz NOT NULL DEFAULT clock_timestamp(),
	resolution text,
	resolved_who text,
	resolved_by text,
	resolved_at timestamptz,
	CHECK (num_nulls(resolution, resolved_who, resolved_by, resolved_at) IN (0, 4))
);

COMMENT ON TABLE menuca_issue IS
'Issues that people have found, and how they were resolved.';
COMMENT ON COLUMN menuca_issue.issue_id IS
'Number of the issue.';
COMMENT ON COLUMN menuca_issue.environment_id IS
'The environment (menuca_registered_environment).';
COMMENT ON COLUMN menuca_issue.ticket_no IS
'Number of the ticket that it was found in.';
COMMENT ON COLUMN menuca_issue.severity IS
'critical, high, medium or low; a ticket with an unresolved critical issue is not COMPLETE.';
COMMENT ON COLUMN menuca_issue.title IS
'What was found, in one sentence.';
COMMENT ON COLUMN menuca_issue.who IS
'Name of the person who found it.';
COMMENT ON COLUMN menuca_issue.note IS
'What the person added; NULL for nothing.';
COMMENT ON COLUMN menuca_issue.reported_by IS
'Session user who recorded it.';
COMMENT ON COLUMN menuca_issue.reported_at IS
'When it was recorded.';
COMMENT ON COLUMN menuca_issue.resolution IS
'How it was resolved; NULL while it is not, as the next columns.';
COMMENT ON COLUMN menuca_issue.resolved_who IS
'Name of the person who says so.';
COMMENT ON COLUMN menuca_issue.resolved_by IS
'Session user who recorded the resolution.';
COMMENT ON COLUMN menuca_issue.resolved_at IS
'When the resolution was recorded.';

CREATE TABLE menuca_review_answer (
	answer_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
	environment_id bigint NOT NULL,
	ticket_no integer NOT NULL,
	target text NOT NULL,
	groups bigint NOT NULL,
	good integer NOT NULL CHECK (good >= 0),
	bad integer NOT NULL CHECK (bad >= 0),
	note text,
	reviewer text NOT NULL,
	answered_by text NOT NULL DEFAULT session_user,
	answered_at timestamptz NOT NULL DEFAULT clock_timestamp(),
	CHECK (good::bigint + bad BETWEEN 1 AND groups)
);

COMMENT ON TABLE menuca_review_answer IS
'How many samples a person has found good and bad; of a ticket, the newest answer counts.';
COMMENT ON COLUMN menuca_review_answer.answer_id IS
'Number of the answer.';
COMMENT ON COLUMN menuca_review_answer.environment_id IS
'The environment (menuca_registered_environment).';
COMMENT ON COLUMN menuca_review_answer.ticket_no IS
'Number of the ticket: 4 or 9.';
COMMENT ON COLUMN menuca_review_answer.target IS
'The table whose rows were looked at: combo_items or dish_combo_groups.';
COMMENT ON COLUMN menuca_review_answer.groups IS
'How many groups had rows in it, of which the samples were drawn.';
COMMENT ON COLUMN menuca_review_answer.good IS
'Samples that the person found right.';
COMMENT ON COLUMN menuca_review_answer.bad IS
'Samples that the person found wrong.';
COMMENT ON COLUMN menuca_review_answer.note IS
'What the person added; NULL for nothing.';
COMMENT ON COLUMN menuca_review_answer.reviewer IS
'Name of the person who looked.';
COMMENT ON COLUMN menuca_review_answer.answered_by IS
'Session user who recorded it.';
COMMENT ON COLUMN menuca_review_answer.answered_at IS
'When it was recorded.';

SELECT pg_catalog.pg_extension_config_dump('menuca_checklist',
	'WHERE shipped IS DISTINCT FROM pg_catalog.md5(ROW(ticket_no, item, title, phase, must, "position")::text)');
SELECT pg_catalog.pg_extension_config_dump('menuca_attestation', '');
SELECT pg_catalog.pg_extension_config_dump('menuca_attestation_attestation_id_seq', '');
SELECT pg_catalog.pg_extension_config_dump('menuca_issue', '');
SELECT pg_catalog.pg_extension_config_dump('menuca_issue_issue_id_seq', '');
SELECT pg_catalog.pg_extension_config_dump('menuca_review_answer', '');
SELECT pg_catalog.pg_extension_config_dump('menuca_review_answer_answer_id_seq', '');

CREATE FUNCTION menuca_attest(
	ticket integer,
	item text,
	result text,
	who text,
	note text DEFAULT NULL,
	OUT state text,
	OUT still_open bigint,
	OUT next_step text)
RETURNS record
AS 'MODULE_PATHNAME'
LANGUAGE C VOLATILE PARALLEL UNSAFE;

COMMENT ON FUNCTION menuca_attest(integer, text, text, text, text) IS
'Records that a person attests an item of a ticket''s checklist: PASS, FAILED, or WAIVED, which needs a note and is shown as an override. Returns the ticket''s state afterwards, how much of people''s part keeps it from COMPLETE, and the next call. Raises an error when the item is to be attested after the ticket, and the ticket is not executed.';

REVOKE ALL ON FUNCTION menuca_attest(integer, text, text, text, text) FROM PUBLIC;

CREATE FUNCTION menuca_report_issue(
	ticket integer,
	severity text,
	title text,
	who text,
	note text DEFAULT NULL)
RETURNS bigint
AS 'MODULE_PATHNAME'
LANGUAGE C VOLATILE PARALLEL UNSAFE;

COMMENT ON FUNCTION menuca_report_issue(integer, text, text, text, text) IS
'Records an issue that a person has found in a ticket, with severity critical, high, medium or low; returns its number. A ticket with an unresolved critical issue is not COMPLETE.';

REVOKE ALL ON FUNCTION menuca_report_issue(integer, text, text, text, text) FROM PUBLIC;

CREATE FUNCTION menuca_resolve_issue(
	issue bigint,
	resolution text,
	who text,
	OUT state text,
	OUT still_open bigint,
	OUT next_step text)
RETURNS record
AS 'MODULE_PATHNAME'
LANGUAGE C VOLATILE PARALLEL UNSAFE;

COMMENT ON FUNCTION menuca_resolve_issue(bigint, text, text) IS
'Records how an issue was resolved, and who says so; returns what menuca_attest() does, of the issue''s ticket. Raises an error when it is resolved already.';

REVOKE ALL ON FUNCTION menuca_resolve_issue(bigint, text, text) FROM PUBLIC;

CREATE FUNCTION menuca_review_samples(
	ticket integer,
	n integer DEFAULT 20,
	seed integer DEFAULT NULL,
	OUT sample_no integer,
	OUT seed_used integer,
	OUT combo_group_id bigint,
	OUT group_name text,
	OUT restaurant_name text,
	OUT items bigint,
	OUT item_count text,
	OUT dishes text[],
	OUT remarks text,
	OUT next_step text)
RETURNS SETOF record
AS 'MODULE_PATHNAME'
LANGUAGE C STABLE PARALLEL UNSAFE;

COMMENT ON FUNCTION menuca_review_samples(integer, integer, integer) IS
'n groups that have rows in the table that ticket 4 or 9 fills, for a person to judge: as many restaurants as there can be, and groups of every size. The same seed gives the same groups; without one, a seed is drawn and shown. remarks says what the machine has seen: rows against item_count, dishes that are hidden, without price, without name or with equal names. next_step records the answer. Read only.';

CREATE FUNCTION menuca_review(
	ticket integer,
	good integer,
	bad integer,
	note text,
	reviewer text,
	OUT verdict text,
	OUT what text,
	OUT state text,
	OUT still_open bigint,
	OUT next_step text)
RETURNS record
AS 'MODULE_PATHNAME'
LANGUAGE C VOLATILE PARALLEL UNSAFE;

COMMENT ON FUNCTION menuca_review(integer, integer, integer, text, text) IS
'Records how many samples of ticket 4 or 9 a person has found good and bad. verdict is PASS when none of twenty or more (or of all) is bad, WARN up to one in twenty or after fewer samples, otherwise FAIL, which makes the ticket FAILED: what has the calls that roll back, next_step the first one. The other columns are as in menuca_attest(). Raises an error when the ticket is not executed, or there are fewer groups than that.';

REVOKE ALL ON FUNCTION menuca_review(integer, integer, integer, text, text) FROM PUBLIC;

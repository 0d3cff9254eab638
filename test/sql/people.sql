-- People's part of the tickets: the checklist, issues, reviews of samples, announcements
\getenv abs_srcdir PG_ABS_SRCDIR
\set schema :abs_srcdir '/sql/include/schema.sql'
\set drop :abs_srcdir '/sql/include/drop.sql'
\set ECHO none
\set try :abs_srcdir '/sql/include/try.sql'
\i :schema
CREATE TABLE menuca_v3.courses (id bigint PRIMARY KEY, restaurant_id bigint NOT NULL REFERENCES menuca_v3.restaurants);
SELECT system_identifier, current_database() AS database FROM pg_control_system() \gset
-- Shows an error without what differs between machines
CREATE FUNCTION staging.plain(t text) RETURNS text LANGUAGE sql AS
$$ SELECT regexp_replace(regexp_replace(replace(replace(replace(t, (SELECT system_identifier::text FROM pg_control_system()), 'CLUSTER'), current_database(), 'DATABASE'), session_user, 'SESSION'),
	'\d{4}-\d\d-\d\d \d\d:\d\d:\d\d UTC', 'TIME', 'g'), '[0-9.]+ s\M', 'N s', 'g') $$;
\i :try
-- What went before the fix is not this test's
CREATE FUNCTION staging.fix(options jsonb DEFAULT '{"max_orphan_pct": 60}') RETURNS TABLE (status text, detail text, next_step text) LANGUAGE sql AS $$
	SELECT t.status, t.detail, t.next_step
	FROM menuca_ticket(4, options, dry_run => false) t WHERE t.name = 'summary'
$$;
\set ECHO all
\pset format unaligned
\pset null (null)
SET client_min_messages = error;

-- Nobody says anything before the database is registered
CALL staging.try($$SELECT * FROM menuca_attest(5, 'login', 'PASS', 'A. Person')$$);
CALL staging.try($$SELECT * FROM menuca_review_samples(4)$$);
CALL staging.try($$SELECT menuca_announcement(4, 'before')$$);
SELECT FROM menuca_environment('staging', :'database', :system_identifier);
INSERT INTO menuca_ticket_execution (environment_id, ticket_no, status, result, checks, options, forced, started_at)
SELECT 1, n, 'COMPLETE', 'PASS', '[]', '{}', false, clock_timestamp() FROM generate_series(0, 3) n;

--
-- The checklist
--
SELECT ticket_no, count(*), count(*) FILTER (WHERE must) AS musts, string_agg(DISTINCT phase, ' ') AS phases FROM menuca_checklist GROUP BY 1 ORDER BY 1;
SELECT item, title, must, result, counts FROM menuca_checklist_state WHERE ticket_no = 5 ORDER BY "position";
-- What is refused
CALL staging.try($$SELECT * FROM menuca_attest(NULL, 'login', 'PASS', 'A. Person')$$);
CALL staging.try($$SELECT * FROM menuca_attest(11, 'login', 'PASS', 'A. Person')$$);
CALL staging.try($$SELECT * FROM menuca_attest(-1, 'login', 'PASS', 'A. Person')$$);
CALL staging.try($$SELECT * FROM menuca_attest(6, 'notice', 'PASS', 'A. Person')$$);
CALL staging.try($$SELECT * FROM menuca_attest(5, NULL, 'PASS', 'A. Person')$$);
CALL staging.try($$SELECT * FROM menuca_attest(5, 'Login', 'PASS', 'A. Person')$$);
CALL staging.try($$SELECT * FROM menuca_attest(2, E'x'';\n\\', 'PASS', 'A. Person')$$);
CALL staging.try($$SELECT * FROM menuca_attest(5, 'login', 'DONE', 'A. Person')$$);
CALL staging.try($$SELECT * FROM menuca_attest(5, 'login', NULL, 'A. Person')$$);
CALL staging.try($$SELECT * FROM menuca_attest(5, 'login', 'PASS', NULL)$$);
CALL staging.try($$SELECT * FROM menuca_attest(5, 'login', 'PASS', 'name')$$);
CALL staging.try($$SELECT * FROM menuca_attest(5, 'login', 'PASS', E' \u00a0')$$);
CALL staging.try($$SELECT * FROM menuca_attest(5, 'login', 'WAIVED', 'A. Person')$$);
CALL staging.try($$SELECT * FROM menuca_attest(5, 'login', 'WAIVED', 'A. Person', '...')$$);
CALL staging.try($$SELECT * FROM menuca_attest(5, 'login', 'PASS', 'A. Person')$$);
BEGIN READ ONLY;
CALL staging.try($$SELECT * FROM menuca_attest(0, 'schedule', 'PASS', 'A. Person')$$);
CALL staging.try($$SELECT menuca_report_issue(0, 'low', 'x', 'A. Person')$$);
CALL staging.try($$SELECT * FROM menuca_resolve_issue(1, 'x', 'A. Person')$$);
CALL staging.try($$SELECT * FROM menuca_review(4, 1, 0, NULL, 'A. Person')$$);
ROLLBACK;
SELECT count(*) FROM menuca_attestation;
-- What may be attested at any time
SELECT * FROM menuca_attest(0, 'schedule', 'PASS', 'A. Person');
SELECT ticket_no, item, result, who, note, attested_by = session_user AS by_me FROM menuca_attestation;

--
-- Shipped items are kept, edited ones replace them, others are the operator's
--
CALL staging.try($$DELETE FROM menuca_checklist WHERE ticket_no = 5 AND item = 'login'$$);
INSERT INTO menuca_checklist SELECT ticket_no, item, 'Logging in was tried', phase, must, "position", shipped FROM menuca_checklist WHERE ticket_no = 5 AND item = 'login';
INSERT INTO menuca_checklist SELECT 5, 'checkout, renamed', title, phase, must, "position", shipped FROM menuca_checklist WHERE ticket_no = 5 AND item = 'checkout';
SELECT item, title, must FROM menuca_checklist WHERE ticket_no = 5 ORDER BY "position";
UPDATE menuca_checklist SET item = 'checkout' WHERE item = 'checkout, renamed';
INSERT INTO menuca_checklist (ticket_no, item, title, must, phase) VALUES (10, E'it''s \\ "quoted"\n| x', E'<b>Hostile</b> | title\nof two lines', true, 'after');
CALL staging.try($$INSERT INTO menuca_checklist (ticket_no, item, title) VALUES (11, 'x', 'x')$$);
CALL staging.try($$INSERT INTO menuca_checklist (ticket_no, item, title, phase) VALUES (1, 'x', 'x', 'later')$$);

--
-- Samples and their review
--
CALL staging.try('SELECT * FROM menuca_review_samples(5)');
CALL staging.try('SELECT * FROM menuca_review_samples(9)');
CALL staging.try('SELECT * FROM menuca_review_samples(NULL)');
CALL staging.try('SELECT * FROM menuca_review_samples(4, 0)');
CALL staging.try('SELECT * FROM menuca_review_samples(4, 1001)');
CALL staging.try('SELECT * FROM menuca_review_samples(4, NULL)');
CALL staging.try($$SELECT * FROM menuca_review(4, 1, 0, NULL, 'A. Person')$$);
-- The ticket's checks have passed, and people's part is open
SELECT * FROM staging.fix();
SELECT ticket, state, result, next_call FROM menuca_status() WHERE ticket BETWEEN 3 AND 5;
SELECT state, result FROM menuca_ticket_latest WHERE ticket_no = 4;
SELECT kind, item, title, state, call FROM menuca_ticket_open;
SELECT sample_no, seed_used, combo_group_id, group_name, restaurant_name, items, item_count, dishes, remarks, next_step FROM menuca_review_samples(4, seed => 7);
-- The same seed gives the same groups, also fewer of them
SELECT count(*) FROM (SELECT * FROM menuca_review_samples(4, 5, 7) EXCEPT SELECT * FROM menuca_review_samples(4, 5, 7)) x;
SELECT count(DISTINCT picks) > 1 AS differ, bool_and(restaurants = 3) AS every_restaurant
FROM (SELECT seed, array_agg(s.combo_group_id) AS picks, count(DISTINCT s.restaurant_name) AS restaurants
	  FROM generate_series(1, 20) seed, menuca_review_samples(4, 3, seed) s GROUP BY seed) p;
-- Without one, it is drawn and shown
SELECT count(DISTINCT seed_used) AS seeds, bool_and(seed_used BETWEEN 1 AND 1000000) AS short, count(*) FROM menuca_review_samples(4);
SELECT count(*) FROM (SELECT s.combo_group_id FROM (SELECT DISTINCT seed_used FROM menuca_review_samples(4, 2)) d, menuca_review_samples(4, 2, d.seed_used) s) x;
BEGIN READ ONLY;
SELECT count(*) FROM menuca_review_samples(4);
ROLLBACK;
-- What the machine has seen
BEGIN;
ALTER TABLE menuca_v3.dishes ADD base_price numeric, ADD prices jsonb;
ALTER TABLE menuca_v3.combo_groups ADD is_active boolean DEFAULT true;
UPDATE menuca_v3.dishes SET base_price = id WHERE id <> 4;
UPDATE menuca_v3.dishes SET prices = '{"large": 12}' WHERE id = 4;
UPDATE menuca_v3.dishes SET name = ' ' WHERE id = 5;
UPDATE menuca_v3.dishes SET name = 'The Same' WHERE id = 6;
UPDATE menuca_v3.dishes SET name = 'the same ' WHERE id = 9;
UPDATE menuca_v3.dishes SET is_active = false, base_price = NULL WHERE id = 7;
UPDATE menuca_v3.dishes SET restaurant_id = 1 WHERE id = 11;
UPDATE menuca_v3.combo_groups SET combo_rules = '{"item_count": 3}' WHERE id = 3;
UPDATE menuca_v3.combo_groups SET combo_rules = '{"item_count": "2"}', is_active = false WHERE id = 4;
UPDATE menuca_v3.combo_groups SET combo_rules = '[]', name = E'\t' WHERE id = 7;
UPDATE menuca_v3.restaurants SET name = E'O''Neill "the" <b>\\' WHERE id = 1;
SELECT combo_group_id, group_name, restaurant_name, items, item_count, dishes, remarks FROM menuca_review_samples(4, seed => 1) ORDER BY 1;
ALTER TABLE menuca_v3.dishes RENAME is_active TO is_shown;
ALTER TABLE menuca_v3.combo_groups ALTER combo_rules TYPE text;
SELECT combo_group_id, item_count, dishes, remarks FROM menuca_review_samples(4, seed => 1) ORDER BY 1 LIMIT 3;
DROP TABLE menuca_v3.combo_steps, menuca_v3.combo_items;
CALL staging.try('SELECT * FROM menuca_review_samples(4)');
CALL staging.try($$SELECT * FROM menuca_review(4, 1, 0, NULL, 'A. Person')$$);
ROLLBACK;
-- Answers that cannot be
CALL staging.try($$SELECT * FROM menuca_review(4, 0, 0, NULL, 'A. Person')$$);
CALL staging.try($$SELECT * FROM menuca_review(4, 5, -1, NULL, 'A. Person')$$);
CALL staging.try($$SELECT * FROM menuca_review(4, 9, 1, 'x', 'A. Person')$$);
CALL staging.try($$SELECT * FROM menuca_review(4, 2147483647, 2147483647, 'x', 'A. Person')$$);
CALL staging.try($$SELECT * FROM menuca_review(4, 8, 1, NULL, 'A. Person')$$);
CALL staging.try($$SELECT * FROM menuca_review(4, 8, 1, 'note', 'A. Person')$$);
CALL staging.try($$SELECT * FROM menuca_review(4, 9, 0, NULL, 'name')$$);
CALL staging.try($$SELECT * FROM menuca_review(4, NULL, 0, NULL, 'A. Person')$$);
CALL staging.try($$SELECT * FROM menuca_review(5, 9, 0, NULL, 'A. Person')$$);
-- None is bad: the ticket is COMPLETE by the answer alone
BEGIN;
SELECT verdict, what, state FROM menuca_review(4, 8, 0, NULL, 'A. Person');
ROLLBACK;
SELECT * FROM menuca_review(4, 9, 0, NULL, 'A. Person');
SELECT ticket, state, result, next_call FROM menuca_status() WHERE ticket = 4;
-- A change makes the answer old
BEGIN;
UPDATE menuca_run SET finished_at = clock_timestamp();
SELECT ticket, state, result, next_call FROM menuca_status() WHERE ticket = 4;
SELECT result, counts FROM menuca_review_state;
ROLLBACK;
-- One in twenty is a warning, which needs twenty samples
BEGIN;
INSERT INTO menuca_v3.combo_groups SELECT g, 1, 'Group ' || g, NULL FROM generate_series(101, 130) g;
INSERT INTO menuca_v3.combo_items (combo_group_id, dish_id) SELECT g, 3 FROM generate_series(101, 130) g;
SELECT * FROM menuca_review(4, 19, 1, 'group 104 has the wrong dish', 'A. Person');
SELECT ticket, state, result FROM menuca_status() WHERE ticket = 4;
SELECT verdict, state FROM menuca_review(4, 18, 1, 'group 104 has the wrong dish', 'A. Person');
SELECT verdict, state FROM menuca_review(4, 38, 1, 'group 104 has the wrong dish', 'A. Person');
SELECT restaurant_name, count(*) FROM menuca_review_samples(4, 9, 3) GROUP BY 1 ORDER BY 1;
ROLLBACK;
-- More is wrong systematically: FAILED, with the call that rolls back
SELECT * FROM menuca_review(4, 8, 1, 'group 4 shows sauces', 'A. Person');
SELECT ticket, state, result, next_call FROM menuca_status() WHERE ticket IN (4, 5);
SELECT state, next_step, why FROM menuca_next();
CALL staging.try('SELECT * FROM menuca_ticket(5, dry_run => false)');
CALL staging.try($$SELECT menuca_sign_off(4, 'A. Lead', 'GO')$$);
SELECT t ->> 'status' AS status, t ->> 'result' AS result, v ->> 'go' AS go FROM menuca_export_verdict() v, jsonb_array_elements(v -> 'tickets') t;
SELECT staging.plain(menuca_announcement(4, 'failed'));
-- Rolled back, the ticket is executed again
SELECT deleted FROM menuca_rollback(1, dry_run => false);
SELECT ticket, state, result, next_call FROM menuca_status() WHERE ticket = 4;
SELECT staging.plain(menuca_announcement(4, 'rolled_back'));
SELECT * FROM staging.fix();
CALL staging.try($$SELECT menuca_announcement(4, 'rolled_back')$$);
CALL staging.try($$SELECT menuca_announcement(4, 'done')$$);
SELECT verdict, state FROM menuca_review(4, 9, 0, 'all of them', 'A. Person');

--
-- Issues
--
CALL staging.try($$SELECT menuca_report_issue(4, 'Critical', 'x', 'A. Person')$$);
CALL staging.try($$SELECT menuca_report_issue(4, NULL, 'x', 'A. Person')$$);
CALL staging.try($$SELECT menuca_report_issue(4, 'low', ' ', 'A. Person')$$);
CALL staging.try($$SELECT menuca_report_issue(4, 'low', 'x', 'name')$$);
CALL staging.try($$SELECT menuca_report_issue(9, 'low', 'x', 'A. Person')$$);
SELECT menuca_report_issue(4, 'low', 'A combo has no picture', 'A. Person');
SELECT ticket, state FROM menuca_status() WHERE ticket = 4;
SELECT menuca_report_issue(4, 'critical', E'Prices | are <b>0</b>\nin the cart', 'A. Person', 'since the fix');
SELECT ticket, state, next_call FROM menuca_status() WHERE ticket = 4;
SELECT state, next_step, why FROM menuca_next();
CALL staging.try($$SELECT menuca_sign_off(4, 'A. Lead', 'GO')$$);
CALL staging.try($$SELECT * FROM menuca_resolve_issue(3, 'x', 'A. Person')$$);
CALL staging.try($$SELECT * FROM menuca_resolve_issue(NULL, 'x', 'A. Person')$$);
CALL staging.try($$SELECT * FROM menuca_resolve_issue(2, '...', 'A. Person')$$);
CALL staging.try($$SELECT * FROM menuca_resolve_issue(2, 'x', 'name')$$);
BEGIN;
UPDATE menuca_issue SET environment_id = 77 WHERE issue_id = 2;
CALL staging.try($$SELECT * FROM menuca_resolve_issue(2, 'x', 'A. Person')$$);
ROLLBACK;
SELECT * FROM menuca_resolve_issue(2, 'the cache was emptied', 'B. Person');
CALL staging.try($$SELECT * FROM menuca_resolve_issue(2, 'again', 'A. Person')$$);
SELECT issue_id, severity, resolution, resolved_who, resolved_by = session_user AS by_me FROM menuca_issue ORDER BY 1;
SELECT staging.plain(menuca_announcement(4, 'done'));

--
-- Musts: open, failed, waived, and again
--
INSERT INTO menuca_checklist (ticket_no, item, title, must) VALUES (4, E'it''s \\', 'The <b>lead</b> has | looked', true);
SELECT ticket, state, next_call FROM menuca_status() WHERE ticket = 4;
SELECT state, next_step, why FROM menuca_next();
CALL staging.try('SELECT * FROM menuca_ticket(5, dry_run => false)');
SELECT * FROM menuca_attest(4, E'it''s \\', 'FAILED', 'A. Person', 'it shows nothing');
SELECT ticket, state, result, next_call FROM menuca_status() WHERE ticket IN (4, 5);
SELECT * FROM menuca_attest(4, E'it''s \\', 'WAIVED', 'A. Lead', 'no device at hand');
SELECT ticket, state, result, next_call FROM menuca_status() WHERE ticket IN (4, 5);
SELECT * FROM menuca_attest(4, E'it''s \\', 'PASS', 'A. Person');
SELECT ticket, state, result, next_call FROM menuca_status() WHERE ticket IN (4, 5);
-- What may be attested does not matter
SELECT * FROM menuca_attest(4, 'known_combo', 'FAILED', 'A. Person', 'it is not known any more');
SELECT ticket, state, result FROM menuca_status() WHERE ticket = 4;
-- It stands in the log, with what was overridden
SELECT staging.plain(substring(menuca_execution_log() FROM '## Attested.*'));

--
-- Announcements
--
CALL staging.try($$SELECT menuca_announcement(4, 'finished')$$);
CALL staging.try($$SELECT menuca_announcement(4, NULL)$$);
CALL staging.try($$SELECT menuca_announcement(NULL, 'done')$$);
CALL staging.try($$SELECT menuca_announcement(11, 'done')$$);
CALL staging.try($$SELECT menuca_announcement(9, 'before')$$);
CALL staging.try($$SELECT menuca_announcement(5, 'done')$$);
CALL staging.try($$SELECT menuca_announcement(4, 'failed')$$);
CALL staging.try($$SELECT menuca_announcement(4, 'before')$$);
SELECT staging.plain(menuca_announcement(5, 'before'));
SELECT staging.plain(menuca_announcement(5, 'start'));
BEGIN READ ONLY;
SELECT menuca_announcement(4, 'done') ~ '^Ticket 04' AS works;
ROLLBACK;

--
-- Forged values and dropped tables
--
BEGIN;
ALTER TABLE menuca_review_answer DROP CONSTRAINT menuca_review_answer_check, DROP CONSTRAINT menuca_review_answer_good_check, DROP CONSTRAINT menuca_review_answer_bad_check,
	ALTER good DROP NOT NULL, ALTER answered_at DROP NOT NULL;
UPDATE menuca_review_answer SET good = 0, bad = 0;
SELECT result, what, counts FROM menuca_review_state;
UPDATE menuca_review_answer SET good = -5, bad = 5;
SELECT result, what, counts FROM menuca_review_state;
UPDATE menuca_review_answer SET good = NULL, answered_at = NULL;
SELECT result, what, counts FROM menuca_review_state;
SELECT ticket, state FROM menuca_status() WHERE ticket = 4;
ROLLBACK;
BEGIN;
ALTER TABLE menuca_attestation DROP CONSTRAINT menuca_attestation_result_check, ALTER attested_at DROP NOT NULL;
UPDATE menuca_attestation SET attested_at = NULL;
SELECT ticket, state FROM menuca_status() WHERE ticket = 4;
UPDATE menuca_attestation SET attested_at = 'infinity', result = '?' WHERE result = 'PASS';
SELECT ticket, state FROM menuca_status() WHERE ticket = 4;
ROLLBACK;
BEGIN;
UPDATE menuca_ticket_execution SET options = '{"target": "menuca_v3.combo_items"}' WHERE ticket_no = 4;
CALL staging.try('SELECT * FROM menuca_review_samples(4)');
ROLLBACK;

--
-- Rights: who signs off speaks for people; who reads does not, and nobody writes past the functions
--
CREATE ROLE regress_menuca_speaker;
CREATE ROLE regress_menuca_reader;
\set ECHO none
SELECT statement FROM menuca_grants('regress_menuca_speaker', 'sign_off') \gexec
SELECT statement FROM menuca_grants('regress_menuca_reader', 'read') \gexec
\set ECHO all
GRANT EXECUTE ON PROCEDURE staging.try TO regress_menuca_speaker, regress_menuca_reader;
GRANT EXECUTE ON FUNCTION staging.plain TO regress_menuca_speaker, regress_menuca_reader;
-- Operators of others that fit better than the server's
CREATE SCHEMA regress_trap;
CREATE FUNCTION regress_trap.spring(text, text) RETURNS boolean LANGUAGE plpgsql AS $$ BEGIN RAISE 'sprung'; END $$;
CREATE OPERATOR regress_trap.= (LEFTARG = text, RIGHTARG = text, FUNCTION = regress_trap.spring);
GRANT USAGE ON SCHEMA regress_trap TO PUBLIC;
SET SESSION AUTHORIZATION regress_menuca_speaker;
SET search_path = regress_trap, pg_catalog, public;
SELECT state FROM menuca_attest(4, 'known_combo', 'PASS', 'C. Person');
SELECT verdict FROM menuca_review(4, 9, 0, NULL, 'C. Person');
SELECT menuca_report_issue(4, 'low', 'x', 'C. Person');
SELECT state FROM menuca_resolve_issue(3, 'x', 'C. Person');
SELECT count(*) FROM menuca_review_samples(4, seed => 1);
SELECT menuca_announcement(4, 'done') ~ 'C. Person' AS names_the_person;
CALL staging.try('INSERT INTO public.menuca_attestation (environment_id, ticket_no, item, result, who) VALUES (1, 5, $$login$$, $$PASS$$, $$x$$)');
CALL staging.try('DELETE FROM public.menuca_issue');
CALL staging.try('UPDATE public.menuca_review_answer SET bad = 0');
CALL staging.try('UPDATE public.menuca_checklist SET must = false');
RESET search_path;
SET SESSION AUTHORIZATION regress_menuca_reader;
SELECT count(*) FROM menuca_review_samples(4, seed => 1);
SELECT count(*) FROM menuca_ticket_open;
SELECT menuca_announcement(4, 'done') ~ 'C. Person' AS names_the_person;
CALL staging.try($$SELECT * FROM menuca_attest(4, 'known_combo', 'PASS', 'C. Person')$$);
CALL staging.try($$SELECT * FROM menuca_review(4, 9, 0, NULL, 'C. Person')$$);
CALL staging.try($$SELECT menuca_report_issue(4, 'low', 'x', 'C. Person')$$);
CALL staging.try($$SELECT * FROM menuca_resolve_issue(1, 'x', 'C. Person')$$);
RESET SESSION AUTHORIZATION;
SELECT attested_by, who FROM menuca_attestation ORDER BY attestation_id DESC LIMIT 1;
DROP SCHEMA regress_trap CASCADE;
DROP OWNED BY regress_menuca_speaker, regress_menuca_reader;
DROP ROLE regress_menuca_speaker, regress_menuca_reader;

\set ECHO none
\i :drop

--
-- The report: one HTML page, in the words of the room html
--

CREATE FUNCTION menuca_seating_report(
	days integer DEFAULT 7,
	restaurant uuid DEFAULT NULL)
RETURNS text
AS 'MODULE_PATHNAME'
LANGUAGE C VOLATILE PARALLEL UNSAFE;

COMMENT ON FUNCTION menuca_seating_report(integer, uuid) IS
'What menuca_seating_monitor() found in the last days, of all restaurants or of one, as one HTML page, to be written into a file: verdict and next call, then each figure as pictures and tables, the stage of the rollout, and the floor of now of a restaurant. Nothing is loaded from elsewhere. A section that cannot be made says why, and the others are there. Read only.';

CREATE VIEW menuca_seating_report_section WITH (security_invoker = true) AS
SELECT s.place, s.name, s.title, s.source, s.takes_restaurant, s.shown_for
FROM (VALUES
	(1, 'verdict', 'Where seating is', 'menuca_seating_monitor', true, 'any'),
	(2, 'usage', 'How many bookings have several dining tables', 'menuca_seating_monitor', true, 'any'),
	(3, 'checks', 'What the monitor found', 'menuca_seating_monitor', true, 'any'),
	(4, 'days', 'Bookings by day', 'menuca_seating_figures_by_day', true, 'any'),
	(5, 'latency', 'How long an attempt takes', 'menuca_seating_monitor', true, 'any'),
	(6, 'combinations', 'The commonest combinations', 'menuca_seating_figures_combinations', true, 'any'),
	(7, 'restaurants', 'Restaurants with the most bookings', 'menuca_seating_figures_by_restaurant', false, 'all'),
	(8, 'rollout', 'The rollout, and variants of the settings', 'menuca_seating_monitor', true, 'any'),
	(9, 'floor', 'The floor now', NULL, false, 'one'),
	(10, 'figures', 'Every figure', 'menuca_seating_monitor', true, 'any')) s(place, name, title, source, takes_restaurant, shown_for);

COMMENT ON VIEW menuca_seating_report_section IS
'The sections of menuca_seating_report(), each made by the function menuca_seating_report_<name>().';
COMMENT ON COLUMN menuca_seating_report_section.place IS
'Order on the page.';
COMMENT ON COLUMN menuca_seating_report_section.name IS
'Name of the section, its anchor on the page.';
COMMENT ON COLUMN menuca_seating_report_section.title IS
'Heading of the section.';
COMMENT ON COLUMN menuca_seating_report_section.source IS
'The function whose rows it shows; NULL: it reads by itself.';
COMMENT ON COLUMN menuca_seating_report_section.takes_restaurant IS
'True if the source is called with days and the restaurant, otherwise with days alone.';
COMMENT ON COLUMN menuca_seating_report_section.shown_for IS
'all: only of all restaurants; one: only of one; any: of both.';

CREATE FUNCTION menuca_seating_report_begin(days integer, restaurant uuid, restaurant_name text)
RETURNS text
LANGUAGE sql STABLE PARALLEL UNSAFE
BEGIN ATOMIC
	SELECT pg_catalog.format($page$<!DOCTYPE html>
<html lang="en" xmlns="http://www.w3.org/1999/xhtml"><head><meta charset="utf-8"/>
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'"/>
<meta name="viewport" content="width=device-width, initial-scale=1"/><title>%1$s</title><style>%2$s</style></head>
<body><header><h1>%1$s</h1><p>Database %3$s, %4$s, the last %5$s, as role %6$s sees it.</p>
<nav aria-label="Sections"><ul>%7$s</ul></nav></header>
<main>
$page$, @extschema@.menuca_seating_html('Seating of ' || COALESCE(restaurant_name, 'restaurant ' || restaurant, 'all restaurants'), 120), @extschema@.menuca_seating_report_style(),
		@extschema@.menuca_seating_html(pg_catalog.current_database()::text), @extschema@.menuca_seating_report_time(pg_catalog.statement_timestamp()),
		CASE days WHEN 1 THEN '24 hours' ELSE @extschema@.menuca_seating_report_number(days) || ' days' END, @extschema@.menuca_seating_html(CURRENT_USER::text),
		(SELECT pg_catalog.string_agg(pg_catalog.format('<li><a href="#%s">%s</a></li>', @extschema@.menuca_seating_html(s.name), @extschema@.menuca_seating_html(s.title)), '' ORDER BY s.place)
		 FROM @extschema@.menuca_seating_report_section s
		 WHERE s.shown_for IN ('any', CASE WHEN restaurant IS NULL THEN 'all' ELSE 'one' END)));
END;

COMMENT ON FUNCTION menuca_seating_report_begin(integer, uuid, text) IS
'The page up to its first section; without a name the restaurant is shown by its id.';

CREATE FUNCTION menuca_seating_report_end()
RETURNS text
LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
	SELECT E'</main>\n<footer><p>' || @extschema@.menuca_seating_html(pg_catalog.format('Made by menuca_seating_report() of menuca_seating %s on PostgreSQL %s.',
		(SELECT e.extversion FROM pg_catalog.pg_extension e WHERE e.extname = 'menuca_seating'), pg_catalog.current_setting('server_version')), 400)
		|| E'</p></footer></body></html>\n';
END;

COMMENT ON FUNCTION menuca_seating_report_end() IS
'The end of the page.';

REVOKE ALL ON FUNCTION menuca_seating_report(integer, uuid) FROM PUBLIC;
REVOKE ALL ON FUNCTION menuca_seating_report_begin(integer, uuid, text) FROM PUBLIC;
REVOKE ALL ON FUNCTION menuca_seating_report_end() FROM PUBLIC;

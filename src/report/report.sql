--
-- The report: one HTML page, in the words of the room html
--

CREATE FUNCTION menuca_report(
	title text DEFAULT NULL)
RETURNS text
AS 'MODULE_PATHNAME'
LANGUAGE C STABLE PARALLEL UNSAFE;

COMMENT ON FUNCTION menuca_report(text) IS
'The state of the migration as one HTML page, to be written into a file: verdict and next call, then the figures as pictures and tables. Nothing is loaded from elsewhere. title is its heading; NULL: the name of the database. A section that cannot be made says why, and the others are there. Read only.';

--
-- The frame
--

CREATE VIEW menuca_report_section WITH (security_invoker = true) AS
SELECT s.place, s.name, s.title
FROM (VALUES
	(1, 'verdict', 'Where we are'),
	(2, 'rates', 'Combo groups without items'),
	(3, 'flow', 'What became of the source rows'),
	(4, 'coverage', 'How many of the old ids were found'),
	(5, 'sizes', 'Items per group'),
	(6, 'restaurants', 'Restaurants with the most empty groups'),
	(7, 'samples', 'Samples to read'),
	(8, 'checks', 'Checks of the data'),
	(9, 'tickets', 'Tickets'),
	(10, 'people', 'What people looked at'),
	(11, 'issues', 'Issues found'),
	(12, 'acceptances', 'Overrides and accepted figures'),
	(13, 'window', 'The window, and what others felt'),
	(14, 'runs', 'Runs, and how to undo them'),
	(15, 'access', 'Who may do what'),
	(16, 'queries', 'Query times'),
	(17, 'load', 'Load'),
	(18, 'signatures', 'Sign-offs')) s(place, name, title);

COMMENT ON VIEW menuca_report_section IS
'The sections of menuca_report(), each made by the function menuca_report_<name>().';
COMMENT ON COLUMN menuca_report_section.place IS
'Order on the page.';
COMMENT ON COLUMN menuca_report_section.name IS
'Name of the section, its anchor on the page.';
COMMENT ON COLUMN menuca_report_section.title IS
'Heading of the section.';


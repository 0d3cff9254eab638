--
-- How the page begins and ends
--

CREATE FUNCTION menuca_report_begin(title text)
RETURNS text
LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
	SELECT pg_catalog.format($page$<!DOCTYPE html>
<html lang="en" xmlns="http://www.w3.org/1999/xhtml"><head><meta charset="utf-8"/>
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'"/>
<meta name="viewport" content="width=device-width, initial-scale=1"/><title>%1$s</title><style>%2$s</style></head>
<body><header><h1>%1$s</h1><p>Database %3$s, %4$s, as role %5$s sees it.</p>
<nav aria-label="Sections"><ul>%6$s</ul></nav></header>
<main>
$page$, @extschema@.menuca_html(t.title, 120), @extschema@.menuca_report_style(), @extschema@.menuca_html(pg_catalog.current_database()::text),
		@extschema@.menuca_report_time(pg_catalog.statement_timestamp()), @extschema@.menuca_html(CURRENT_USER::text),
		(SELECT pg_catalog.string_agg(pg_catalog.format('<li><a href="#%s">%s</a></li>', @extschema@.menuca_html(s.name), @extschema@.menuca_html(s.title)), '' ORDER BY s.place)
		 FROM @extschema@.menuca_report_section s))
	FROM (SELECT COALESCE(menuca_report_begin.title, 'Combo migration of ' || pg_catalog.current_database())) t(title);
END;

COMMENT ON FUNCTION menuca_report_begin(text) IS
'The page up to its first section. title is its heading; NULL: the name of the database.';

CREATE FUNCTION menuca_report_end()
RETURNS text
LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
	SELECT E'</main>\n<footer><p>' || @extschema@.menuca_html(pg_catalog.format('Made by menuca_report() of menuca_migrate %s on PostgreSQL %s. Figures without a time are of %s.',
		(SELECT e.extversion FROM pg_catalog.pg_extension e WHERE e.extname = 'menuca_migrate'), pg_catalog.current_setting('server_version'),
		@extschema@.menuca_report_time(pg_catalog.statement_timestamp())), 400) || E'</p></footer></body></html>\n';
END;

COMMENT ON FUNCTION menuca_report_end() IS
'The end of the page.';

--
-- The words of HTML pages.  Both extensions have them: menuca_seating with another beginning
-- of their names, which assemble-sql.sh gives them.  Values pass menuca_html(), and nothing else makes text of a page out of what is in a table.
--

CREATE FUNCTION menuca_html(
	value text,
	at_most integer DEFAULT 240)
RETURNS text
AS 'MODULE_PATHNAME', 'menuca_html'
LANGUAGE C IMMUTABLE PARALLEL SAFE;

COMMENT ON FUNCTION menuca_html(text, integer) IS
'A value as text of an HTML page, between tags or in quotes: its first at_most characters, in ASCII, with the number of all of them when there are more. Characters that no XML may hold, and those that turn the direction of text, become U+FFFD. NULL becomes an empty text.';

--
-- Words and numbers
--

CREATE FUNCTION menuca_report_number(value numeric)
RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE
BEGIN ATOMIC
	SELECT CASE WHEN value = pg_catalog.trunc(value)
		THEN pg_catalog.to_char(value, 'FM999,999,999,999,999,990')
		ELSE pg_catalog.to_char(value, 'FM999,999,999,999,999,990.00') END;
END;

COMMENT ON FUNCTION menuca_report_number(numeric) IS
'A number as people read it: 1,234 or 12.50; NULL for NULL.';

CREATE FUNCTION menuca_report_percent(value numeric)
RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE
BEGIN ATOMIC
	SELECT pg_catalog.to_char(value, 'FM999,990.00') || ' %';
END;

COMMENT ON FUNCTION menuca_report_percent(numeric) IS
'A percentage with two decimals; NULL for NULL.';

CREATE FUNCTION menuca_report_time(value timestamptz)
RETURNS text
LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
	SELECT pg_catalog.to_char(value AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI "UTC"');
END;

COMMENT ON FUNCTION menuca_report_time(timestamptz) IS
'A time in UTC, to the minute; NULL for NULL.';

CREATE FUNCTION menuca_report_tone(word text)
RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE
BEGIN ATOMIC
	SELECT CASE
		WHEN word IN ('PASS', 'GO', 'COMPLETE', 'EXCELLENT', 'completed', 'as wanted', 'in effect', 'resolved') THEN 'good'
		WHEN word IN ('WARN', 'WARNING', 'IN_PROGRESS', 'running', 'interrupted', 'OVERRIDDEN', 'OVERRIDDEN: WAIVED', 'not signed off', 'open', 'high') THEN 'warn'
		WHEN word IN ('FAIL', 'FAILED', 'ERROR', 'NO-GO', 'gate_failed', 'not as wanted', 'critical') THEN 'bad'
		ELSE 'soft'
	END;
END;

COMMENT ON FUNCTION menuca_report_tone(text) IS
'The colour of a status, as a class of the page: good, warn, bad, or soft for any other word and for NULL.';

CREATE FUNCTION menuca_report_mark(word text)
RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE
BEGIN ATOMIC
	SELECT pg_catalog.format('<span class="mark %s"><span aria-hidden="true">%s</span> %s</span>',
		t.tone,
		CASE t.tone WHEN 'good' THEN '&#10003;' WHEN 'warn' THEN '&#9888;&#65038;' WHEN 'bad' THEN '&#10005;' ELSE '&#8211;' END,
		@extschema@.menuca_html(word, 60))
	FROM (SELECT @extschema@.menuca_report_tone(word) AS tone) t
	WHERE word IS NOT NULL;
END;

COMMENT ON FUNCTION menuca_report_mark(text) IS
'A status with its sign and in its colour; NULL for NULL.';

CREATE FUNCTION menuca_report_tile(figure text, words text, status text)
RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE
BEGIN ATOMIC
	SELECT pg_catalog.format(E'<div class="tile"><dd class="ink-%s">%s</dd><dt>%s</dt></div>\n',
		COALESCE(NULLIF(@extschema@.menuca_report_tone(status), 'soft'), 'main'), @extschema@.menuca_html(figure, 30), @extschema@.menuca_html(words))
	WHERE figure IS NOT NULL;
END;

COMMENT ON FUNCTION menuca_report_tile(text, text, text) IS
'A figure in large letters, in the colour of a status, with words below it; NULL without a figure.';

--
-- Tables
--

CREATE FUNCTION menuca_report_row(
	kinds text,
	headings text[],
	VARIADIC cells text[])
RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE
BEGIN ATOMIC
	SELECT '<tr>' || pg_catalog.string_agg(
		CASE c.kind WHEN 'h' THEN '<th scope="row"' ELSE '<td' END
		|| CASE WHEN c.value IS NULL OR c.value = '' THEN ' class="none"' WHEN c.kind IN ('n', 'd') THEN ' class="' || c.kind || '"' ELSE '' END
		|| ' data-h="' || @extschema@.menuca_html(headings[c.place], 60) || '">'
		|| CASE c.kind
			WHEN 's' THEN COALESCE(@extschema@.menuca_report_mark(c.value), '')
			WHEN 'c' THEN CASE WHEN c.value <> '' THEN '<code>' || @extschema@.menuca_html(c.value, 1200) || '</code>' ELSE '' END
			WHEN 'l' THEN @extschema@.menuca_html(c.value, 1200)
			ELSE @extschema@.menuca_html(c.value)
		END
		|| CASE c.kind WHEN 'h' THEN '</th>' ELSE '</td>' END, '' ORDER BY c.place) || E'</tr>\n'
	FROM (SELECT u.place::integer AS place, u.value, pg_catalog.substr(kinds, u.place::integer, 1) AS kind
		  FROM pg_catalog.unnest(cells) WITH ORDINALITY AS u(value, place)) c;
END;

COMMENT ON FUNCTION menuca_report_row(text, text[], text[]) IS
'A row of a table of the page. kinds has a letter per cell: h a heading of the row, t text, l long text, n number, d time, s status, c a call. Where the page is narrow, each cell has its heading before it.';

CREATE FUNCTION menuca_report_table(
	caption text,
	kinds text,
	headings text[],
	body text)
RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE
BEGIN ATOMIC
	SELECT '<table><caption>' || @extschema@.menuca_html(caption) || '</caption><thead><tr>'
		|| pg_catalog.string_agg('<th scope="col"' || CASE pg_catalog.substr(kinds, h.place::integer, 1) WHEN 'n' THEN ' class="n"' ELSE '' END
			|| '>' || @extschema@.menuca_html(h.heading, 60) || '</th>', '' ORDER BY h.place)
		|| E'</tr></thead><tbody>\n' || body || E'</tbody></table>\n'
	FROM pg_catalog.unnest(headings) WITH ORDINALITY AS h(heading, place);
END;

COMMENT ON FUNCTION menuca_report_table(text, text, text[], text) IS
'A table of the page. kinds has a letter per column, as in menuca_report_row(), which makes the rows of its body; NULL when body is NULL.';

CREATE FUNCTION menuca_report_note(sentence text)
RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE
BEGIN ATOMIC
	SELECT '<p class="note">' || @extschema@.menuca_html(sentence, 600) || E'</p>\n' WHERE sentence IS NOT NULL;
END;

COMMENT ON FUNCTION menuca_report_note(text) IS
'A sentence below a picture or a table; NULL for NULL.';

CREATE FUNCTION menuca_report_call(sentence text, statement text)
RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE
BEGIN ATOMIC
	SELECT '<p class="note">' || @extschema@.menuca_html(sentence, 600) || '</p><pre><code>'
		|| @extschema@.menuca_html(statement, 4000) || E'</code></pre>\n'
	WHERE sentence IS NOT NULL AND statement IS NOT NULL;
END;

COMMENT ON FUNCTION menuca_report_call(text, text) IS
'A sentence and a call that can be pasted; NULL when one of them is NULL.';

CREATE FUNCTION menuca_report_frame(
	name text,
	title text,
	body text,
	error text)
RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE
BEGIN ATOMIC
	SELECT '<section id="' || @extschema@.menuca_html(name, 60) || '"><h2>' || @extschema@.menuca_html(title) || E'</h2>\n'
		|| CASE
			WHEN error IS NOT NULL
			THEN '<p class="missing"><strong>This section is missing.</strong> ' || @extschema@.menuca_html(error, 1200) || E'</p>\n'
			ELSE COALESCE(body, E'<p class="note">Nothing is recorded.</p>\n')
		END || E'</section>\n';
END;

COMMENT ON FUNCTION menuca_report_frame(text, text, text, text) IS
'A section with its heading: its body, or the error that says why it is missing.';

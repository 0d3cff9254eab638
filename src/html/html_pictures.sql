--
-- Pictures: inline SVG without scripts.  Horizontal positions are percentages, so
-- that a picture fits any width while its letters keep their size.
--

CREATE FUNCTION menuca_report_picture(
	name text,
	title text,
	description text,
	height numeric,
	body text)
RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE
BEGIN ATOMIC
	SELECT pg_catalog.format(E'<figure><svg xmlns="http://www.w3.org/2000/svg" role="img" aria-labelledby="%1$s-title %1$s-text" width="100%%" height="%2$s"><title id="%1$s-title">%3$s</title><desc id="%1$s-text">%4$s</desc>\n%5$s</svg></figure>\n',
		@extschema@.menuca_html(name, 60), height, @extschema@.menuca_html(title), @extschema@.menuca_html(description, 600), body)
	WHERE body <> '';
END;

COMMENT ON FUNCTION menuca_report_picture(text, text, text, numeric, text) IS
'A picture of the page: an SVG of that height with a title and a text alternative, around a body of SVG elements; NULL when body is NULL or empty.';

CREATE FUNCTION menuca_report_bar(y integer, share numeric, tone text)
RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE
BEGIN ATOMIC
	SELECT pg_catalog.format('<rect x="0" y="%s" width="100%%" height="8" rx="4" class="track"/><rect x="0" y="%s" width="%s%%" height="8" rx="4" class="%s"/>', y, y,
		pg_catalog.round(CASE WHEN share > 0 THEN GREATEST(LEAST(share, 100), 0.5) ELSE 0 END, 2),
		CASE WHEN tone IN ('good', 'warn', 'bad', 'soft') THEN tone ELSE 'main' END);
END;

COMMENT ON FUNCTION menuca_report_bar(integer, numeric, text) IS
'A bar at the height y of a picture: share in percent of its width, on a track of the whole width.';

CREATE FUNCTION menuca_report_bars(
	name text,
	title text,
	description text,
	bars jsonb)
RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE
BEGIN ATOMIC
	SELECT @extschema@.menuca_report_picture(menuca_report_bars.name, menuca_report_bars.title, menuca_report_bars.description,
		pg_catalog.max(b.y) + 28, pg_catalog.string_agg(pg_catalog.format(
			E'<svg y="%s" width="66%%" height="22"><text x="0" y="16" class="label">%s</text></svg><text x="100%%" y="%s" class="value">%s</text>%s%s\n',
			b.y - 16, @extschema@.menuca_html(b.bar ->> 'label', 60), b.y, @extschema@.menuca_html(b.bar ->> 'value', 18),
			@extschema@.menuca_report_bar(b.y + 8, (b.bar ->> 'share')::numeric, b.bar ->> 'tone'),
			CASE WHEN b.bar ? 'second' THEN @extschema@.menuca_report_bar(b.y + 18, (b.bar ->> 'second')::numeric, 'main') ELSE '' END), '' ORDER BY b.place))
	FROM (SELECT a.bar, a.place,
			(pg_catalog.sum(CASE WHEN a.bar ? 'second' THEN 52 ELSE 42 END) OVER (ORDER BY a.place) - CASE WHEN a.bar ? 'second' THEN 38 ELSE 28 END)::integer AS y
		  FROM pg_catalog.jsonb_array_elements(bars) WITH ORDINALITY AS a(bar, place)) b;
END;

COMMENT ON FUNCTION menuca_report_bars(text, text, text, jsonb) IS
'A picture of horizontal bars: an array of objects with label, value, share in percent of the width, tone (good, warn, bad, soft or main), and second for the share of a second bar below the first.';

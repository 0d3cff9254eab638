--
-- A floor to look at, and its rows
--

CREATE FUNCTION menuca_seating_floor(
	restaurant uuid,
	at timestamptz DEFAULT pg_catalog.now())
RETURNS text
AS 'MODULE_PATHNAME'
LANGUAGE C VOLATILE PARALLEL UNSAFE;

COMMENT ON FUNCTION menuca_seating_floor(uuid, timestamptz) IS
'The floor of a restaurant at an instant as an SVG document, to be written into a file: zones, dining tables at their positions with seats and state, joined ones in one outline with their party, lines between those next to each other, a legend. A dining table without a usable position is in a row of its zone. Nothing is loaded from elsewhere. Read only.';

CREATE FUNCTION menuca_seating_floor_rows(
	restaurant uuid,
	at timestamptz DEFAULT pg_catalog.now(),
	OUT table_id uuid,
	OUT table_number text,
	OUT zone_id uuid,
	OUT zone text,
	OUT capacity integer,
	OUT x double precision,
	OUT y double precision,
	OUT width double precision,
	OUT height double precision,
	OUT rotation double precision,
	OUT state text,
	OUT active boolean,
	OUT out_of_service boolean,
	OUT booking uuid,
	OUT hold uuid,
	OUT party_size integer,
	OUT booking_status text,
	OUT starts_at timestamptz,
	OUT until timestamptz,
	OUT tables integer)
RETURNS SETOF record
AS 'MODULE_PATHNAME'
LANGUAGE C VOLATILE PARALLEL UNSAFE;

COMMENT ON FUNCTION menuca_seating_floor_rows(uuid, timestamptz) IS
'What menuca_seating_floor() shows: a row for each dining table of the restaurant at an instant, by number; several for one that several parties have at once. x to rotation are its position, NULL where that is no number. state is taken, held, out of service, inactive or free, the first that applies. tables is how many dining tables the booking or the hold has. Read only.';

CREATE FUNCTION menuca_seating_floor_style()
RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE
BEGIN ATOMIC
	SELECT $css$
.menuca-floor { color-scheme: light dark; display: block; height: auto; overflow: hidden; background: var(--mf-page); font-family: system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", Arial, sans-serif;
	--mf-page: #ffffff; --mf-panel: #f5f6f8; --mf-line: #d3d8df; --mf-ink: #1c2430; --mf-soft: #545e6e; --mf-edge: #8b95a5;
	--mf-free: #ffffff; --mf-free-line: #8b95a5; --mf-taken: #d3e4f5; --mf-taken-line: #2b5c8a; --mf-held: #faf0d9; --mf-held-line: #b07400;
	--mf-out: #fae6e4; --mf-out-line: #b3362f; --mf-none: #e6e9ee; --mf-none-line: #8b95a5;
	--mf-joined0: #e9def7; --mf-line0: #6b3fa0; --mf-ink0: #522a86; --mf-joined1: #d2eeee; --mf-line1: #1d7d84; --mf-ink1: #0f5257; --mf-joined2: #f8dcea; --mf-line2: #a63d78; --mf-ink2: #7a2455; }
@media (prefers-color-scheme: dark) { .menuca-floor {
	--mf-page: #14181e; --mf-panel: #1c222a; --mf-line: #333c48; --mf-ink: #e4e8ee; --mf-soft: #a6b0be; --mf-edge: #7c8797;
	--mf-free: #232a33; --mf-free-line: #7c8797; --mf-taken: #1f3c58; --mf-taken-line: #6ea6d8; --mf-held: #3d3219; --mf-held-line: #d6a446;
	--mf-out: #432423; --mf-out-line: #e0746d; --mf-none: #2b323c; --mf-none-line: #7c8797;
	--mf-joined0: #35264d; --mf-line0: #b391e6; --mf-ink0: #d3bdf5; --mf-joined1: #17383a; --mf-line1: #5fc0c6; --mf-ink1: #a5e3e7; --mf-joined2: #45223a; --mf-line2: #e38abb; --mf-ink2: #f5c0dc; } }
@media print { .menuca-floor { color-scheme: light;
	--mf-page: #ffffff; --mf-panel: #f5f6f8; --mf-line: #d3d8df; --mf-ink: #1c2430; --mf-soft: #545e6e; --mf-edge: #8b95a5;
	--mf-free: #ffffff; --mf-free-line: #8b95a5; --mf-taken: #d3e4f5; --mf-taken-line: #2b5c8a; --mf-held: #faf0d9; --mf-held-line: #b07400;
	--mf-out: #fae6e4; --mf-out-line: #b3362f; --mf-none: #e6e9ee; --mf-none-line: #8b95a5;
	--mf-joined0: #e9def7; --mf-line0: #6b3fa0; --mf-ink0: #522a86; --mf-joined1: #d2eeee; --mf-line1: #1d7d84; --mf-ink1: #0f5257; --mf-joined2: #f8dcea; --mf-line2: #a63d78; --mf-ink2: #7a2455;
	-webkit-print-color-adjust: exact; print-color-adjust: exact; } }
.menuca-floor svg { overflow: hidden; }
.menuca-floor text, .menuca-floor .mf-name { fill: var(--mf-ink); font-size: 15px; unicode-bidi: isolate; white-space: pre; }
.menuca-floor .mf-h { font-size: 24px; font-weight: 650; } .menuca-floor .mf-z { font-size: 17px; font-weight: 620; } .menuca-floor .mf-t { font-size: 15px; }
.menuca-floor .mf-n { font-size: 17px; font-weight: 650; } .menuca-floor .mf-s { font-size: 12px; fill: var(--mf-soft); } .menuca-floor .mf-w { font-size: 12px; }
.menuca-floor .mf-k { display: none; } .menuca-floor .mf-l { font-size: 14px; font-weight: 600; } .menuca-floor .mf-m { font-size: 13px; font-weight: 700; }
.menuca-floor .mf-panel { fill: var(--mf-panel); stroke: var(--mf-line); }
.menuca-floor .mf-edge { fill: none; stroke: var(--mf-edge); stroke-width: 1.5; }
.menuca-floor .mf-table rect { stroke-width: 1.5; }
.menuca-floor .mf-free rect { fill: var(--mf-free); stroke: var(--mf-free-line); } .menuca-floor .mf-taken rect { fill: var(--mf-taken); stroke: var(--mf-taken-line); stroke-width: 2; }
.menuca-floor .mf-held rect { fill: var(--mf-held); stroke: var(--mf-held-line); stroke-width: 2; stroke-dasharray: 7 4; }
.menuca-floor .mf-out rect { fill: var(--mf-out); stroke: var(--mf-out-line); stroke-width: 2; stroke-dasharray: 2 3; }
.menuca-floor .mf-inactive rect { fill: var(--mf-none); stroke: var(--mf-none-line); stroke-dasharray: 2 5; }
.menuca-floor .mf-line { stroke-width: 14; stroke-linejoin: round; } .menuca-floor .mf-area { stroke-width: 9; stroke-linejoin: round; }
.menuca-floor .mf-hue0 .mf-line { fill: var(--mf-line0); stroke: var(--mf-line0); } .menuca-floor .mf-hue0 .mf-area { fill: var(--mf-joined0); stroke: var(--mf-joined0); }
.menuca-floor .mf-hue1 .mf-line { fill: var(--mf-line1); stroke: var(--mf-line1); } .menuca-floor .mf-hue1 .mf-area { fill: var(--mf-joined1); stroke: var(--mf-joined1); }
.menuca-floor .mf-hue2 .mf-line { fill: var(--mf-line2); stroke: var(--mf-line2); } .menuca-floor .mf-hue2 .mf-area { fill: var(--mf-joined2); stroke: var(--mf-joined2); }
.menuca-floor .mf-sample { fill: var(--mf-joined0); stroke: var(--mf-line0); stroke-width: 2.5; }
.menuca-floor .mf-label rect { fill: var(--mf-page); stroke-width: 1.5; }
.menuca-floor .mf-hue0 rect { stroke: var(--mf-line0); } .menuca-floor .mf-hue1 rect { stroke: var(--mf-line1); } .menuca-floor .mf-hue2 rect { stroke: var(--mf-line2); }
.menuca-floor .mf-hue0 text { fill: var(--mf-ink0); } .menuca-floor .mf-hue1 text { fill: var(--mf-ink1); } .menuca-floor .mf-hue2 text { fill: var(--mf-ink2); }
@media (max-width: 560px) {
	.menuca-floor .mf-s, .menuca-floor .mf-w, .menuca-floor .mf-label { display: none; } .menuca-floor .mf-badge { display: inline; }
	.menuca-floor .mf-m { font-size: 18px; transform: translateY(2px); } .menuca-floor .mf-name { font-size: inherit; } .menuca-floor .mf-n { font-size: 22px; transform: translateY(4px); } .menuca-floor .mf-k { display: inline; font-size: 17px; transform: translateY(2px); }
	.menuca-floor .mf-t { font-size: 20px; } .menuca-floor .mf-z { font-size: 23px; } .menuca-floor .mf-h { font-size: 30px; } }
$css$;
END;

COMMENT ON FUNCTION menuca_seating_floor_style() IS
'The style sheet of menuca_seating_floor().';

REVOKE ALL ON FUNCTION menuca_seating_floor(uuid, timestamptz) FROM PUBLIC;
REVOKE ALL ON FUNCTION menuca_seating_floor_rows(uuid, timestamptz) FROM PUBLIC;
REVOKE ALL ON FUNCTION menuca_seating_floor_style() FROM PUBLIC;

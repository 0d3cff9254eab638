--
-- What a page looks like
--

CREATE FUNCTION menuca_report_style()
RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE
BEGIN ATOMIC
	SELECT $css$
:root { color-scheme: light dark;
	--page: #ffffff; --panel: #f5f6f8; --line: #d9dde3; --ink: #1c2430; --soft-ink: #545e6e;
	--main: #2b5c8a; --soft: #8b95a5; --good: #1d7a4a; --warn: #b07400; --bad: #b3362f; --track: #e9ecf0;
	--main-ink: #2b5c8a; --good-ink: #17633b; --warn-ink: #805300; --bad-ink: #a12620;
	--good-tint: #e4f2ea; --warn-tint: #faf0d9; --bad-tint: #fae6e4; --soft-tint: #eceff3; }
@media (prefers-color-scheme: dark) { :root {
	--page: #14181e; --panel: #1c222a; --line: #333c48; --ink: #e4e8ee; --soft-ink: #a6b0be;
	--main: #6ea6d8; --soft: #7c8797; --good: #57b586; --warn: #d6a446; --bad: #e0746d; --track: #29313b;
	--main-ink: #8dbde8; --good-ink: #7fd0a6; --warn-ink: #e8c076; --bad-ink: #f29c96;
	--good-tint: #1a3327; --warn-tint: #372d17; --bad-tint: #3d2221; --soft-tint: #28303a; } }
* { box-sizing: border-box; }
html { -webkit-text-size-adjust: 100%; }
body { margin: 0; background: var(--page); color: var(--ink); font: 15px/1.55 system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", Arial, sans-serif; overflow-wrap: anywhere; }
main, header, footer { max-width: 1080px; margin: 0 auto; padding: 0 24px; }
header { padding-top: 48px; }
h1 { font-size: 30px; line-height: 1.2; font-weight: 650; letter-spacing: -0.01em; margin: 0 0 8px; }
h2 { font-size: 21px; line-height: 1.3; font-weight: 620; margin: 0 0 16px; }
h3 { font-size: 15px; font-weight: 620; margin: 24px 0 8px; }
p { margin: 0 0 12px; max-width: 76ch; }
a { color: var(--main-ink); text-decoration: none; }
a:hover, a:focus { text-decoration: underline; }
header p, .note, footer p { color: var(--soft-ink); }
nav { margin: 24px 0 0; padding: 12px 0; border-top: 1px solid var(--line); border-bottom: 1px solid var(--line); }
nav ul { display: flex; flex-wrap: wrap; gap: 4px 20px; list-style: none; margin: 0; padding: 0; font-size: 13px; }
section { padding: 40px 0 16px; border-bottom: 1px solid var(--line); }
.verdict { border-left: 6px solid var(--soft); background: var(--soft-tint); border-radius: 4px; padding: 20px 24px; margin: 0 0 16px; }
.verdict .word { font-size: 42px; line-height: 1.1; font-weight: 700; letter-spacing: -0.02em; margin: 0 0 6px; }
.verdict p { margin: 0; }
.verdict.good { border-color: var(--good); background: var(--good-tint); } .verdict.good .word { color: var(--good-ink); }
.verdict.warn { border-color: var(--warn); background: var(--warn-tint); } .verdict.warn .word { color: var(--warn-ink); }
.verdict.bad { border-color: var(--bad); background: var(--bad-tint); } .verdict.bad .word { color: var(--bad-ink); }
.missing { border-left: 4px solid var(--warn); background: var(--warn-tint); padding: 12px 16px; border-radius: 4px; max-width: none; }
.tiles { display: grid; grid-template-columns: repeat(auto-fit, minmax(150px, 1fr)); gap: 16px; margin: 0 0 16px; }
.tile { background: var(--panel); border-radius: 6px; padding: 16px 20px; display: flex; flex-direction: column; }
.tile dd { margin: 0; font-size: 30px; line-height: 1.2; font-weight: 650; font-variant-numeric: tabular-nums; }
.tile dt { color: var(--soft-ink); font-size: 13px; }
.ink-main { color: var(--ink); } .ink-good { color: var(--good-ink); fill: var(--good-ink); } .ink-warn { color: var(--warn-ink); fill: var(--warn-ink); } .ink-bad { color: var(--bad-ink); fill: var(--bad-ink); }
.mark { white-space: nowrap; font-weight: 600; font-size: 13px; border-radius: 3px; padding: 1px 6px; background: var(--soft-tint); color: var(--ink); }
.mark.good { background: var(--good-tint); color: var(--good-ink); } .mark.warn { background: var(--warn-tint); color: var(--warn-ink); } .mark.bad { background: var(--bad-tint); color: var(--bad-ink); }
.summary { display: flex; flex-wrap: wrap; gap: 4px 16px; align-items: baseline; } .gap { display: none; }
figure { margin: 0 0 16px; }
figure svg { display: block; overflow: visible; max-width: 100%; }
svg text { font-size: 13px; fill: var(--ink); } svg .value { text-anchor: end; font-variant-numeric: tabular-nums; } svg .count { font-size: 15px; font-weight: 650; font-variant-numeric: tabular-nums; }
svg text.ink-good { fill: var(--good-ink); } svg text.ink-warn { fill: var(--warn-ink); } svg text.ink-bad { fill: var(--bad-ink); } svg text.ink-soft { fill: var(--soft-ink); }
svg .main { fill: var(--main); } svg .soft { fill: var(--soft); } svg .good { fill: var(--good); } svg .warn { fill: var(--warn); } svg .bad { fill: var(--bad); }
svg .track { fill: var(--track); } svg .axis { fill: var(--line); } svg .ring { fill: none; stroke: var(--ink); stroke-width: 1.5; }
svg svg { overflow: hidden; } svg .ribbon { opacity: 0.22; } svg .point { overflow: visible; } svg .point path { stroke: var(--page); stroke-width: 1.5; }
table { width: 100%; border-collapse: collapse; margin: 0 0 20px; font-size: 13px; line-height: 1.45; }
caption { text-align: left; color: var(--soft-ink); padding: 8px 0; }
th, td { text-align: left; vertical-align: top; padding: 6px 12px 6px 0; border-top: 1px solid var(--line); font-weight: 400; }
thead th { overflow-wrap: normal; color: var(--soft-ink); border-top: 0; vertical-align: bottom; }
tbody th { font-weight: 600; min-width: 6em; }
.n, .d { font-variant-numeric: tabular-nums; white-space: nowrap; } .n { text-align: right; }
code { font: 12.5px/1.5 ui-monospace, SFMono-Regular, Menlo, Consolas, monospace; white-space: pre-wrap; overflow-wrap: anywhere; }
pre { background: var(--panel); border-radius: 6px; padding: 12px 16px; margin: 0 0 16px; white-space: pre-wrap; }
.grid .cell { padding: 6px 8px; border-left: 1px solid var(--line); }
.grid .cell.good { background: var(--good-tint); } .grid .cell.bad { background: var(--bad-tint); } .grid .sign { white-space: nowrap; font-weight: 600; }
.grid .cell.good .sign { color: var(--good-ink); } .grid .cell.bad .sign { color: var(--bad-ink); }
.samples { display: grid; grid-template-columns: repeat(auto-fit, minmax(280px, 1fr)); gap: 16px; margin-bottom: 16px; }
article { background: var(--panel); border-radius: 6px; padding: 16px 20px; }
article h3 { margin: 0; } article .note { font-size: 13px; margin: 0 0 8px; } article ul { margin: 0; padding-left: 18px; font-size: 13px; }
footer { padding-top: 24px; padding-bottom: 48px; font-size: 13px; }
@media screen and (max-width: 720px) {
	main, header, footer { padding-left: 16px; padding-right: 16px; }
	header { padding-top: 24px; } h1 { font-size: 24px; } section { padding: 28px 0 12px; } .verdict .word { font-size: 34px; }
	table, tbody, tr, td, tbody th, caption { display: block; width: 100%; } thead { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); }
	tbody tr { border-top: 1px solid var(--line); padding: 8px 0; }
	th, td, .grid .cell { border: 0; padding: 2px 0; text-align: left; } .grid .cell { padding: 2px 6px; }
	td { display: grid; grid-template-columns: 38% 1fr; gap: 8px; } td > * { justify-self: start; } .n { text-align: left; }
	td[data-h]::before { content: attr(data-h); color: var(--soft-ink); } td.none { display: none; } }
@page { size: A4; margin: 15mm; }
@media print {
	:root { color-scheme: light; --page: #ffffff; --panel: #f5f6f8; --line: #d9dde3; --ink: #1c2430; --soft-ink: #545e6e;
		--main: #2b5c8a; --soft: #8b95a5; --good: #1d7a4a; --warn: #b07400; --bad: #b3362f; --track: #e9ecf0;
		--main-ink: #2b5c8a; --good-ink: #17633b; --warn-ink: #805300; --bad-ink: #a12620;
		--good-tint: #e4f2ea; --warn-tint: #faf0d9; --bad-tint: #fae6e4; --soft-tint: #eceff3; }
	* { -webkit-print-color-adjust: exact; print-color-adjust: exact; }
	body { font-size: 12px; } main, header, footer { max-width: none; padding: 0; } nav { display: none; }
	table { font-size: 10.5px; } .d { white-space: normal; } .mark { font-size: 10.5px; } th, td { padding-right: 8px; } code { font-size: 10px; } section { padding: 20px 0 8px; }
	h2, h3, caption { break-after: avoid; } tr, figure, article, .verdict, .tile { break-inside: avoid; } }
$css$;
END;

COMMENT ON FUNCTION menuca_report_style() IS
'The style sheet of the report.';

--
-- Nobody has a right that was not granted
--

REVOKE ALL ON FUNCTION menuca_html(text, integer) FROM PUBLIC;
REVOKE ALL ON FUNCTION menuca_report_number(numeric) FROM PUBLIC;
REVOKE ALL ON FUNCTION menuca_report_percent(numeric) FROM PUBLIC;
REVOKE ALL ON FUNCTION menuca_report_time(timestamptz) FROM PUBLIC;
REVOKE ALL ON FUNCTION menuca_report_tone(text) FROM PUBLIC;
REVOKE ALL ON FUNCTION menuca_report_mark(text) FROM PUBLIC;
REVOKE ALL ON FUNCTION menuca_report_tile(text, text, text) FROM PUBLIC;
REVOKE ALL ON FUNCTION menuca_report_row(text, text[], text[]) FROM PUBLIC;
REVOKE ALL ON FUNCTION menuca_report_table(text, text, text[], text) FROM PUBLIC;
REVOKE ALL ON FUNCTION menuca_report_note(text) FROM PUBLIC;
REVOKE ALL ON FUNCTION menuca_report_call(text, text) FROM PUBLIC;
REVOKE ALL ON FUNCTION menuca_report_frame(text, text, text, text) FROM PUBLIC;
REVOKE ALL ON FUNCTION menuca_report_picture(text, text, text, numeric, text) FROM PUBLIC;
REVOKE ALL ON FUNCTION menuca_report_bar(integer, numeric, text) FROM PUBLIC;
REVOKE ALL ON FUNCTION menuca_report_bars(text, text, text, jsonb) FROM PUBLIC;
REVOKE ALL ON FUNCTION menuca_report_style() FROM PUBLIC;

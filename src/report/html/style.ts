/** A table as cards: each row a block, each cell a line that begins with the name of its column. */
const folded = (table: string): string =>
  `
  ${table}, ${table} tbody, ${table} tr, ${table} td, ${table} tbody th { display: block; width: auto; }
  ${table} thead, ${table} thead tr, ${table} thead th { display: block; white-space: normal; }
  ${table} thead { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); }
  ${table} tr { padding: .55rem 0; border-bottom: 1px solid var(--line); } ${table} tbody tr:last-child { border-bottom: 0; }
  ${table} td, ${table} tbody th { border: 0; padding: .1rem 0; text-align: left; white-space: normal; }
  ${table} td[data-label] { display: grid; grid-template-columns: minmax(6.5rem, 36%) minmax(0, 1fr); gap: .6rem; }
  ${table} td.zero { display: none; }
  ${table} td[data-label]::before { content: attr(data-label); color: var(--muted); font-size: .87rem; }`.trimEnd();

/** The look of all reports: system fonts, light and dark, on paper, and as narrow as a phone. Nothing is loaded. */
export const STYLE = `
:root {
  color-scheme: light dark;
  --page: #f4f6f8; --card: #ffffff; --sunken: #f4f6f8; --line: #dde2e9; --strong-line: #b9c1cd;
  --text: #1a2230; --muted: #55607a;
  --ok: #17714a; --changed: #865400; --failed: #b3261e; --info: #1f57b8; --still: #55607a;
  --ok-soft: #e3f3ea; --changed-soft: #fdf0d8; --failed-soft: #fde7e5; --info-soft: #e5eefc; --still-soft: #ebeef3;
  --ok-bar: #58b287; --failed-bar: #cf3a30; --owner-bar: #2f68c8; --state-bar: #b5c0d0; --changed-bar: #d99a2b; --quiet-bar: #bcd3c8;
  --on-failed: #ffffff; --shadow: 0 1px 2px rgb(16 24 40 / .06);
}
@media (prefers-color-scheme: dark) {
  :root {
    --page: #0e131a; --card: #161d27; --sunken: #10161f; --line: #283243; --strong-line: #4a5870;
    --text: #e4e9f1; --muted: #9dabc0;
    --ok: #5fd39b; --changed: #f0bd66; --failed: #ff9188; --info: #8fb8ff; --still: #9dabc0;
    --ok-soft: #12301f; --changed-soft: #35280e; --failed-soft: #3d1a18; --info-soft: #17284a; --still-soft: #222c3b;
    --ok-bar: #3f9d6f; --failed-bar: #ef6257; --owner-bar: #3f78d6; --state-bar: #46546b; --changed-bar: #c98f2c; --quiet-bar: #2c4a3c;
    --on-failed: #1c0705; --shadow: none;
  }
}
*, *::before, *::after { box-sizing: border-box; }
html { -webkit-text-size-adjust: 100%; text-size-adjust: 100%; }
body {
  margin: 0; min-width: 18rem; background: var(--page); color: var(--text);
  font: 15px/1.5 system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", "Noto Sans", "Liberation Sans", Arial, sans-serif;
  overflow-wrap: anywhere; font-variant-numeric: tabular-nums;
}
main, .top, footer { max-width: 72rem; margin-inline: auto; padding-inline: clamp(.9rem, 3vw, 2rem); }
code, pre, .mono { font-family: ui-monospace, "SF Mono", "Cascadia Mono", Menlo, Consolas, "Liberation Mono", monospace; font-size: .87em; }
h1 { font-size: clamp(1.35rem, 1.1rem + 1.2vw, 1.8rem); line-height: 1.25; margin: .2rem 0 .35rem; letter-spacing: -.012em; text-wrap: balance; }
h2 { font-size: 1.14rem; line-height: 1.3; margin: 0 0 .75rem; letter-spacing: -.005em; }
h3 { font-size: 1rem; line-height: 1.4; margin: 0; }
p { margin: 0 0 .6rem; } p:last-child { margin-bottom: 0; }
a { color: var(--info); text-underline-offset: .15em; }
:focus-visible { outline: 2px solid var(--info); outline-offset: 2px; border-radius: 3px; }
.above { margin-top: 1rem; }
.muted { color: var(--muted); } .small { font-size: .87rem; } .number { text-align: right; }
.top { padding-block: 1.6rem .4rem; }
.brand { display: flex; flex-wrap: wrap; gap: .2rem .6rem; color: var(--muted); font-size: .87rem; }
.brand b { color: var(--text); letter-spacing: .01em; }
.verdict { display: flex; gap: .8rem; align-items: flex-start; margin-top: .9rem; padding: .8rem 1rem; border: 1px solid; border-left-width: 6px; border-radius: 10px; }
.verdict p { margin: 0; color: var(--text); } .verdict b { display: block; font-size: 1.05rem; }
.verdict .sign { font-size: 1.2rem; line-height: 1.45; }
.ok { color: var(--ok); } .changed { color: var(--changed); } .failed { color: var(--failed); } .info { color: var(--info); } .still { color: var(--still); }
.verdict.ok { background: var(--ok-soft); } .verdict.changed { background: var(--changed-soft); } .verdict.failed { background: var(--failed-soft); }
.verdict.info { background: var(--info-soft); } .verdict.still { background: var(--still-soft); }
section, nav.card { margin-block: 1rem; padding: 1.05rem clamp(.9rem, 2.2vw, 1.35rem) 1.15rem; background: var(--card); border: 1px solid var(--line); border-radius: 12px; box-shadow: var(--shadow); }
.tiles { display: grid; grid-template-columns: repeat(auto-fit, minmax(8.2rem, 1fr)); gap: .7rem; margin: 1rem 0; padding: 0; list-style: none; }
.tiles li { padding: .65rem .9rem .7rem; background: var(--card); border: 1px solid var(--line); border-radius: 12px; box-shadow: var(--shadow); }
.tiles .value { display: block; font-size: 1.42rem; font-weight: 650; line-height: 1.25; letter-spacing: -.015em; }
.tiles .name { color: var(--muted); font-size: .87rem; line-height: 1.35; display: block; }
.badge { display: inline-flex; gap: .32em; align-items: baseline; padding: .06rem .5rem; border-radius: 99px; font-size: .84rem; font-weight: 600; line-height: 1.5; white-space: nowrap; }
.badge.ok { background: var(--ok-soft); } .badge.changed { background: var(--changed-soft); } .badge.failed { background: var(--failed-soft); }
.badge.info { background: var(--info-soft); } .badge.still { background: var(--still-soft); }
.badges { display: flex; flex-wrap: wrap; gap: .3rem; align-items: baseline; }
.facts { display: grid; grid-template-columns: minmax(7rem, max-content) 1fr; gap: .3rem 1.2rem; margin: 0; }
.facts dt { color: var(--muted); } .facts dd { margin: 0; min-width: 0; }
table { width: 100%; border-collapse: collapse; }
th, td { padding: .42rem .7rem; text-align: left; vertical-align: top; border-bottom: 1px solid var(--line); }
table th:first-child, table td:first-child { padding-left: 0; } table th:last-child, table td:last-child { padding-right: 0; }
tbody tr:last-child > * { border-bottom: 0; }
th { white-space: nowrap; overflow-wrap: normal; } table.many th { white-space: normal; } td { overflow-wrap: break-word; } table.few td { overflow-wrap: anywhere; } table.fold tbody th { white-space: normal; }
thead th { color: var(--muted); font-size: .84rem; font-weight: 600; border-bottom-color: var(--strong-line); vertical-align: bottom; }
tbody th { font-weight: 600; }
th.number, td.number { text-align: right; white-space: nowrap; }
td.number.zero { color: var(--muted); }
details > summary { cursor: pointer; list-style: none; display: flex; gap: .55rem; align-items: baseline; }
details > summary::-webkit-details-marker { display: none; }
details > summary::before { content: "\\25B8"; color: var(--muted); flex: none; width: .8em; }
details[open] > summary::before { content: "\\25BE"; }
details.more { margin-top: .7rem; } details.more > summary { color: var(--muted); font-size: .9rem; } details.more[open] > summary { margin-bottom: .5rem; }
.rows { list-style: none; margin: 0; padding: 0; }
.rows + table, .rows + .facts, .facts + table { margin-top: .9rem; }
.rows > li { border-top: 1px solid var(--line); padding: .45rem 0; }
.rows > li:first-child { border-top: 0; } .rows > li:last-child { padding-bottom: 0; }
.row { display: grid; grid-template-columns: minmax(0, 1fr) auto 4.9rem; gap: .15rem .9rem; align-items: baseline; flex: 1; min-width: 0; }
.row .badges { justify-content: flex-end; } .row .took { color: var(--muted); font-size: .87rem; text-align: right; white-space: nowrap; }
.row .name { font-weight: 550; } .row .at { color: var(--muted); font-size: .84rem; font-weight: 400; }
.plain-row { padding-left: 1.35em; }
.inside { margin: .5rem 0 .35rem 1.35em; display: grid; gap: .7rem; min-width: 0; }
.inside > div, .inside > article { min-width: 0; }
.said { white-space: pre-wrap; margin: .25rem 0 0; }
.hint { color: var(--info); margin: .25rem 0 0; }
pre { margin: .35rem 0 0; padding: .55rem 0; background: var(--sunken); border: 1px solid var(--line); border-radius: 8px; overflow-x: auto; line-height: 1.45; tab-size: 4; }
pre > span { display: block; padding-inline: .8rem; white-space: pre; min-width: max-content; }
pre .added { background: var(--ok-soft); color: var(--ok); } pre .removed { background: var(--failed-soft); color: var(--failed); }
pre .hunk, pre .gutter { color: var(--muted); } pre .marks { color: var(--failed); font-weight: 700; } pre .meant { background: var(--failed-soft); }
.field { font-weight: 600; }
.change { display: flex; flex-wrap: wrap; gap: .1rem .5rem; align-items: baseline; }
.change del, .change .was { color: var(--failed); } .change .is { color: var(--ok); } .change .absent { color: var(--muted); font-style: italic; }
figure { margin: .9rem 0 0; } figcaption { color: var(--muted); font-size: .87rem; margin-top: .45rem; }
svg.timeline { display: block; width: 100%; overflow: hidden; }
svg text { font: 12px system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", "Liberation Sans", Arial, sans-serif; fill: var(--text); font-variant-numeric: tabular-nums; }
svg .axis { fill: var(--muted); } svg .tick { stroke: var(--line); stroke-width: 1; } svg .base { stroke: var(--strong-line); stroke-width: 1; }
svg .lane { fill: var(--sunken); } svg .crisp { shape-rendering: crispEdges; }
svg .bar-ok { fill: var(--ok-bar); } svg .bar-failed { fill: var(--failed-bar); } svg .bar-owner { fill: var(--owner-bar); } svg .bar-state { fill: var(--state-bar); }
svg .bar-changed { fill: var(--changed-bar); } svg .bar-quiet { fill: var(--quiet-bar); }
svg .hatch { stroke: var(--failed-bar); stroke-width: 3; } svg .hatch-ground { fill: var(--failed-soft); }
svg .inside-owner, svg .inside-failed { fill: #fff; font-weight: 600; font-size: 11px; } svg .inside-failed { fill: var(--on-failed); } svg .inside-lane, svg .inside-state { font-weight: 600; font-size: 11px; }
svg .mark line { stroke: var(--text); stroke-width: 1.2; stroke-dasharray: 3 3; } svg .mark circle { fill: var(--text); } svg .mark text { fill: var(--card); font-weight: 700; font-size: 11px; }
svg .mark.failed line { stroke: var(--failed); } svg .mark.failed circle { fill: var(--failed); }
svg .mark.ok line { stroke: var(--ok); } svg .mark.ok circle { fill: var(--ok); }
.legend { display: flex; flex-wrap: wrap; gap: .15rem 1.1rem; margin: .5rem 0 0; padding: 0; list-style: none; font-size: .87rem; color: var(--muted); }
.legend .swatch { display: inline-block; width: .8em; height: .8em; border-radius: 2px; margin-right: .4em; vertical-align: -.05em; border: 1px solid transparent; }
.swatch.ok { background: var(--ok-bar); } .swatch.failed { background: var(--failed-bar); } .swatch.owner { background: var(--owner-bar); } .swatch.state { background: var(--state-bar); }
.swatch.changed { background: var(--changed-bar); } .swatch.quiet { background: var(--quiet-bar); }
.legend .swatch.both { border-color: var(--failed-bar); background: repeating-linear-gradient(45deg, var(--failed-bar) 0 2px, var(--failed-soft) 2px 4px); }
.marks-list { margin: .6rem 0 0; padding: 0; list-style: none; display: grid; gap: .2rem; font-size: .92rem; }
.marks-list li { display: grid; grid-template-columns: 1.35rem 5.6rem minmax(0, 1fr); gap: .55rem; align-items: baseline; }
.marks-list .at { color: var(--muted); text-align: right; white-space: nowrap; }
.dot { display: inline-block; min-width: 1.35rem; height: 1.35rem; line-height: 1.35rem; border-radius: 99px; text-align: center; font-size: .76rem; font-weight: 700; background: var(--text); color: var(--card); }
.dot.failed { background: var(--failed); } .dot.ok { background: var(--ok); }
.steps { list-style: none; margin: 0; padding: 0; } .steps > li { display: grid; grid-template-columns: 4.6rem 1.2rem minmax(0, 1fr); gap: .1rem .6rem; padding: .3rem 0; align-items: baseline; }
.steps .at { color: var(--muted); font-size: .87rem; text-align: right; white-space: nowrap; } .steps .what { white-space: pre-wrap; }
.finding { border-top: 1px solid var(--line); padding: 1rem 0 .9rem; } .finding:last-child { padding-bottom: 0; } .finding:first-of-type { border-top: 0; padding-top: .2rem; }
.finding .head { display: grid; grid-template-columns: auto minmax(0, 1fr); gap: .3rem .7rem; align-items: baseline; } .finding .head code { font-weight: 400; }
.finding .place { margin: .6rem 0 0; } .finding .hint { margin-top: .7rem; }
.split { margin-top: 1.1rem; display: grid; grid-template-columns: repeat(auto-fit, minmax(min(22rem, 100%), 1fr)); gap: .4rem 1.6rem; }
footer { color: var(--muted); font-size: .85rem; padding-block: .6rem 2.2rem; }
@media screen and (max-width: 66rem) {${folded("table.fold.many")}
}
@media screen and (max-width: 44rem) {
${folded("table.fold")}
  .facts { grid-template-columns: 1fr; gap: 0; } .facts dd { margin-bottom: .4rem; }
  .row { grid-template-columns: minmax(0, 1fr) auto; } .row .name { grid-column: 1 / -1; } .row .badges { justify-content: flex-start; }
  .badge { white-space: normal; border-radius: 12px; }
  .inside { margin-left: 0; } .plain-row { padding-left: 1.35em; }
  .tiles { grid-template-columns: repeat(2, minmax(0, 1fr)); gap: .55rem; } .tiles .value { font-size: 1.2rem; }
  .marks-list li { grid-template-columns: 1.35rem minmax(0, 1fr); gap: 0 .55rem; } .marks-list .dot { grid-row: span 2; align-self: start; } .marks-list .at { text-align: left; grid-column: 2; } .marks-list .what { grid-column: 2; }
  .steps > li { grid-template-columns: 1.2rem minmax(0, 1fr); } .steps .at { grid-column: 2; text-align: left; order: 3; }
}
@page { margin: 14mm 13mm; }
@media print {
  :root {
    color-scheme: light; --page: #fff; --card: #fff; --sunken: #fff; --line: #cfd5dd; --strong-line: #8a94a4; --text: #111; --muted: #454f61; --on-failed: #fff; --shadow: none;
    --ok: #17714a; --changed: #865400; --failed: #b3261e; --info: #1f57b8; --still: #454f61;
    --ok-soft: #eef8f2; --changed-soft: #fdf4e3; --failed-soft: #fdeeed; --info-soft: #edf3fd; --still-soft: #f2f4f7;
    --ok-bar: #58b287; --failed-bar: #cf3a30; --owner-bar: #2f68c8; --state-bar: #b5c0d0; --changed-bar: #d99a2b; --quiet-bar: #bcd3c8;
  }
  body { font-size: 10pt; print-color-adjust: exact; -webkit-print-color-adjust: exact; }
  main, .top, footer { max-width: none; padding-inline: 0; } .top { padding-top: 0; }
  section, nav.card { border: 0; padding: 0; margin-block: 1.1rem; border-radius: 0; }
  figure, .tiles li, .verdict, tr, .steps > li, .finding .head { break-inside: avoid; } h2, h3, summary { break-after: avoid; }
  table { font-size: 8.5pt; } th, td { padding: .3rem .5rem; } table.many { font-size: 7.5pt; } table.many th, table.many td { padding-inline: .25rem; }
  table thead th, table .badge, table .small { font-size: 1em; } table .badge { white-space: normal; padding-inline: .35rem; border-radius: 8px; }
  .split:not(:has(details[open])) { display: none; }
  .tiles { grid-template-columns: repeat(5, minmax(0, 1fr)); } .row .badges { font-size: .95em; }
  pre { white-space: pre-wrap; } pre > span { white-space: pre-wrap; min-width: 0; }
  details:not([open]) { display: none; } details > summary::before { display: none; }
  a { color: inherit; text-decoration: none; }
}
`;

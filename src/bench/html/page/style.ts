export const STYLE = `
:root {
  color-scheme: light dark;
  --paper: #fff; --sunk: #f6f7f9; --line: #e3e6ea; --ink: #1c2128; --soft: #5c6672;
  --accent: #2f5fd0; --good: #0b7a5e; --bad: #b3341f; --bad-paper: #fdeeeb; --warn: #8a5a00; --warn-paper: #fdf6e7;
  --phase-0: #0072b2; --phase-1: #e69f00; --phase-2: #009e73; --phase-3: #cc79a7; --phase-4: #56b4e9; --phase-5: #d55e00; --phase-6: #7f7f7f;
  --mono: ui-monospace, SFMono-Regular, Menlo, Consolas, 'DejaVu Sans Mono', monospace;
}
@media (prefers-color-scheme: dark) {
  :root {
    --paper: #14171b; --sunk: #1b1f25; --line: #2c323a; --ink: #dfe4ea; --soft: #98a3b0;
    --accent: #8fb0ff; --good: #5fd0ad; --bad: #ff9a86; --bad-paper: #3a1c17; --warn: #f0c36a; --warn-paper: #2e2613;
  }
}
* { box-sizing: border-box; }
body {
  margin: 0; background: var(--paper); color: var(--ink);
  font: 16px/1.55 system-ui, -apple-system, 'Segoe UI', 'Helvetica Neue', 'DejaVu Sans', sans-serif;
}
main { max-width: 76rem; margin: 0 auto; padding: 2rem 2rem 4rem; }
a { color: var(--accent); }
code { font: .875em var(--mono); overflow-wrap: anywhere; }
:focus-visible { outline: 2px solid var(--accent); outline-offset: 2px; border-radius: 4px; }
h1 { margin: 0; font-size: 1.875rem; line-height: 1.25; letter-spacing: -.02em; overflow-wrap: anywhere; }
h2 { margin: 3rem 0 .25rem; font-size: 1.25rem; letter-spacing: -.01em; overflow-wrap: anywhere; }
h3 { margin: 0 0 .35rem; font-size: .9375rem; font-weight: 600; }
p { margin: .25rem 0 .75rem; max-width: 50rem; }
.kind { margin: 0 0 .2rem; font-size: .875rem; font-weight: 600; color: var(--soft); }
.soft, h2 + p { color: var(--soft); font-size: .9375rem; }
.facts { display: grid; grid-template-columns: max-content 1fr; gap: .15rem 1.25rem; margin: 1rem 0 0; font-size: .9375rem; }
.facts dt { color: var(--soft); }
.facts dd { margin: 0; overflow-wrap: anywhere; }
.verdict { margin: 1.5rem 0 0; padding: .9rem 1.25rem; border: 1px solid var(--line); border-left: 5px solid var(--good); border-radius: 8px; background: var(--sunk); }
.verdict strong { color: var(--good); }
.verdict ul, .findings { margin: .35rem 0 0; padding-left: 1.2rem; }
.verdict.remarks { border-left-color: var(--warn); background: var(--warn-paper); }
.verdict.remarks strong { color: var(--warn); }
.verdict.invalid { padding: 1.25rem 1.5rem; border: 2px solid var(--bad); border-left-width: 12px; background: var(--bad-paper); }
.verdict.invalid strong { display: block; font-size: 1.75rem; line-height: 1.2; letter-spacing: .01em; color: var(--bad); }
.strip { position: sticky; top: 0; z-index: 10; padding: .3rem 2rem; background: #b3341f; color: #fff; text-align: center; font-size: .875rem; font-weight: 600; }
.tag { display: inline-block; padding: 0 .4rem; border-radius: 4px; background: #b3341f; color: #fff; font-size: .75rem; font-weight: 700; letter-spacing: .03em; vertical-align: .1em; white-space: nowrap; }
.ok { color: var(--good); }
.bad { color: var(--bad); }
.cards { display: grid; grid-template-columns: repeat(auto-fill, minmax(12.5rem, 1fr)); gap: .75rem; margin: 1rem 0 1.5rem; }
.card { padding: .8rem 1rem .7rem; border: 1px solid var(--line); border-radius: 10px; }
.card h3 { margin: 0; font-size: .8125rem; font-weight: 500; color: var(--soft); }
.card .figure { margin: .1rem 0 0; color: var(--ink); font-size: 1.625rem; font-weight: 600; line-height: 1.3; letter-spacing: -.02em; font-variant-numeric: tabular-nums; white-space: nowrap; }
.card .figure small { font-size: .875rem; font-weight: 400; letter-spacing: 0; color: var(--soft); }
.card p { margin: 0; font-size: .8125rem; line-height: 1.45; color: var(--soft); font-variant-numeric: tabular-nums; }
.scroll { overflow-x: auto; margin: .75rem 0 1.5rem; border: 1px solid var(--line); border-radius: 10px; }
table { border-collapse: collapse; }
.scroll table { width: 100%; font-size: .875rem; line-height: 1.4; font-variant-numeric: tabular-nums; }
.scroll th, .scroll td { padding: .45rem .75rem; text-align: right; white-space: nowrap; }
th { font-weight: 500; }
thead th, thead td { font-size: .8125rem; color: var(--soft); background: var(--sunk); }
.scroll thead tr + tr th { padding-top: 0; }
.scroll thead tr:not(:last-child) th { padding-bottom: .1rem; }
.scroll thead th[scope=colgroup]:not([colspan="1"]) { text-align: center; }
.scroll tbody tr { border-top: 1px solid var(--line); }
.scroll tbody th, .scroll thead tr:last-child th:first-child, .scroll .left { text-align: left; }
.scroll tbody th { position: sticky; left: 0; background: var(--paper); font-weight: 600; }
tbody td small { display: block; color: var(--soft); font-size: .75rem; }
tbody tr.invalid th { box-shadow: inset 4px 0 var(--bad); }
tbody tr.invalid td { color: var(--soft); }
.scroll td.words { white-space: normal; min-width: 14rem; text-align: left; overflow-wrap: anywhere; }
.grid { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 29rem), 1fr)); gap: 1.5rem 2rem; margin: .9rem 0 0; }
figure { margin: 0; min-width: 0; }
figure.wide { margin-top: 1.75rem; }
figcaption { margin-bottom: .3rem; font-size: .9375rem; font-weight: 600; }
figcaption span { font-weight: 400; color: var(--soft); }
.plot { min-height: 15rem; }
.told { margin: .2rem 0 0; font-size: .8125rem; color: var(--soft); text-align: center; font-variant-numeric: tabular-nums; }
.swatch { display: inline-block; width: 1.4rem; height: .75rem; vertical-align: -.05rem; }
.uplot { width: 100%; font: inherit; }
.u-legend { font-size: .8125rem; color: var(--soft); max-height: 8rem; overflow-y: auto; }
.u-legend tbody { display: flex; flex-wrap: wrap; justify-content: center; }
.u-legend tr { display: flex; align-items: center; margin: 0; }
.u-legend tr:first-child { order: 1; }
.u-legend tr:first-child:has(td:empty) { visibility: hidden; }
.u-legend th { font-weight: 400; }
.u-inline.u-live th::after { content: none; }
.u-legend .u-marker { width: .9em; height: .9em; border-radius: 2px; }
.u-legend td { color: var(--ink); font-variant-numeric: tabular-nums; min-width: 4em; text-align: left; }
.u-legend th, .u-legend td { padding: .1rem .2rem; }
.u-select { background: var(--accent); opacity: .15; }
details { margin-top: 1.25rem; }
summary { cursor: pointer; font-size: .9375rem; color: var(--soft); }
pre { margin: .5rem 0 0; padding: .85rem 1rem; border: 1px solid var(--line); border-radius: 8px; background: var(--sunk); font: .8125rem/1.5 var(--mono); white-space: pre-wrap; overflow-wrap: anywhere; }
.chooser { display: flex; flex-wrap: wrap; gap: .35rem; margin: .75rem 0 1.25rem; border: 0; padding: 0; }
.chooser[hidden], [data-run][hidden] { display: none; }
.chooser label { position: relative; padding: .2rem .8rem; border: 1px solid var(--line); border-radius: 99px; font-size: .875rem; cursor: pointer; }
.chooser input { position: absolute; opacity: 0; inset: 0; margin: 0; cursor: pointer; }
.chooser label:has(:checked) { border-color: var(--accent); background: var(--accent); color: var(--paper); }
.chooser label:has(:focus-visible) { outline: 2px solid var(--accent); outline-offset: 2px; }
.chooser select { font: inherit; font-size: .875rem; padding: .25rem .5rem; color: inherit; background: var(--paper); border: 1px solid var(--line); border-radius: 6px; max-width: 100%; }
.bars { display: grid; grid-template-columns: max-content minmax(0, 1fr) max-content; gap: .4rem .9rem; align-items: center; margin: .9rem 0; font-size: .875rem; font-variant-numeric: tabular-nums; }
.bars svg { display: block; width: 100%; height: 1.5rem; border-radius: 4px; background: var(--sunk); }
.bars .end { text-align: right; white-space: nowrap; }
.bars .name { overflow-wrap: anywhere; }
.legend { display: flex; flex-wrap: wrap; gap: .2rem 1.1rem; margin: .5rem 0 0; padding: 0; list-style: none; font-size: .8125rem; color: var(--soft); }
.legend svg { width: .8rem; height: .8rem; margin-right: .35rem; vertical-align: -.08rem; border-radius: 2px; }
.p0 { fill: var(--phase-0); } .p1 { fill: var(--phase-1); } .p2 { fill: var(--phase-2); } .p3 { fill: var(--phase-3); }
.p4 { fill: var(--phase-4); } .p5 { fill: var(--phase-5); } .p6 { fill: var(--phase-6); }
.definitions { display: grid; grid-template-columns: max-content minmax(0, 1fr); gap: .4rem 1.5rem; margin: .75rem 0 0; font-size: .875rem; }
.definitions dt { font-weight: 600; }
.definitions dd { margin: 0; color: var(--soft); max-width: 50rem; }
footer details { margin-top: .5rem; }
footer summary { font-size: .8125rem; }
footer { margin-top: 3rem; padding-top: 1rem; border-top: 1px solid var(--line); font-size: .8125rem; color: var(--soft); }
@media (max-width: 44rem) {
  main { padding: 1.25rem 1rem 3rem; }
  h1 { font-size: 1.5rem; }
  .facts { grid-template-columns: 1fr; gap: 0; }
  .facts dd { margin-bottom: .4rem; }
  .cards { grid-template-columns: repeat(2, minmax(0, 1fr)); gap: .5rem; }
  .card { padding: .6rem .75rem; }
  .card .figure { font-size: 1.375rem; }
  .verdict.invalid { padding: 1rem; }
  .definitions { grid-template-columns: 1fr; gap: .1rem; }
  .definitions dd { margin-bottom: .6rem; }
  .bars { grid-template-columns: minmax(0, 1fr) max-content; gap: .15rem .75rem; }
  .bars { grid-auto-flow: dense; }
  .bars svg { grid-column: 1 / -1; margin-bottom: .45rem; }
}
@media print {
  .strip { position: static; }
  .chooser { display: none; }
  figure, .card, tr { break-inside: avoid; }
}
`

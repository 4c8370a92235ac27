export const STYLE = `
:root {
  color-scheme: light dark;
  --paper: #fff; --sunk: #f6f7f9; --line: #e3e6ea; --ink: #1c2128; --soft: #5c6672;
  --accent: #2f5fd0; --get: #0b7a5e; --post: #2f5fd0; --good: #0b7a5e; --bad: #b3341f;
  --mono: ui-monospace, SFMono-Regular, Menlo, Consolas, 'DejaVu Sans Mono', monospace;
}
@media (prefers-color-scheme: dark) {
  :root {
    --paper: #14171b; --sunk: #1b1f25; --line: #2c323a; --ink: #dfe4ea; --soft: #98a3b0;
    --accent: #8fb0ff; --get: #5fd0ad; --post: #8fb0ff; --good: #5fd0ad; --bad: #ff9a86;
  }
}
* { box-sizing: border-box; }
html { scroll-padding-top: 1rem; }
body {
  margin: 0; background: var(--paper); color: var(--ink);
  font: 16px/1.55 system-ui, -apple-system, 'Segoe UI', 'Helvetica Neue', 'DejaVu Sans', sans-serif;
}
a { color: var(--accent); text-decoration: none; }
a:hover { text-decoration: underline; }
:focus-visible { outline: 2px solid var(--accent); outline-offset: 2px; border-radius: 4px; }
code, pre, textarea, input, .mono { font-family: var(--mono); font-size: .875em; }
code { overflow-wrap: anywhere; }
.layout { display: grid; grid-template-columns: 17rem minmax(0, 1fr); max-width: 82rem; margin: 0 auto; }
nav {
  position: sticky; top: 0; align-self: start; height: 100vh; overflow-y: auto;
  padding: 2.25rem 1.25rem 2rem 1.5rem; border-right: 1px solid var(--line);
}
nav ul { list-style: none; margin: 0; padding: 0; }
nav > ul > li { margin-bottom: 1.1rem; }
nav > ul > li > a { color: var(--ink); font-weight: 600; font-size: .875rem; }
nav li li a { display: block; padding: .14rem 0; color: var(--soft); font: .8125rem/1.5 var(--mono); overflow-wrap: anywhere; }
nav li li a:hover { color: var(--accent); }
.brand { display: block; margin: 0 0 1.4rem; font-size: 1.125rem; font-weight: 650; color: var(--ink); letter-spacing: -.01em; }
main { padding: 2rem 2.5rem 6rem; min-width: 0; }
h1 { margin: 0; font-size: 1.875rem; line-height: 1.25; letter-spacing: -.02em; }
h1 small { margin-left: .4rem; font-size: .875rem; font-weight: 400; letter-spacing: 0; color: var(--soft); }
h2 { margin: 3rem 0 0; font-size: 1.25rem; letter-spacing: -.01em; }
h3 { margin: 1.9rem 0 .6rem; font-size: .9375rem; font-weight: 600; }
p { margin: .5rem 0; max-width: 46rem; }
.soft, h2 + p { color: var(--soft); }
.lead { margin: .5rem 0 1.5rem; color: var(--soft); }
.facts { display: flex; flex-wrap: wrap; gap: .75rem 2.5rem; align-items: end; padding: 1rem 1.25rem; border: 1px solid var(--line); border-radius: 10px; background: var(--sunk); }
.facts > * { margin: 0; }
.facts label, .facts dt, .try label { display: block; margin: 0 0 .25rem; font-size: .8125rem; color: var(--soft); }
.facts dd { margin: 0; font-size: .9375rem; line-height: 2rem; overflow-wrap: anywhere; }
.facts .grow { flex: 1 1 14rem; }
input, textarea {
  width: 100%; padding: .4rem .6rem; color: inherit; background: var(--paper);
  border: 1px solid var(--line); border-radius: 6px; line-height: 1.5;
}
input { height: 2rem; }
textarea { resize: vertical; min-height: 5rem; tab-size: 2; field-sizing: content; }
.route { border: 1px solid var(--line); border-radius: 10px; margin: .75rem 0; }
.route[open] { margin: 1.25rem 0; }
.route > summary { display: flex; flex-wrap: wrap; align-items: baseline; gap: .15rem .8rem; padding: .7rem 1.1rem; cursor: pointer; list-style: none; border-radius: 10px; }
.route > summary::-webkit-details-marker { display: none; }
.route > summary:hover { background: var(--sunk); }
.route[open] > summary { border-bottom: 1px solid var(--line); border-radius: 10px 10px 0 0; }
.method { min-width: 2.6rem; font: 600 .75rem/1 var(--mono); letter-spacing: .03em; }
.method.get { color: var(--get); }
.method.post { color: var(--post); }
.path { font: 500 .9375rem/1.5 var(--mono); overflow-wrap: anywhere; }
.route > summary .says { color: var(--soft); font-size: .9375rem; }
.inside { padding: .35rem 1.1rem 1.4rem; }
.marks { margin: .7rem 0 0; font-size: .875rem; color: var(--soft); }
.example { position: relative; }
pre {
  margin: 0; padding: .85rem 1rem; overflow-x: auto; background: var(--sunk);
  border: 1px solid var(--line); border-radius: 8px; line-height: 1.55;
}
.copy { position: absolute; top: .5rem; right: .5rem; }
button {
  padding: .3rem .85rem; font: 500 .875rem/1.5 inherit; font-family: inherit; color: var(--ink); background: var(--paper);
  border: 1px solid var(--line); border-radius: 6px; cursor: pointer;
}
button:hover { border-color: var(--accent); color: var(--accent); }
button.main { background: var(--accent); border-color: var(--accent); color: var(--paper); }
button.main:hover { filter: brightness(1.08); }
.copy { padding: .1rem .6rem; font-size: .8125rem; color: var(--soft); }
.actions { display: flex; flex-wrap: wrap; align-items: center; gap: .5rem; margin: .6rem 0; }
.status { font-size: .875rem; color: var(--soft); }
.status[data-state=good] { color: var(--good); }
.status[data-state=bad] { color: var(--bad); }
.reply { white-space: pre-wrap; overflow-wrap: anywhere; max-height: 26rem; overflow-y: auto; }
.reply:empty { display: none; }
.events { margin-top: .6rem; }
.events pre { max-height: 20rem; margin-top: .4rem; font-size: .75rem; }
.more > summary, .events > summary { cursor: pointer; font-size: .9375rem; font-weight: 600; }
.more { margin: 1.5rem 0 0; }
.more > summary span { font-weight: 400; color: var(--soft); }
table { width: 100%; border-collapse: collapse; font-size: .9375rem; line-height: 1.5; }
caption, .hidden { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap; }
th { text-align: left; font-weight: 400; }
thead th { padding: .3rem 1rem .3rem 0; font-size: .8125rem; color: var(--soft); }
tbody > tr { border-top: 1px solid var(--line); }
tbody th, td { padding: .5rem 1rem .5rem 0; vertical-align: top; }
tbody th { width: 26%; }
tbody th code { font-size: .875rem; }
td.type { width: 24%; color: var(--soft); font-size: .875rem; }
.must { margin-left: .5rem; font-size: .75rem; color: var(--bad); }
.default { display: block; color: var(--soft); font-size: .8125rem; }
.errors tbody th { width: 5rem; }
.errors td.code { width: 17rem; }
footer { margin-top: 4rem; color: var(--soft); font-size: .875rem; }
@media (max-width: 62rem) {
  .layout { display: block; }
  nav { position: static; height: auto; padding: 1rem 1.25rem .75rem; border-right: 0; border-bottom: 1px solid var(--line); }
  nav ul ul { display: none; }
  nav > ul { display: flex; flex-wrap: wrap; gap: .25rem 1.1rem; }
  nav > ul > li { margin: 0; }
  nav > ul > li > a { font-weight: 500; }
  .brand { margin: 0 0 .5rem; }
  main { padding: 1.5rem 1.25rem 4rem; }
}
@media (max-width: 44rem) {
  table, tbody, tr, tbody th, td { display: block; }
  thead { display: none; }
  tbody th, td { padding: 0; }
  tbody th, td.type, .errors tbody th, .errors td.code { width: auto; }
  tbody > tr { padding: .6rem 0; }
  main { padding: 1.25rem 1rem 4rem; }
  .inside { padding: .25rem .8rem 1.1rem; }
  .route > summary { padding: .6rem .8rem; }
  .route > summary .says { flex-basis: 100%; }
  pre { padding: .7rem .8rem; }
  .example pre { white-space: pre-wrap; overflow-wrap: anywhere; }
  .copy { position: static; margin-top: .4rem; }
}
@media print {
  nav, form.try, .copy { display: none; }
  .layout { display: block; }
}
`

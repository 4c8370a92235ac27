/** Draws the charts that can be seen, again where the scheme or the width changes; lets the reader choose a run. */
export const PAGE_SCRIPT = `
const charts = JSON.parse(document.getElementById('charts').textContent)
const DRAW = { lines: lineChart, curve: curveChart, heat: heatChart }
const drawn = new Map()
const widths = new ResizeObserver(entries => {
  for (const { target } of entries) {
    const { plot, chart } = drawn.get(target) ?? {}
    if (plot && target.clientWidth > 0 && target.clientWidth !== plot.width) {
      plot.setSize({ width: target.clientWidth, height: heightOf(chart) })
    }
  }
})

function draw() {
  for (const box of document.querySelectorAll('[data-chart]')) {
    if (drawn.has(box) || box.clientWidth === 0) continue
    const chart = charts[box.dataset.chart]
    drawn.set(box, { plot: DRAW[chart.kind](box, chart), chart })
    widths.observe(box)
  }
}

function drawAgain() {
  chooseTheme()
  for (const [box, { plot }] of drawn) {
    widths.unobserve(box)
    plot.destroy()
    box.replaceChildren()
  }
  drawn.clear()
  draw()
}

function show(run) {
  for (const section of document.querySelectorAll('[data-run]')) section.hidden = section.dataset.run !== run
  draw()
}

const chooser = document.getElementById('chooser')
chooser?.addEventListener('change', event => show(event.target.value))
if (chooser) chooser.hidden = false
prefersDark.addEventListener('change', drawAgain)
chooseTheme()
if (chooser) show(new FormData(chooser).get('run'))
else draw()
document.documentElement.dataset.drawn = 'yes'
`

/** Draws what `chart.ts` describes, by uPlot. */
export const CHART_SCRIPT = String.raw`
const FONT = '12px system-ui, -apple-system, "Segoe UI", "DejaVu Sans", sans-serif'

function xScale(axis, xs) {
  const last = xs[xs.length - 1]
  const range = (_, min, max) => min > xs[0] || max < last ? [min, max] : axis.range ?? (axis.log ? [min, max] : [0, max * 1.06])
  return { time: false, range, ...(axis.log && LOG) }
}

function yScale(axis, margin) {
  if (axis.log) return { time: false, range: (_, min, max) => logRange(min, max, margin), ...LOG }
  return { time: false, range: (_, __, max) => axis.range ?? [0, (max || 1) * 1.06] }
}

const LOG = { distr: 100, fwd: Math.log10, bwd: value => 10 ** value }

/* Room above and below, and never less than a factor of two. */
function logRange(min, max, margin) {
  if (min === null || !(min > 0)) return [1, 10]
  const middle = Math.sqrt(min * max)
  return [Math.min(min / margin, middle / 1.42), Math.max(max * margin, middle * 1.42)]
}

function axisOf(axis, side) {
  const space = side === 2 ? 70 : 32
  return {
    scale: side === 2 ? 'x' : 'y',
    side, stroke: theme.ink, font: FONT, space,
    size: side === 2 ? 32 : 62, gap: 6,
    grid: { stroke: theme.grid, width: 1 }, ticks: { show: false },
    splits: (plot, _, min, max) => {
      const length = side === 2 ? plot.width - 62 : plot.height - 32
      return (axis.log ? logTicks : evenTicks)(min, max, Math.max(2, Math.floor(length / space)))
    },
    filter: (_, ticks) => ticks,
    values: (_, ticks) => ticks.map(tick => written(tick, axis)),
  }
}

function baseOf(box, chart, xs) {
  return {
    width: box.clientWidth, height: heightOf(chart),
    padding: [12, 14, 0, 0],
    scales: { x: xScale(chart.x, xs), y: yScale(chart.y, chart.kind === 'curve' ? 1.3 : 1.12) },
    axes: [axisOf(chart.x, 2), axisOf(chart.y, 3)],
    cursor: {
      y: false, points: { size: 7 },
      drag: { x: true, y: false, setScale: true, dist: 8 },
      ...(chart.together && { sync: { key: chart.together, scales: ['x', null] } }),
    },
  }
}

function heightOf(chart) {
  return chart.kind === 'heat' ? 280 : 240
}

function lineChart(box, chart) {
  const series = chart.lines.map(line => {
    const stroke = colourOf(line.colour)
    return {
      label: line.name, stroke, width: line.as === 'bars' ? 1 : 2,
      ...(line.dashed && { dash: [6, 4] }),
      ...(line.as === 'area' && { fill: transparent(stroke, .14) }),
      ...(line.as === 'bars' && { fill: stroke, paths: uPlot.paths.bars({ size: [.8, 24], align: -1 }) }),
      points: { show: line.as !== 'bars' && chart.xs.length <= 40, size: 4 },
      spanGaps: true,
      value: (_, value) => legendText(value, chart.y),
    }
  })
  return new uPlot({
    ...baseOf(box, chart, chart.xs),
    series: [{ label: chart.x.label, value: (_, value) => written(value, chart.x) }, ...series],
    hooks: { drawClear: [plot => chart.counts && shade(plot, chart.counts)] },
  }, [chart.xs, ...chart.lines.map(line => line.values)], box)
}

function transparent(colour, share) {
  const [red, green, blue] = colour.startsWith('#')
    ? [1, 3, 5].map(i => parseInt(colour.slice(i, i + 2), 16))
    : colour.match(/\d+/g)
  return 'rgba(' + [red, green, blue, share].join(', ') + ')'
}

/* Greys out what does not count. */
function shade(plot, [from, to]) {
  const { left, top, width, height } = plot.bbox
  const inside = x => Math.min(Math.max(plot.valToPos(x, 'x', true), left), left + width)
  plot.ctx.fillStyle = theme.shade
  plot.ctx.fillRect(left, top, inside(from) - left, height)
  plot.ctx.fillRect(inside(to), top, left + width - inside(to), height)
}

function curveChart(box, chart) {
  const xs = chart.points.map(point => point.x)
  return new uPlot({
    ...baseOf(box, chart, xs),
    series: [
      {
        label: chart.x.label,
        value: (_, value, __, i) => value === null ? '' : chart.points[i].label + ': ' + legendText(value, chart.x),
      },
      ...chart.curves.map(curve => ({
        label: curve.name, stroke: colourOf(curve.colour), width: 2,
        ...(curve.dashed && { dash: [6, 4] }),
        paths: () => null,
        points: { show: true, size: 8, fill: colourOf(curve.colour), stroke: theme.paper, width: 1 },
        value: (_, value) => legendText(value, chart.y),
      })),
    ],
    hooks: { drawAxes: [plot => chart.curves.forEach((curve, i) => plot.series[i + 1].show && join(plot, chart, curve, xs))] },
  }, [xs, ...chart.curves.map(curve => curve.values)], box)
}

function join(plot, chart, curve, xs) {
  const { ctx } = plot
  const ratio = uPlot.pxRatio
  const places = curve.order.map(i => [plot.valToPos(xs[i], 'x', true), plot.valToPos(curve.values[i], 'y', true), i])
  ctx.save()
  ctx.strokeStyle = colourOf(curve.colour)
  ctx.lineWidth = 2 * ratio
  if (curve.dashed) ctx.setLineDash([6 * ratio, 4 * ratio])
  ctx.beginPath()
  for (const [x, y] of places) ctx.lineTo(x, y)
  ctx.stroke()
  ctx.font = FONT.replace('12px', 12 * ratio + 'px')
  ctx.fillStyle = theme.ink
  ctx.textAlign = 'center'
  if (curve.labelled) for (const [x, y, i] of places) ctx.fillText(chart.points[i].label, x, y + 18 * ratio)
  ctx.restore()
}

function heatChart(box, chart) {
  const most = Math.max(...chart.counts.map(column => Math.max(...column)))
  const colour = count => onRamp(theme.heat, most > 1 ? Math.log(count) / Math.log(most) : 1)
  const told = document.createElement('p')
  told.className = 'told'
  const rest = () => told.replaceChildren('1 gap ', ...[0, .25, .5, .75, 1].map(share => {
    const swatch = document.createElement('span')
    swatch.className = 'swatch'
    swatch.style.background = onRamp(theme.heat, share)
    return swatch
  }), ' ' + short(most) + (most === 1 ? ' gap' : ' gaps'))
  rest()
  const options = baseOf(box, chart, chart.xs)
  options.scales.y.range = [chart.ys[0], chart.ys[chart.ys.length - 1]]
  const plot = new uPlot({
    ...options,
    series: [{}, { paths: () => null, points: { show: false } }],
    legend: { show: false },
    cursor: { ...options.cursor, y: true, points: { show: false } },
    hooks: {
      drawAxes: [plot => cells(plot, chart, colour)],
      setCursor: [plot => {
        const { left, top } = plot.cursor
        if (!(left >= 0) || !(top >= 0)) return rest()
        const column = placeOf(chart.xs, plot.posToVal(left, 'x'))
        const row = placeOf(chart.ys, plot.posToVal(top, 'y'))
        const count = chart.counts[column]?.[row] ?? 0
        const span = (edges, i, axis) => written(edges[i], axis) + ' … ' + written(edges[i + 1], axis)
        told.textContent = count.toLocaleString('en-US') + (count === 1 ? ' gap of ' : ' gaps of ') +
          span(chart.ys, row, chart.y) + ' at ' + span(chart.xs, column, chart.x)
      }],
    },
  }, [chart.xs, chart.xs.map(() => chart.ys[0])], box)
  box.append(told)
  return plot
}

function placeOf(edges, value) {
  let place = 0
  while (place < edges.length - 2 && edges[place + 1] < value) place++
  return place
}

function cells(plot, chart, colour) {
  const { ctx, bbox } = plot
  ctx.save()
  ctx.beginPath()
  ctx.rect(bbox.left, bbox.top, bbox.width, bbox.height)
  ctx.clip()
  const ys = chart.ys.map(y => Math.round(plot.valToPos(y, 'y', true)))
  const xs = chart.xs.map(x => Math.round(plot.valToPos(x, 'x', true)))
  chart.counts.forEach((column, i) => column.forEach((count, j) => {
    if (count === 0) return
    ctx.fillStyle = colour(count)
    ctx.fillRect(xs[i], ys[j + 1], Math.max(1, xs[i + 1] - xs[i]), Math.max(1, ys[j] - ys[j + 1]))
  }))
  ctx.restore()
}
`

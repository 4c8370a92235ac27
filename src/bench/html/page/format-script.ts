/** Numbers of axes and legends, with their units. */
export const FORMAT_SCRIPT = `
'use strict'
function short(value) {
  const size = Math.abs(value)
  if (size >= 1e6) return Number((value / 1e6).toPrecision(3)) + ' M'
  if (size >= 1e4) return Number((value / 1e3).toPrecision(3)) + ' k'
  if (size >= 1e3) return Math.round(value).toLocaleString('en-US')
  return String(Number(value.toPrecision(3)))
}

const UNITS = {
  ms: value => value >= 1000 ? short(value / 1000) + ' s' : short(value) + ' ms',
  s: value => short(value) + ' s',
  '%': value => Number((value * 100).toFixed(1)) + ' %',
  'tok/s': short,
  'req/s': short,
  requests: short,
}

function written(value, axis) {
  return value === null || value === undefined ? '' : UNITS[axis.unit](value)
}

function legendText(value, axis) {
  const isRate = axis.unit === 'tok/s' || axis.unit === 'req/s'
  return written(value, axis) + (isRate && value !== null && value !== undefined ? ' ' + axis.unit : '')
}

/* At most so many ticks: powers of ten, with what stands between them where there is room. */
function logTicks(min, max, room) {
  let best = []
  for (const mantissas of [[1], [1, 3], [1, 2, 5], [1, 1.5, 2, 3, 5, 7]]) {
    const ticks = []
    for (let power = Math.floor(Math.log10(min)); power <= Math.log10(max); power++) {
      for (const mantissa of mantissas) {
        const tick = Number((mantissa * 10 ** power).toPrecision(6))
        if (tick >= min && tick <= max) ticks.push(tick)
      }
    }
    if (ticks.length > room && best.length > 1) break
    best = ticks
    if (ticks.length > room) break
  }
  if (best.length > room) {
    const every = Math.ceil(best.length / room)
    best = best.filter((_, i) => i % every === 0)
  }
  return best.length > 2 ? best : evenTicks(min, max, room)
}

function evenTicks(min, max, room) {
  const least = (max - min) / Math.max(1, room)
  const power = 10 ** Math.floor(Math.log10(least || 1))
  const step = [1, 2, 5, 10].find(factor => factor * power >= least) * power
  const ticks = []
  for (let i = Math.ceil(min / step - 1e-9); i * step <= max + step * 1e-9; i++) ticks.push(Number((i * step).toPrecision(12)))
  return ticks
}
`

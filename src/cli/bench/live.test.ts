import { expect, it } from 'vitest'
import type { RunProgress } from '../../bench/index.ts'
import { LiveDisplay } from './live.ts'

const PROGRESS: RunProgress = {
  phase: 'measure',
  elapsedMs: 12_000,
  done: 0.5,
  inFlight: 8,
  completed: 101,
  failed: 0,
  outputTokensPerSecond: 1234.5,
  requestsPerSecond: 20.12,
  firstTokenMs: 43.21,
}

function output(isTTY: boolean, columns = 200) {
  const written: string[] = []
  return { written, isTTY, columns, write: (text: string) => written.push(text) > 0, once: () => {} }
}

it('redraws one line on a terminal, with a bar where there is room for one, and takes it away', () => {
  const terminal = output(true)
  {
    using display = new LiveDisplay(terminal)
    display.begin('concurrency 8', 'opening')
    display.update(PROGRESS)
    terminal.columns = 100
    display.update({ ...PROGRESS, failed: 2 })
    terminal.columns = 40
    display.update(PROGRESS)
  }
  expect(terminal.written.map(text => text.replace('\r\x1b[K', '⟲'))).toMatchInlineSnapshot(`
    [
      "⟲concurrency 8  opening",
      "⟲concurrency 8  ██████████░░░░░░░░░░ 50 % measure 12 s · 8 in flight · 101 done · 20.1 req/s · 1235 tok/s · TTFT 43.2 ms",
      "⟲concurrency 8  50 % measure 12 s · 8 in flight · 101 done · 20.1 req/s · 1235 tok/s · 2 failed · TT",
      "⟲concurrency 8  50 % measure 12 s · 8 in",
      "⟲",
    ]
  `)
})

it('writes a line each two seconds of a run where there is no terminal, and where its phase changes', () => {
  const log = output(false)
  {
    using display = new LiveDisplay(log)
    display.begin('http://a', 'measuring the client first')
    for (const elapsedMs of [0, 500, 1900, 2100, 3000, 4200]) {
      display.update({ ...PROGRESS, phase: elapsedMs < 3000 ? 'warm-up' : 'measure', elapsedMs, firstTokenMs: null })
    }
    display.say('stopping')
    display.update({ ...PROGRESS, failed: 3, elapsedMs: 60_000 })
  }
  expect(log.written.join('')).toMatchInlineSnapshot(`
    "http://a  measuring the client first
    http://a  50 %, warm-up 0 s · 8 in flight · 101 done · 20.1 req/s · 1235 tok/s
    http://a  50 %, warm-up 2 s · 8 in flight · 101 done · 20.1 req/s · 1235 tok/s
    http://a  50 %, measure 3 s · 8 in flight · 101 done · 20.1 req/s · 1235 tok/s
    stopping
    http://a  50 %, measure 60 s · 8 in flight · 101 done · 20.1 req/s · 1235 tok/s · 3 failed · TTFT 43.2 ms
    "
  `)
})

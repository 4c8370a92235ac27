import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { toHtml } from '../src/bench/html/to-html.ts'
import type { BenchReport } from '../src/bench/report/bench-report.ts'
import { samplesOf } from '../src/bench/report/samples.ts'
import { seriesOf } from '../src/bench/report/series.ts'
import { sampleReport, sampleRun } from '../src/bench/report/testing/sample-report.ts'
import { SMALL_RECORDS, smallRun } from '../src/bench/report/testing/small-run.ts'
import { Browser, browserPath } from './browser.ts'

const SWEEP = [1, 2, 4].map(concurrency => sampleRun({ seed: 1, concurrency, seconds: 8, errors: 0.1 }))
const STALLED = sampleRun({ seed: 2, concurrency: 4, seconds: 12, stall: { atMs: 8000, forMs: 2000 } })
/** Of a chart of a hundred thousand pixels; the thinnest line has more. */
const ENOUGH = 300
const EVIL = '</script><script>document.title = "taken"</script>"><img src=x onerror=alert(1)>'

const canvas = (chart: string) => `document.querySelector('[data-chart="${chart}"] canvas')`
const isThere = (chart: string) => `${canvas(chart)} !== null`

/** How many pixels of a chart's canvas bear a colour: what is drawn does; axes and grids are grey, but for text's edges. */
const coloured = (chart: string) => `(() => {
  const { width, height } = ${canvas(chart)}
  const { data } = ${canvas(chart)}.getContext('2d').getImageData(0, 0, width, height)
  let count = 0
  for (let i = 0; i < data.length; i += 4) {
    const [red, green, blue, alpha] = data.slice(i, i + 4)
    if (alpha > 20 && Math.max(red, green, blue) - Math.min(red, green, blue) > 60) count++
  }
  return count
})()`

describe.skipIf(!browserPath)('a report in a browser (skipped where there is no Chromium)', () => {
  const folder = mkdtempSync(join(tmpdir(), 'warpline-report-'))
  let browser: Browser
  beforeAll(async () => {
    browser = await Browser.start(browserPath!)
  })
  afterAll(async () => {
    await browser?.[Symbol.asyncDispose]()
    rmSync(folder, { recursive: true, force: true })
  })
  beforeEach(() => {
    browser.requested.length = 0
    browser.complaints.length = 0
  })

  async function open(report: BenchReport): Promise<void> {
    const path = join(folder, 'report.html')
    writeFileSync(path, toHtml(report))
    const url = pathToFileURL(path).href
    // A page that is already open would be told from itself by nothing.
    await browser.open('about:blank')
    browser.requested.length = 0
    await browser.open(url)
    await browser.until(`document.documentElement.dataset.drawn === 'yes'`)
    expect(browser.requested.filter(asked => asked !== url && !asked.startsWith('data:'))).toEqual([])
    expect(browser.complaints).toEqual([])
  }

  const charts = () =>
    browser.evaluate<string[]>(`Object.keys(JSON.parse(document.getElementById('charts').textContent))`)
  const text = () => browser.evaluate<string>('document.body.innerText')

  test('draws every chart of a single run, from a file and without any network', async () => {
    await open(sampleReport([STALLED]))
    const names = await charts()
    expect(names).toEqual([
      'timeline-0-0',
      'timeline-0-1',
      'timeline-0-2',
      'timeline-0-3',
      'gaps-0',
      'share-ttft',
      'share-tpot',
      'share-itl',
      'share-e2e',
    ])
    for (const name of names) expect(await browser.evaluate(coloured(name)), name).toBeGreaterThan(ENOUGH)
  })

  test('a line that the reader hides is gone, and with it all colour', async () => {
    await open(sampleReport([STALLED]))
    await browser.evaluate(`document.querySelector('[data-chart="share-ttft"] tr:nth-child(2) th').click()`)
    await browser.until(`${coloured('share-ttft')} === 0`)
  })

  test('draws a sweep: its curves, and the run that the reader chooses', async () => {
    await open(sampleReport(SWEEP))
    for (const name of ['curve-ttft', 'curve-tpot', 'share-ttft', 'timeline-2-0', 'gaps-2']) {
      expect(await browser.evaluate(coloured(name)), name).toBeGreaterThan(ENOUGH)
    }
    expect(await browser.evaluate(isThere('timeline-0-0'))).toBe(false)
    await browser.evaluate(`document.querySelector('#chooser input[value="0"]').click()`)
    await browser.until(isThere('timeline-0-0'))
    expect(await browser.evaluate(coloured('timeline-0-0'))).toBeGreaterThan(ENOUGH)
    expect(await browser.evaluate(`document.querySelector('[data-run="2"]').hidden`)).toBe(true)
  })

  /** A place in a chart, by shares of its width and height. */
  async function placeIn(chart: string, across: number, down: number): Promise<{ x: number; y: number }> {
    return browser.evaluate(`(() => {
      const over = document.querySelector('[data-chart="${chart}"] .u-over')
      over.scrollIntoView({ block: 'center' })
      const { left, top, width, height } = over.getBoundingClientRect()
      return { x: left + width * ${across}, y: top + height * ${down} }
    })()`)
  }
  const mouse = (type: string, place: { x: number; y: number }, more = {}) =>
    browser.send('Input.dispatchMouseEvent', { type, ...place, ...more })

  test('tells of the place under the pointer', async () => {
    await open(sampleReport([STALLED]))
    await mouse('mouseMoved', await placeIn('share-ttft', 0.8, 0.5))
    await mouse('mouseMoved', await placeIn('share-ttft', 0.9, 0.5))
    const legend = `document.querySelector('[data-chart="share-ttft"] .u-legend').innerText`
    await browser.until(`/concurrency 4\\s+9\\d(\\.\\d)? %/.test(${legend}) && /\\d ms/.test(${legend})`)
    await mouse('mouseMoved', await placeIn('gaps-0', 0.5, 0.5))
    await mouse('mouseMoved', await placeIn('gaps-0', 0.5, 0.9))
    const told = `document.querySelector('[data-chart="gaps-0"] .told').innerText`
    await browser.until(`/^[\\d,]+ gaps? of .* ms … .* ms at .* s … .* s$/.test(${told})`)
    expect(browser.complaints).toEqual([])
  })

  test('a drag zooms all charts of a run in, and a double click out again', async () => {
    await open(sampleReport([STALLED]))
    const pictures = () =>
      browser.evaluate<string[]>(
        `['timeline-0-0', 'timeline-0-1', 'gaps-0'].map(chart => document.querySelector('[data-chart="' + chart + '"] canvas').toDataURL())`,
      )
    const before = await pictures()
    const from = await placeIn('timeline-0-0', 0.3, 0.5)
    const to = await placeIn('timeline-0-0', 0.6, 0.5)
    await mouse('mouseMoved', from)
    await mouse('mousePressed', from, { button: 'left', clickCount: 1 })
    await mouse('mouseMoved', to, { button: 'left', buttons: 1 })
    await mouse('mouseReleased', to, { button: 'left', clickCount: 1 })
    await expect
      .poll(async () => (await pictures()).every((picture, i) => picture !== before[i]), { timeout: 30_000 })
      .toBe(true)
    for (const clickCount of [1, 2]) {
      await mouse('mousePressed', to, { button: 'left', clickCount })
      await mouse('mouseReleased', to, { button: 'left', clickCount })
    }
    await expect.poll(pictures, { timeout: 30_000 }).toEqual(before)
    expect(browser.complaints).toEqual([])
  })

  test('INVALID cannot be overlooked', async () => {
    const verdict = { valid: false, reasons: ['requests went out 12 ms late'] }
    await open(sampleReport([SWEEP[0]!, { ...SWEEP[1]!, verdict }]))
    expect(await browser.evaluate('document.title')).toMatch(/^INVALID: /)
    const words = await text()
    expect(words).toMatch(/^INVALID: The figures of 1 of 2 runs are not the target’s\./)
    expect(words).toContain('concurrency 2: requests went out 12 ms late')
    const size = await browser.evaluate<string>(`getComputedStyle(document.querySelector('.verdict strong')).fontSize`)
    expect(Number.parseFloat(size)).toBeGreaterThan(24)
    await browser.evaluate('scrollTo(0, document.body.scrollHeight)')
    const strip = `document.querySelector('.strip').getBoundingClientRect().top`
    await browser.until(`scrollY > 1000 && ${strip} === 0`)
    expect(await browser.evaluate('document.querySelectorAll("tr.invalid .tag").length')).toBeGreaterThanOrEqual(3)
    await open(sampleReport([SWEEP[0]!]))
    expect(await text()).not.toContain('INVALID:')
  })

  test('names from elsewhere stay text', async () => {
    const run = SWEEP[0]!
    const { measures, spec, info } = run
    const evil = {
      ...run,
      label: EVIL,
      parameters: { [EVIL]: EVIL },
      spec: { ...spec, target: EVIL },
      info: { ...info, model: EVIL, backend: EVIL },
      verdict: { valid: true, reasons: [EVIL] },
      measures: { ...measures, requests: { ...measures.requests, examples: { overloaded: EVIL } } },
      cutShort: EVIL,
    }
    await open(sampleReport([evil, SWEEP[1]!], { command: EVIL, kind: EVIL, findings: [EVIL], commit: EVIL }))
    expect(await browser.evaluate('document.images.length')).toBe(0)
    expect(await browser.evaluate('document.scripts.length')).toBe(3)
    expect(await browser.evaluate('document.title')).toContain('</script>')
    expect(await text()).toContain(EVIL)
    expect(await browser.evaluate(coloured('share-ttft'))).toBeGreaterThan(ENOUGH)
  })

  test('a report of nothing opens too', async () => {
    await open(sampleReport([]))
    expect(await text()).toContain('Nothing was measured')
    const none = sampleRun({ seed: 1, concurrency: 1, seconds: 1, errors: 1 })
    await open(sampleReport([none]))
    expect(await text()).toContain('the queue is full')
    expect(await text()).not.toMatch(/NaN|undefined|null/)
  })

  test('so does one of a few milliseconds, of one bucket, or of a target that always takes the same', async () => {
    const short = smallRun()
    const records = SMALL_RECORDS.slice(0, 1)
    const one = { ...short, series: seriesOf(records, samplesOf(records)) }
    const quantiles = { ...short.series.quantiles, ttft: Array(201).fill(50) }
    await open(sampleReport([short, one, { ...short, series: { ...short.series, quantiles } }]))
    for (const run of [0, 1, 2]) {
      await browser.evaluate(`document.querySelector('#chooser input[value="${run}"]').click()`)
      await browser.until(isThere(`gaps-${run}`))
    }
    expect(browser.complaints).toEqual([])
    expect(await browser.evaluate(coloured('share-ttft'))).toBeGreaterThan(ENOUGH)
  })

  test.each([1200, 400])('nothing sticks out at %i pixels, light or dark', async width => {
    await browser.send('Emulation.setDeviceMetricsOverride', { width, height: 900, deviceScaleFactor: 1, mobile: true })
    for (const value of ['light', 'dark']) {
      await browser.send('Emulation.setEmulatedMedia', { features: [{ name: 'prefers-color-scheme', value }] })
      await open(sampleReport([...SWEEP, { ...STALLED, label: `a-label-${'without-an-end-'.repeat(8)}` }]))
      await browser.evaluate(`document.querySelectorAll('details').forEach(details => { details.open = true })`)
      expect(await browser.evaluate('document.documentElement.scrollWidth')).toBeLessThanOrEqual(width)
    }
    await browser.send('Emulation.clearDeviceMetricsOverride')
    await browser.send('Emulation.setEmulatedMedia', { features: [] })
  })

  test('charts follow the scheme and the width', async () => {
    const paint = (value: string) =>
      browser.send('Emulation.setEmulatedMedia', { features: [{ name: 'prefers-color-scheme', value }] })
    const line = `document.querySelector('[data-chart="share-ttft"] .u-legend tr:nth-child(2) .u-marker').style.borderColor`
    await paint('light')
    await open(sampleReport([STALLED]))
    const before = await browser.evaluate<string>(line)
    await paint('dark')
    await browser.until(`${line} !== ${JSON.stringify(before)}`)
    const width = `document.querySelector('[data-chart="gaps-0"] .u-wrap').clientWidth`
    await browser.send('Emulation.setDeviceMetricsOverride', {
      width: 500,
      height: 900,
      deviceScaleFactor: 1,
      mobile: true,
    })
    await browser.until(`${width} < 500 && ${width} === document.querySelector('[data-chart="gaps-0"]').clientWidth`)
    await browser.send('Emulation.clearDeviceMetricsOverride')
    await browser.send('Emulation.setEmulatedMedia', { features: [] })
    expect(browser.complaints).toEqual([])
  })
})

import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { KeyAccess, keysFrom } from '../src/serve/index.ts'
import { Browser, browserPath } from './browser.ts'
import { type MockServer, serveMock } from './serve-mock.ts'

const CHAT = 'document.getElementById("postV1ChatCompletions")'
const FORM = `${CHAT}.querySelector("form.try")`
const textOf = (selector: string) => `${FORM}.querySelector(${JSON.stringify(selector)}).textContent`
const write = (body: unknown) => `${FORM}.elements.body.value = ${JSON.stringify(JSON.stringify(body))}`
const ended = `/ in \\d+ ms$/.test(${textOf('.status')})`

describe.skipIf(!browserPath)('the page in a browser (skipped where there is no Chromium)', () => {
  let browser: Browser
  let mock: MockServer
  beforeAll(async () => {
    mock = await serveMock({ itlMs: 1, tokens: 8 })
    browser = await Browser.start(browserPath!)
  })
  afterAll(async () => {
    await browser?.[Symbol.asyncDispose]()
    await mock?.[Symbol.asyncDispose]()
  })
  beforeEach(async () => {
    browser.requested.length = 0
    browser.complaints.length = 0
    await browser.open(`${mock.server.url}/docs`)
  })

  test('opens from / without a complaint, and asks nobody else for anything', async () => {
    await browser.open(`${mock.server.url}/`)
    await browser.until('location.pathname === "/docs"')
    expect(browser.complaints).toEqual([])
    expect(new Set(browser.requested.map(url => new URL(url).origin))).toEqual(new Set([mock.server.url]))
  })

  test('sends the example and shows the answer', async () => {
    await browser.evaluate(`${FORM}.querySelector('button.main').click()`)
    await browser.until(ended)
    expect(await browser.evaluate(textOf('.status'))).toMatch(/^200 OK in \d+ ms$/)
    const answer = JSON.parse(await browser.evaluate<string>(textOf('.reply'))) as { object: string }
    expect(answer.object).toBe('chat.completion')
    expect(browser.complaints).toEqual([])
  })

  test('shows a stream as it comes: its text, and its events', async () => {
    await browser.evaluate(
      write({ messages: [{ role: 'user', content: 'Hi' }], seed: 7, max_tokens: 400, ignore_eos: true }),
    )
    await browser.evaluate(`${FORM}.querySelector('[name=stream]').click()`)
    await browser.until(`${textOf('.status')}.endsWith('streaming …') && ${textOf('.reply')} !== ''`)
    await browser.until(ended)
    const whole = await mock.post('/v1/chat/completions', {
      messages: [{ role: 'user', content: 'Hi' }],
      seed: 7,
      max_tokens: 400,
      ignore_eos: true,
    })
    const { choices } = (await whole.json()) as { choices: [{ message: { content: string } }] }
    expect(await browser.evaluate(textOf('.reply'))).toBe(choices[0].message.content)
    expect(await browser.evaluate(textOf('.frames'))).toMatch(/data: \[DONE\]\n\n$/)
    expect(browser.complaints).toEqual([])
  })

  test('stops a stream, and the engine with it', async () => {
    await browser.evaluate(
      write({ messages: [{ role: 'user', content: 'Hi' }], max_tokens: 100_000, ignore_eos: true }),
    )
    await browser.evaluate(`${FORM}.querySelector('[name=stream]').click()`)
    await browser.until(`${textOf('.reply')} !== ''`)
    await browser.evaluate(`${FORM}.querySelector('.stop').click()`)
    await browser.until(`${textOf('.status')}.startsWith('Stopped after')`)
    await expect.poll(() => mock.engine.stats().running, { timeout: 10_000 }).toBe(0)
  })

  test('shows an error as what it is, markup and all', async () => {
    await browser.evaluate(write({ messages: [{ role: '<img src=x onerror=alert(1)>', content: 'Hi' }] }))
    await browser.evaluate(`${FORM}.querySelector('button.main').click()`)
    await browser.until(ended)
    expect(await browser.evaluate(`${FORM}.querySelector('.status').dataset.state`)).toBe('bad')
    expect(await browser.evaluate(textOf('.reply'))).toContain('"param": "messages[0].role"')
    await browser.evaluate(write('no object'))
    await browser.evaluate(`${FORM}.elements.body.value = '{"model": "<img>'`)
    await browser.evaluate(`${FORM}.querySelector('[name=stream]').click()`)
    await browser.until(`${textOf('.status')}.includes('JSON')`)
    expect(await browser.evaluate('document.images.length')).toBe(0)
  })

  test('opens the route that its address names', async () => {
    const isOpen = 'document.getElementById("getHealth").open'
    expect(await browser.evaluate(isOpen)).toBe(false)
    await browser.evaluate(`document.querySelector('nav a[href="#getHealth"]').click()`)
    await browser.until(isOpen)
  })

  test('is worked by the keyboard alone', async () => {
    const press = async (key: string, code: number, modifiers = 0) => {
      const text = key === 'Enter' ? { text: '\r' } : {}
      const event = { key, code: key, windowsVirtualKeyCode: code, modifiers, ...text }
      await browser.send('Input.dispatchKeyEvent', { type: 'keyDown', ...event })
      await browser.send('Input.dispatchKeyEvent', { type: 'keyUp', ...event })
    }
    await browser.evaluate(`document.querySelector('#postGenerate > summary').focus()`)
    await press('Enter', 13)
    await browser.until('document.getElementById("postGenerate").open')
    const body = 'document.getElementById("postGenerate-body")'
    for (let presses = 0; presses < 10 && !(await browser.evaluate(`document.activeElement === ${body}`)); presses++)
      await press('Tab', 9)
    await press('Enter', 13, 2)
    await browser.until(`document.querySelector('#postGenerate .status').textContent.startsWith('200 OK in')`)
  })

  test.each([1280, 380])('nothing sticks out at %i pixels, with all that can be opened open', async width => {
    await browser.send('Emulation.setDeviceMetricsOverride', { width, height: 900, deviceScaleFactor: 1, mobile: true })
    await browser.evaluate(`document.querySelectorAll('details').forEach(details => { details.open = true })`)
    expect(await browser.evaluate('document.documentElement.scrollWidth')).toBeLessThanOrEqual(width)
    await browser.send('Emulation.clearDeviceMetricsOverride')
  })

  test('sends the key where the server asks for one', async () => {
    const access = new KeyAccess(keysFrom('reader a-key-of-enough-characters'))
    await using closed = await serveMock({}, { access })
    await browser.open(`${closed.server.url}/docs`)
    const send = async () => {
      await browser.evaluate(`${FORM}.querySelector('button.main').click()`)
      await browser.until(ended)
      const status = await browser.evaluate<string>(textOf('.status'))
      await browser.evaluate(`${FORM}.querySelector('.status').textContent = ''`)
      return status.slice(0, 3)
    }
    expect(await send()).toBe('401')
    await browser.evaluate(`document.getElementById('key').value = 'a-key-of-enough-characters'`)
    expect(await send()).toBe('200')
  })
})

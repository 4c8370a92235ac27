import { type ChildProcess, spawn } from 'node:child_process'
import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import type { Readable, Writable } from 'node:stream'

const NAMES = ['chromium', 'chromium-browser', 'google-chrome', 'chrome']

/** Where this machine has a browser, if it has one. */
export const browserPath: string | undefined = (process.env.PATH ?? '')
  .split(delimiter)
  .flatMap(folder => NAMES.map(name => join(folder, name)))
  .find(existsSync)

interface Message {
  readonly id?: number
  readonly method?: string
  readonly params?: Record<string, unknown>
  readonly result?: Record<string, unknown>
  readonly error?: { readonly message: string }
}

interface Tab {
  readonly sessionId: string
}

/** A headless Chromium with one tab, led by the DevTools protocol over a pipe. */
export class Browser implements AsyncDisposable {
  /** What the tab has asked the network for. */
  readonly requested: string[] = []
  /** Errors and warnings of its console, and errors that nobody caught. */
  readonly complaints: string[] = []
  readonly #child: ChildProcess
  readonly #profile = mkdtempSync(join(tmpdir(), 'warpline-browser-'))
  readonly #waiting = new Map<number, { resolve(result: Record<string, unknown>): void; reject(error: Error): void }>()
  readonly #gone: Promise<void>
  #tab: Tab | undefined
  #lastId = 0
  #rest = ''

  private constructor(path: string) {
    const options = ['--headless=new', '--no-sandbox', '--disable-gpu', '--disable-background-networking']
    this.#child = spawn(path, [...options, '--remote-debugging-pipe', `--user-data-dir=${this.#profile}`], {
      stdio: ['ignore', 'ignore', 'ignore', 'pipe', 'pipe'],
    })
    this.#gone = new Promise(resolve => this.#child.once('close', () => resolve()))
    this.#child.once('error', error => this.#fail(error))
    this.#child.once('close', () => this.#fail(new Error('the browser has ended')))
    ;(this.#child.stdio[3] as Writable).on('error', () => undefined)
    ;(this.#child.stdio[4] as Readable).setEncoding('utf8').on('data', (text: string) => this.#read(text))
  }

  static async start(path: string): Promise<Browser> {
    const browser = new Browser(path)
    const { targetId } = await browser.send('Target.createTarget', { url: 'about:blank' })
    browser.#tab = (await browser.send('Target.attachToTarget', { targetId, flatten: true })) as unknown as Tab
    for (const domain of ['Page', 'Runtime', 'Log', 'Network']) await browser.send(`${domain}.enable`)
    return browser
  }

  /** Resolves when the page is there. */
  async open(url: string): Promise<void> {
    await this.send('Page.navigate', { url })
    await this.until(
      `location.href.startsWith(${JSON.stringify(url.split('#')[0])}) && document.readyState === 'complete'`,
    )
  }

  /** What an expression in the page comes to, its promise awaited. */
  async evaluate<T>(expression: string): Promise<T> {
    const { result, exceptionDetails } = (await this.send('Runtime.evaluate', {
      expression,
      awaitPromise: true,
      returnByValue: true,
      userGesture: true,
    })) as { result: { value: T }; exceptionDetails?: { exception?: { description?: string } } }
    if (exceptionDetails) throw new Error(exceptionDetails.exception?.description ?? expression)
    return result.value
  }

  /** Resolves once `condition` holds in the page; the test's own time limit ends the wait. */
  async until(condition: string): Promise<void> {
    const look = `new Promise(resolve => {
      const look = () => (${condition}) ? resolve(true) : setTimeout(look, 5)
      look()
    })`
    // While a page gives way to the next, its promises are forgotten.
    for (;;) {
      try {
        await this.evaluate(look)
        return
      } catch (error) {
        if (!/context|navigated/i.test((error as Error).message)) throw error
      }
    }
  }

  send(method: string, params: Record<string, unknown> = {}): Promise<Record<string, unknown>> {
    const id = ++this.#lastId
    const message = JSON.stringify({ id, method, params, ...this.#tab })
    return new Promise((resolve, reject) => {
      if (this.#child.exitCode !== null) return reject(new Error('the browser has ended'))
      this.#waiting.set(id, { resolve, reject })
      ;(this.#child.stdio[3] as Writable).write(`${message}\0`)
    })
  }

  async [Symbol.asyncDispose](): Promise<void> {
    // By itself it leaves no children behind that would still write to its profile.
    this.#tab = undefined
    await this.send('Browser.close').catch(() => this.#child.kill('SIGKILL'))
    await this.#gone
    rmSync(this.#profile, { recursive: true, force: true, maxRetries: 10 })
  }

  #read(text: string): void {
    const messages = (this.#rest + text).split('\0')
    this.#rest = messages.pop()!
    for (const message of messages) this.#take(JSON.parse(message) as Message)
  }

  #take({ id, method, params, result, error }: Message): void {
    if (id !== undefined) {
      const waiting = this.#waiting.get(id)
      this.#waiting.delete(id)
      if (error) waiting?.reject(new Error(error.message))
      else waiting?.resolve(result ?? {})
    } else if (method === 'Network.requestWillBeSent') this.requested.push((params!.request as { url: string }).url)
    else if (method === 'Runtime.exceptionThrown') this.complaints.push(JSON.stringify(params!.exceptionDetails))
    else if (method === 'Log.entryAdded') this.complaints.push((params!.entry as { text: string }).text)
    else if (method === 'Runtime.consoleAPICalled') this.complaints.push(JSON.stringify(params!.args))
  }

  #fail(error: Error): void {
    for (const { reject } of this.#waiting.values()) reject(error)
    this.#waiting.clear()
  }
}

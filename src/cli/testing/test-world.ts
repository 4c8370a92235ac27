import { PassThrough } from 'node:stream'
import { openMock } from '../../mock/index.ts'
import type { Output, Signal, World } from '../world.ts'

export interface TestWorld extends World {
  readonly stdin: PassThrough
  readonly out: () => string
  readonly err: () => string
  /** Delivers a signal as the system would. */
  signal(signal: Signal): void
  /** Delivers SIGHUP. */
  reload(): void
  /** Resolves once `text` has been written to either output. */
  seen(text: string): Promise<void>
}

const QUICK = 'mock:?ttft=1ms&itl=100us&tokens=4'

/** A world that remembers what was said in it; every target in it is a mock. */
export function testWorld(
  given: Partial<Pick<World, 'env' | 'cwd' | 'measureRun'>> & { mock?: string } = {},
): TestWorld {
  const stdout = new Recorder()
  const stderr = new Recorder()
  const listeners = new Set<(signal: Signal) => void>()
  const reloaders = new Set<() => void>()
  return {
    env: given.env ?? {},
    cwd: given.cwd ?? '/nowhere',
    stdin: new PassThrough(),
    stdout,
    stderr,
    openTarget: async (target = given.mock ?? QUICK) => openMock(/^https?:/.test(target) ? QUICK : target),
    measureRun: given.measureRun ?? (async (...args) => (await import('../../bench/index.ts')).measureRun(...args)),
    onSignal: listener => {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    onReload: listener => {
      reloaders.add(listener)
      return () => reloaders.delete(listener)
    },
    exit: code => {
      throw new Error(`exit ${code}`)
    },
    out: () => stdout.text,
    err: () => stderr.text,
    signal: signal => {
      for (const listener of listeners) listener(signal)
    },
    reload: () => {
      for (const listener of reloaders) listener()
    },
    seen: async text => {
      while (!stdout.text.includes(text) && !stderr.text.includes(text)) {
        await Promise.race([stdout.next(), stderr.next()])
      }
    },
  }
}

class Recorder implements Output {
  text = ''
  #waiting: (() => void)[] = []

  write(text: string): boolean {
    this.text += text
    for (const wake of this.#waiting.splice(0)) wake()
    return true
  }

  next(): Promise<void> {
    return new Promise(resolve => this.#waiting.push(resolve))
  }

  once(): void {}
}

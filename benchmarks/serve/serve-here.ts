import type { Resources } from './child.ts'

/** The other end of `Child`: tells the port, answers questions, ends with its parent. */
export function serveHere(port: number, answers: Readonly<Record<string, () => unknown>> = {}): void {
  process.on('message', (question: string) => void reply(question === 'resources' ? resources() : answers[question]!()))
  process.on('disconnect', () => process.exit(0))
  process.send!({ port })
}

async function reply(answer: unknown): Promise<void> {
  process.send!(await answer)
}

/** What the process was told to do. */
export function settings<T>(): T {
  return JSON.parse(process.argv[2]!) as T
}

function resources(): Resources {
  globalThis.gc?.()
  const { user, system } = process.cpuUsage()
  return { cpuUs: user + system, rssBytes: process.memoryUsage.rss() }
}

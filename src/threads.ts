import { type ChildProcess, type ForkOptions, fork } from 'node:child_process'
import { Worker, type WorkerOptions } from 'node:worker_threads'

/**
 * Starts `module` (an absolute `.ts` URL made with `import.meta.url`) in a thread of its own.
 *
 * Compiled, the module is the `.js` beside its importer; from sources, the thread loads TypeScript through tsx, which
 * is there wherever sources are.
 *
 * @example
 * const thread = startThread(new URL('./loop.thread.ts', import.meta.url), { workerData })
 */
export function startThread(module: URL, options: WorkerOptions = {}): Worker {
  return new Worker(fromSources ? throughTsx(module) : compiled(module), options)
}

/**
 * As {@link startThread}, in a process of its own with a channel to this one. Of this process's options for Node it has
 * those in `NODE_OPTIONS` alone.
 */
export function startProcess(module: URL, options: Omit<ForkOptions, 'execArgv'> = {}): ChildProcess {
  return fromSources
    ? fork(module, { ...options, execArgv: ['--import', import.meta.resolve('tsx')] })
    : fork(compiled(module), { ...options, execArgv: [] })
}

const fromSources = import.meta.url.endsWith('.ts')

function compiled(module: URL): URL {
  return new URL(module.href.replace(/\.ts$/, '.js'))
}

/** Node 20 gives threads neither `--import` nor their parent's loader, so the thread registers tsx itself. */
function throughTsx(module: URL): URL {
  const tsx = JSON.stringify(import.meta.resolve('tsx/esm/api'))
  const source = `import { register } from ${tsx}; register(); await import(${JSON.stringify(module.href)})`
  return new URL(`data:text/javascript,${encodeURIComponent(source)}`)
}

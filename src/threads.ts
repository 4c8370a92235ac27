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
  const fromSources = import.meta.url.endsWith('.ts')
  return new Worker(fromSources ? throughTsx(module) : new URL(module.href.replace(/\.ts$/, '.js')), options)
}

/** Node 20 gives threads neither `--import` nor their parent's loader, so the thread registers tsx itself. */
function throughTsx(module: URL): URL {
  const tsx = JSON.stringify(import.meta.resolve('tsx/esm/api'))
  const source = `import { register } from ${tsx}; register(); await import(${JSON.stringify(module.href)})`
  return new URL(`data:text/javascript,${encodeURIComponent(source)}`)
}

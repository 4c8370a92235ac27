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
  if (fromSources) return new Worker(throughTsx(module), { ...options, eval: true })
  return new Worker(new URL(module.href.replace(/\.ts$/, '.js')), options)
}

/** `--import tsx` reaches Node 20's main thread alone, so the thread registers tsx itself. */
function throughTsx(module: URL): string {
  const tsx = import.meta.resolve('tsx/esm/api')
  return `import('${tsx}').then(({ register }) => { register(); return import('${module.href}') })`
}

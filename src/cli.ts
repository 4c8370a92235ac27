#!/usr/bin/env node
import { setFlagsFromString } from 'node:v8'

const [major = 0, minor = 0] = process.versions.node.split('.').map(Number)

/** No static imports but Node's: an older Node could not even load the rest, and would not say why. */
if (major < 20 || (major === 20 && minor < 19)) {
  console.error(`warpline: Node.js ${process.versions.node} is too old: install 20.19 or newer`)
  process.exitCode = 1
} else {
  // What outlives the small young generation of the first second would be allocated as old from then on, short-lived as it
  // is: a router spent 15 % more for a request, and added twice as much at p99 (docs/performance.md).
  setFlagsFromString('--no-allocation-site-pretenuring')
  const { listenForSignals, main } = await import('./cli/index.ts')
  // Whoever read our output has seen enough, as `head` has.
  for (const stream of [process.stdout, process.stderr]) {
    stream.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code !== 'EPIPE') throw error
      process.exit(0)
    })
  }
  const code = await main(process.argv.slice(2), {
    env: process.env,
    cwd: process.cwd(),
    command: [process.execPath, ...process.execArgv, ...process.argv.slice(1)],
    stdin: process.stdin,
    stdout: process.stdout,
    stderr: process.stderr,
    openTarget: async (...args) => (await import('./targets.ts')).openTarget(...args),
    measureRun: async (...args) => (await import('./bench/index.ts')).measureRun(...args),
    onSignal: listener => listenForSignals(process.env, listener),
    onReload: listener => {
      process.on('SIGHUP', listener)
      return () => process.off('SIGHUP', listener)
    },
    exit: process.exit,
  })
  process.stdout.write('', () => process.exit(code))
}

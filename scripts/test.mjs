// npm test: everything that can be checked on this machine. `npm test -- PATTERN…` runs those test files alone.
import { spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { ensureInstalled, root } from './install.mjs'
import { ensureMpi, missingMpis, versionOf } from './mpi.mjs'

/** Escape codes are for terminals. */
const COLORS = process.stdout.isTTY ? '--colors=force' : '--colors=off'

const CHECKS = [
  // First: the examples see the package as its users do, by what was built.
  { name: 'build', script: 'scripts/build.mjs', args: [] },
  { name: 'format and lint', script: 'node_modules/@biomejs/biome/bin/biome', args: ['ci', COLORS] },
  { name: 'types', script: 'node_modules/typescript/bin/tsc', args: ['-p', '.'] },
  { name: 'floors', script: 'scripts/floors.mjs', args: [] },
  { name: 'dead code', script: 'node_modules/knip/bin/knip.js', args: ['--no-progress'] },
  { name: 'kernels', script: 'scripts/kernels.mjs', args: [] },
  { name: 'package', script: 'node_modules/publint/src/cli.js', args: ['--strict'] },
]

/** What was not checked for want of the means, and what was checked instead. */
function notRun() {
  const gpu = existsSync('/proc/driver/nvidia/version')
  const emulated = process.platform === 'linux' && spawnSync('g++', ['--version']).status === 0
  const nvcc = spawnSync('nvcc', ['--version']).status === 0
  return [
    'making the parity fixtures and training the bundled model (needs Python with PyTorch)',
    !gpu && emulated && 'the CUDA engine on a GPU (none found); instead, on an emulated one: all of it, at small sizes',
    !gpu && emulated && 'kernels’ speed, races between blocks, and the numbers of cuBLASLt (only a GPU shows them)',
    !gpu && !emulated && 'the CUDA engine (needs an NVIDIA GPU, or g++ on Linux for an emulated one)',
    ...missingMpis(versionOf).map(({ name, debian }) => `communicators over ${name} (needs ${debian})`),
    !nvcc && 'compiling every kernel for every generation of GPUs (needs nvcc)',
  ].filter(line => line !== false)
}

ensureInstalled()
const patterns = process.argv.slice(2)
if (patterns.length === 0 || patterns.some(pattern => pattern.includes('mpi'))) ensureMpi()
const checks = patterns.length > 0 ? [] : CHECKS.map(check)
const tests = runVitest(patterns)

const failures = checks.filter(({ ok }) => !ok)
for (const { name, seconds, ok } of checks) console.log(`${ok ? '✓' : '✗'} ${name} (${seconds.toFixed(1)} s)`)
console.log(`${tests.failed === 0 ? '✓' : '✗'} tests: ${tests.passed} passed, ${tests.failed} failed`)
for (const { name, why } of tests.skipped) console.log(`- not run: ${name}${why ? ` (${why})` : ''}`)
for (const line of notRun()) console.log(`- not run: ${line}`)
const failed = tests.failed + failures.length
console.log(`${tests.passed + checks.length - failures.length} passed, ${failed} failed`)
process.exitCode = failed === 0 ? 0 : 1

function check({ name, script, args }) {
  console.log(`\n── ${name}`)
  const start = performance.now()
  const ok = run(script, args) === 0
  return { name, ok, seconds: (performance.now() - start) / 1000 }
}

function runVitest(patterns) {
  console.log('\n── tests')
  const folder = mkdtempSync(join(tmpdir(), 'warpline-test-'))
  const tally = join(folder, 'tally.json')
  try {
    const args = ['run', '--reporter=default', '--reporter=./scripts/vitest-tally.mjs', ...patterns]
    const status = run('node_modules/vitest/vitest.mjs', args, { WARPLINE_TALLY: tally })
    const result = existsSync(tally) ? JSON.parse(readFileSync(tally, 'utf8')) : { passed: 0, failed: 1, skipped: [] }
    // Vitest has reasons of its own to fail, e.g. a pattern that no file matches.
    return { ...result, failed: status === 0 ? result.failed : Math.max(1, result.failed) }
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

function run(script, args, env = {}) {
  return spawnSync(process.execPath, [join(root, script), ...args], {
    cwd: root,
    env: { ...process.env, ...env },
    stdio: ['ignore', 'inherit', 'inherit'],
  }).status
}

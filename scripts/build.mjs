// src/ → dist/, and nothing at all when dist/ is already what the sources make.
import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import { ensureInstalled, fail, root } from './install.mjs'

const SOURCES = [
  'src',
  'kernels/simd',
  'scripts/build.mjs',
  'scripts/build-simd.mjs',
  'tsconfig.json',
  'tsconfig.build.json',
  'package-lock.json',
]

/** As tsconfig.build.json has it. */
const FOR_TESTS = /\.test\.ts$|\/testing(\.ts$|\/)|conformance\.ts$/

const dist = join(root, 'dist')
const stampFile = join(dist, '.stamp')
const lockFile = join(dist, '.lock')

/** Builds unless dist/ is up to date. Two builds at once wait for each other. */
export async function ensureBuilt() {
  ensureInstalled()
  if (isFresh()) return
  mkdirSync(dist, { recursive: true })
  await lock()
  try {
    if (!isFresh()) build()
  } finally {
    rmSync(lockFile, { force: true })
  }
}

function build() {
  const stamp = sourceStamp()
  rmSync(stampFile, { force: true })
  run('node_modules/typescript/bin/tsc', ['-p', 'tsconfig.build.json'])
  if (existsSync(join(root, 'scripts/build-simd.mjs'))) run('scripts/build-simd.mjs', [])
  removeOrphans()
  chmodSync(join(dist, 'cli.js'), 0o755)
  writeFileSync(stampFile, stamp)
}

function run(script, args) {
  const { status } = spawnSync(process.execPath, [join(root, script), ...args], { cwd: root, stdio: ['ignore', 2, 2] })
  if (status !== 0) {
    rmSync(lockFile, { force: true })
    fail(`the build failed in ${script}: see above`)
  }
}

function isFresh() {
  return existsSync(join(dist, 'cli.js')) && existsSync(stampFile) && readFileSync(stampFile, 'utf8') === sourceStamp()
}

/** A hash of names and contents: a checkout changes times without changing files. */
function sourceStamp() {
  const hash = createHash('sha256')
  for (const file of SOURCES.flatMap(source => filesUnder(join(root, source)))) {
    if (FOR_TESTS.test(file)) continue
    hash.update(`${relative(root, file)}\n`).update(readFileSync(file))
  }
  return hash.digest('hex')
}

/** Outputs whose source is gone. */
function removeOrphans() {
  for (const file of filesUnder(dist)) {
    const source = relative(dist, file).replace(/(\.d\.ts|\.js)$/, '.ts')
    const isWanted = existsSync(join(root, 'src', source)) && !FOR_TESTS.test(join('/', source))
    if (source.endsWith('.ts') && !isWanted) rmSync(file)
  }
}

function filesUnder(path) {
  if (!existsSync(path)) return []
  if (!statSync(path).isDirectory()) return [path]
  return readdirSync(path)
    .sort()
    .flatMap(name => filesUnder(join(path, name)))
}

async function lock() {
  for (;;) {
    try {
      return writeFileSync(lockFile, String(process.pid), { flag: 'wx' })
    } catch (error) {
      if (error.code !== 'EEXIST') throw error
      if (!isAlive(lockFile)) rmSync(lockFile, { force: true })
      await new Promise(resolve => setTimeout(resolve, 50))
    }
  }
}

function isAlive(file) {
  try {
    const pid = Number(readFileSync(file, 'utf8'))
    // An empty file is one whose owner has not written its number yet.
    return pid === 0 || process.kill(pid, 0)
  } catch (error) {
    return error.code === 'EPERM'
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await ensureBuilt()

// kernels/simd/ → dist/simd.wasm, and nothing at all when it is already what the sources make.
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('..', import.meta.url))
const sources = join(root, 'kernels/simd')
const dist = join(root, 'dist')
const output = join(dist, 'simd.wasm')
const stampFile = join(dist, 'simd.stamp')

const OPTIONS = [
  '-O3',
  '--noAssert',
  // Nothing is allocated in the module: its memory is the host's arena, up to the 4 GiB that 32-bit addresses reach.
  ...['--runtime', 'stub'],
  ...['--importMemory', '--sharedMemory', '--initialMemory', '1', '--maximumMemory', '65536'],
  ...['--enable', 'simd', '--enable', 'threads'],
]

const stamp = sourceStamp()
const fresh = existsSync(output) && existsSync(stampFile) && readFileSync(stampFile, 'utf8') === stamp
if (!fresh) await build()

async function build() {
  // Only loaded when needed: it takes half a second.
  const { default: asc } = await import('assemblyscript/asc')
  mkdirSync(dist, { recursive: true })
  rmSync(stampFile, { force: true })
  // A build beside this one, or a reader, sees the old file or the new one.
  const temporary = `simd.${process.pid}.wasm`
  const { error, stderr } = await asc.main(['kernels/simd/index.ts', '-o', `dist/${temporary}`, ...OPTIONS], {
    readFile: (name, folder) => (existsSync(join(folder, name)) ? readFileSync(join(folder, name), 'utf8') : null),
    writeFile: (name, contents) => writeFileSync(join(root, name), contents),
    listFiles: (name, folder) => readdirSync(join(folder, name)).filter(file => file.endsWith('.ts')),
    baseDir: root,
  })
  if (error) {
    console.error(`${stderr}${error.message}`)
    process.exitCode = 1
    return
  }
  renameSync(join(dist, temporary), output)
  writeFileSync(stampFile, stamp)
}

/** A hash of names and contents: a checkout changes times without changing files. */
function sourceStamp() {
  const hash = createHash('sha256').update(readFileSync(fileURLToPath(import.meta.url)))
  for (const file of readdirSync(sources).sort()) hash.update(`${file}\n`).update(readFileSync(join(sources, file)))
  return hash.digest('hex')
}

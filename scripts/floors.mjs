// Imports run down only. The house is a table; whoever breaks it is named with file and line.
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'

/** What lies in src/, from the ground up. */
export const FLOORS = [
  ['errors.ts', 'escape-controls.ts', 'threads.ts', 'version.ts', 'clock', 'collections', 'html', 'statistics'],
  ['engine', 'admission', 'formats', 'store', 'wire', 'cuda', 'mpi', 'prompts', 'telemetry'],
  ['native', 'remote', 'llamacpp', 'mock'],
  ['route', 'targets.ts'],
  ['serve', 'bench', 'dispatch', 'kit'],
  ['cli'],
  ['cli.ts', 'index.ts'],
]

/** The contract is spoken on its own floor too… */
const SPOKEN_BY_ALL = 'engine'
/** …but not by these, which are of use without an engine. */
const SILENT = ['formats', 'telemetry', 'cuda', 'mpi']

/** Suites and stand-ins that many tests share. */
const FOR_TESTS = /\/testing(\.ts$|\/)|conformance\.ts$/

/** Inside native/: the parts of a step know nothing of the loop that runs it. */
const INSIDE = [
  { folder: 'native/sampling', mayImport: [] },
  { folder: 'native/device', mayImport: ['native/sampling', 'native/phases.ts'] },
  { folder: 'native/kv', mayImport: ['native/device', 'native/sequence.ts'] },
]

const IMPORT =
  /(?:\bfrom\s*|\bimport\s*\(\s*|^[ \t]*import[ \t]+|\bnew URL\(\s*)(['"])(\.{1,2}\/[^'"]+)\1|^[ \t]*(?:\/\/|\/?\*).*$/gm

/** `[{ file, line, specifier, rule }]` for every import in `sources` (`{ 'serve/app.ts': text }`) that breaks a rule. */
export function violations(sources) {
  return Object.entries(sources).flatMap(([file, text]) =>
    importsOf(text).flatMap(({ specifier, line }) => {
      const rule = brokenRule(file, join(dirname(file), specifier))
      return rule ? [{ file, line, specifier, rule }] : []
    }),
  )
}

function importsOf(text) {
  return [...text.matchAll(IMPORT)]
    .filter(match => match[2] && !match[2].endsWith('.wasm'))
    .map(match => ({ specifier: match[2], line: text.slice(0, match.index).split('\n').length }))
}

function brokenRule(file, target) {
  if (target.startsWith('..')) return undefined
  const from = unitOf(file)
  const to = unitOf(target)
  if (from === to) return isForTests(file) ? undefined : brokenInside(file, target)
  const fromFloor = floorOf(from)
  const toFloor = floorOf(to)
  if (fromFloor < 0) return `${from} is on no floor: give it one in scripts/floors.mjs`
  if (toFloor < 0) return `${to} is on no floor: give it one in scripts/floors.mjs`
  if (SILENT.includes(from) && toFloor > 0) return `${from} may import floor 0 alone`
  const spoken = to === SPOKEN_BY_ALL && fromFloor >= floorOf(SPOKEN_BY_ALL)
  if (toFloor > fromFloor) return `floor ${fromFloor} (${from}) may not import floor ${toFloor} (${to}) above it`
  if (toFloor === fromFloor && !spoken)
    return `${from} and ${to} share floor ${fromFloor} and may not import each other`
  if (target !== to && !isFrontDoor(file, target, to)) return `enter ${to} by its front door, ${to}/index.ts`
  return undefined
}

function isForTests(file) {
  return file.endsWith('.test.ts') || FOR_TESTS.test(file)
}

/** What is made for tests is a second front door, for tests. */
function isFrontDoor(file, target, unit) {
  return target === join(unit, 'index.ts') || (isForTests(file) && FOR_TESTS.test(target))
}

function brokenInside(file, target) {
  const part = INSIDE.find(({ folder }) => file.startsWith(`${folder}/`))
  if (!part || [part.folder, ...part.mayImport].some(path => target === path || target.startsWith(`${path}/`))) {
    return undefined
  }
  return `${part.folder} may import ${part.mayImport.join(' and ') || 'nothing else of native'} only`
}

function unitOf(path) {
  return path.split('/')[0]
}

function floorOf(unit) {
  return FLOORS.findIndex(floor => floor.includes(unit))
}

function sourcesUnder(folder) {
  const files = readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter(entry => entry.isFile() && entry.name.endsWith('.ts'))
    .map(entry => join(entry.parentPath ?? entry.path, entry.name))
  return Object.fromEntries(files.sort().map(file => [relative(folder, file), readFileSync(file, 'utf8')]))
}

/** A check that finds nothing must be known to find something. */
function selfTest() {
  const sample = {
    'formats/a.ts':
      "// import '../serve/index.ts'\nimport { WarplineError } from '../errors.ts'\nimport type { Engine } from '../engine/index.ts'\n",
    'engine/b.ts': "import { WarplineError } from '../errors.ts'\nexport * from './c.ts'\n",
    'mock/c.ts': "import { a } from '../engine/index.ts'\nimport {\n  b,\n} from '../native/index.ts'\n",
    'serve/d.ts': "const x = await import('../cli/index.ts')\nimport { y } from '../engine/events.ts'\n",
    'native/kv/e.ts': "import { Scheduler } from '../scheduler.ts'\nimport type { Sequence } from '../sequence.ts'\n",
    'cellar/f.ts': "import '../errors.ts'\n",
  }
  const found = violations(sample).map(({ file, line }) => `${file}:${line}`)
  const expected = [
    'formats/a.ts:3',
    'mock/c.ts:4',
    'serve/d.ts:1',
    'serve/d.ts:2',
    'native/kv/e.ts:1',
    'cellar/f.ts:1',
  ]
  if (found.join() !== expected.join()) throw new Error(`floors.mjs finds ${found} in its sample, not ${expected}`)
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  selfTest()
  const src = fileURLToPath(new URL('../src', import.meta.url))
  const found = existsSync(src) ? violations(sourcesUnder(src)) : []
  for (const { file, line, specifier, rule } of found) console.error(`src/${file}:${line}: '${specifier}': ${rule}`)
  console.error(
    found.length === 0 ? 'floors: imports run down only' : `floors: ${found.length} imports break the rules`,
  )
  process.exitCode = found.length === 0 ? 0 : 1
}

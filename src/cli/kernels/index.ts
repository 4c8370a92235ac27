import { readFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import { bench, check, KIT, type KitEntry, KitMachine, parseArguments, runKernelFile } from '../../kit/index.ts'
import { closest } from '../closest.ts'
import type { Config } from '../config.ts'
import { EXIT, type ExitCode, UsageError } from '../exit.ts'
import type { World } from '../world.ts'
import { printBench, printCheck, printKernelFile, printList } from './print.ts'

type Action = (names: readonly string[], config: Config, world: World) => Promise<ExitCode> | ExitCode

const ACTIONS: Readonly<Record<string, Action>> = { list, check: checkKit, bench: benchKit, run }

/** `warpline kernels`: the kit, checked and measured on the first GPU, and kernels of anybody's. */
export async function runKernels(config: Config, world: World, words: readonly string[]): Promise<ExitCode> {
  const [name = 'list', ...rest] = words
  const action = Object.hasOwn(ACTIONS, name) ? ACTIONS[name] : undefined
  if (action === undefined) {
    throw new UsageError(`kernels: "${name}" is none of ${Object.keys(ACTIONS).join(', ')}`)
  }
  return await action(rest, config, world)
}

function list(names: readonly string[], config: Config, world: World): ExitCode {
  const entries = chosen(names)
  if (!config.json) printList(entries, world)
  else {
    const rows = entries.map(({ name, what, file, limit, bench, tolerance }) => {
      return { name, what, file: file ?? null, limit, size: bench, tolerance }
    })
    world.stdout.write(`${JSON.stringify(rows, null, 2)}\n`)
  }
  return EXIT.ok
}

function checkKit(names: readonly string[], config: Config, world: World): ExitCode {
  const entries = chosen(names)
  const seed = config.seed ?? Math.floor(Math.random() * 2 ** 31)
  using machine = new KitMachine()
  const results = entries.flatMap(entry => check(entry, machine, seed))
  const ok = results.every(result => result.ok)
  const gpu = machine.device.name
  if (config.json) world.stdout.write(`${JSON.stringify({ gpu, seed, ok, results }, null, 2)}\n`)
  else printCheck({ gpu, seed, results }, world)
  return ok ? EXIT.ok : EXIT.failure
}

function benchKit(names: readonly string[], config: Config, world: World): ExitCode {
  chosen(names)
  using machine = new KitMachine()
  const report = { gpu: machine.device.name, ...bench(KIT, names, machine) }
  if (config.json) world.stdout.write(`${JSON.stringify(report, null, 2)}\n`)
  else printBench(report, world)
  return EXIT.ok
}

async function run([file, ...more]: readonly string[], config: Config, world: World): Promise<ExitCode> {
  if (file === undefined || more.length > 0) throw new UsageError('kernels run: name one file, e.g. mine.cu')
  const source = await readSource(resolve(world.cwd, file), file)
  const args = parseArguments(config.args ?? [])
  using machine = new KitMachine()
  const { kernel, grid, block, seed } = config
  const result = runKernelFile(machine, { file, source, args, kernel, grid, block, seed })
  if (config.json) world.stdout.write(`${JSON.stringify({ gpu: machine.device.name, ...result }, null, 2)}\n`)
  else printKernelFile(machine.device.name, result, world)
  return EXIT.ok
}

/** All of the kit where no names are given. */
function chosen(names: readonly string[]): readonly KitEntry[] {
  const known = KIT.map(({ name }) => name)
  for (const name of names) {
    if (known.includes(name)) continue
    const near = closest(name, known)
    throw new UsageError(
      `the kit has no kernel "${name}"${near ? ` (did you mean ${near}?)` : ''}; warpline kernels list`,
    )
  }
  return KIT.filter(({ name }) => names.length === 0 || names.includes(name))
}

async function readSource(path: string, name: string): Promise<string> {
  try {
    return await readFile(path, 'utf8')
  } catch (error) {
    throw new UsageError(`${name} cannot be read (${(error as NodeJS.ErrnoException).code})`)
  }
}

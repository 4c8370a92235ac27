import { LEAST_CAPABILITY } from '../../native/index.ts'
import { type Format, styleFor } from '../style.ts'
import type { World } from '../world.ts'
import { type CardRow, COMPARED } from './compare.ts'
import type { Plan } from './plan.ts'
import type { PlanRequest } from './request.ts'

type Style = (format: Format, text: string) => string

const USES: Readonly<Record<string, string>> = {
  driver: 'the CUDA driver’s own',
  weights: 'matrices, norms, rotation tables',
  'kv-cache': 'keys and values',
  activations: 'a step’s intermediate results',
  workspace: 'kernels’ scratch',
  graphs: 'recorded steps',
  headroom: 'left',
}

const BAR = 24

export function printPlan(plan: Plan, world: World): void {
  const style = styleFor(world.stdout, world.env)
  const lines = [
    ...heading(plan, style),
    ...warnings(plan, style),
    '',
    ...memoryLines(plan, style),
    '',
    ...verdict(plan, style),
    ...(plan.advice.length > 0 ? ['', style('bold', 'What to change'), ...adviceLines(plan)] : []),
    ...(plan.memory.fits ? ['', ...expectations(plan, style)] : []),
  ]
  world.stdout.write(`${lines.join('\n')}\n`)
}

function heading({ model, parameters, layers, weights, kvType, gpus, memory }: Plan, style: Style): string[] {
  const { count, name, memoryBytes, tensorParallel } = gpus
  const split = tensorParallel > 1 ? `, the model split over ${tensorParallel}` : ''
  const share = `${gib(memory.budgetBytes)} of ${gib(memoryBytes)}${count > 1 ? ' each' : ''} to be used`
  return [
    `${style('bold', model)}  ${(parameters / 1e9).toFixed(2)} B parameters, ${layers} layers; weights ${weights}, keys and values ${kvType}`,
    `${style('bold', `${count} × ${name}`)}  ${share}${split}`,
  ]
}

/** Cards that are too old for the engine's kernels. */
function warnings({ gpus: { name, capability } }: Plan, style: Style): string[] {
  if (capability === undefined || Number(capability) >= Number(LEAST_CAPABILITY)) return []
  const text = `The CUDA engine needs compute capability ${LEAST_CAPABILITY} or more; ${name} has ${capability}.`
  return [style('yellow', text)]
}

function memoryLines({ memory, gpus }: Plan, style: Style): string[] {
  const title = gpus.tensorParallel > 1 ? 'Memory of each GPU' : 'Memory'
  const used = memory.lines.reduce((sum, { bytes }) => sum + bytes, 0)
  const rows = memory.lines.map(({ use, bytes }) => {
    const bar = style(use === 'headroom' ? 'dim' : 'cyan', '█'.repeat(Math.round((BAR * bytes) / used)).padEnd(BAR))
    const percent = `${Math.round((100 * bytes) / memory.budgetBytes)} %`
    return `  ${use.padEnd(12)} ${gib(bytes).padStart(11)} ${percent.padStart(6)}  ${bar}  ${USES[use]}`
  })
  return [style('bold', title), ...rows]
}

function verdict({ memory, batch, context }: Plan, style: Style): string[] {
  const asked = `${count(batch, 'sequence')} of ${context} tokens`
  const limits = [
    memory.largestBatch > 0 ? `${context} tokens each: at most ${count(memory.largestBatch, 'sequence')}` : '',
    memory.largestContext > 0 ? `${count(batch, 'sequence')}: at most ${memory.largestContext} tokens each` : '',
  ].filter(Boolean)
  const bounds = limits.map(text => `  ${text}`)
  if (memory.holdsAll) return [style('green', `fits: ${asked}, ${memory.blocks} KV blocks`), ...bounds]
  const missing = `${gib(memory.missingBytes)} are missing for ${asked}`
  if (memory.fits) {
    const held = `${memory.blocks} of ${memory.wantedBlocks} KV blocks fit, so sequences will wait for each other`
    return [style('yellow', `fits in part: ${missing}; ${held}`), ...bounds]
  }
  return [style('red', `does not fit: ${missing}`), ...bounds]
}

function adviceLines({ advice }: Plan): string[] {
  const width = Math.max(...advice.map(({ option }) => option.length))
  return advice.map(({ change, option, fits, holdsAll, missingBytes }) => {
    const effect = holdsAll ? 'all fits' : `${gib(missingBytes)} still missing${fits ? ', but it runs' : ''}`
    return `  → ${option.padEnd(width)}  ${change}: ${effect}`
  })
}

function expectations({ expected, batch, gpus }: Plan, style: Style): string[] {
  if (expected === undefined) return [`Nothing is known of the speed of ${gpus.name}: see warpline bench.`]
  const decode = expected.decode.map(({ context, tokensPerSecond, bound }) => {
    const behind = `batch ${batch}, ${context} tokens behind each`
    return `  decode       ${behind.padEnd(34)} ${`${significant(tokensPerSecond)} tok/s`.padStart(14)}  bound by ${bound}`
  })
  const first = expected.firstToken.map(({ prompt, seconds, bound }) => {
    const text = `${significant(seconds * 1000)} ms`
    return `  first token  ${`prompt of ${prompt} tokens`.padEnd(34)} ${text.padStart(14)}  bound by ${bound}`
  })
  return [style('bold', 'To be expected, by the card’s data sheet'), ...decode, ...first]
}

export function printComparison(request: PlanRequest, rows: readonly CardRow[], world: World): void {
  const style = styleFor(world.stdout, world.env)
  const { name, storage, kvType, batch, contextLength } = request
  const header = ['card', 'memory', 'takes', 'most sequences', 'decode', 'first token']
  const table = rows.map(row => [
    row.card,
    gib(row.memoryBytes),
    row.cards === undefined ? '–' : `${row.cards} ×`,
    row.cards === undefined ? '–' : String(row.largestBatch),
    row.cards === undefined ? '–' : `${significant(row.tokensPerSecond)} tok/s`,
    row.cards === undefined ? '–' : `${significant(row.firstTokenSeconds * 1000)} ms`,
  ])
  const widths = header.map((_, i) => Math.max(...[header, ...table].map(cells => cells[i]!.length)))
  const line = (cells: readonly string[]) =>
    `  ${cells.map((cell, i) => (i === 0 ? cell.padEnd(widths[i]!) : cell.padStart(widths[i]!))).join('  ')}`
  const lines = [
    `There is no GPU here; this is what ${style('bold', name)} takes elsewhere. --gpus 2xRTX4090 tells more of one.`,
    `${count(batch, 'sequence')} of ${contextLength} tokens; weights ${storage}, keys and values ${kvType}`,
    '',
    style('bold', line(header)),
    ...table.map(line),
    '',
    `Decode with ${COMPARED.context} tokens behind each sequence, first token of a prompt of ${COMPARED.prompt}: by the cards’ data sheets.`,
  ]
  world.stdout.write(`${lines.join('\n')}\n`)
}

function gib(bytes: number): string {
  return bytes >= 2 ** 30 ? `${(bytes / 2 ** 30).toFixed(2)} GiB` : `${(bytes / 2 ** 20).toFixed(1)} MiB`
}

function significant(value: number): string {
  return value >= 100 ? String(Math.round(value)) : value.toPrecision(3)
}

function count(n: number, noun: string): string {
  return `${n} ${noun}${n === 1 ? '' : 's'}`
}

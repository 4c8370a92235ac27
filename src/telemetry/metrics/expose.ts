import { type Family, type HistogramSample, type Labels, sampleNames } from './family.ts'

/** The content type of what `expose` returns. */
export const EXPOSITION_TYPE = 'text/plain; version=0.0.4; charset=utf-8'

const METRIC_NAME = /^[a-zA-Z_:][a-zA-Z0-9_:]*$/
const LABEL_NAME = /^(?!__)[a-zA-Z_][a-zA-Z0-9_]*$/

/**
 * What the families hold now, in Prometheus' text format 0.0.4.
 *
 * @throws Error where a family's name, type and samples do not fit each other, or two share a name.
 */
export function expose(families: Iterable<Family>): string {
  const taken = new Set<string>()
  let text = ''
  for (const family of families) {
    check(family, taken)
    text += `# HELP ${family.name} ${escapeHelp(family.help)}\n# TYPE ${family.name} ${family.type}\n`
    text += samples(family)
  }
  return text
}

function check({ name, type }: Family, taken: Set<string>): void {
  if (!METRIC_NAME.test(name)) throw new Error(`${JSON.stringify(name)} is no name for a metric`)
  // vLLM has a histogram whose name ends so; its lines do not.
  if (type !== 'histogram' && (type === 'counter') !== name.endsWith('_total'))
    throw new Error(`${name} is a ${type}: the names of counters, and only theirs, end in _total`)
  for (const line of sampleNames(name, type)) {
    if (taken.has(line)) throw new Error(`two families have lines named ${line}`)
    taken.add(line)
  }
}

function samples(family: Family): string {
  const { name, type } = family
  let text = ''
  for (const sample of family.collect()) {
    if ('histogram' in sample !== (type === 'histogram'))
      throw new Error(
        `${name} is a ${type}, but a sample of it is ${'histogram' in sample ? 'a histogram' : 'a number'}`,
      )
    text += 'histogram' in sample ? histogram(name, sample) : line(name, pairs(name, sample.labels), sample.value)
  }
  return text
}

function histogram(name: string, { labels, histogram: { bounds, counts, sum }, scale = 1 }: HistogramSample): string {
  if (labels && 'le' in labels) throw new Error(`${name}: le is the label of a histogram's bounds`)
  const own = pairs(name, labels)
  const before = `${name}_bucket{${own}${own && ','}le="`
  const uppers = spelledBounds(bounds, scale)
  let text = ''
  let count = 0
  for (let i = 0; i < counts.length; i++) {
    count += counts[i]!
    text += before + uppers[i] + '"} ' + count + '\n'
  }
  return text + line(`${name}_sum`, own, sum * scale) + line(`${name}_count`, own, count)
}

/** By the bounds that they spell: a histogram's stay the same from scrape to scrape, and to spell them is most of the work. */
const known = new WeakMap<readonly number[], { readonly scale: number; readonly uppers: readonly string[] }>()

function spelledBounds(bounds: readonly number[], scale: number): readonly string[] {
  const found = known.get(bounds)
  if (found?.scale === scale) return found.uppers
  const uppers = [...bounds.map(bound => spelled(scaled(bound, scale))), '+Inf']
  known.set(bounds, { scale, uppers })
  return uppers
}

/** Without the noise of binary fractions: 1.8 ms are 0.0018 s and not 0.0018000000000000002. */
function scaled(bound: number, scale: number): number {
  return scale === 1 ? bound : Number((bound * scale).toPrecision(12))
}

function line(name: string, labels: string, value: number): string {
  return `${name}${labels && `{${labels}}`} ${spelled(value)}\n`
}

function pairs(name: string, labels: Labels = {}): string {
  let text = ''
  for (const label in labels) {
    if (!LABEL_NAME.test(label)) throw new Error(`${name}: ${JSON.stringify(label)} is no name for a label`)
    text += `${text && ','}${label}="${escapeLabel(labels[label]!)}"`
  }
  return text
}

function spelled(value: number): string {
  return Number.isFinite(value) || Number.isNaN(value) ? String(value) : value > 0 ? '+Inf' : '-Inf'
}

function escapeHelp(text: string): string {
  return text.replaceAll('\\', '\\\\').replaceAll('\n', '\\n')
}

function escapeLabel(text: string): string {
  return escapeHelp(text).replaceAll('"', '\\"')
}

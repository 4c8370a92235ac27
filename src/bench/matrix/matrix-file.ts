import { readFile } from 'node:fs/promises'
import { basename } from 'node:path'
import { z } from 'zod'
import type { NativeOptions } from '../../native/index.ts'
import { MatrixFileError } from './matrix-file-error.ts'
import type { EngineOptions, MatrixSpec } from './matrix-spec.ts'

const MOST = 2 ** 20

function whole(min: number) {
  const error = `must be a whole number from ${min} to ${MOST}`
  return z.int({ error }).min(min, { error }).max(MOST, { error })
}

function listOf<T extends z.ZodType>(entry: T) {
  return z.array(entry, { error: 'must be a list' }).min(1, { error: 'must name at least one' })
}

function text(error = 'must be text') {
  return z.string({ error }).min(1, { error })
}

function oneOf(...words: readonly string[]) {
  return z.enum(words, { error: `must be one of ${words.join(', ')}` })
}

/** What an engine in process knows; a server may know others. */
const QUANTISATIONS: readonly string[] = ['none', 'fp8', 'int8'] satisfies (
  | NonNullable<NativeOptions['quantize']>
  | 'none'
)[]

const options = z.strictObject({
  device: z.templateLiteral([z.enum(['auto', 'cpu', 'cpu-reference', 'cuda']), z.string().regex(/^(:\d+)?$/)], {
    error: 'must be auto, cpu, cpu-reference, cuda or cuda:N',
  }),
  threads: whole(1),
  dtype: oneOf('auto', 'f32', 'bf16', 'f16'),
  weights: oneOf('auto', 'f32', 'bf16', 'f16'),
  kvType: oneOf('auto', 'f32', 'bf16', 'f16', 'fp8'),
  loadFormat: oneOf('auto', 'dummy'),
  contextLength: whole(1),
  maxSequences: whole(1),
  tokenBudget: whole(1),
  kvMemory: z.number({ error: 'must be a number of bytes' }),
  gpuMemory: text(),
  prefixCaching: z.boolean({ error: 'must be true or false' }),
  batchInvariant: z.boolean({ error: 'must be true or false' }),
  without: z.array(text(), { error: 'must be a list' }),
} satisfies Record<keyof EngineOptions, z.ZodType>)

const schema = z.strictObject(
  {
    models: listOf(text()),
    batches: listOf(whole(1)),
    promptLengths: listOf(whole(1)),
    gpus: listOf(whole(1)).default([1]),
    quantize: listOf(text()).default(['none']),
    gpuLayers: listOf(z.union([whole(0), z.literal('all')], { error: 'must be a number of layers, or all' })).default([
      'all',
    ]),
    steps: whole(1).default(20),
    warmUp: whole(0).default(5),
    repeats: whole(1).default(1),
    options: options.partial().default({}),
    ceilings: z.boolean({ error: 'must be true or false' }).default(true),
    target: text('must be a URL').optional(),
    serve: z
      .strictObject({
        command: listOf(text()),
        url: z
          .templateLiteral(['http://', z.string()], { error: 'must be an http:// URL' })
          .default('http://127.0.0.1:{port}'),
        readyTimeout: whole(1).default(600),
      })
      .optional(),
    send: z.enum(['tokens', 'text', 'chat'], { error: 'must be tokens, text or chat' }).default('tokens'),
  },
  { error: 'must be an object' },
)

/** @throws MatrixFileError */
export async function readMatrixFile(path: string): Promise<MatrixSpec> {
  let content: string
  try {
    content = await readFile(path, 'utf8')
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    throw new MatrixFileError(`${path}: ${code === 'ENOENT' ? 'there is no such file' : `cannot be read (${code})`}`)
  }
  return await parseMatrix(basename(path), content)
}

/** JSON, or where the name says so YAML. @throws MatrixFileError */
export async function parseMatrix(name: string, content: string): Promise<MatrixSpec> {
  const result = schema.safeParse(await valuesOf(name, content))
  if (!result.success) throw new MatrixFileError(`${name}: ${problem(result.error.issues[0]!)}`)
  const spec = result.data as MatrixSpec
  if (spec.target !== undefined && spec.serve !== undefined)
    throw new MatrixFileError(`${name}: target is a server that is there, serve starts one: give one of them`)
  const served = spec.target !== undefined || spec.serve !== undefined
  if (served && Object.keys(spec.options).length > 0)
    throw new MatrixFileError(`${name}: options are those of an engine here: give a server its own in its command`)
  const unknown = served ? undefined : spec.quantize.find(each => !QUANTISATIONS.includes(each))
  if (unknown !== undefined)
    throw new MatrixFileError(
      `${name}: an engine in process knows no "${unknown}": quantize is of ${QUANTISATIONS.join(', ')}`,
    )
  return spec
}

async function valuesOf(name: string, content: string): Promise<unknown> {
  try {
    return /\.ya?ml$/.test(name) ? (await import('yaml')).parse(content) : JSON.parse(content)
  } catch (error) {
    const [reason] = (error as Error).message.split('\n')
    throw new MatrixFileError(`${name}: ${reason?.replace(/:$/, '')}`)
  }
}

function problem(issue: z.core.$ZodIssue): string {
  const path = issue.path.map((part, i) => (typeof part === 'number' ? `[${part}]` : i > 0 ? `.${String(part)}` : part))
  const place = path.join('')
  if (issue.code !== 'unrecognized_keys') return place === '' ? `it ${issue.message}` : `${place} ${issue.message}`
  const known = place === 'options' ? options.shape : place === 'serve' ? SERVE_KEYS : schema.shape
  return `unknown key "${[place, issue.keys[0]].filter(Boolean).join('.')}": it may have ${Object.keys(known).join(', ')}`
}

const SERVE_KEYS = { command: 0, url: 0, readyTimeout: 0 }

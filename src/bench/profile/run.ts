import {
  type InProcessEngine,
  type ModelConfig,
  type NativeOptions,
  observePhases,
  openInProcess,
  type StepResult,
} from '../../native/index.ts'
import { beginDecoding, ceilingsOf, type Most, type Need, Requests, roomFor, SLACK } from '../engine/index.ts'
import { commit, describeMachine } from '../machine.ts'
import { groupOperations, type Timed } from './group.ts'
import { nvtxPhases } from './nvtx-phases.ts'
import { PhaseRecorder, type Span } from './phase-recorder.ts'
import type { ProfileReport, StepReport } from './report.ts'
import { type TimedOperation, timeOperations } from './timed-operations.ts'

export interface ProfileRequest {
  readonly name: string
  /** A folder, or the name of a known shape. */
  readonly path: string
  readonly options: NativeOptions
  readonly config: ModelConfig
  /** Sequences that decode, and the tokens that each of them holds. */
  readonly batch: number
  readonly depth: number
  /** Tokens of a prompt whose step is profiled as well; 0: none. */
  readonly prompt: number
  /** Steps of the loop that are watched, and how often a step is taken apart. */
  readonly steps: number
  readonly ceilings: boolean
  /** Ranges around operations, for a profiler. */
  readonly nvtx: boolean
  readonly command: string
  readonly onProgress?: (text: string) => void
}

export interface Profile {
  readonly report: ProfileReport
  /** What the loop did. */
  readonly spans: readonly Span[]
}

/** Takes a decode step, and a prompt's, apart into the times of their operations. */
export async function runProfile(request: ProfileRequest): Promise<Profile> {
  const { name, path, batch, prompt, ceilings, onProgress } = request
  onProgress?.(`loading ${name}`)
  await using engine = await openInProcess(path, roomFor(request.config, request.options, needsOf(request)))
  const takeTimes = engine.cuda === undefined ? timeOperations(engine.device) : undefined
  const most = ceilings ? ceilingsOf(engine, onProgress) : undefined
  const recorder = new PhaseRecorder(() => performance.now(), engine.cuda === undefined ? [] : [nvtxPhases])
  const watched = { ...request, engine, takeTimes, most, recorder }
  const reports: StepReport[] = []
  try {
    onProgress?.(`decode, batch ${batch}`)
    reports.push(await profileDecode(watched))
    if (prompt > 0) {
      onProgress?.(`prompt of ${prompt} tokens`)
      reports.push(await profilePrompt(watched))
    }
  } finally {
    observePhases(undefined)
  }
  const { model, storage, kvType, cuda } = engine
  const report: ProfileReport = {
    command: request.command,
    date: new Date().toISOString(),
    commit: commit(),
    machine: describeMachine(cuda?.name.replace(/^cuda\//, '')),
    model: name,
    weights: storage,
    kvType,
    backend: model.backend,
    ceilings: most ?? null,
    steps: reports,
  }
  return { report, spans: recorder.spans }
}

function needsOf({ batch, depth, steps, prompt }: ProfileRequest): readonly Need[] {
  const decode = { sequences: batch, context: Math.max(1, depth) + steps + 1 + SLACK }
  return prompt > 0 ? [decode, { sequences: 1, context: prompt + 1 }] : [decode]
}

interface Watched extends ProfileRequest {
  readonly engine: InProcessEngine
  /** What a CPU has computed since it was asked last. */
  readonly takeTimes: (() => readonly TimedOperation[]) | undefined
  readonly most: Most | undefined
  readonly recorder: PhaseRecorder
}

async function profileDecode(watched: Watched): Promise<StepReport> {
  const { engine, batch, depth, steps, takeTimes, recorder } = watched
  const requests = await beginDecoding(engine, { batch, depth, tokens: steps })
  takeTimes?.()
  observePhases(recorder)
  const results: StepResult[] = []
  const times: (readonly TimedOperation[])[] = []
  for (let i = 0; i < steps; i++) {
    results.push(await recorder.step(() => requests.step()))
    if (takeTimes !== undefined) times.push(takeTimes())
  }
  observePhases(undefined)
  const test = `decode, batch ${batch}${depth > 0 ? ` @ d${depth}` : ''}`
  const report = stepReport(watched, { kind: 'decode', test, tokens: batch }, results, times)
  await requests.end()
  return report
}

async function profilePrompt(watched: Watched): Promise<StepReport> {
  const { engine, prompt, steps, takeTimes, recorder } = watched
  const requests = new Requests(engine)
  const results: StepResult[] = []
  const times: (readonly TimedOperation[])[] = []
  const runPrompt = async (step: () => Promise<StepResult>) => {
    requests.submit(prompt, 1)
    // Of a prompt of several steps, the last.
    let last: StepResult | undefined
    while (requests.running > 0) {
      takeTimes?.()
      last = await step()
    }
    return last!
  }
  await runPrompt(() => requests.step())
  observePhases(recorder)
  for (let i = 0; i < Math.min(steps, MOST_PROMPTS); i++) {
    results.push(await runPrompt(() => recorder.step(() => requests.step())))
    if (takeTimes !== undefined) times.push(takeTimes())
  }
  observePhases(undefined)
  const { tokens } = results[0]!
  const part = tokens < prompt ? `, its last step of ${tokens}` : ''
  const report = stepReport(watched, { kind: 'prefill', test: `prompt of ${prompt}${part}`, tokens }, results, times)
  await requests.end()
  return report
}

/** Prompts take long, and vary little. */
const MOST_PROMPTS = 5

function stepReport(
  { engine: { cuda }, steps, nvtx, most }: Watched,
  what: Pick<StepReport, 'kind' | 'test' | 'tokens'>,
  results: readonly StepResult[],
  times: readonly (readonly TimedOperation[])[],
): StepReport {
  const profile = cuda?.profile({ repetitions: steps, ranges: nvtx })
  const operations: readonly Timed[] =
    profile === undefined
      ? typical(times)
      : profile.operations.map(({ operation: { name, detail, bytes, flops }, ms }) => ({
          name,
          detail,
          ms,
          bytes,
          flops,
        }))
  return {
    ...what,
    operations,
    groups: groupOperations(operations, most),
    sumMicroseconds: operations.reduce((sum, { ms }) => sum + ms, 0) * 1000,
    togetherMicroseconds: profile === undefined ? null : profile.togetherMs * 1000,
    graphMicroseconds: profile?.graphMs === undefined ? null : profile.graphMs * 1000,
    markMicroseconds: profile === undefined ? null : profile.markMs * 1000,
    loopMicroseconds: median(results.map(({ ms }) => ms)) * 1000,
    hostMicroseconds: cuda === undefined ? null : median(results.map(({ hostMs }) => hostMs)) * 1000,
  }
}

/** The median of each operation over steps that have the same ones. */
function typical(times: readonly (readonly TimedOperation[])[]): readonly Timed[] {
  const first = times[0] ?? []
  const alike = times.filter(each => each.length === first.length)
  return first.map(({ name, detail }, i) => ({
    name,
    detail,
    ms: median(alike.map(each => each[i]!.ms)),
    bytes: 0,
    flops: 0,
  }))
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b)
  return sorted[Math.floor(sorted.length / 2)] ?? 0
}

import type { Collected } from '../../src/engine/index.ts'
import type { Outcome } from './client.ts'
import type { Planned } from './workload.ts'

/** What a run was, as far as it decides what must hold of it. */
export interface Terms {
  /** Whether one that could take a request for this model was well throughout, and had room; or go on with one that had begun. */
  isOneWell(model: string | undefined, begun: boolean): boolean
  /** The names that may be asked for, where a table says so. */
  readonly models: ReadonlySet<string> | undefined
  /** Upstreams came and went. */
  readonly tableChanges: boolean
  /** When the router was closed. */
  readonly closesAt: number | undefined
  readonly failover: boolean
  /** Tokens came without ids. */
  readonly hidesIds: boolean
  /** Milliseconds by which a deadline may be missed. */
  readonly slackMs: number
}

const ROUNDING_MS = 1e-6

/** What was wrong with one request; `reference`: what a lone engine answered it. */
export function faultsOf(outcome: Outcome, reference: Collected | undefined, terms: Terms): string[] {
  const faults = [...outcome.breaches]
  if (outcome.how === 'failed') {
    if (!mayFail(outcome, terms)) faults.push(`failed with ${outcome.code}: ${outcome.message}`)
  } else if (reference !== undefined) faults.push(...differences(outcome, reference, terms))
  else if (outcome.how === 'completed') faults.push(...wrongCounts(outcome, terms))
  const { deadlineMs } = outcome.planned.request.routing ?? {}
  const took = outcome.endedAt - outcome.beganAt - (outcome.planned.pauseMs ?? 0)
  if (deadlineMs !== undefined && took > deadlineMs + terms.slackMs)
    faults.push(`ended after ${took.toFixed(0)} ms with a deadline of ${deadlineMs}`)
  return faults.map(fault => `#${outcome.planned.id} (${outcome.planned.kind}): ${fault}`)
}

/** Kinds whose answer is the same wherever it is made. */
export function isRepeatable({ kind }: Planned): boolean {
  return kind === 'greedy' || kind === 'seeded'
}

function mayFail({ planned, code, texts, beganAt, endedAt }: Outcome, terms: Terms): boolean {
  const { request, kind, abortAfterMs, pauseMs } = planned
  const { deadlineMs, upstream, model } = request.routing ?? {}
  const { closesAt = Number.POSITIVE_INFINITY, models, tableChanges } = terms
  if (code === 'engine_closed') return endedAt >= closesAt
  if (code === 'aborted') return abortAfterMs !== undefined
  if (code === 'deadline_exceeded') return deadlineMs !== undefined && endedAt - beganAt >= deadlineMs - ROUNDING_MS
  if (code === 'model_not_found') return model !== undefined && (models?.has(model) !== true || tableChanges)
  if (code === 'invalid_request') return kind === 'invalid' || (upstream !== undefined && tableChanges)
  if (code !== 'unreachable' && code !== 'overloaded') return false
  // Who does not read has none of what the router has taken in for it.
  const mayHaveBegun = texts.length > 0 || pauseMs !== undefined
  if (upstream !== undefined || !terms.isOneWell(model, mayHaveBegun)) return true
  const isSurvivable = terms.failover && isRepeatable(planned)
  return !isSurvivable && mayHaveBegun
}

/** An answer that was left is the reference's beginning; one that completed is all of it. */
function differences(
  { how, texts, ids, logprobs, start, done }: Outcome,
  reference: Collected,
  terms: Terms,
): string[] {
  const faults: string[] = []
  const compare = (what: string, got: unknown, expected: unknown) => {
    const [a, b] = [JSON.stringify(got), JSON.stringify(expected)]
    if (a !== b) faults.push(`its ${what} is ${a}, not ${b}`)
  }
  for (const [choice, expected] of reference.choices.entries()) {
    const [text, its] = [texts[choice] ?? '', ids[choice] ?? []]
    const whole = how === 'completed'
    compare('text', text, whole ? expected.text : expected.text.slice(0, text.length))
    if (!terms.hidesIds) compare('ids', its, whole ? expected.ids : expected.ids.slice(0, its.length))
    const likelihoods = expected.logprobs?.map(({ logprob }) => logprob)
    if (likelihoods) compare('logprobs', logprobs, whole ? likelihoods : likelihoods.slice(0, logprobs.length))
  }
  if (start) compare('prompt', start.promptTokens, reference.start.promptTokens)
  if (!done) return faults
  compare('end', done.choices, reference.done.choices)
  compare(
    'usage',
    [done.usage.promptTokens, done.usage.completionTokens],
    [reference.done.usage.promptTokens, reference.done.usage.completionTokens],
  )
  return faults
}

/** Where there is nothing to compare it with, an answer is at least as long as it says. */
function wrongCounts({ planned, ids, done }: Outcome, { hidesIds }: Terms): string[] {
  if (!done || hidesIds || planned.request.sampling?.stop) return []
  return done.choices.flatMap(({ completionTokens }, choice) => {
    const came = ids[choice]?.length ?? 0
    return came === completionTokens ? [] : [`choice ${choice} has ${came} tokens and says ${completionTokens}`]
  })
}

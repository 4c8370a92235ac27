import type { PolicyName } from '../../route/index.ts'
import type { OptionTable } from '../option-table.ts'
import { choice, duration, flag, number, text, texts } from '../value-types.ts'

const POLICIES = ['power-of-two', 'least-loaded', 'prefix', 'session', 'round-robin'] as const satisfies PolicyName[]

/** How a server over many engines chooses among them. */
export const ROUTE_OPTIONS = {
  upstream: {
    type: texts,
    value: '[NAME=]URL',
    help: 'an engine to spread requests over, in place of a TARGET; give it for each one',
  },
  routes: {
    type: text,
    value: 'FILE',
    help: 'upstreams and models as YAML or JSON, read again at SIGHUP (docs/router.md)',
  },
  policy: {
    type: choice(...POLICIES),
    value: 'NAME',
    help: `how one of them is chosen: ${POLICIES.join(', ')}`,
    default: 'power-of-two',
  },
  tokenizer: {
    type: text,
    value: 'MODEL',
    help: 'the upstreams’ model, by name or folder: prompts are then cut into the blocks that their caches hold (default: by the text’s beginning)',
  },
  failover: {
    type: flag,
    help: 'end an answer that breaks off with an error, and do not go on with it at another upstream',
    default: true,
  },
  hedgeAfter: {
    type: duration,
    value: 'TIME',
    help: 'without a first token for so long, ask another upstream as well and take the first, e.g. 500ms (default: never)',
  },
  reroutes: {
    type: number({ min: 0, max: 100, whole: true }),
    value: 'N',
    help: 'how often a request that failed before its first token is sent to another upstream',
    default: 2,
  },
  firstTokenTimeout: {
    type: duration,
    value: 'TIME',
    help: 'an upstream that owes a first token for so long is given up (default: 2m)',
  },
  stallTimeout: {
    type: duration,
    value: 'TIME',
    help: 'an upstream that falls silent within an answer for so long is given up (default: 30s)',
  },
} as const satisfies Partial<OptionTable>

export const ROUTE_KEYS = Object.keys(ROUTE_OPTIONS) as readonly (keyof typeof ROUTE_OPTIONS)[]

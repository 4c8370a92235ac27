import type { Check } from '../check.ts'
import { abort } from './abort.ts'
import { auth } from './auth.ts'
import { badRequests } from './bad-requests.ts'
import { batchInvariance } from './batch-invariance.ts'
import { health } from './health.ts'
import { lifecycle } from './lifecycle.ts'
import { limits } from './limits.ts'
import { logprobs } from './logprobs.ts'
import { metrics } from './metrics.ts'
import { openaiClient } from './openai-client.ts'
import { overContext } from './over-context.ts'
import { overload } from './overload.ts'
import { prefixCache } from './prefix-cache.ts'
import { schemaFuzz } from './schema-fuzz.ts'
import { seeds } from './seeds.ts'
import { stopStrings } from './stop-strings.ts'
import { streaming } from './streaming.ts'
import { structuredOutput } from './structured-output.ts'
import { toolCalls } from './tool-calls.ts'
import { usage } from './usage.ts'

/** All of them, in the checklist's order. */
export const CHECKS: readonly Check[] = [
  ...health,
  ...auth,
  ...badRequests,
  ...overContext,
  ...streaming,
  ...usage,
  ...stopStrings,
  ...logprobs,
  ...seeds,
  ...batchInvariance,
  ...prefixCache,
  ...abort,
  ...limits,
  ...structuredOutput,
  ...toolCalls,
  ...overload,
  ...metrics,
  ...openaiClient,
  ...schemaFuzz,
  ...lifecycle,
]

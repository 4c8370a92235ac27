import { z } from 'zod'
import { BadMessageError } from './bad-message-error.ts'
import type { ToLead, ToWorker } from './message.ts'

const count = z.number().int().min(0)
const ms = z.number()

const error = z.object({ code: z.string(), message: z.string() })

const result = z.object({
  job: count,
  attempt: count,
  ok: z.boolean(),
  text: z.string().optional(),
  finishReason: z.string().optional(),
  promptTokens: count,
  cachedTokens: count,
  outputTokens: count,
  ttftMs: ms.optional(),
  serviceMs: ms,
  heldMs: ms,
  postMs: ms.optional(),
  tries: count,
  error: error.optional(),
})

const toLead = z.array(
  z.discriminatedUnion('kind', [
    z.object({ kind: z.literal('hello'), pid: count, host: z.string(), version: z.string() }),
    z.object({ kind: z.literal('ready'), slots: count, target: z.string(), device: z.string() }),
    z.object({ kind: z.literal('refused'), target: z.string(), code: z.string(), reason: z.string() }),
    z.object({ kind: z.literal('results'), results: z.array(result) }),
    z.object({ kind: z.literal('beat'), inFlight: count }),
    z.object({ kind: z.literal('signal'), signal: z.enum(['SIGINT', 'SIGTERM']) }),
    z.object({ kind: z.literal('bye'), lagP99Ms: ms }),
  ]),
)

/** What the input holds was checked where the prompts were read: that it is there is enough. */
const order = z.object({
  job: count,
  attempt: count,
  input: z.union([
    z.object({ messages: z.array(z.looseObject({ role: z.string(), content: z.string() })) }),
    z.object({ text: z.string() }),
    z.object({ tokens: z.array(count) }),
  ]),
  maxTokens: count.optional(),
  ignoreEos: z.boolean().optional(),
})

const toWorker = z.array(
  z.discriminatedUnion('kind', [
    z.object({ kind: z.literal('welcome'), localWorker: count, localWorkers: count }),
    z.object({ kind: z.literal('jobs'), jobs: z.array(order) }),
    z.object({ kind: z.literal('beat') }),
    z.object({ kind: z.literal('again') }),
    z.object({ kind: z.literal('finish'), together: z.boolean() }),
  ]),
)

/** @throws BadMessageError */
export const decodeToLead = (data: Buffer): readonly ToLead[] => decode(toLead, data) as readonly ToLead[]

/** @throws BadMessageError */
export const decodeToWorker = (data: Buffer): readonly ToWorker[] => decode(toWorker, data) as readonly ToWorker[]

function decode(schema: z.ZodType, data: Buffer): unknown {
  let value: unknown
  try {
    value = JSON.parse(data.toString())
  } catch (cause) {
    throw new BadMessageError(`a message of ${data.length} bytes is no JSON`, { cause })
  }
  const { success, data: messages, error } = schema.safeParse(value)
  if (success) return messages
  const [issue] = error.issues
  throw new BadMessageError(`a message is not what it should be: ${issue?.path.join('.')}: ${issue?.message}`)
}

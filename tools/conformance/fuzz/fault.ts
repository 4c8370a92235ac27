import { show } from '../check.ts'
import type { Reply } from '../http/client.ts'
import { SseError, SseParser } from '../http/sse.ts'
import { errorBody } from '../shapes.ts'

/** Statuses above 499 that say what they mean: a feature that is not there, a server that cannot now. */
const HONEST = new Set([501, 503, 504])

/** What is wrong with an answer, whatever was asked; undefined where nothing is. */
export function faultOf(reply: Reply): string | undefined {
  const { status, headers, text } = reply
  if (status >= 500 && !HONEST.has(status)) return `status ${status}: ${show(text)}`
  const type = headers['content-type'] ?? ''
  if (status >= 400) {
    const error = parsed(text)
    if (!type.startsWith('application/json')) return `an error of type ${show(type)}: ${status} ${show(text)}`
    return errorBody.safeParse(error).success ? undefined : `an error in another shape: ${status} ${show(text)}`
  }
  if (type.startsWith('text/event-stream')) return streamFault(text)
  if (type.startsWith('application/json') && parsed(text) === undefined)
    return `no JSON, though it says so: ${show(text)}`
  return undefined
}

function streamFault(text: string): string | undefined {
  try {
    const parser = new SseParser()
    const frames = [...parser.push(Buffer.from(text)), ...parser.end()]
    for (const { data } of frames) {
      if (data === '[DONE]') continue
      const chunk = parsed(data) as { error?: { type?: unknown } } | undefined
      if (chunk === undefined) return `an event is no JSON: ${show(data)}`
      if (chunk.error?.type === 'server_error') return `the stream tells of a fault: ${show(data)}`
    }
    return undefined
  } catch (error) {
    if (error instanceof SseError) return error.message
    throw error
  }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

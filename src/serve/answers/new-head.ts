import type { Exchange } from '../exchange/exchange.ts'
import type { AnswerHead } from './answer-shape.ts'

export function newHead(exchange: Exchange, kind: 'chatcmpl' | 'cmpl'): AnswerHead {
  return {
    id: `${kind}-${exchange.uuid.replaceAll('-', '')}`,
    created: Math.floor(Date.now() / 1000),
    model: modelOf(exchange),
  }
}

/** The model that answers, by the name that clients know. */
export function modelOf({ host }: Exchange): string {
  return host.model ?? host.engine().info.model
}

import type { Exchange } from '../exchange/exchange.ts'
import type { AnswerHead } from './answer-shape.ts'
import { chosenModel } from './chosen-model.ts'

/** @param asked the model that the request names */
export function newHead(exchange: Exchange, kind: 'chatcmpl' | 'cmpl', asked: string | null | undefined): AnswerHead {
  return {
    id: `${kind}-${exchange.uuid.replaceAll('-', '')}`,
    created: Math.floor(Date.now() / 1000),
    model: modelOf(exchange, asked),
  }
}

/** The model that answers, by the name that clients know: of several, by the name that the request has for it. */
export function modelOf({ host }: Exchange, asked?: string | null): string {
  return chosenModel(host, asked) ?? host.model ?? host.engine().info.model
}

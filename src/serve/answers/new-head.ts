import { randomUUID } from 'node:crypto'
import type { Exchange } from '../exchange/exchange.ts'
import type { AnswerHead } from './answer-shape.ts'

export function newHead({ host }: Exchange, kind: 'chatcmpl' | 'cmpl'): AnswerHead {
  return {
    id: `${kind}-${randomUUID().replaceAll('-', '')}`,
    created: Math.floor(Date.now() / 1000),
    model: host.model ?? host.engine().info.model,
  }
}

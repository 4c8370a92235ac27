import type { Engine, GenerateRequest, Input, SamplingParams } from '../../engine/index.ts'
import type { JobOrder } from '../messages/message.ts'

/** The request that a job comes to, on this engine. What stands in the file beats what the run says. */
export function requestOf(
  { job, input, maxTokens, ignoreEos }: JobOrder,
  engine: Engine,
  run: RunSampling,
): GenerateRequest {
  const sampling = {
    ...run.sampling,
    ...(maxTokens !== undefined && { maxTokens }),
    ...(ignoreEos !== undefined && { ignoreEos }),
  }
  return { input: inputFor(input, engine, run.send), sampling, id: `job-${job}` }
}

export interface RunSampling {
  readonly sampling: SamplingParams
  /** `auto`: a chat, where the engine has a template for one. */
  readonly send: 'auto' | 'text' | 'chat'
}

function inputFor(input: Input, { info }: Engine, send: RunSampling['send']): Input {
  return send === 'auto' && 'text' in input && info.chat ? { messages: [{ role: 'user', content: input.text }] } : input
}

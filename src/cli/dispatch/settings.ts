import type { DispatchOptions } from '../../dispatch/index.ts'
import { openOptions } from '../bench/settings.ts'
import type { Config } from '../config.ts'
import { UsageError } from '../exit.ts'
import { samplingOf } from '../target.ts'

/** What was chosen on the command line, as ranks take it. @throws UsageError */
export function dispatchOptions(config: Config): DispatchOptions {
  const { prompts, output, targets, gpuMap, send, timeout, cudaPost, ignoreEos } = config
  if (prompts === undefined) throw new UsageError('no prompts: give --prompts FILE')
  if (output === undefined) throw new UsageError('no place for the results: give --output FILE')
  if (send === 'tokens') throw new UsageError('--send tokens: a file of prompts is sent as text or chat')
  return {
    prompts,
    output,
    send,
    open: openOptions(config),
    sampling: { ...samplingOf(config), ...(ignoreEos && { ignoreEos }) },
    retries: config.retries,
    policy: config.schedule,
    inflight: config.inflight,
    heartbeatTimeoutMs: config.heartbeatTimeout * 1000,
    resume: config.resume,
    force: config.force,
    ...(targets !== undefined && { targets }),
    ...(gpuMap !== undefined && { gpuMap }),
    ...(timeout !== undefined && { timeoutMs: timeout * 1000 }),
    ...(cudaPost !== undefined && { post: { where: cudaPost, rounds: config.cudaWork } }),
  }
}

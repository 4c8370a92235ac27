import type { Clock } from '../../clock/index.ts'
import type { EngineError, GenerateRequest, ResolvedSampling } from '../../engine/index.ts'
import type { Decision } from '../chooser.ts'
import type { RouterMetrics } from '../metrics.ts'
import type { RouterSettings } from '../settings.ts'
import type { UpstreamSlot } from '../upstream-slot.ts'
import type { RoutedRequest } from './routed-request.ts'
import type { WaitingLine } from './waiting-line.ts'

/** What a request needs of the router that it belongs to. */
export interface RequestHost {
  readonly clock: Clock
  readonly settings: RouterSettings
  readonly metrics: RouterMetrics
  readonly line: WaitingLine
  /**
   * An engine that the request has not been sent to in vain; undefined where there is none, `full` where one may have room
   * later. `model`: none that answers as another.
   *
   * @throws ModelNotFoundError, and what the prompt's tokenizer throws
   */
  decide(
    request: RoutedRequest,
    tried: readonly UpstreamSlot[],
    model: string | undefined,
  ): Decision | 'full' | undefined
  /** Why {@link decide} finds none, where no engine has said so itself. */
  whyNone(request: GenerateRequest): EngineError
  /** How many tokens one of its answers is expected to have. */
  expectedOutput(sampling: ResolvedSampling): number
  /** The prompt's ids, as the engine at `slot` would begin with; rejects where they cannot be had. */
  promptIds(request: GenerateRequest, slot: UpstreamSlot): Promise<readonly number[]>
  /** It has ended; called once. */
  over(request: RoutedRequest): void
}

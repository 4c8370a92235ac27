/**
 * Large language models served, scheduled and measured. Parts are of use on their own, too, as `warpline/admission`,
 * `warpline/bench`, `warpline/cuda`, `warpline/dispatch`, `warpline/engine`, `warpline/formats`, `warpline/mock`, `warpline/mpi`,
 * `warpline/native`, `warpline/remote`, `warpline/route`, `warpline/serve` and `warpline/telemetry`.
 *
 * @example
 * import { openTarget } from 'warpline'
 *
 * await using engine = await openTarget()
 * for await (const event of engine.generate({ input: { messages: [{ role: 'user', content: 'Hello' }] } })) {
 *   if (event.type === 'tokens') process.stdout.write(event.text)
 * }
 *
 * @module
 */

// What an engine is asked, and what it answers.
export type {
  ChatMessage,
  ChoiceEnd,
  ChosenLogprob,
  Collected,
  CollectedChoice,
  DoneEvent,
  Engine,
  EngineHealth,
  EngineInfo,
  EngineStats,
  Event,
  FinishReason,
  GenerateOptions,
  GenerateRequest,
  Input,
  MessagesInput,
  Role,
  RoutingHints,
  SamplingParams,
  ServedBy,
  StartEvent,
  TextInput,
  Timings,
  TokenLogprob,
  TokensEvent,
  TokensInput,
  Usage,
} from './engine/index.ts'
// What can go wrong.
export {
  AbortedError,
  ContextLengthError,
  collect,
  DeadlineExceededError,
  EngineClosedError,
  EngineError,
  type EngineErrorCode,
  InternalError,
  InvalidRequestError,
  InvalidTargetError,
  ModelLoadError,
  ModelNotFoundError,
  OverloadedError,
  SAMPLING_DEFAULTS,
  UnauthorizedError,
  UnreachableError,
  UnsupportedError,
} from './engine/index.ts'
export { WarplineError } from './errors.ts'
export { FormatError } from './formats/index.ts'
// Where engines come from.
export type { RemoteOptions } from './remote/index.ts'
// Many engines as one.
export {
  type ModelRoute,
  openRouter,
  type PolicyName,
  type Router,
  type RouterOptions,
  type RoutingTable,
  type UpstreamSpec,
  type UpstreamStatus,
} from './route/index.ts'
// An engine over HTTP.
export { InsecureBindError, ListenError, type ServeOptions, type Server, serve } from './serve/index.ts'
export { type OpenOptions, openTarget } from './targets.ts'

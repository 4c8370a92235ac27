import type { EngineInfo, GenerateRequest, RoutingHints } from '../../engine/index.ts'

/** What the engine is told of where it stands. */
export interface Standing {
  /** Of the span that is this engine's. */
  readonly traceparent: string | undefined
  /** Left of the request's time, in ms. */
  readonly leftMs: number | undefined
}

/** The request as one engine is sent it: of the hints, those that are for an engine which may be made of engines itself. */
export function upstreamRequest(
  { routing: hints, ...request }: GenerateRequest,
  info: EngineInfo | undefined,
  { traceparent = hints?.traceparent, leftMs }: Standing,
): GenerateRequest {
  if (hints === undefined && traceparent === undefined) return request
  const { model, session } = hints ?? {}
  const routing: RoutingHints = {
    ...(model !== undefined && info?.models?.includes(model) && { model }),
    ...(session !== undefined && { session }),
    ...(traceparent !== undefined && { traceparent }),
    ...(leftMs !== undefined && { deadlineMs: Math.max(1, leftMs) }),
  }
  return Object.keys(routing).length === 0 ? request : { ...request, routing }
}

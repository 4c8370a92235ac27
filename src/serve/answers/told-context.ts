import { type EngineInfo, UNKNOWN_CONTEXT } from '../../engine/index.ts'

/** The context's length as clients are told it: 0 where a server elsewhere does not tell. */
export function toldContext({ contextLength }: EngineInfo): number {
  return contextLength === UNKNOWN_CONTEXT ? 0 : contextLength
}

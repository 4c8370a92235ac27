import type { ChoiceEnd } from '../../engine/index.ts'

/** vLLM's: which stop string or id ended a choice. Without it, the model's own end token or the limit did. */
export function stopReason({ stop }: ChoiceEnd): { readonly stop_reason?: string | number } {
  return stop === undefined ? {} : { stop_reason: stop }
}

/** The same as a part of a chunk, with a comma before it. */
export function stopReasonText({ stop }: ChoiceEnd): string {
  return stop === undefined ? '' : `,"stop_reason":${JSON.stringify(stop)}`
}

import type { GenerateRequest } from '../../engine/index.ts'
import { inClientsWords, type Renamed } from '../fields/sampling-fields.ts'

/** A prompt of the request, and the field that errors about it name. */
export interface Asked {
  readonly request: GenerateRequest
  readonly field: string
  readonly renamed?: Renamed
  /** The answer tells the prompt as token ids. */
  readonly tellsIds?: boolean
}

/** What `result` gives or throws, the error in the client's words. */
export async function translated<T>(
  { field, renamed }: Pick<Asked, 'field' | 'renamed'>,
  result: Promise<T>,
): Promise<T> {
  try {
    return await result
  } catch (error) {
    throw inClientsWords(error, field, renamed)
  }
}

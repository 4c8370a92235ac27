import { z } from 'zod'

const ids = z.array(z.int().min(0)).optional().meta({ description: 'With return_token_ids.' })

/** vLLM’s names. */
export const tokenIdsReply = { token_ids: ids }
export const promptTokenIdsReply = { prompt_token_ids: ids }

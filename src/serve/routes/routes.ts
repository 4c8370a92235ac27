import { absent } from './absent.ts'
import { applyTemplate } from './apply-template.ts'
import { chat } from './chat.ts'
import { completions } from './completions.ts'
import { detokenize } from './detokenize.ts'
import { documentRoutes } from './documents.ts'
import { generate } from './generate.ts'
import { health, live } from './health.ts'
import { llamaCompletion } from './llama-completion.ts'
import { load } from './load.ts'
import { metrics } from './metrics.ts'
import { model, models } from './models.ts'
import { props } from './props.ts'
import type { Route } from './route.ts'
import { slots } from './slots.ts'
import { tokenize } from './tokenize.ts'

/** Every route there is. */
export const ROUTES: readonly Route[] = [
  chat,
  completions,
  llamaCompletion,
  generate,
  tokenize,
  detokenize,
  applyTemplate,
  models,
  model,
  props,
  health,
  live,
  slots,
  load,
  metrics,
  ...documentRoutes(() => ROUTES),
  ...absent,
]

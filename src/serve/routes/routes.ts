import { chat } from './chat.ts'
import { completions } from './completions.ts'
import { generate } from './generate.ts'
import { health, live } from './health.ts'
import { llamaCompletion } from './llama-completion.ts'
import { model, models } from './models.ts'
import type { Route } from './route.ts'

/** Every route there is. */
export const ROUTES: readonly Route[] = [chat, completions, llamaCompletion, generate, models, model, health, live]

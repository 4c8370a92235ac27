import type { RouteGroup } from '../routes/route.ts'
import type { Tag } from './openapi.ts'

/** In the order in which readers want them. */
export const GROUPS: Readonly<Record<RouteGroup, Tag>> = {
  text: { name: 'Text', description: 'Prompts and chats in, text out.' },
  tokens: { name: 'Tokens and templates', description: 'What the model reads: text as tokens, chats as text.' },
  models: { name: 'Models', description: 'What is served.' },
  operations: { name: 'Operations', description: 'How the server is doing.' },
  documents: { name: 'Documents', description: 'What you are reading.' },
  absent: { name: 'Not here', description: 'Routes of other servers, refused by name.' },
}

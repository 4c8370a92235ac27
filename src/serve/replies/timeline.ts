import { z } from 'zod'

const ms = z.number().min(0)

export const timelineReply = z
  .object({
    queuedAt: ms.meta({ description: 'The request was read, checked and turned into tokens, and stood in line.' }),
    admittedAt: ms.meta({ description: 'It was let through to the engine.' }),
    startedAt: ms.meta({ description: 'Its first step began.' }),
    tokensAt: z.array(ms).meta({ description: 'When tokens came from the engine: one entry for each time.' }),
    tokens: z.array(z.int().min(0)).meta({ description: 'How many came each time.' }),
    endedAt: ms.meta({ description: 'The answer was written, but for this.' }),
  })
  .meta({ id: 'Timeline', description: 'In ms since the head of the request had arrived, to a µs.' })
  .optional()

import { chat } from '../ask.ts'
import { type Check, type Context, demand } from '../check.ts'

/** Of different lengths, so that they are prefilled and end at different steps. */
const QUESTIONS = [
  'What is a prefix cache?',
  'Who are you?',
  'What is TTFT, and why does it matter to those who wait for the first word of an answer?',
  'Why?',
  'Say what a block table is. '.repeat(6),
  'What does a scheduler do in each step?',
  'Hello',
  'What is tensor parallelism? '.repeat(12),
]

/** Requests at once. */
const WIDTHS = [2, 3, 4, 8, 16]

export const batchInvariance: readonly Check[] = [
  {
    id: 'batch.same',
    item: 10,
    what: `${WIDTHS.join(', ')} requests at once say what each says alone, at temperature 0`,
    extraSeconds: () => 30,
    async run(context) {
      const alone: string[] = []
      for (const [i] of QUESTIONS.entries()) alone.push(await answer(context, i))
      for (const width of WIDTHS) {
        const which = Array.from({ length: width }, (_, i) => i % QUESTIONS.length)
        const together = await Promise.all(which.map(i => answer(context, i)))
        const changed = which.filter((question, i) => together[i] !== alone[question])
        demand(changed.length === 0, `${changed.length} of ${width} at once say something else than alone`)
      }
    },
  },
]

async function answer(context: Context, question: number): Promise<string> {
  const messages = [{ role: 'user', content: QUESTIONS[question] }]
  return (await chat(context, { messages, max_tokens: 16 + question })).choices[0]?.message.content ?? ''
}

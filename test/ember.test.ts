import { readFileSync } from 'node:fs'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { type ChatMessage, collect, type Engine } from '../src/engine/index.ts'
import { openTarget } from '../src/targets.ts'

interface Question {
  readonly category: string
  readonly messages: readonly ChatMessage[]
  /** The answer, or for `contains` pieces of which it holds one. */
  readonly expected: string | readonly string[]
  readonly match: 'exact' | 'contains'
}

/** The model card's names of the categories of `heldout.jsonl`. */
const CARD_NAMES: Readonly<Record<string, string>> = {
  glossary: 'LLM inference (glossary)',
  warpline: 'Warpline',
  'yes/no': 'yes/no on facts',
  comparisons: 'yes/no and comparisons on numbers',
  sums: 'sums',
  counting: 'counting',
  refusals: 'refusals',
  'small talk': 'small talk',
  'follow-up': 'follow-ups, in wordings never trained on',
  'long context': 'a question after some 700 tokens of conversation',
}

const read = (path: string) => readFileSync(new URL(`../${path}`, import.meta.url), 'utf8')
const lines = read('tools/ember/heldout.jsonl').trim().split('\n')
const questions = lines.map(line => JSON.parse(line) as Question)

let engine: Engine
beforeAll(async () => {
  engine = await openTarget('ember')
})
afterAll(() => engine.close())

async function answersRightly({ messages, expected, match }: Question): Promise<boolean> {
  const { choices } = await collect(engine.generate({ input: { messages }, sampling: { temperature: 0 } }))
  const { text } = choices[0]!
  return match === 'exact' ? text === expected : [expected].flat().some(piece => text.includes(piece))
}

it.each(Object.entries(CARD_NAMES))('ember scores on %s what its card says', async (category, name) => {
  const asked = questions.filter(question => question.category === category)
  const right = (await Promise.all(asked.map(answersRightly))).filter(Boolean).length
  const row = read('models/ember/README.md')
    .split('\n')
    .find(line => line.startsWith(`| ${name} |`))
  expect(row?.split('|')[2]?.trim()).toBe(`${right} / ${asked.length}`)
})

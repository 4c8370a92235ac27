import { chat } from '../ask.ts'
import { type Check, type Context, demand, Failure, show } from '../check.ts'

const SEEDS = [1, 2, 3, 4, 5]

const LAMP = {
  type: 'object',
  properties: { color: { enum: ['red', 'green', 'blue'] }, lit: { type: 'boolean' }, watts: { enum: [5, 40] } },
  required: ['color', 'lit', 'watts'],
  additionalProperties: false,
}

export const structuredOutput: readonly Check[] = [
  {
    id: 'structured.schema',
    item: 15,
    what: 'with a JSON schema the answer follows it, whatever the seed',
    async run(context) {
      const response_format = { type: 'json_schema', json_schema: { name: 'lamp', strict: true, schema: LAMP } }
      for (const seed of SEEDS) {
        const lamp = await parsedAnswer(context, { response_format, seed })
        const { color, lit, watts, ...more } = lamp as Readonly<Record<string, unknown>>
        demand(
          LAMP.properties.color.enum.includes(String(color)) &&
            typeof lit === 'boolean' &&
            [5, 40].includes(Number(watts)),
          `the answer is ${show(lamp)}`,
        )
        demand(Object.keys(more).length === 0, `the answer has more than the schema: ${show(lamp)}`)
      }
    },
  },
  {
    id: 'structured.json',
    item: 15,
    what: 'with json_object the answer is an object, if it ends',
    async run(context) {
      for (const seed of SEEDS) {
        const fields = { response_format: { type: 'json_object' }, seed }
        const value = await parsedAnswer(context, fields)
        demand(value === undefined || (typeof value === 'object' && value !== null), `the answer is ${show(value)}`)
      }
    },
  },
]

/** Undefined where the answer was cut short. */
async function parsedAnswer(context: Context, fields: object): Promise<unknown> {
  const messages = [{ role: 'user', content: 'Describe a lamp as JSON.' }]
  const [choice] = (await chat(context, { messages, temperature: 1, max_tokens: 128, ...fields })).choices
  if (choice?.finish_reason === 'length') return undefined
  try {
    return JSON.parse(choice?.message.content ?? '')
  } catch {
    throw new Failure(`the answer is no JSON: ${show(choice?.message.content)}`)
  }
}

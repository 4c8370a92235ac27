import { CHAT, chat, chatFields, messageOf, WILD } from '../ask.ts'
import { type Check, type Context, demand, demandEqual, Skip } from '../check.ts'

async function textOf(context: Context, fields: object): Promise<string> {
  return (await chat(context, { ...WILD, ...fields })).choices[0]?.message.content ?? ''
}

export const seeds: readonly Check[] = [
  {
    id: 'seeds.same',
    item: 9,
    what: 'the same seed gives the same text',
    async run(context) {
      for (const seed of [1, 42])
        demandEqual(await textOf(context, { seed }), await textOf(context, { seed }), `seed ${seed}`)
    },
  },
  {
    id: 'seeds.different',
    item: 9,
    what: 'other seeds give other texts, and so does none',
    async run(context) {
      const texts = new Set<string>()
      for (const seed of [1, 2, 3, 4]) texts.add(await textOf(context, { seed }))
      demand(texts.size > 1, 'four seeds gave one text')
      const drawn = new Set<string>()
      for (let i = 0; i < 4; i++) drawn.add(await textOf(context, {}))
      demand(drawn.size > 1, 'without a seed, four texts are the same')
    },
  },
  {
    id: 'seeds.n',
    item: 9,
    what: 'n gives as many choices, numbered, each its own; the same again with the same seed',
    async run(context) {
      const fields = { n: 3, ...WILD, seed: 5 }
      const reply = await context.client.post(CHAT, chatFields(context, fields))
      if (reply.status === 400 || reply.status === 501) throw new Skip(`${reply.status}: ${messageOf(reply)}`)
      const [first, again] = [await chat(context, fields), await chat(context, fields)]
      demandEqual(first.choices.map(({ index }) => index).toSorted(), [0, 1, 2], 'the indexes')
      const texts = first.choices.map(({ message }) => message.content)
      demand(new Set(texts).size > 1, 'all choices say the same')
      demandEqual(
        again.choices.map(({ message }) => message.content),
        texts,
        'the texts',
      )
    },
  },
]

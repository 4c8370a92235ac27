import { chat, chatText, type Fields, streamChat, WILD } from '../ask.ts'
import { type Check, type Context, demand, demandEqual, demandText, Skip } from '../check.ts'

/** Seeds to try until a text holds more than ASCII. */
const WILD_SEEDS = 8

/** A text and the places, in UTF-16 units, where its tokens met. */
async function pieces(context: Context): Promise<{ text: string; seams: readonly number[] }> {
  for (let tries = 1; ; tries++) {
    const found = await piecesOnce(context)
    if (found.seams.length >= 4) return found
    // A server that lags sends several tokens at once.
    if (tries === 5) throw new Skip(`the answer is too short: ${JSON.stringify(found.text)}`)
  }
}

async function piecesOnce(context: Context): Promise<{ text: string; seams: readonly number[] }> {
  const { chunks } = await streamChat(context)
  const seams: number[] = []
  let length = 0
  for (const { choices } of chunks) {
    const content = choices[0]?.delta.content ?? ''
    if (content !== '' && length > 0) seams.push(length)
    length += content.length
  }
  return { text: chatText(chunks), seams }
}

/** Two characters of either side of a seam. */
function across(text: string, seam: number): string {
  return text.slice(Math.max(0, seam - 2), seam + 2)
}

async function bothWays(context: Context, stop: string | readonly string[]) {
  const whole = (await chat(context, { stop })).choices[0]!
  const { chunks } = await streamChat(context, { stop })
  const choices = chunks.flatMap(chunk => chunk.choices)
  const finish = choices.map(choice => choice.finish_reason).find(Boolean)
  return [
    { way: 'whole', text: whole.message.content, finish: whole.finish_reason },
    { way: 'streamed', text: chatText(chunks), finish },
  ]
}

export const stopStrings: readonly Check[] = [
  {
    id: 'stop.split',
    item: 7,
    what: 'a stop string that tokens split ends the text before it, and none of it is seen',
    async run(context) {
      const { text, seams } = await pieces(context)
      for (const seam of [seams[1]!, seams.at(-2)!]) {
        const stop = across(text, seam)
        for (const { way, text: got, finish } of await bothWays(context, stop)) {
          demandText(got, text.slice(0, text.indexOf(stop)), `${way}, stopped at ${JSON.stringify(stop)}`)
          demandEqual(finish, 'stop', `${way}: finish_reason`)
        }
      }
    },
  },
  {
    id: 'stop.partial',
    item: 7,
    what: 'text that only begins like a stop string is held back no longer than needed',
    async run(context) {
      const { text, seams } = await pieces(context)
      const stops = seams.slice(0, 3).map(seam => `${across(text, seam)}\u0001never`)
      const ending = `${text.slice(-3)}\u0001never`
      for (const { way, text: got } of await bothWays(context, [...stops, ending])) demandText(got, text, way)
    },
  },
  {
    id: 'stop.list',
    item: 7,
    what: 'of several stop strings, the one that is whole first ends the text',
    async run(context) {
      const { text, seams } = await pieces(context)
      const [early, late] = [across(text, seams[1]!), across(text, seams[3]!)]
      const ends = [early, late].map(stop => ({ begin: text.indexOf(stop), end: text.indexOf(stop) + stop.length }))
      const [first] = ends.toSorted((a, b) => a.end - b.end)
      for (const { way, text: got } of await bothWays(context, [late, early, 'zzzzzz']))
        demandText(got, text.slice(0, first!.begin), way)
    },
  },
  {
    id: 'stop.utf8',
    item: 7,
    what: 'characters are never split: wild text is the same streamed and whole',
    async run(context) {
      let isWild = false
      for (let seed = 1; seed <= WILD_SEEDS && !isWild; seed++) {
        const fields = { ...WILD, seed }
        const whole = await wildText(context, fields)
        const { chunks } = await streamChat(context, fields)
        for (const { choices } of chunks)
          for (const { delta } of choices)
            demand(!/\p{Cs}/u.test(delta.content ?? ''), `half a character: ${JSON.stringify(delta.content)}`)
        if (chatText(chunks) !== whole) await demandRepeatable(context, fields, whole)
        demandText(chatText(chunks), whole, `the text with seed ${seed}`)
        isWild = !/^\p{ASCII}*$/u.test(whole)
      }
      if (!isWild) context.note('all of it was ASCII')
    },
  },
  {
    id: 'stop.special',
    item: 7,
    what: 'an answer that ends by itself shows no special token',
    async run(context) {
      const { choices } = await chat(context, { max_tokens: 128 })
      const [special] =
        /<\|[^|]*\|>|<\/?s>|<(?:end|start)_of_turn>|\[\/?INST\]/.exec(choices[0]?.message.content ?? '') ?? []
      demand(special === undefined, `the text shows ${special}`)
      if (choices[0]?.finish_reason !== 'stop') context.note('it did not end by itself')
    },
  },
]

async function wildText(context: Context, fields: Fields): Promise<string> {
  return (await chat(context, fields)).choices[0]!.message.content ?? ''
}

/** Where one seed gives several texts, there is nothing to compare with. */
async function demandRepeatable(context: Context, fields: Fields, text: string): Promise<void> {
  for (let i = 0; i < 4; i++)
    if ((await wildText(context, fields)) !== text) throw new Skip('one seed gives several texts')
}

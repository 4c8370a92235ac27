import { expect, test } from 'vitest'
import { serveMock } from '../../test/serve-mock.ts'

interface Choice {
  readonly finish_reason: string | null
  readonly stop_reason?: string | number
}

const chat = { messages: [{ role: 'user', content: 'Once upon' }] }
const completion = { prompt: 'Once upon' }

/** The end of the only choice, whole and streamed. */
async function endsOf(path: string, body: object): Promise<Choice[]> {
  await using mock = await serveMock()
  const whole = (await (await mock.post(path, body)).json()) as { choices: Choice[] }
  const text = await (await mock.post(path, { ...body, stream: true })).text()
  const chunks = text.match(/(?<=^data: )\{.*/gm)!.map(line => JSON.parse(line) as { choices: Choice[] })
  const pick = ({ finish_reason, stop_reason }: Choice): Choice => ({
    finish_reason,
    ...(stop_reason !== undefined && { stop_reason }),
  })
  return [...whole.choices, ...chunks.flatMap(({ choices }) => choices).filter(choice => choice.finish_reason)].map(
    pick,
  )
}

test.each([
  ['/v1/chat/completions', chat],
  ['/v1/completions', completion],
])('%s names the stop that ended an answer, where one did', async (path, body) => {
  const asked = { ...body, max_tokens: 200, seed: 1, ignore_eos: true }
  const byString = { finish_reason: 'stop', stop_reason: ' b' }
  expect(await endsOf(path, { ...asked, stop: [' b'] })).toEqual([byString, byString])

  const byLength = { finish_reason: 'length' }
  expect(await endsOf(path, { ...asked, max_tokens: 2 })).toEqual([byLength, byLength])
})

test('a stop id is named, too', async () => {
  await using mock = await serveMock()
  const asked = { ...completion, max_tokens: 8, seed: 1, ignore_eos: true, return_token_ids: true }
  const ids = await mock.post('/v1/completions', asked).then(async reply => {
    const { choices } = (await reply.json()) as { choices: { token_ids: number[] }[] }
    return choices[0]!.token_ids
  })
  const [end] = await endsOf('/v1/completions', { ...asked, stop_token_ids: [ids[3]] })
  expect(end).toEqual({ finish_reason: 'stop', stop_reason: ids[3] })
})

test('a stream tells at once how long its prompt is, and how much of it was cached', async () => {
  await using mock = await serveMock()
  const prompt = Array.from({ length: 64 }, (_, i) => 5 + i)
  const headersOf = async (body: object) => {
    const { headers } = await mock.post('/v1/completions', { ...body, max_tokens: 2, stream: true })
    return [headers.get('X-Prompt-Tokens'), headers.get('X-Cached-Tokens')]
  }
  expect(await headersOf({ prompt })).toEqual(['64', '0'])
  expect((await headersOf({ prompt })).map(Number)).toEqual([64, expect.toSatisfy((cached: number) => cached > 0)])
  expect(await headersOf({ prompt: ['a', 'b'] })).toEqual([null, null])
})

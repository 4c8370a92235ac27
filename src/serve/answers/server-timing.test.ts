import { expect, test } from 'vitest'
import { oneAtATime } from '../../../test/one-at-a-time.ts'
import { serveMock } from '../../../test/serve-mock.ts'

/** The phases of the header, in ms, in their order. */
function phasesOf(response: Response): [name: string, ms: number][] {
  const phases = response.headers.get('server-timing')!.split(', ')
  return phases.map(phase => {
    const [, name, ms] = /^([a-z]+);dur=(\d+(?:\.\d)?)$/.exec(phase)!
    return [name!, Number(ms)]
  })
}

const fields = { prompt: 'a', max_tokens: 5, ignore_eos: true }

test('a whole answer tells how long each phase took', async () => {
  await using mock = await serveMock({ ttftMs: 10, itlMs: 5 })
  const phases = phasesOf(await mock.post('/v1/completions', fields))
  expect(phases.map(([name]) => name).filter(name => name !== 'queue')).toEqual(['prefill', 'decode', 'total'])
  const { prefill, decode, total } = Object.fromEntries(phases)
  expect(prefill).toBeGreaterThanOrEqual(9.5)
  expect(decode).toBeGreaterThanOrEqual(19.5)
  expect(total).toBeGreaterThanOrEqual(prefill! + decode! - 0.2)
})

test('a stream tells what is known when it begins: the wait in the queue, and until now', async () => {
  await using mock = await serveMock({ ttftMs: 10, itlMs: 1 }, { access: oneAtATime })
  const answers = await Promise.all([1, 2].map(() => mock.post('/v1/completions', { ...fields, stream: true })))
  for (const answer of answers) await answer.text()
  const [first, second] = answers.map(phasesOf).toSorted((a, b) => a.length - b.length)
  expect(first!.map(([name]) => name)).toEqual(['total'])
  expect(second!.map(([name]) => name)).toEqual(['queue', 'total'])
  const { queue, total } = Object.fromEntries(second!)
  expect(queue).toBeGreaterThan(9)
  expect(total).toBeGreaterThanOrEqual(queue!)
})

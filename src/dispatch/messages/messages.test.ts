import fc from 'fast-check'
import { expect, test } from 'vitest'
import { localGroup } from '../../mpi/index.ts'
import { decodeToLead, decodeToWorker } from './decode.ts'
import { GroupLeadLink, GroupWorkerLink } from './group-link.ts'
import type { RankResult, ToLead, ToWorker } from './message.ts'

const result: RankResult = {
  job: 1,
  attempt: 1,
  ok: true,
  promptTokens: 2,
  cachedTokens: 0,
  outputTokens: 3,
  serviceMs: 4.5,
  heldMs: 5,
  tries: 1,
}

test('whatever text an answer or a prompt has, it arrives as it is', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), text => {
      const said: ToLead[] = [{ kind: 'results', results: [{ ...result, text }] }]
      expect(decodeToLead(Buffer.from(JSON.stringify(said)))).toEqual(said)
      const told: ToWorker[] = [{ kind: 'jobs', jobs: [{ job: 0, attempt: 1, input: { text } }] }]
      expect(decodeToWorker(Buffer.from(JSON.stringify(told)))).toEqual(told)
    }),
    { numRuns: 50 },
  )
})

test.each([
  ['no JSON', '[{"kind":'],
  ['no list', '{"kind":"beat","inFlight":0}'],
  ['a kind that there is not', '[{"kind":"bet"}]'],
  ['a field that is missing', '[{"kind":"hello","pid":1}]'],
  ['a negative count', '[{"kind":"beat","inFlight":-1}]'],
  ['a result without its job', '[{"kind":"results","results":[{"ok":true}]}]'],
])('%s is refused', (_, text) => {
  expect(() => decodeToLead(Buffer.from(text))).toThrow(expect.objectContaining({ code: 'bad_message' }))
})

test('what is posted within a turn goes as one message, in order', async () => {
  const [first, second] = localGroup(2)
  const [lead, worker] = [new GroupLeadLink(first!), new GroupWorkerLink(second!)]
  const heard: string[] = []
  const all = new Promise<void>(resolve => {
    worker.onMessage = ({ kind }) => {
      heard.push(kind)
      if (kind === 'again') resolve()
    }
  })
  worker.open()
  for (const kind of ['beat', 'beat', 'again'] as const) lead.post(1, { kind })
  await all
  expect(heard).toEqual(['beat', 'beat', 'again'])
  expect(lead.cost.messages).toBe(1)
})

test('who says what cannot be read is named', async () => {
  const [first, second] = localGroup(2)
  const lead = new GroupLeadLink(first!)
  const fault = new Promise<number | undefined>(resolve => {
    lead.onFault = resolve
  })
  lead.open()
  await second!.send(Buffer.from('nonsense'), 0, 1)
  expect(await fault).toBe(1)
})

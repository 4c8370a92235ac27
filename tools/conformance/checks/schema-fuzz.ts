import { type Check, demand } from '../check.ts'
import { fuzz } from '../fuzz/fuzz.ts'

export const schemaFuzz: readonly Check[] = [
  {
    id: 'fuzz.requests',
    item: 20,
    what: 'requests made from schemas, whole and spoiled, find no fault',
    extraSeconds: options => options.fuzz + 20,
    async run({ client, key, options, signal, note }) {
      const { seconds, seed } = { seconds: options.fuzz, seed: options.seed }
      const report = await fuzz(client.url, { seconds, seed, signal, ...(key !== undefined && { key }) })
      const statuses = Object.entries(report.statuses).map(([status, count]) => `${count} × ${status}`)
      note(
        `${report.requests} requests${report.described ? '' : ', not of its own /openapi.json'}: ${statuses.join(', ')}`,
      )
      const [first] = report.faults
      demand(
        first === undefined,
        `${report.faults.length} faults; request ${first?.index} of seed ${seed} (${first?.mutation}): ${first?.what}, for ${first?.method} ${first?.path} ${first?.body}`,
      )
      demand(report.healthy, '/health is not 200 afterwards')
    },
  },
]

/**
 * What it costs to be served, each figure beside the same on a bare server in the same run, in about two minutes:
 *
 *   npm run bench:serve                 a table
 *   npm run bench:serve -- --json FILE  and the same as JSON
 *
 * Load and servers are processes of their own. On two cores nothing else should run.
 */
import { parseArgs } from 'node:util'
import { Report } from './report.ts'
import { memoryPerStream } from './serve/memory-per-stream.ts'
import { requestCost } from './serve/request-cost.ts'
import { stepTimes } from './serve/step-times.ts'
import { tokenCost } from './serve/token-cost.ts'

const { values } = parseArgs({ options: { json: { type: 'string' }, only: { type: 'string' } } })
const parts = { requests: requestCost, tokens: tokenCost, memory: memoryPerStream, steps: stepTimes }

const report = new Report()
for (const [name, part] of Object.entries(parts))
  if (values.only === undefined || values.only.split(',').includes(name)) await part(report)
report.save(values.json, 'npm run bench:serve -- --json FILE')

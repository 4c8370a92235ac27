/**
 * Whether `warpline bench` tells the truth, in about two and a half minutes: a server whose times are known, one that stands
 * still once, and when requests really leave.
 *
 *   npm run bench:truth                 a table
 *   npm run bench:truth -- --json FILE  and the same as JSON
 *
 * Server and client are processes of their own, as built. On two cores nothing else should run.
 */
import { parseArgs } from 'node:util'
import { Figures } from './figures.ts'
import { arrivals } from './truth/arrivals.ts'
import { commonSteps } from './truth/common-steps.ts'
import { knownTimes } from './truth/known-times.ts'
import { machine } from './truth/machine.ts'
import { stall } from './truth/stall.ts'

const { values } = parseArgs({ options: { json: { type: 'string' }, only: { type: 'string' } } })
const parts = { machine, known: knownTimes, common: commonSteps, stall, arrivals }

const figures = new Figures()
for (const [name, part] of Object.entries(parts))
  if (values.only === undefined || values.only.split(',').includes(name)) await part(figures)
figures.save(values.json, 'npm run bench:truth -- --json FILE')

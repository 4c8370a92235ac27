/**
 * What a router over other servers costs, and what its choice is worth, in about fourteen minutes:
 *
 *   npm run bench:route                              a table
 *   npm run bench:route -- --json FILE               and the same as JSON
 *   npm run bench:route -- --only layers,cpu,rates,prefix  parts of it
 *
 * All servers are processes of their own, as built. On two cores nothing else should run.
 */
import { parseArgs } from 'node:util'
import { Figures } from './bench/figures.ts'
import { cpu } from './route/cpu.ts'
import { layers } from './route/layers.ts'
import { prefix } from './route/prefix.ts'
import { rates } from './route/rates.ts'

const { values } = parseArgs({ options: { json: { type: 'string' }, only: { type: 'string' } } })
const parts = { layers, cpu, rates, prefix }

const figures = new Figures()
for (const [name, part] of Object.entries(parts))
  if (values.only === undefined || values.only.split(',').includes(name)) await part(figures)
figures.save(values.json, 'npm run bench:route -- --json FILE')

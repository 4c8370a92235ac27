import type { Config } from '../config.ts'
import { EXIT, type ExitCode } from '../exit.ts'
import type { World } from '../world.ts'
import { compareCards } from './compare.ts'
import { gpusHere } from './gpus-here.ts'
import { planFor } from './plan.ts'
import { printComparison, printPlan } from './print.ts'
import { chosenGpus, readRequest } from './request.ts'

/** `warpline plan`: whether a model fits, how fast it can be, and what to change. Loads no weights. */
export async function runPlan(config: Config, world: World, here = gpusHere): Promise<ExitCode> {
  const request = readRequest(config)
  const gpus = chosenGpus(config, here)
  if (gpus === undefined) {
    const rows = compareCards(request, config)
    if (config.json) world.stdout.write(`${JSON.stringify({ model: request.name, cards: rows }, null, 2)}\n`)
    else printComparison(request, rows, world)
    return EXIT.ok
  }
  const plan = planFor(request, gpus, config)
  if (config.json) world.stdout.write(`${JSON.stringify(plan, null, 2)}\n`)
  else printPlan(plan, world)
  return plan.memory.holdsAll ? EXIT.ok : EXIT.failure
}

import { describeCompute, describeModel } from '../describe.ts'
import type { World } from '../world.ts'
import type { Finding } from './finding.ts'

/** Opens the bundled model: the one finding that shows all of the way from file to engine. */
export async function modelFinding(openTarget: World['openTarget']): Promise<Finding> {
  const found = { group: 'model', name: 'bundled model', needed: true } as const
  const start = performance.now()
  try {
    await using engine = await openTarget(undefined, {})
    const took = performance.now() - start
    const detail = `${describeModel(engine.info)}; ${describeCompute(engine.info)}; opens in ${took.toFixed(0)} ms`
    return { ...found, status: 'ok', detail }
  } catch (error) {
    const advice = 'install Warpline again: its package holds the model'
    return { ...found, status: 'broken', detail: error instanceof Error ? error.message : String(error), advice }
  }
}

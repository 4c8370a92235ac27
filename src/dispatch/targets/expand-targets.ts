import { InvalidTargetError } from '../../engine/index.ts'

/** Where an executing rank stands. */
export interface WorkerPlace {
  readonly rank: number
  /** Among the executing ranks, from 0. */
  readonly worker: number
  /** The card that is its own, by `--gpu-map`. Asked for only where it is needed. */
  gpu(): number
}

const PLACEHOLDER = /\{(\w+)\}/g

/**
 * All targets that were named, in order: what is given several times, and what stands in a list with commas. A comma within a
 * target's own settings (`mock:?…`) is not meant here: targets have none.
 */
export function listTargets(given: readonly string[]): readonly string[] {
  return given
    .flatMap(each => each.split(','))
    .map(each => each.trim())
    .filter(each => each !== '')
}

/**
 * The target of one executing rank: the targets in turn, with `{rank}`, `{worker}` and `{gpu}` filled in. Undefined where none
 * was named, which is the bundled model.
 *
 * @throws InvalidTargetError
 *
 * @example
 * targetOf(['http://gpu-{worker}:8090'], { rank: 2, worker: 1, gpu: () => 0 }) // 'http://gpu-1:8090'
 */
export function targetOf(targets: readonly string[], place: WorkerPlace): string | undefined {
  const target = targets[place.worker % targets.length]
  return target?.replace(PLACEHOLDER, (_, name: string) => {
    if (name === 'rank') return String(place.rank)
    if (name === 'worker') return String(place.worker)
    if (name === 'gpu') return String(place.gpu())
    throw new InvalidTargetError(`"${target}": {${name}} is nothing that a rank has: write {rank}, {worker} or {gpu}`)
  })
}

/** Whether tokens are made in the rank's own process, by a model. */
export function isModel(target: string | undefined): boolean {
  return target === undefined || target.startsWith('native:') || !/^[a-z][a-z0-9+.-]+:/.test(target)
}

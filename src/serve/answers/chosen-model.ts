import type { Host } from '../host.ts'

/** The model that a request names, where the engine has several and it is not the one that answers by default. */
export function chosenModel({ info, model }: Pick<Host, 'info' | 'model'>, asked: string | null | undefined) {
  if (!asked || asked === model || info?.models === undefined || info.models.length < 2) return undefined
  return asked
}

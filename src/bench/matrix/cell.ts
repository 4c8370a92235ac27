import type { MatrixSpec } from './matrix-spec.ts'

/** One combination. */
export interface Cell {
  readonly model: string
  readonly batch: number
  readonly promptLength: number
  readonly gpus: number
  readonly quantize: string
  readonly gpuLayers: number | 'all'
}

/** Every combination; those that one engine can serve stand together. */
export function cellsOf(spec: MatrixSpec): readonly Cell[] {
  return spec.models.flatMap(model =>
    spec.gpus.flatMap(gpus =>
      spec.quantize.flatMap(quantize =>
        spec.gpuLayers.flatMap(gpuLayers =>
          spec.batches.flatMap(batch =>
            spec.promptLengths.map(promptLength => ({ model, batch, promptLength, gpus, quantize, gpuLayers })),
          ),
        ),
      ),
    ),
  )
}

/** Groups of cells, in order, for which one engine is opened. */
export function byEngine(cells: readonly Cell[]): readonly (readonly Cell[])[] {
  const groups = new Map<string, Cell[]>()
  for (const cell of cells) {
    const { model, gpus, quantize, gpuLayers } = cell
    const key = JSON.stringify([model, gpus, quantize, gpuLayers])
    groups.set(key, [...(groups.get(key) ?? []), cell])
  }
  return [...groups.values()]
}

/** e.g. `llama-2-7b, int8, batch 4, prompt 512`. */
export function cellName({ model, batch, promptLength, gpus, quantize, gpuLayers }: Cell): string {
  const more = [
    ...(gpus === 1 ? [] : [`${gpus} GPUs`]),
    ...(quantize === 'none' ? [] : [quantize]),
    ...(gpuLayers === 'all' ? [] : [`${gpuLayers} layers`]),
  ]
  return [model, ...more, `batch ${batch}`, `prompt ${promptLength}`].join(', ')
}

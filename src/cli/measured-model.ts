import {
  isShapeName,
  type ModelConfig,
  modelShape,
  type NativeOptions,
  readModelConfig,
  shapeNames,
} from '../native/index.ts'
import { modelDirectory } from '../targets.ts'
import type { Config } from './config.ts'
import { UsageError } from './exit.ts'
import { engineOptions } from './target.ts'

/** A model whose engine is measured in this process: a folder, or a known shape with random weights. */
export interface MeasuredModel {
  /** As it was asked for. */
  readonly name: string
  readonly path: string
  readonly config: ModelConfig
  readonly options: NativeOptions
}

export function measuredModel(target: string | undefined, config: Config): MeasuredModel {
  const name = target?.replace(/^native:/, '') || 'ember'
  if (/^[a-z][a-z0-9+.-]+:/.test(name)) {
    throw new UsageError(`"${name}" has no engine to look into: name a model’s folder, or a known shape`)
  }
  const options = engineOptions(config)
  if (isShapeName(name))
    return { name, path: name, config: modelShape(name), options: { ...options, loadFormat: 'dummy' } }
  const path = directoryOf(name)
  return { name, path, config: readModelConfig(path), options }
}

function directoryOf(name: string): string {
  try {
    return modelDirectory(name)
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'invalid_target')) throw error
    throw new UsageError(`${error.message}; shapes that are known without files: ${shapeNames.join(', ')}`)
  }
}

import { isShapeName, type ModelConfig, modelShape, type NativeOptions, readModelConfig } from '../native/index.ts'
import { modelDirectory } from '../targets.ts'

/** A model whose engine computes in this process or one that it starts: a folder, or a known shape with random weights. */
export interface NativeModel {
  readonly path: string
  readonly config: ModelConfig
  readonly options: NativeOptions
}

/** Undefined for targets of another kind. @throws InvalidTargetError, FormatError */
export function modelOf(target: string, options: NativeOptions = {}): NativeModel | undefined {
  const name = target.replace(/^native:/, '') || 'ember'
  if (/^[a-z][a-z0-9+.-]+:/.test(name)) return undefined
  if (isShapeName(name)) return { path: name, config: modelShape(name), options: { ...options, loadFormat: 'dummy' } }
  const path = modelDirectory(name)
  return { path, config: readModelConfig(path), options }
}

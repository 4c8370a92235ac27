/** Our own engine: a model's files in, tokens out. */
export { openNative } from './open-native.ts'
export type { LoadProgress, NativeOptions, WeightType } from './options.ts'

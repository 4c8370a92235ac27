/** Everything that makes a step faster and can be turned off, with what it is. `warpline bench engine --ablate` prints what each is worth. */
export const TECHNIQUES = {
  graphs: 'decode steps are recorded once and replayed',
  overlap: 'a kernel starts, and fetches weights, while the one before drains (programmatic dependent launch)',
  pipelining: 'a step is enqueued before the tokens of the one before are known',
  'fuse-norm': 'residual, norm weight and square sum in the epilogue of the projection before',
  'fuse-rope': 'rotation and cache write in the epilogue of the QKV projection',
  'fuse-gate': 'activation in the epilogue of the gate and up projections',
  'split-kv': 'attention of one query over several blocks of the card',
  'pack-heads': 'the query heads of a group read their keys and values once',
  skinny: 'own tensor-core kernels for few rows, instead of cuBLASLt',
} as const

export type Technique = keyof typeof TECHNIQUES

/** Those that are on. */
export type Techniques = ReadonlySet<Technique>

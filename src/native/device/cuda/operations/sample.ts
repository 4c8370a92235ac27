import { type DevicePointer, kernel } from '../../../../cuda/index.ts'
import { CHUNK_STATS_BYTES, SAMPLE_CHUNK, type samplingRoom } from '../memory/room-bytes.ts'
import type { CudaTensor } from '../tensor.ts'
import type { Tools } from '../tools.ts'
import { launched } from './launched.ts'
import type { DeviceOperation } from './operation.ts'

const SCAN = kernel('sampleScan', {
  logits: 'pointer',
  rows: 'pointer',
  lists: 'pointer',
  drawn: 'pointer',
  adjusted: 'pointer',
  stats: 'pointer',
})
const CHOOSE = kernel('sampleChoose', {
  logits: 'pointer',
  adjusted: 'pointer',
  rows: 'pointer',
  stats: 'pointer',
  chosen: 'pointer',
  tokens: 'pointer',
  drawn: 'pointer',
})

/** As in the kernels. */
const SCAN_THREADS = 256
const CHOOSE_THREADS = 1024
/** Vocabularies that the kernels' counters are wide enough for. */
export const MAX_VOCAB = 2 ** 18

export interface SampleRequest {
  /** f32 `[rows, vocab]` */
  readonly logits: CudaTensor
  readonly rows: number
  /** For as many rows as there will ever be. */
  readonly room: ReturnType<typeof samplingRoom>
  /** Records and lists, as `SamplingRecords` writes them. */
  readonly parameters: DevicePointer
  /** i32 `[rows, 2]`: id and log-probability. */
  readonly chosen: DevicePointer
  /** i32 `[rows, tops, 2]`: the likeliest. */
  readonly likeliest: DevicePointer
  /** The most of the likeliest that a row may ask for. */
  readonly tops: number
}

/** One token for each row, and what the step after will find in `tools.step.drawn`. */
export function sample(tools: Tools, request: SampleRequest): readonly DeviceOperation[] {
  const { logits, rows, room, parameters, chosen, likeliest, tops } = request
  const vocab = logits.shape[1]!
  const chunks = Math.ceil(vocab / SAMPLE_CHUNK)
  const adjusted = tools.workspace('sample-adjusted', room.adjusted)
  const stats = tools.workspace('sample-stats', room.stats)
  const { drawn } = tools.step
  const detail = `f32 [${rows}, ${vocab}]`
  return [
    launched(tools, {
      file: 'sample-scan.cu',
      kernel: SCAN,
      defines: { VOCAB: vocab },
      detail,
      blocks: [chunks, rows],
      threads: SCAN_THREADS,
      args: { logits: logits.pointer, rows: parameters, lists: parameters, drawn, adjusted, stats },
      bytes: rows * (4 * vocab + chunks * CHUNK_STATS_BYTES),
      flops: rows * vocab,
    }),
    launched(tools, {
      file: 'sample-choose.cu',
      kernel: CHOOSE,
      defines: { VOCAB: vocab, TOPS: tops },
      detail,
      blocks: rows,
      threads: CHOOSE_THREADS,
      args: { logits: logits.pointer, adjusted, rows: parameters, stats, chosen, tokens: likeliest, drawn },
      bytes: rows * chunks * CHUNK_STATS_BYTES,
      flops: 0,
    }),
  ]
}

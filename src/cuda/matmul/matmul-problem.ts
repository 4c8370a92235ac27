import { writeNumber64 } from '../driver/launch-buffer.ts'
import { addressOf, OUT, outInt, outNumber } from '../driver/scratch.ts'
import { CudaError } from '../errors.ts'
import {
  COMPUTE_32F,
  DATA_TYPE,
  DESCRIPTOR_ATTRIBUTE,
  EPILOGUE_BIAS,
  HEURISTIC_RESULT,
  OPERATION,
  PREFERENCE_ATTRIBUTE,
  REDUCTION_SCHEME_COMPUTE_TYPE,
} from './constants.ts'
import { type CublasLt, checkCublas } from './cublaslt.ts'
import type { Algorithm } from './matmul-plan.ts'
import type { MatmulOperand, MatmulShape } from './matmul-shape.ts'

/** How many algorithms are asked for. */
const PROPOSALS = 16
/** Alignment of addresses that algorithms may rely on: what vectors of 16 bytes need. */
const ALIGNMENT = 16

/**
 * A product as cuBLASLt describes it. The library thinks in columns: a row-major matrix of r × c read by columns is its
 * transpose, c × r, and `d = a · b` becomes `dᵀ = bᵀ · aᵀ`.
 */
export class MatmulProblem {
  readonly descriptor: number
  readonly layoutA: number
  readonly layoutB: number
  readonly layoutD: number

  constructor(
    private readonly functions: CublasLt,
    readonly shape: MatmulShape,
  ) {
    const { a, b, d, bias } = shape
    checkCublas(functions.cublasLtMatmulDescCreate(OUT, COMPUTE_32F, DATA_TYPE.f32), 'cublasLtMatmulDescCreate')
    this.descriptor = outNumber()
    this.#set(DESCRIPTOR_ATTRIBUTE.transposeA, b.transposed ? OPERATION.transposed : OPERATION.plain)
    this.#set(DESCRIPTOR_ATTRIBUTE.transposeB, a.transposed ? OPERATION.transposed : OPERATION.plain)
    if (bias !== undefined) {
      this.#set(DESCRIPTOR_ATTRIBUTE.epilogue, EPILOGUE_BIAS)
      if (bias.type !== d.type) this.#set(DESCRIPTOR_ATTRIBUTE.biasType, DATA_TYPE[bias.type])
    }
    this.layoutA = this.#layout(a)
    this.layoutB = this.#layout(b)
    this.layoutD = this.#layout(d)
  }

  /** Algorithms that keep to `workspaceBytes`, the one that should be fastest first. */
  propose(handle: number, workspaceBytes: number): readonly Algorithm[] {
    const { functions, descriptor, layoutA, layoutB, layoutD } = this
    const preference = this.#preference(workspaceBytes)
    const results = new Uint8Array(PROPOSALS * HEURISTIC_RESULT.bytes)
    try {
      const code = functions.cublasLtMatmulAlgoGetHeuristic(
        ...([handle, descriptor, layoutB, layoutA, layoutD, layoutD] as const),
        ...([preference, PROPOSALS, addressOf(results), OUT] as const),
      )
      checkCublas(code, 'cublasLtMatmulAlgoGetHeuristic')
      const found = readProposals(results, outInt())
      if (found.length === 0) throw new CudaError('cublasLtMatmulAlgoGetHeuristic', 'CUBLAS_STATUS_NOT_SUPPORTED')
      return found
    } finally {
      functions.cublasLtMatmulPreferenceDestroy(preference)
    }
  }

  destroy(): void {
    const { functions } = this
    for (const layout of [this.layoutA, this.layoutB, this.layoutD]) functions.cublasLtMatrixLayoutDestroy(layout)
    functions.cublasLtMatmulDescDestroy(this.descriptor)
  }

  #set(attribute: number, value: number): void {
    const code = this.functions.cublasLtMatmulDescSetAttribute(this.descriptor, attribute, new Int32Array([value]), 4)
    checkCublas(code, 'cublasLtMatmulDescSetAttribute')
  }

  #layout({ type, rows, columns, stride = columns }: MatmulOperand): number {
    const code = this.functions.cublasLtMatrixLayoutCreate(OUT, DATA_TYPE[type], columns, rows, stride)
    checkCublas(code, 'cublasLtMatrixLayoutCreate')
    return outNumber()
  }

  #preference(workspaceBytes: number): number {
    const { functions } = this
    checkCublas(functions.cublasLtMatmulPreferenceCreate(OUT), 'cublasLtMatmulPreferenceCreate')
    const preference = outNumber()
    const set = (attribute: number, value: ArrayBufferView): void => {
      const code = functions.cublasLtMatmulPreferenceSetAttribute(preference, attribute, value, value.byteLength)
      checkCublas(code, 'cublasLtMatmulPreferenceSetAttribute')
    }
    const most = new DataView(new ArrayBuffer(8))
    writeNumber64(most, 0, workspaceBytes)
    set(PREFERENCE_ATTRIBUTE.maxWorkspaceBytes, most)
    set(PREFERENCE_ATTRIBUTE.reductionSchemes, new Uint32Array([REDUCTION_SCHEME_COMPUTE_TYPE]))
    const { alignmentA, alignmentB, alignmentC, alignmentD } = PREFERENCE_ATTRIBUTE
    for (const each of [alignmentA, alignmentB, alignmentC, alignmentD]) set(each, new Uint32Array([ALIGNMENT]))
    return preference
  }
}

/** Of cublasLtMatmulHeuristicResult_t, those that can be run. */
export function readProposals(results: Uint8Array, count: number): Algorithm[] {
  const { bytes, workspaceAt, statusAt, wavesAt } = HEURISTIC_RESULT
  const view = new DataView(results.buffer, results.byteOffset, results.byteLength)
  return Array.from({ length: count }, (_, i) => i * bytes)
    .filter(at => view.getInt32(at + statusAt, true) === 0)
    .map(at => ({
      bytes: results.slice(at, at + workspaceAt),
      workspaceBytes: Number(view.getBigUint64(at + workspaceAt, true)),
      waves: view.getFloat32(at + wavesAt, true),
    }))
}

import type { CudaContext } from '../context.ts'
import type { DeviceMemory } from '../device-memory.ts'
import { OUT, outNumber } from '../driver/scratch.ts'
import { type CublasLt, checkCublas, cublasLt } from './cublaslt.ts'
import { MatmulPlan } from './matmul-plan.ts'
import { MatmulProblem } from './matmul-problem.ts'
import { checkShape, type MatmulShape, sameShape } from './matmul-shape.ts'

/**
 * Matrix products by cuBLASLt, summed in f32 and always in the same order. All plans of a library share its workspace,
 * so they belong to one stream.
 */
export class MatmulLibrary implements Disposable {
  readonly #functions: CublasLt
  readonly #handle: number
  readonly #workspace: DeviceMemory | undefined
  /** By m. */
  readonly #plans = new Map<number, { readonly shape: MatmulShape; readonly plan: MatmulPlan }[]>()
  readonly #problems: MatmulProblem[] = []
  #disposed = false

  constructor(
    readonly context: CudaContext,
    readonly workspaceBytes: number,
  ) {
    context.makeCurrent()
    this.#functions = cublasLt()
    checkCublas(this.#functions.cublasLtCreate(OUT), 'cublasLtCreate')
    this.#handle = outNumber()
    this.#workspace = workspaceBytes > 0 ? context.allocate(workspaceBytes) : undefined
  }

  /** Chooses the algorithm, once for each shape. @throws RangeError; CudaError where cuBLASLt has none. */
  plan(shape: MatmulShape): MatmulPlan {
    let plans = this.#plans.get(shape.m)
    if (plans === undefined) {
      plans = []
      this.#plans.set(shape.m, plans)
    }
    for (const known of plans) if (sameShape(known.shape, shape)) return known.plan
    const plan = this.#choose(shape)
    plans.push({ shape, plan })
    return plan
  }

  [Symbol.dispose](): void {
    if (this.#disposed) return
    this.#disposed = true
    for (const problem of this.#problems) problem.destroy()
    this.#functions.cublasLtDestroy(this.#handle)
    this.#workspace?.[Symbol.dispose]()
  }

  #choose(shape: MatmulShape): MatmulPlan {
    checkShape(shape)
    this.context.use()
    const problem = new MatmulProblem(this.#functions, shape)
    this.#problems.push(problem)
    const library = {
      functions: this.#functions,
      handle: this.#handle,
      workspace: this.#workspace?.pointer ?? 0,
      workspaceBytes: this.workspaceBytes,
      use: () => this.context.use(),
    }
    return new MatmulPlan(library, problem, problem.propose(this.#handle, this.workspaceBytes))
  }
}

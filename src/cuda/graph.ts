import type { CudaContext } from './context.ts'
import { CUDA_ERROR_GRAPH_EXEC_UPDATE_FAILURE } from './driver/constants.ts'
import { check, checkRelease, driver } from './driver/driver.ts'
import type { GraphExecHandle, GraphHandle } from './driver/functions.ts'
import { OUT, outNumber } from './driver/scratch.ts'
import { Resource } from './resource.ts'
import type { Stream } from './stream.ts'

/** What a captured stream was asked to do. */
export class Graph extends Resource {
  /** @internal Use `Stream.capture`. */
  constructor(
    context: CudaContext,
    readonly handle: GraphHandle,
  ) {
    super(context)
  }

  /** How many operations it has. */
  get nodes(): number {
    this.context.use()
    check(driver().cuGraphGetNodes(this.handle, 0, OUT), 'cuGraphGetNodes')
    return outNumber()
  }

  instantiate(): ExecutableGraph {
    this.context.use()
    check(driver().cuGraphInstantiateWithFlags(OUT, this.handle, 0), 'cuGraphInstantiateWithFlags')
    return new ExecutableGraph(this.context, outNumber() as GraphExecHandle)
  }

  protected override release(): void {
    checkRelease(driver().cuGraphDestroy(this.handle), 'cuGraphDestroy')
  }
}

/** A graph made ready to be launched at the cost of one call. It outlives the graph it was made of. */
export class ExecutableGraph extends Resource {
  readonly #driver = driver()

  /** @internal Use `Graph.instantiate`. */
  constructor(
    context: CudaContext,
    readonly handle: GraphExecHandle,
  ) {
    super(context)
  }

  launch(stream: Stream): void {
    this.context.use()
    check(this.#driver.cuGraphLaunch(this.handle, stream.handle), 'cuGraphLaunch')
  }

  /** Takes over the arguments and shapes of a graph of the same form; false where the form differs. */
  update(graph: Graph): boolean {
    this.context.use()
    const code = this.#driver.cuGraphExecUpdate_v2(this.handle, graph.handle, OUT)
    if (code === CUDA_ERROR_GRAPH_EXEC_UPDATE_FAILURE) return false
    check(code, 'cuGraphExecUpdate_v2')
    return true
  }

  protected override release(): void {
    checkRelease(this.#driver.cuGraphExecDestroy(this.handle), 'cuGraphExecDestroy')
  }
}

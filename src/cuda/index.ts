/** CUDA for Node.js: driver, compiler, matrix products, telemetry; knows nothing of models. */

export { CudaContext } from './context.ts'
export { type Cuda, openCuda } from './cuda.ts'
export type { CudaDevice } from './device.ts'
export { DeviceMemory } from './device-memory.ts'
export { CompileError, CudaError, CudaUnavailableError } from './errors.ts'
export { CudaEvent, type EventOptions } from './event.ts'
export { ExecutableGraph, Graph } from './graph.ts'
export { Kernel, type KernelAttributes } from './kernel.ts'
export { type Extent, Launch, type LaunchShape } from './launch.ts'
export { type LibraryFinder, libraryFinder } from './libraries/find-library.ts'
export { LIBRARIES, type Library, type LibraryName } from './libraries/libraries.ts'
export { type FileProbe, fileProbe } from './libraries/probe.ts'
export { MatmulLibrary } from './matmul/matmul-library.ts'
export type { MatmulPlan, MatmulPointers } from './matmul/matmul-plan.ts'
export type { MatmulOperand, MatmulShape, MatmulType } from './matmul/matmul-shape.ts'
export { CudaModule } from './module.ts'
export { type Nvml, type NvmlDevice, openNvml } from './nvml/nvml.ts'
export { type Compiled, type CompileRequest, compile } from './nvrtc/compile.ts'
export { KernelCache } from './nvrtc/kernel-cache.ts'
export { rangePop, rangePush } from './nvtx/nvtx.ts'
export {
  type DevicePointer,
  type KernelArguments,
  type KernelDeclaration,
  kernel,
  type ParameterKind,
  type Parameters,
} from './parameters.ts'
export { PinnedMemory } from './pinned-memory.ts'
export { MemoryPool, type MemoryPoolOptions, type PooledMemory } from './pool/memory-pool.ts'
export type { PoolPiece, PoolStatistics } from './pool/pool-book.ts'
export { StreamPool } from './pool/stream-pool.ts'
export { Stream } from './stream.ts'

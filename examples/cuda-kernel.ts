/**
 * CUDA from TypeScript, without a toolchain: the kernel below is compiled, launched and timed. Without a GPU it says
 * what is missing.
 *
 *   npx tsx examples/cuda-kernel.ts
 */
import { CudaUnavailableError, compile, kernel, openCuda } from 'warpline/cuda'

/** y ← a·x + y */
const source = `
extern "C" __global__ void saxpy(float *y, const float *x, float a, unsigned n) {
  unsigned i = blockIdx.x * blockDim.x + threadIdx.x;
  if (i < n) y[i] = a * x[i] + y[i];
}`
const declaration = kernel('saxpy', { y: 'pointer', x: 'pointer', a: 'f32', n: 'u32' })
const n = 2 ** 20
const block = 256

try {
  run()
} catch (error) {
  if (!(error instanceof CudaUnavailableError)) throw error
  console.log(error.message)
}

function run(): void {
  const [device] = openCuda().devices
  using context = device!.open()
  const { image } = compile({ source, name: 'saxpy.cu', architecture: device!.architecture })
  using module = context.load(image)
  const saxpy = module.kernel(declaration)

  using x = context.allocate(n * 4)
  using y = context.allocate(n * 4)
  using stream = context.createStream()
  stream.copyToDevice(x.pointer, new Float32Array(n).fill(3))
  stream.copyToDevice(y.pointer, new Float32Array(n).fill(1))

  using start = context.createEvent()
  using end = context.createEvent()
  stream.record(start)
  stream.launch(saxpy, { grid: Math.ceil(n / block), block }, { y, x, a: 2, n })
  stream.record(end)

  const result = new Float32Array(n)
  stream.copyToHost(result, y.pointer)
  stream.synchronize()
  const right = result.every(value => value === 7)
  const ms = end.elapsedMs(start)
  console.log(`${device!.name}: 2 × 3 + 1 = ${result[0]}, ${right ? 'everywhere' : 'but not everywhere'}`)
  console.log(`${n} values in ${ms.toFixed(3)} ms: ${((n * 12) / ms / 1e6).toFixed(1)} GB/s`)
}

import type { BenchResult, Ceilings, CheckResult, KernelFileResult, KitEntry, Size } from '../../kit/index.ts'
import { styleFor } from '../style.ts'
import { significant, table } from '../table.ts'
import type { World } from '../world.ts'

export function printList(entries: readonly KitEntry[], world: World): void {
  const rows = entries.map(({ name, file, what }) => [name, file ?? 'cuBLASLt', what])
  print(world, table(['kernel', 'kernels/kit/', 'what it does'], rows, 'lll', world))
}

export function printCheck(
  { gpu, seed, results }: { gpu: string; seed: number; results: readonly CheckResult[] },
  world: World,
): void {
  const style = styleFor(world.stdout, world.env)
  const rows = results.map(({ name, size, ok, error, tolerance, reason }) => [
    name,
    sizeText(size),
    error === 0 ? 'equal' : scientific(error),
    tolerance === 0 ? 'equal' : scientific(tolerance),
    ok ? 'ok' : `WRONG${reason ? `: ${reason}` : ''}`,
  ])
  const wrong = results.filter(({ ok }) => !ok).length
  const verdict =
    wrong === 0
      ? style('green', `all ${results.length} results are right`)
      : style('red', `${wrong} of ${results.length} results are wrong`)
  print(world, [
    `${style('bold', gpu)}, inputs of --seed ${seed}`,
    '',
    ...table(['kernel', 'size', 'error', 'allowed', ''], rows, 'llrrl', world),
    '',
    verdict,
  ])
}

export function printBench(
  { gpu, ceilings, results }: { gpu: string; ceilings: Ceilings; results: readonly BenchResult[] },
  world: World,
): void {
  const style = styleFor(world.stdout, world.env)
  const rows = results.map(({ name, size, ms, gigabytesPerSecond, teraflops, fraction, limit }) => [
    name,
    sizeText(size),
    duration(ms),
    limit === 'memory' ? `${Math.round(gigabytesPerSecond)} GB/s` : '',
    limit === 'memory' ? '' : `${significant(teraflops)} T`,
    fraction === undefined ? '' : `${(100 * fraction).toFixed(1)} %`,
  ])
  print(world, [
    style('bold', gpu),
    `  memory   ${Math.round(ceilings.gigabytesPerSecond)} GB/s, the better of reading and copying`,
    `  product  ${significant(ceilings.teraflops)} TFLOP/s, bf16 by cuBLASLt`,
    '',
    ...table(['kernel', 'size', 'time', 'bytes', 'operations', 'of the most'], rows, 'llrrrr', world),
    '',
    'The median of 20 samples; buffers take turns, so that nothing is found in the cache. T: 10¹² operations a second.',
  ])
}

export function printKernelFile(gpu: string, result: KernelFileResult, world: World): void {
  const style = styleFor(world.stdout, world.env)
  const { kernel, grid, block, registers, spilledBytes, sharedBytes, ms, gigabytesPerSecond, buffers } = result
  const spilled = spilledBytes > 0 ? `, ${spilledBytes} bytes spilled` : ''
  const width = Math.max(0, ...buffers.map(({ argument }) => argument.length))
  print(world, [
    `${style('bold', kernel)} on ${gpu}: ${shape(grid)} blocks of ${shape(block)} threads`,
    `  ${registers} registers a thread${spilled}, ${sharedBytes} bytes of shared memory`,
    `  ${duration(ms)}, ${significant(gigabytesPerSecond)} GB/s if every buffer is passed through once`,
    '',
    ...buffers.map(
      ({ argument, first }) =>
        `  ${argument.padEnd(width)}  ${first.map(value => Number(value.toPrecision(6))).join(', ')}, …`,
    ),
  ])
}

function print(world: World, lines: readonly string[]): void {
  world.stdout.write(`${lines.join('\n')}\n`)
}

function sizeText(size: Size): string {
  return Object.entries(size)
    .map(([name, value]) => `${name} ${value}`)
    .join(', ')
}

function shape(extent: readonly number[]): string {
  const [x = 1, y = 1, z = 1] = extent
  return z > 1 ? `${x} × ${y} × ${z}` : y > 1 ? `${x} × ${y}` : String(x)
}

function duration(ms: number): string {
  return ms >= 1 ? `${ms.toFixed(3)} ms` : `${(ms * 1000).toFixed(2)} µs`
}

function scientific(value: number): string {
  return Number.isFinite(value) ? value.toExponential(1) : '∞'
}

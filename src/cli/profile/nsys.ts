import { spawn } from 'node:child_process'
import { EXIT, type ExitCode } from '../exit.ts'
import type { World } from '../world.ts'

/** Nsight Systems' command line for a command of ours, `[script, …arguments]`. */
export function nsysCommand([script = '', ...args]: readonly string[], node = process.execPath): readonly string[] {
  const ours = args.filter(arg => arg !== '--nsys')
  const marked = ours.includes('--nvtx') ? ours : [...ours, '--nvtx']
  const options = ['--trace=cuda,nvtx,osrt', '--cuda-graph-trace=node', '--force-overwrite=true', '--output=warpline']
  return ['nsys', 'profile', ...options, node, script, ...marked]
}

/** Runs the same command under Nsight Systems; where that is not installed, says how. */
export async function underNsys(argv: readonly string[], world: World): Promise<ExitCode> {
  const [program, ...args] = nsysCommand(argv)
  const code = await new Promise<number | undefined>(done => {
    const child = spawn(program!, args, { stdio: 'inherit' })
    child.on('error', () => done(undefined)).on('exit', code => done(code ?? 1))
  })
  if (code === undefined) {
    world.stderr.write('Nsight Systems (nsys) is not installed here; where it is, run:\n')
    world.stdout.write(`${nsysCommand(argv).map(quoted).join(' ')}\n`)
    return EXIT.ok
  }
  return code === 0 ? EXIT.ok : EXIT.failure
}

/** For a shell. */
function quoted(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`
}

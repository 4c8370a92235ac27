// Every kernel compiles with nvcc for the generations that it is meant for, where nvcc is; what runs them is NVRTC.
import { spawn, spawnSync } from 'node:child_process'
import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { availableParallelism, tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { root } from './install.mjs'

/** Ampere, Hopper with its own instructions, Blackwell. */
const TARGETS = ['80', '90a', '120']

const nvcc = spawnSync('nvcc', ['--version'], { encoding: 'utf8' })
if (nvcc.status !== 0) {
  console.error('kernels: not compiled, there is no nvcc')
} else {
  const folder = mkdtempSync(join(tmpdir(), 'warpline-kernels-'))
  try {
    const waiting = sources(join(root, 'kernels'))
    const count = waiting.length
    const failed = []
    const work = async () => {
      for (let file = waiting.pop(); file !== undefined; file = waiting.pop()) {
        if (!(await compiles(file, folder))) failed.push(file)
      }
    }
    await Promise.all(Array.from({ length: availableParallelism() }, work))
    console.error(`kernels: ${count - failed.length} of ${count} compile for sm_${TARGETS.join(', sm_')}`)
    process.exitCode = failed.length === 0 ? 0 : 1
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

function sources(folder) {
  return readdirSync(folder, { recursive: true })
    .filter(name => name.endsWith('.cu'))
    .map(name => join(folder, name))
}

function compiles(file, folder) {
  const targets = TARGETS.flatMap(target => ['-gencode', `arch=compute_${target},code=sm_${target}`])
  const out = join(folder, `${basename(file)}.fatbin`)
  const args = ['-std=c++17', '-I', join(root, 'kernels'), ...targets, '-fatbin', '-o', out, file]
  return new Promise(resolve => {
    spawn('nvcc', args, { stdio: ['ignore', 'inherit', 'inherit'] }).on('close', status => resolve(status === 0))
  })
}

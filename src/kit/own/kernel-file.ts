import { KernelFileError } from './errors.ts'

/** A `__global__` function of a source. */
export interface FoundKernel {
  readonly name: string
  /** As they are written, e.g. `const float* x`. */
  readonly parameters: readonly string[]
}

/** What programs include out of habit and the compiler has by itself, or not at all. */
export const STAND_INS: Readonly<Record<string, string>> = {
  'cuda.h': '',
  'cuda_runtime.h': '',
  'device_launch_parameters.h': '',
  'math.h': '',
  cmath: '',
  'stdio.h': '',
  cstdio: '',
  'stddef.h': '',
  cstddef: '',
  'stdint.h': integers(),
  cstdint: integers(),
}

function integers(): string {
  return [
    '#pragma once',
    'typedef signed char int8_t; typedef unsigned char uint8_t;',
    'typedef short int16_t; typedef unsigned short uint16_t;',
    'typedef int int32_t; typedef unsigned int uint32_t;',
    'typedef long long int64_t; typedef unsigned long long uint64_t;',
  ].join('\n')
}

/** The kernels of a source, in its order. */
export function findKernels(source: string): readonly FoundKernel[] {
  const found = blank(source).matchAll(/__global__[\s\w]*?\b(\w+)\s*\(([^)]*)\)/g)
  return [...found].map(([, name, parameters]) => ({ name: name!, parameters: splitParameters(parameters!) }))
}

/**
 * The kernel of this name, or else the only one there is.
 *
 * @throws KernelFileError naming those that there are.
 */
export function chooseKernel(file: string, source: string, name: string | undefined): FoundKernel {
  const kernels = findKernels(source)
  const names = kernels.map(kernel => kernel.name).join(', ')
  if (kernels.length === 0) throw new KernelFileError(`${file} has no __global__ function`)
  if (name === undefined && kernels.length > 1) {
    throw new KernelFileError(`${file} has several kernels: choose one with --kernel, of ${names}`)
  }
  const chosen = name === undefined ? kernels[0] : kernels.find(kernel => kernel.name === name)
  if (chosen === undefined) throw new KernelFileError(`${file} has no kernel "${name}", only ${names}`)
  return chosen
}

/** With its kernels under their own names, as C has them, so that they can be found once they are compiled. */
export function withPlainNames(source: string): string {
  return source.replace(/(extern\s+"C"\s+)?__global__/g, (text, already: string | undefined) =>
    already ? text : `extern "C" ${text}`,
  )
}

/** Comments and `__launch_bounds__(…)` gone; they would be mistaken for functions and parameters. */
function blank(source: string): string {
  return source.replace(/\/\*[\s\S]*?\*\/|\/\/.*$/gm, ' ').replace(/__launch_bounds__\s*\([^)]*\)/g, ' ')
}

function splitParameters(text: string): readonly string[] {
  return text
    .split(',')
    .map(each => each.trim().replace(/\s+/g, ' '))
    .filter(each => each !== '' && each !== 'void')
}

import { readdirSync, readFileSync } from 'node:fs'

/** kernels/, which lies beside src/ and beside dist/. */
const KERNELS = new URL('../../kernels/', import.meta.url)

/** The text of a file of the kit. */
export function kitSource(file: string): string {
  return readFileSync(new URL(`kit/${file}`, KERNELS), 'utf8')
}

/** Everything that a kernel may include, by the name it is included by, e.g. `lib/types.cuh`. */
export function kernelHeaders(): Readonly<Record<string, string>> {
  const names = ['lib', 'kit'].flatMap(folder =>
    readdirSync(new URL(`${folder}/`, KERNELS))
      .filter(name => name.endsWith('.cuh'))
      .map(name => `${folder}/${name}`),
  )
  return Object.fromEntries(names.map(name => [name, readFileSync(new URL(name, KERNELS), 'utf8')]))
}

import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { root } from './process.ts'

interface Locked {
  readonly optionalDependencies?: Readonly<Record<string, string>>
  readonly resolved?: string
}

const text = await readFile(join(root, 'package-lock.json'), 'utf8')
const packages: Readonly<Record<string, Locked>> = JSON.parse(text).packages

it('package-lock.json has the packages of every platform, so that npm ci works on each', () => {
  const missing = Object.entries(packages).flatMap(([path, { optionalDependencies = {} }]) =>
    Object.keys(optionalDependencies).filter(
      name => !packages[`node_modules/${name}`] && !packages[`${path}/node_modules/${name}`],
    ),
  )
  expect(missing).toEqual([])
})

it('package-lock.json names no registry: everyone installs from their own', () => {
  expect(Object.values(packages).filter(({ resolved }) => resolved)).toEqual([])
})

import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { expect, it } from 'vitest'
import { root, run } from './process.ts'

it('every link in the documentation leads somewhere', async () => {
  const { stdout } = await run('git', ['ls-files', '*.md'])
  const broken: string[] = []
  for (const page of stdout.split('\n').filter(Boolean)) {
    const text = await readFile(join(root, page), 'utf8')
    for (const [, link = ''] of text.matchAll(/\]\(([^)#\s]+)[^)]*\)/g)) {
      if (!/^[a-z]+:/.test(link) && !existsSync(join(root, dirname(page), link))) broken.push(`${page}: ${link}`)
    }
  }
  expect(broken).toEqual([])
})

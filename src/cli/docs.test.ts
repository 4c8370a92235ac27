import { readFile } from 'node:fs/promises'
import { expect, it } from 'vitest'
import { EXIT, EXIT_MEANINGS } from './exit.ts'
import { flagOf, OPTION_KEYS, OPTIONS, variableOf } from './options.ts'
import { examplesOf, optionsOf, VERBS } from './verbs.ts'

const page = await readFile(new URL('../../docs/cli.md', import.meta.url), 'utf8')

it('docs/cli.md lists every option as the table has it', () => {
  const rows = OPTION_KEYS.map(key => {
    const { value, short, help, default: fallback } = OPTIONS[key]
    const flags = key === 'target' ? 'TARGET' : [short, flagOf(key)].filter(Boolean).join(', ')
    const verbs =
      key === 'target' ? VERBS.filter(({ target }) => target) : VERBS.filter(verb => optionsOf(verb).includes(key))
    const shown = fallback !== undefined && typeof fallback !== 'boolean' ? `${help} (default: ${fallback})` : help
    const option = value && key !== 'target' ? `${flags} ${value}` : flags
    return `| \`${option}\` | \`${variableOf(key)}\` | \`${key}\` | ${verbs.map(({ name }) => name).join(', ')} | ${shown} |`
  })
  expect(page.split('\n').filter(line => line.includes('| `WARPLINE_'))).toEqual(rows)
})

it('docs/cli.md lists every exit code', () => {
  const rows = Object.entries(EXIT).map(([name, code]) => `| ${code} | ${EXIT_MEANINGS[name as keyof typeof EXIT]} |`)
  expect(page.split('\n').filter(line => /^\| \d+ \|/.test(line))).toEqual(rows)
})

it('docs/cli.md shows every example', () => {
  for (const example of VERBS.flatMap(examplesOf)) expect(page).toContain(example)
})

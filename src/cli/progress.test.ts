import { expect, it } from 'vitest'
import { ProgressBar } from './progress.ts'

function recorder(isTTY: boolean) {
  const written: string[] = []
  return { written, output: { isTTY, columns: 80, write: (text: string) => written.push(text) > 0, once: () => {} } }
}

it('says once what loads, where nobody watches', () => {
  const { written, output } = recorder(false)
  {
    using bar = new ProgressBar(output)
    for (const loaded of [0, 1, 2]) bar.update({ loaded, total: 2, what: 'weights' })
    bar.update({ loaded: 1, total: 1, what: 'tokenizer' })
  }
  expect(written).toEqual(['loading weights\n', 'loading tokenizer\n'])
})

it('draws a bar on a terminal and takes it away', () => {
  const { written, output } = recorder(true)
  {
    using bar = new ProgressBar(output)
    bar.update({ loaded: 0, total: 0, what: 'weights' })
    bar.update({ loaded: 3, total: 3, what: 'weights' })
  }
  expect(written.map(text => text.replace('\r\x1b[K', '<'))).toEqual([
    '<loading weights ░░░░░░░░░░░░░░░░░░░░░░░░ 0 %',
    '<loading weights ████████████████████████ 100 %',
    '<',
  ])
})

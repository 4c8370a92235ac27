import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { runChatCommand } from './chat-commands.ts'
import { History } from './history.ts'

it('takes no other line for a command', async () => {
  const history = new History(undefined)
  expect(await runChatCommand('hello /help', history, '/')).toBeUndefined()
  expect(await runChatCommand('//etc is a folder', history, '/')).toBeUndefined()
})

it('explains, forgets, instructs and leaves', async () => {
  const history = new History(undefined)
  history.add('a', 'b')
  expect(await runChatCommand('/help', history, '/')).toMatchInlineSnapshot(`
    {
      "say": "  /help          print this
      /reset         forget what was said; the system message stays
      /system TEXT   set the system message; without TEXT, remove it
      /save FILE     save the messages as JSON in a new file
      /exit          leave, as does Ctrl-D
      Ctrl-C         stop an answer; at an empty prompt, twice to leave",
    }
  `)
  expect(await runChatCommand('/system  be brief ', history, '/')).toEqual({ say: 'system message set' })
  expect(history.messages()).toHaveLength(3)
  expect(await runChatCommand('/reset', history, '/')).toEqual({ say: 'forgotten' })
  expect(history.messages()).toEqual([{ role: 'system', content: 'be brief' }])
  expect(await runChatCommand('/system', history, '/')).toEqual({ say: 'system message removed' })
  expect(await runChatCommand('/exit', history, '/')).toBe('exit')
  expect(await runChatCommand('/sytem x', history, '/')).toEqual({
    say: 'unknown command /sytem (did you mean /system?): /help lists them',
  })
})

it('saves, and overwrites nothing', async () => {
  const cwd = await mkdtemp(join(tmpdir(), 'warpline-chat-'))
  const history = new History(undefined)
  history.add('a', 'b')
  expect(await runChatCommand('/save', history, cwd)).toEqual({ say: 'nothing saved: say where, /save FILE' })
  expect(await runChatCommand('/save chat.json', history, cwd)).toEqual({ say: 'saved to chat.json' })
  expect(JSON.parse(await readFile(join(cwd, 'chat.json'), 'utf8'))).toEqual(history.messages())
  expect(await runChatCommand('/save chat.json', history, cwd)).toEqual({
    say: 'nothing saved: chat.json exists, choose another name',
  })
  await rm(cwd, { recursive: true })
})

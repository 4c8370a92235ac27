import { execFileSync } from 'node:child_process'
import { expect, it } from 'vitest'
import { cli, Process, root } from './process.ts'

const KEYS = { enter: '\r', ctrlC: '\x03', ctrlD: '\x04' }

/** Gives a program a terminal of 80 columns: what we write is typed there, and what it shows comes to us. */
const WITH_TERMINAL = `
import os, pty, sys
sized = ['sh', '-c', 'stty rows 24 cols 80; exec "$0" "$@"', *sys.argv[1:]]
sys.exit(os.waitstatus_to_exitcode(pty.spawn(sized)))
`

const canOpenTerminal = (() => {
  try {
    execFileSync('python3', ['-c', 'import os, pty; os.waitstatus_to_exitcode; os.close(pty.openpty()[0])'], {
      stdio: 'ignore',
    })
    return true
  } catch {
    return false
  }
})()

function chatInTerminal(target: string): Process {
  return new Process('python3', ['-c', WITH_TERMINAL, process.execPath, cli, 'chat', target], {
    cwd: root,
    env: { TERM: 'xterm' },
  })
}

it('talks, line by line, and leaves at Ctrl-D', async ({ skip }) => {
  if (!canOpenTerminal) skip('no Python 3 to open a terminal with')
  await using chat = chatInTerminal('mock:?ttft=1ms&itl=1ms&tokens=5')
  await chat.follow('/help lists commands')
  await chat.follow('> ')
  chat.child.stdin.write(`hello${KEYS.enter}`)
  await chat.follow('\x1b[2m5 tokens · ')
  await chat.follow(' tok/s · first after ')
  await chat.follow('> ')
  chat.child.stdin.write(`/reset${KEYS.enter}`)
  await chat.follow('forgotten')
  await chat.follow('> ')
  chat.child.stdin.write(KEYS.ctrlD)
  expect(await chat.ended).toMatchObject({ code: 0 })
})

it('Ctrl-C stops an answer, then clears a line, then leaves', async ({ skip }) => {
  if (!canOpenTerminal) skip('no Python 3 to open a terminal with')
  await using chat = chatInTerminal('mock:?ttft=1ms&itl=5ms&tokens=1000000&context=2000000')
  await chat.follow('> ')
  chat.child.stdin.write(`hello${KEYS.enter}`)
  await chat.follow('hello')
  await chat.follow('\n')
  await chat.follow(' ')
  chat.child.stdin.write(KEYS.ctrlC)
  await chat.follow('stopped')
  await chat.follow('> ')
  chat.child.stdin.write('half a line')
  await chat.follow('half a line')
  chat.child.stdin.write(KEYS.ctrlC)
  await chat.follow('> ')
  chat.child.stdin.write(KEYS.ctrlC)
  await chat.follow('Ctrl-C again or Ctrl-D leaves')
  await chat.follow('> ')
  chat.child.stdin.write(KEYS.ctrlC)
  expect(await chat.ended).toMatchObject({ code: 0 })
})

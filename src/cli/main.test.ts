import { expect, it } from 'vitest'
import { main } from './main.ts'
import { flagOf } from './options.ts'
import { testWorld } from './testing/test-world.ts'
import { VERBS } from './verbs.ts'

const WRONG = [
  'srve',
  'serve --prot 1',
  'serve --port',
  'serve --port 70000',
  'generate',
  'generate a b',
  'generate -p x --top-p 0',
  'generate -p x --weights int4',
  'generate -p x --raw --system y',
  'generate mock:?tempo=1 -p x',
  'generate gpt: -p x',
  'doctor mock:',
  'chat --config gone.json',
]

it('says in one line what is wrong', async () => {
  const said: string[] = []
  for (const line of WRONG) {
    const world = testWorld()
    const code = await main(line.split(' '), world)
    expect(world.out()).toBe('')
    said.push(`${line} (${code})\n${world.err()}`)
  }
  expect(said.join('\n')).toMatchInlineSnapshot(`
    "srve (2)
    warpline: unknown command 'srve' (did you mean serve?): see warpline --help

    serve --prot 1 (2)
    warpline: unknown option '--prot' (did you mean --port?): see warpline serve --help

    serve --port (2)
    warpline: option '--port <PORT>' argument missing: see warpline serve --help

    serve --port 70000 (2)
    warpline: --port: expected a whole number from 0 to 65535, not "70000": see warpline serve --help

    generate (2)
    warpline: nothing to complete, give -p TEXT, or -p - to read standard input: see warpline generate --help

    generate a b (2)
    warpline: too many arguments for 'generate'. Expected 1 argument but got 2: see warpline generate --help

    generate -p x --top-p 0 (2)
    warpline: --top-p: expected a number above 0 and up to 1, not "0": see warpline generate --help

    generate -p x --weights int4 (2)
    warpline: --weights: expected one of auto, f32, bf16, f16, not "int4": see warpline generate --help

    generate -p x --raw --system y (2)
    warpline: --system needs a chat template: the prompt is completed as it is: see warpline generate --help

    generate mock:?tempo=1 -p x (3)
    warpline: mock: has no setting tempo; known are ttft, itl, perseq, prefill, vocab, context, slots, tokens, seed, cache, model, load, steps, pace, stall

    generate gpt: -p x (3)
    warpline: gpt: is no mock target: write mock: or mock:?ttft=20ms&itl=5ms

    doctor mock: (2)
    warpline: too many arguments for 'doctor'. Expected 0 arguments but got 1: see warpline doctor --help

    chat --config gone.json (2)
    warpline: the config file gone.json does not exist: see warpline chat --help
    "
  `)
})

it('explains itself', async () => {
  const world = testWorld()
  expect(await main(['--help'], world)).toBe(0)
  expect(world.err()).toBe('')
  expect(world.out()).toMatchInlineSnapshot(`
    "Usage: warpline VERB [TARGET] [options]

    Large language models served, scheduled and measured, in TypeScript.

    Options:
      -v, --version                                               print the version
      -h, --help                                                  print this, or a verb’s own options

    Commands:
      serve [TARGET]                                              serve a model over HTTP, by the OpenAI API
      chat [TARGET]                                               talk to a model in the terminal
      generate [TARGET]                                           complete one prompt and print the answer
      plan [TARGET]                                               say whether a model fits a GPU and how fast it can be there
      bench [PRESET] [TARGET]                                     measure any target under load, and say whether the figures are the target’s
      dispatch                                                    answer a file of prompts over MPI ranks, each with its own target
      profile [TARGET]                                            say where the time of a step goes, operation by operation
      kernels list | check [NAME…] | bench [NAME…] | run FILE.cu  check and measure the kernel kit, or run a kernel of one’s own
      mpi check                                                   say whether ranks can speak to each other, and how fast
      doctor                                                      say what this machine has, and what is missing for what

    A TARGET is a model’s name or folder, a server’s URL, or mock: for tokens without a model. Without one, the bundled
    model runs.

    Examples:
      warpline serve
      warpline chat
      warpline generate -p "What is Warpline?"
      warpline plan llama-2-7b
      warpline bench http://127.0.0.1:8090
      warpline dispatch --prompts prompts.txt --output results.jsonl
      warpline profile
      warpline kernels list
      warpline mpi check --ranks 2
      warpline doctor

    Every option can also be a variable (--max-tokens: WARPLINE_MAX_TOKENS) or stand in warpline.config.json or
    .yaml (maxTokens). Options beat variables, which beat the file.

    Exit codes:
      0    done; for serve: stopped by a signal with every request answered
      1    failed while running
      2    wrong command, option, variable or config file
      3    the model or target cannot be opened
      4    the address cannot be listened on
      5    the engine was lost, and serve was told to exit then
      130  interrupted (Ctrl-C)
      143  terminated (SIGTERM)
    "
  `)
})

it.each(VERBS.map(({ name }) => name))('explains %s', async verb => {
  const world = testWorld()
  expect(await main([verb, '--help'], world)).toBe(0)
  const { options, unlisted = [], examples } = VERBS.find(({ name }) => name === verb)!
  const listed = options.filter(key => !unlisted.includes(key))
  for (const text of [...listed.map(flagOf), ...examples]) expect(world.out()).toContain(text)
})

it('keeps apart what only one preset of bench knows', async () => {
  const world = testWorld()
  expect(await main(['bench', 'engine', '--help'], world)).toBe(0)
  expect(world.out()).toContain('-p, --prompt-lengths <TOKENS>')
  expect(world.out()).not.toContain('--rate')
})

it('prints its version', async () => {
  const world = testWorld()
  expect(await main(['--version'], world)).toBe(0)
  expect(world.out()).toMatch(/^\d+\.\d+\.\d+\S*\n$/)
})

it('without a verb, explains itself as an error', async () => {
  const world = testWorld()
  expect(await main([], world)).toBe(2)
  expect(world.out()).toBe('')
  expect(world.err()).toContain('Usage: warpline VERB')
})

it('takes --config for the shape of a model where its weights are random', async () => {
  const opened: unknown[] = []
  const world = { ...testWorld(), openTarget: async (...args: unknown[]) => Promise.reject(opened.push(args)) }
  const dummy = ['--load-format', 'dummy', '--config', 'llama-2-7b']
  await main(['generate', '-p', 'x', ...dummy, '--gpu-memory', '50%', '--without', 'graphs'], world)
  expect(opened).toMatchObject([
    ['llama-2-7b', { loadFormat: 'dummy', gpuMemory: '50%', without: ['graphs'], batchInvariant: false }],
  ])
  expect(await main(['generate', './my-model', '-p', 'x', ...dummy], world)).toBe(2)
  expect(world.err()).toContain('--config llama-2-7b and ./my-model both name a model: give one of them')
})

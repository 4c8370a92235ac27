import { afterEach, describe, expect, it, vi } from 'vitest'
import { loadChatTemplate, RefusedChatError } from './chat-template.ts'
import { FormatError } from './errors.ts'
import { loadTokenizer } from './tokenizer/index.ts'
import { expected, fixture, folder, TOKENIZERS } from './tokenizer/testing.ts'

const HELLO = [{ role: 'user', content: 'Hello' }]

/** What a template makes of one message. */
async function render(
  chat_template: unknown,
  variables: Record<string, unknown> = {},
  messages = HELLO,
): Promise<string> {
  using directory = folder({ 'tokenizer_config.json': { chat_template, bos_token: '<s>' } })
  const template = await loadChatTemplate(directory.path)
  return template!.render(messages, { variables })
}

describe.each(TOKENIZERS)('%s, as transformers has it', name => {
  it.each(Object.entries(expected(name).chats))('%s', async (_, chat) => {
    const [template, tokenizer] = [await loadChatTemplate(fixture(name)), await loadTokenizer(fixture(name))]
    const { messages, addGenerationPrompt, variables } = chat
    const make = () => template!.render(messages, { addGenerationPrompt, variables })
    if (chat.error === undefined) {
      expect(make()).toBe(chat.text)
      expect(tokenizer.encode(make(), { addSpecial: false })).toEqual(chat.ids)
    } else {
      const reason = /^TemplateError: (.*)$/.exec(chat.error)?.[1] ?? 'there are no messages'
      expect(make).toThrow(new RefusedChatError(reason))
    }
  })
})

describe('where a template lies', () => {
  const config = (chat_template: unknown) => ({ 'tokenizer_config.json': { chat_template } })
  it.each<[string, Record<string, unknown>, string | undefined]>([
    ['nowhere', {}, undefined],
    ['in a config without one', { 'tokenizer_config.json': {} }, undefined],
    ['in the config', config('one'), 'one'],
    [
      'in a list',
      config([
        { name: 'rag', template: 'two' },
        { name: 'default', template: 'one' },
      ]),
      'one',
    ],
    ['in a file of its own, which comes first', { ...config('two'), 'chat_template.jinja': 'one' }, 'one'],
  ])('%s', async (_, files, text) => {
    using directory = folder(files)
    expect((await loadChatTemplate(directory.path))?.render(HELLO)).toBe(text)
  })

  it('in a list, another for tools', async () => {
    const named = [
      { name: 'default', template: 'plain' },
      { name: 'tool_use', template: '{{ tools | length }} tools' },
    ]
    expect(await render(named, { tools: [{}, {}] })).toBe('2 tools')
    expect(await render(named)).toBe('plain')
  })
})

describe('what a template can use', () => {
  afterEach(() => {
    vi.useRealTimers()
  })

  // Right-hand sides computed with jinja2 3.1.6 in the environment of transformers 5.17.
  it.each<[string, string, Record<string, unknown>?]>([
    ["{{ '\\n\\n x \\n'.lstrip('\\n') }}|", ' x \n|'],
    ["{{ 'xxabxx'.strip('x') }}{{ 'xxabxx'.rstrip('xb') }}", 'abxxa'],
    ["{{ '\\ufeff \\x1c\\x85a\\xa0'.strip() | length }}{{ ' \\x1c\\x85a\\xa0\\ufeff'.strip() | length }}", '53'],
    ["{{ ' a ' | trim }}{{ 'xax' | trim('x') }}", 'aa'],
    [
      "{{ 'aXbXc'.replace('X', '-', 1) }} {{ 'aXbXc' | replace('X', '') }} {{ 'ab'.replace('', '.') }}",
      'a-bXc abc .a.b.',
    ],
    ["{{ 'a\\n\\nb' | indent }}|{{ 'a\\nb' | indent(2, true) }}", 'a\n\n    b|  a\n  b'],
    [
      "{{ ', '.join(['a', 'b']) }} {{ ['a', 1, none, true] | join('-') }} {{ ['a', 'b'] | join }}",
      'a, b a-1-None-True ab',
    ],
    ['{{ none }} {{ true }} {{ 1.5 }} {{ undefined_thing }}|', 'None True 1.5 |'],
    [
      `{{ ['a', "it's", 1, none, [true]] }} {{ {'k': 'v\\n', 'n': {}} }}`,
      `['a', "it's", 1, None, [True]] {'k': 'v\\n', 'n': {}}`,
    ],
    ["{{ true ~ none ~ 1 ~ ['a'] }} {{ true | string }} {{ none | string }}", "TrueNone1['a'] True None"],
    [`{{ '"' ~ ["'", '"', "\\\\", "é\\x00\\t"] }}`, `"["'", '"', '\\\\', 'é\\x00\\t']`],
    [
      "{{ [1, {'a': none}] == [true, {'a': none}] }} {{ '1' == 1 }} {{ {} != [] }} {{ none == nothing }}",
      'True False True False',
    ],
    [
      "{{ [1] in [[1], 2] }} {{ 'a' not in 'cat' }} {{ 'k' in {'k': 1} }} {{ '1' in [1] }} {{ 'x' in nothing }}",
      'True False True False False',
    ],
    ['{{ 7 // 2 }} {{ 7 / 2 }} {{ -7 // 2 }} {{ 2 ** 3 }} {{ 6 / 2 }}', '3 3.5 -4 8 3.0'],
    ['{% for i in range(3) %}<{% if i == 1 %}{% continue %}{% endif %}{{ i }}>{% endfor %}', '<0><<2>'],
    ['{% for i in range(9) %}<{% if i == 1 %}{% break %}{% endif %}{{ i }}>{% else %}none{% endfor %}', '<0><'],
    ['{% for i in range(3) %}{% if i == 0 %}{% set x = 7 %}{% endif %}{{ x }},{% endfor %}{{ x }}|', '7,,,|'],
    ['{% set x = 1 %}{% for i in range(2) %}{{ x }}{% set x = x + 1 %}{{ x }}{% endfor %}{{ x }}', '12121'],
    ["{{ 'hELLO wORLD'.capitalize() }} {{ 'abc'.removeprefix('a').removesuffix('c') }}", 'Hello world b'],
    ["{{ 'banana'.count('an') }} {{ 'banana'.find('n') }} {{ 'a b'.split() | length }}", '2 2 2'],
    ['{{ x | tojson }}', '{"é": "<b>", "n": [1, 2.5, null]}', { x: { é: '<b>', n: [1, 2.5, null] } }],
    ['{{ x | tojson(indent=2) }}', '{\n  "a": 1\n}', { x: { a: 1 } }],
    ['{{ bos_token }}{{ eos_token is defined }}{{ tools is none }}', '<s>FalseTrue'],
    ['{% for i in range(3) %}{{ i }}{% endfor %}{% for i in range(4, 0, -2) %}{{ i }}{% endfor %}', '01242'],
    [
      '{% for i in range(9) %}{% if i == 1 %}{% continue %}{% elif i == 3 %}{% break %}{% endif %}{{ i }}{% endfor %}',
      '02',
    ],
    ['{% set ns = namespace(n=0) %}{% for m in ["a", "b", "c"] %}{% set ns.n = ns.n + 1 %}{% endfor %}{{ ns.n }}', '3'],
    ['{% macro f(a, b=2) %}[{{ a }}{{ b }}]{% endmacro %}{{ f(1) }}{{ f(1, b=3) }}', '[12][13]'],
    ["{% filter replace('a', 'b') %}banana{% endfilter %}", 'bbnbnb'],
    ['{{ __proto__ }}{{ constructor }}{{ process }}{{ globalThis }}|', '|'],
    ["{{ ''.constructor }}{{ messages.constructor }}{{ messages[0].__proto__ }}|", '|'],
  ])('%s', async (source, text, variables = {}) => {
    expect(await render(source, variables)).toBe(text)
  })

  it('knows the time', async () => {
    vi.useFakeTimers({ now: new Date(2024, 6, 4, 15, 5, 9) })
    expect(await render("{{ strftime_now('%d %b %Y, %A %-d %B, %H:%M:%S %I %p %j %%') }}")).toBe(
      '04 Jul 2024, Thursday 4 July, 15:05:09 03 PM %j %',
    )
  })
})

describe('a template that asks for too much', () => {
  const doubled = (start: string, step: string) =>
    `{% set ns = namespace(x=${start}) %}{% for i in range(60) %}{% set ns.x = ${step} %}{% endfor %}`
  it.each<[string, string, RegExp]>([
    ['a text doubled 60 times', `${doubled("'aaaaaaaa'", 'ns.x ~ ns.x')}{{ ns.x }}`, /makes more than \d+ characters/],
    ['a list doubled 60 times', `${doubled('[1]', 'ns.x + ns.x')}{{ ns.x }}`, /makes more than|too many steps/],
    ['a list of itself 60 times', `${doubled('[1]', '[ns.x, ns.x]')}{{ ns.x | tojson }}`, /makes more than/],
    ['a map of itself 60 times', `${doubled('{}', '{"a": ns.x, "b": ns.x}')}{{ ns.x }}`, /makes more than/],
    [
      'a namespace in itself',
      '{% set ns = namespace() %}{% set ns.x = ns %}{{ ns | tojson }}',
      /puts a namespace into/,
    ],
    [
      'a replacement squared',
      "{% set a = 'a' * 1 %}{% set b = 'xxxxxxxxxxxxxxxx' %}".replace("'a' * 1", "'aaaaaaaaaaaaaaaa'") +
        "{% set c = b.replace('x', a).replace('a', b).replace('x', a).replace('a', b).replace('x', a).replace('a', b) %}",
      /makes more than/,
    ],
    ['a wide indent', "{{ 'a\\nb' | indent(1000000000) }}", /makes more than/],
    ['a wide JSON', '{{ [1] | tojson(indent=1000000000) }}', /indents JSON by something else/],
    ['a JSON as wide as it likes', '{% set n = 9 %}{{ [1] | tojson(indent=n) }}', /indents JSON by something else/],
    ['a join of much', "{{ range(90000) | join('aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa') }}", /makes more than/],
    ['a long range', '{{ range(1000000000) | length }}', /counts further than 100000/],
    [
      'loops in loops',
      '{% for a in range(9999) %}{% for b in range(9999) %}{% endfor %}{% endfor %}'.replace(
        '{% endfor %}{% endfor %}',
        '{{ b }}{% endfor %}{% endfor %}',
      ),
      /too many steps|makes more than/,
    ],
    [
      'loops that print nothing',
      '{% for a in range(9999) %}{% for b in range(9999) %}{% set x = b %}{% endfor %}{% endfor %}',
      /too many steps/,
    ],
    ['a macro of itself', '{% macro f() %}{{ f() }}{% endmacro %}{{ f() }}', /fails/],
    ['a macro twice of itself', '{% macro f() %}{{ f() }}{{ f() }}{% endmacro %}{{ f() }}', /fails/],
    ['a chain of attributes', `{{ messages${'[0].strip'.repeat(400)} }}`, /fails/],
  ])('is stopped: %s', async (_, source, reason) => {
    const start = performance.now()
    const error = await render(source).catch((caught: unknown) => caught)
    expect(error).toBeInstanceOf(FormatError)
    expect((error as Error).message).toMatch(reason)
    expect((error as Error).message).toMatch(/tokenizer_config\.json: the chat template fails: "/)
    expect(performance.now() - start).toBeLessThan(8000)
  })

  it('may be as long as the chat that it prints', async () => {
    const content = 'word '.repeat(400_000)
    const source = '{% for m in messages %}{{ m.role }}: {{ m.content.strip() | trim }}\n{% endfor %}'
    expect(await render(source, {}, [{ role: 'user', content }])).toHaveLength(content.length + 6)
    const many = Array.from({ length: 5000 }, () => HELLO[0]!)
    expect(await render(source, {}, many)).toHaveLength(5000 * 12)
  })
})

describe('a template that is wrong', () => {
  it.each<[string, unknown, RegExp]>([
    ['a number', 7, /"chat_template" is 7, not a string$/],
    ['an object', {}, /"chat_template" is an object, not a string$/],
    ['a list of none called default', [{ name: 'a', template: 'b' }], /none of its chat templates is named "default"$/],
    ['a list of strings', ['a'], /"chat_template\[0\]" is not an object$/],
    ['an open tag', '{% if true %}', /the chat template cannot be read: "/],
    ['an unknown tag', '{% loom %}', /the chat template cannot be read: "/],
    ['an open string', "{{ 'a }}", /the chat template cannot be read: "/],
    ['nested without end', `{{ ${'('.repeat(50_000)}`, /the chat template cannot be read: "/],
    ['too long', 'a'.repeat(300_000), /cannot be read: "has more than 262144 characters"$/],
    ['a desert', `a${' '.repeat(200_000)}b`, /cannot be read: "has 1024 spaces in a row"$/],
    ['a call of nothing', '{{ nothing() }}', /the chat template fails: "/],
    ['an unknown filter', '{{ "a" | loom }}', /the chat template fails: "/],
    ['a sum of nothing', '{{ 1 + nothing }}', /the chat template fails: "/],
  ])('is refused: %s', async (_, source, reason) => {
    const error = await render(source).catch((caught: unknown) => caught)
    expect(error).toBeInstanceOf(FormatError)
    expect((error as Error).message).toMatch(reason)
    expect((error as Error).message).not.toContain('\n')
  })
})

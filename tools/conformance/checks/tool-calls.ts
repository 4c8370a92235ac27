import { chat, streamChat } from '../ask.ts'
import { type Check, demand, demandEqual, Failure, show } from '../check.ts'

const FIELDS = {
  messages: [{ role: 'user', content: 'What is the weather in Oslo?' }],
  tools: [
    {
      type: 'function',
      function: {
        name: 'get_weather',
        description: 'The weather in a city',
        parameters: { type: 'object', properties: { city: { enum: ['Oslo', 'Rome'] } }, required: ['city'] },
      },
    },
  ],
  tool_choice: 'required',
  max_tokens: 128,
}

export const toolCalls: readonly Check[] = [
  {
    id: 'tools.whole',
    item: 16,
    what: 'a required tool is called by its name, with arguments in JSON',
    async run(context) {
      const [choice] = (await chat(context, FIELDS)).choices
      demandEqual(choice?.finish_reason, 'tool_calls', 'finish_reason')
      const [call] = choice?.message.tool_calls ?? []
      demandEqual(call?.function.name, 'get_weather', 'the function')
      parsed(call?.function.arguments ?? '')
    },
  },
  {
    id: 'tools.stream',
    item: 16,
    what: 'streamed deltas of a tool call merge into the call',
    async run(context) {
      const { chunks } = await streamChat(context, FIELDS)
      const calls = new Map<number, { id: string; name: string; arguments: string }>()
      for (const { choices } of chunks)
        for (const { delta } of choices)
          for (const { index, id, function: part } of delta.tool_calls ?? []) {
            const call = calls.get(index) ?? { id: '', name: '', arguments: '' }
            calls.set(index, {
              id: call.id + (id ?? ''),
              name: call.name + (part?.name ?? ''),
              arguments: call.arguments + (part?.arguments ?? ''),
            })
          }
      demand(calls.has(0), 'no delta has a tool call')
      for (const { id, name, arguments: text } of calls.values()) {
        demand(id !== '', 'a call has no id')
        demandEqual(name, 'get_weather', 'the function')
        parsed(text)
      }
      const reasons = chunks.flatMap(({ choices }) => choices.map(choice => choice.finish_reason)).filter(Boolean)
      demandEqual(reasons, ['tool_calls'], 'finish_reason')
    },
  },
]

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    throw new Failure(`the arguments are no JSON: ${show(text)}`)
  }
}

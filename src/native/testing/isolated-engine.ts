import { openNative } from '../open-native.ts'
import type { NativeOptions } from '../options.ts'
import { engineProcess } from './engine-process.ts'

/**
 * A program that opens the model in its first argument in a process of its own, with the options in its second, says
 * that process's id, and then answers a prompt of as many tokens as its third says for as long as it can.
 */
const [model, options, tokens] = process.argv.slice(2)
const engine = await openNative(model!, { ...(JSON.parse(options!) as NativeOptions), isolated: true })
const events = engine.generate({
  input: { tokens: Array<number>(Number(tokens)).fill(5) },
  sampling: { maxTokens: 1000, ignoreEos: true },
})
const first = events[Symbol.asyncIterator]().next()
console.log(engineProcess(engine))
await first
for await (const _ of events);

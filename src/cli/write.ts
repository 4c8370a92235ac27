import type { Output } from './world.ts'

/** Writes `text` and waits until a slow reader has caught up, so that nothing piles up in memory. */
export async function write(output: Output, text: string): Promise<void> {
  if (text !== '' && !output.write(text)) await new Promise<void>(resolve => output.once('drain', resolve))
}

/** What has something to send at the end of this turn of the event loop. */
export interface Sender {
  flush(): void
}

let waiting: Sender[] = []

/**
 * Calls `flush` once all that this turn of the event loop brings has come in: what several events add to one connection
 * leaves it as one write, whose cost is nearly all the kernel's and the same for one token as for ten. When the loop
 * is late, more comes together: that is how it catches up.
 */
export function flushSoon(sender: Sender): void {
  if (waiting.length === 0) setImmediate(flushAll)
  waiting.push(sender)
}

function flushAll(): void {
  const senders = waiting
  waiting = []
  for (const sender of senders) sender.flush()
}

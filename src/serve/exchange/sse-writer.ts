import type { ServerResponse } from 'node:http'

/** Server-sent events on a Node response. */
export class SseWriter {
  constructor(private readonly outgoing: ServerResponse) {}

  get opened(): boolean {
    return this.outgoing.headersSent
  }

  /** The status is 200 from here on; the headers go out with the first frame. */
  open(): void {
    if (this.opened || this.outgoing.destroyed) return
    this.outgoing.writeHead(200, {
      'Content-Type': 'text/event-stream',
      'Cache-Control': 'no-cache',
      // nginx would collect the stream otherwise.
      'X-Accel-Buffering': 'no',
    })
  }

  /** Comes back when the client has taken enough of what was written; who waits for it writes no faster than it reads. */
  async write(frames: string): Promise<void> {
    if (frames === '' || this.outgoing.destroyed) return
    this.open()
    if (!this.outgoing.write(frames)) await drained(this.outgoing)
  }

  end(frames: string): void {
    if (this.outgoing.destroyed) return
    this.open()
    this.outgoing.end(frames)
  }
}

function drained(outgoing: ServerResponse): Promise<void> {
  return new Promise(resolve => {
    const go = () => {
      outgoing.off('drain', go)
      outgoing.off('close', go)
      resolve()
    }
    outgoing.once('drain', go)
    outgoing.once('close', go)
  })
}

import type { LeadLink, LinkCost, WorkerLink } from './link.ts'
import type { ToLead, ToWorker } from './message.ts'

/** One process is rank 0 and executes as well: both ends of a link that copies nothing. */
export function loopLink(): { readonly lead: LeadLink; readonly worker: WorkerLink } {
  const cost: LinkCost = { messages: 0, us: 0 }
  const lead: LeadLink = {
    ranks: [0],
    post: (_rank, message) => later(() => worker.onMessage(message)),
    onMessage: () => {},
    onFault: () => {},
    open: () => {},
    cost,
  }
  const worker: WorkerLink = {
    post: (message: ToLead) => later(() => lead.onMessage(0, message)),
    flush: () => new Promise(resolve => later(resolve)),
    onMessage: (_message: ToWorker) => {},
    onFault: () => {},
    open: () => {},
  }
  return { lead, worker }
}

/** In order, and never within the call that posted: a real link would not either. */
function later(run: () => void): void {
  setImmediate(run)
}

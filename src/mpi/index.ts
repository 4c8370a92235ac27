/** MPI's communicators: over MPI, over TCP, or within one process. */
export {
  type Bytes,
  type Communicator,
  type Match,
  type Message,
  type Numbers,
  type Operation,
  type Status,
  TAG_LIMIT,
  type Transfer,
} from './communicator.ts'
export { MpiError, type MpiErrorKind } from './errors.ts'
export { type Launcher, type LauncherKind, launcherOf } from './launcher.ts'
export { type LocalGroup, type LocalGroupOptions, localGroup } from './local.ts'
export type { MpiCommunicator } from './mpi/mpi-communicator.ts'
export { type MpiOptions, openMpi } from './mpi/open-mpi.ts'
export type { PollOptions } from './mpi/poll-options.ts'
export { type CommunicatorOptions, openCommunicator } from './open-communicator.ts'
export { openTcp, type TcpOptions } from './tcp/open-tcp.ts'

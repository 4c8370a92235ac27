import { WarplineError } from '../../errors.ts'

/** The device can compute nothing any more, for anybody: a kernel faulted, or the card fell off the bus. */
export class DeviceLostError extends WarplineError {
  override readonly code = 'device_lost'
}

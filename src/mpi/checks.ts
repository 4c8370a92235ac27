import { TAG_LIMIT } from './communicator.ts'
import { MpiError } from './errors.ts'

/** @throws MpiError of kind `bad_rank` */
export function mustBeRank(rank: number, size: number): void {
  if (!Number.isInteger(rank) || rank < 0 || rank >= size)
    throw new MpiError('bad_rank', `there is no rank ${rank}: ranks are 0 to ${size - 1}`)
}

/** @throws MpiError of kind `bad_tag` */
export function mustBeTag(tag: number): void {
  if (!Number.isInteger(tag) || tag < 0 || tag > TAG_LIMIT)
    throw new MpiError('bad_tag', `there is no tag ${tag}: tags are 0 to ${TAG_LIMIT}`)
}

/** @throws MpiError */
export function mustBeColor(color: number): void {
  if (!Number.isInteger(color) || color < 0 || color > 0x7fff_ffff)
    throw new MpiError('other', `there is no color ${color}: colors are whole numbers from 0 on`)
}

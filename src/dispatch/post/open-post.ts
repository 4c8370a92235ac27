import { CpuPost } from './cpu-post.ts'
import { CudaPost } from './cuda-post.ts'
import type { PostKernel, PostOptions } from './post-kernel.ts'

/** @throws CudaUnavailableError where there is no card for it */
export function openPost({ where, rounds }: PostOptions, gpu: number | undefined): PostKernel {
  return where === 'cpu' ? new CpuPost(rounds) : new CudaPost(gpu ?? 0, rounds)
}

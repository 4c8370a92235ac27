// The CPU device's operations in WebAssembly SIMD (AssemblyScript), one a file; src/native/device/cpu/simd/ is their
// host. Every operation states its job and hands it to job.ts, which runs it here or on all threads. Nothing is
// allocated: addresses come from the host, and the only memory is its arena, laid out by control.ts at the bottom.

export { add } from './add'
export { gatedActivation } from './activation'
export { attention } from './attention'
export { embed } from './embed'
export { work } from './job'
export { linear } from './linear'
export { linearInt8 } from './linear-int8'
export { norm } from './norm'
export { ropeAndCache } from './rope'
export { storeWeight } from './store-weight'

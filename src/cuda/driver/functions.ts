import { Kind, type Signature } from './signature.ts'

declare const brand: unique symbol
/** A handle of the driver: the address of what only the driver knows. */
export type Handle<Name extends string> = number & { readonly [brand]: Name }

export type DeviceHandle = Handle<'CUdevice'>
export type ContextHandle = Handle<'CUcontext'>
export type ModuleHandle = Handle<'CUmodule'>
export type FunctionHandle = Handle<'CUfunction'>
export type StreamHandle = Handle<'CUstream'>
export type EventHandle = Handle<'CUevent'>
export type GraphHandle = Handle<'CUgraph'>
export type GraphExecHandle = Handle<'CUgraphExec'>

const i32 = new Kind<number>('int32_t')
const u32 = new Kind<number>('uint32_t')
const size = new Kind<number>('size_t')
const u64 = new Kind<number>('uint64_t')
const text = new Kind<string>('str')
/** An address in this process: of an out-parameter, a struct, or bytes. Addresses of user space are safe integers. */
const address = new Kind<number>('uint64_t')
/** An address on the card (CUdeviceptr). */
const pointer = new Kind<number>('uint64_t')
const bytes = new Kind<Uint8Array>('const void *')
const device = new Kind<DeviceHandle>('int32_t')
const context = new Kind<ContextHandle>('uint64_t')
const module = new Kind<ModuleHandle>('uint64_t')
const func = new Kind<FunctionHandle>('uint64_t')
const stream = new Kind<StreamHandle>('uint64_t')
const event = new Kind<EventHandle>('uint64_t')
const graph = new Kind<GraphHandle>('uint64_t')
const graphExec = new Kind<GraphExecHandle>('uint64_t')

/** Every function of libcuda that is called, with its parameters as in cuda.h; all give a CUresult. */
export const DRIVER_FUNCTIONS = {
  cuInit: [u32],
  cuDriverGetVersion: [address],
  cuGetErrorName: [i32, address],
  cuGetErrorString: [i32, address],

  cuDeviceGetCount: [address],
  cuDeviceGet: [address, i32],
  cuDeviceGetName: [address, i32, device],
  cuDeviceGetUuid_v2: [address, device],
  cuDeviceTotalMem_v2: [address, device],
  cuDeviceGetAttribute: [address, i32, device],
  cuDevicePrimaryCtxRetain: [address, device],
  cuDevicePrimaryCtxRelease_v2: [device],
  cuDevicePrimaryCtxReset_v2: [device],

  cuCtxSetCurrent: [context],
  cuCtxSynchronize: [],

  cuMemGetInfo_v2: [address, address],
  cuMemAlloc_v2: [address, size],
  cuMemFree_v2: [pointer],
  cuMemHostAlloc: [address, size, u32],
  cuMemFreeHost: [address],
  cuMemcpyHtoDAsync_v2: [pointer, address, size, stream],
  cuMemcpyDtoHAsync_v2: [address, pointer, size, stream],
  cuMemcpyDtoDAsync_v2: [pointer, pointer, size, stream],
  cuMemsetD8Async: [pointer, u32, size, stream],

  cuModuleLoadData: [address, bytes],
  cuModuleUnload: [module],
  cuModuleGetFunction: [address, module, text],
  cuFuncGetAttribute: [address, i32, func],
  cuFuncSetAttribute: [func, i32, i32],
  cuOccupancyMaxActiveBlocksPerMultiprocessor: [address, func, i32, size],
  cuLaunchKernelEx: [address, func, address, address],

  cuStreamCreate: [address, u32],
  cuStreamDestroy_v2: [stream],
  cuStreamSynchronize: [stream],
  cuStreamQuery: [stream],
  cuStreamWaitEvent: [stream, event, u32],
  cuStreamBeginCapture_v2: [stream, u32],
  cuStreamEndCapture: [stream, address],

  cuEventCreate: [address, u32],
  cuEventDestroy_v2: [event],
  cuEventRecord: [event, stream],
  cuEventQuery: [event],
  cuEventSynchronize: [event],
  cuEventElapsedTime: [address, event, event],

  cuGraphGetNodes: [graph, address, address],
  cuGraphInstantiateWithFlags: [address, graph, u64],
  cuGraphExecUpdate_v2: [graphExec, graph, address],
  cuGraphLaunch: [graphExec, stream],
  cuGraphExecDestroy: [graphExec],
  cuGraphDestroy: [graph],
} as const satisfies Record<string, Signature>

import { Kind, type Signature } from '../driver/signature.ts'

const u32 = new Kind<number>('uint32_t')
const i32 = new Kind<number>('int32_t')
const text = new Kind<string>('str')
const address = new Kind<number>('uint64_t')
const device = new Kind<number>('uint64_t')

/** The functions of libnvidia-ml that are called, as in nvml.h; all give an nvmlReturn_t. */
export const NVML_FUNCTIONS = {
  nvmlInit_v2: [],
  nvmlShutdown: [],
  nvmlSystemGetDriverVersion: [address, u32],
  nvmlDeviceGetCount_v2: [address],
  nvmlDeviceGetHandleByIndex_v2: [u32, address],
  nvmlDeviceGetHandleByUUID: [text, address],
  nvmlDeviceGetName: [device, address, u32],
  nvmlDeviceGetUUID: [device, address, u32],
  nvmlDeviceGetMemoryInfo: [device, address],
  nvmlDeviceGetUtilizationRates: [device, address],
  nvmlDeviceGetPowerUsage: [device, address],
  nvmlDeviceGetEnforcedPowerLimit: [device, address],
  nvmlDeviceGetTotalEnergyConsumption: [device, address],
  nvmlDeviceGetClockInfo: [device, i32, address],
  nvmlDeviceGetMaxClockInfo: [device, i32, address],
  nvmlDeviceGetTemperature: [device, i32, address],
  nvmlDeviceGetCurrPcieLinkGeneration: [device, address],
  nvmlDeviceGetCurrPcieLinkWidth: [device, address],
  nvmlDeviceGetNvLinkState: [device, u32, address],
  nvmlDeviceGetTopologyCommonAncestor: [device, device, address],
} as const satisfies Record<string, Signature>

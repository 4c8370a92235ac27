/** Constants of NVML (nvml.h). */

/** nvmlReturn_t by number. */
export const NVML_RETURN: Readonly<Record<number, string>> = {
  1: 'NVML_ERROR_UNINITIALIZED',
  2: 'NVML_ERROR_INVALID_ARGUMENT',
  3: 'NVML_ERROR_NOT_SUPPORTED',
  4: 'NVML_ERROR_NO_PERMISSION',
  6: 'NVML_ERROR_NOT_FOUND',
  9: 'NVML_ERROR_DRIVER_NOT_LOADED',
  12: 'NVML_ERROR_LIBRARY_NOT_FOUND',
  13: 'NVML_ERROR_FUNCTION_NOT_FOUND',
  15: 'NVML_ERROR_GPU_IS_LOST',
  18: 'NVML_ERROR_LIB_RM_VERSION_MISMATCH',
  999: 'NVML_ERROR_UNKNOWN',
}

/** What a card, or a virtual one, does not tell: not an error. */
export const NOT_TOLD: ReadonlySet<number> = new Set([2, 3, 4, 13])

/** nvmlClockType_t. */
export const CLOCK = { multiprocessors: 1, memory: 2 } as const

/** nvmlTemperatureSensors_t. */
export const TEMPERATURE_GPU = 0

/** NVML_NVLINK_MAX_LINKS. */
export const MOST_NVLINKS = 18

/** nvmlGpuTopologyLevel_t, as nvidia-smi topo writes it. */
export const TOPOLOGY_LEVEL: Readonly<Record<number, string>> = {
  0: 'same board',
  10: 'one PCIe switch',
  20: 'several PCIe switches',
  30: 'one PCIe host bridge',
  40: 'one NUMA node',
  50: 'across NUMA nodes',
}

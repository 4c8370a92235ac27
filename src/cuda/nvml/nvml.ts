import { OUT, outInt, outNumber, outText } from '../driver/scratch.ts'
import type { Functions } from '../driver/signature.ts'
import { CudaError } from '../errors.ts'
import { loadLibrary } from '../libraries/load.ts'
import { CLOCK, MOST_NVLINKS, NOT_TOLD, NVML_RETURN, TEMPERATURE_GPU, TOPOLOGY_LEVEL } from './constants.ts'
import { NVML_FUNCTIONS } from './functions.ts'

const TEXT_BYTES = 96

/** Telemetry of the machine's cards, also of those that this process does not use. */
export interface Nvml {
  /** e.g. `580.95.05`. */
  readonly driverVersion: string
  readonly devices: readonly NvmlDevice[]
  /** The card of a `CudaDevice`, whose index may be another one (CUDA_VISIBLE_DEVICES). */
  device(uuid: string): NvmlDevice | undefined
}

let opened: Nvml | undefined

/** Opens NVML; once a thread. @throws CudaUnavailableError without it. */
export function openNvml(): Nvml {
  opened ??= open()
  return opened
}

function open(): Nvml {
  const { functions } = loadLibrary('nvml', NVML_FUNCTIONS)
  check(functions.nvmlInit_v2(), 'nvmlInit_v2')
  check(functions.nvmlDeviceGetCount_v2(OUT), 'nvmlDeviceGetCount_v2')
  const devices = Array.from({ length: outInt() }, (_, index) => new NvmlDevice(functions, index))
  const version = ask(functions.nvmlSystemGetDriverVersion, 'nvmlSystemGetDriverVersion', OUT, TEXT_BYTES)
  return {
    driverVersion: version ? outText() : 'unknown',
    devices,
    device: uuid => devices.find(device => device.uuid === uuid),
  }
}

/** One card. What it does not tell is `undefined`. */
export class NvmlDevice {
  readonly #handle: number
  readonly #nvml: Functions<typeof NVML_FUNCTIONS>
  readonly name: string
  readonly uuid: string | undefined

  /** @internal Use `openNvml().devices`. */
  constructor(
    functions: Functions<typeof NVML_FUNCTIONS>,
    readonly index: number,
  ) {
    this.#nvml = functions
    check(functions.nvmlDeviceGetHandleByIndex_v2(index, OUT), 'nvmlDeviceGetHandleByIndex_v2')
    this.#handle = outNumber()
    this.name = this.#text('nvmlDeviceGetName') ?? 'unknown'
    this.uuid = this.#text('nvmlDeviceGetUUID')
  }

  /** Bytes, of all processes together. */
  get memory(): { readonly total: number; readonly free: number; readonly used: number } {
    check(this.#nvml.nvmlDeviceGetMemoryInfo(this.#handle, OUT), 'nvmlDeviceGetMemoryInfo')
    return { total: outNumber(0), free: outNumber(1), used: outNumber(2) }
  }

  /** Of the last sampling period, the part of the time in which a kernel ran, and in which memory was busy: 0 to 1. */
  get utilisation(): { readonly kernels: number; readonly memory: number } | undefined {
    const told = ask(this.#nvml.nvmlDeviceGetUtilizationRates, 'nvmlDeviceGetUtilizationRates', this.#handle, OUT)
    if (!told) return undefined
    const both = outNumber()
    return { kernels: (both % 2 ** 32) / 100, memory: Math.floor(both / 2 ** 32) / 100 }
  }

  get powerWatts(): number | undefined {
    return scaled(this.#int('nvmlDeviceGetPowerUsage'), 1000)
  }

  get powerLimitWatts(): number | undefined {
    return scaled(this.#int('nvmlDeviceGetEnforcedPowerLimit'), 1000)
  }

  /** Since the driver was loaded. */
  get energyJoules(): number | undefined {
    const name = 'nvmlDeviceGetTotalEnergyConsumption'
    return ask(this.#nvml[name], name, this.#handle, OUT) ? outNumber() / 1000 : undefined
  }

  get clocksMHz(): { readonly multiprocessors: number; readonly memory: number } | undefined {
    return this.#clocks('nvmlDeviceGetClockInfo')
  }

  get maxClocksMHz(): { readonly multiprocessors: number; readonly memory: number } | undefined {
    return this.#clocks('nvmlDeviceGetMaxClockInfo')
  }

  get temperatureCelsius(): number | undefined {
    const name = 'nvmlDeviceGetTemperature'
    return ask(this.#nvml[name], name, this.#handle, TEMPERATURE_GPU, OUT) ? outInt() : undefined
  }

  get pcie(): { readonly generation: number; readonly lanes: number } | undefined {
    const generation = this.#int('nvmlDeviceGetCurrPcieLinkGeneration')
    const lanes = this.#int('nvmlDeviceGetCurrPcieLinkWidth')
    return generation === undefined || lanes === undefined ? undefined : { generation, lanes }
  }

  /** How many NVLinks are up. */
  get nvlinks(): number {
    const name = 'nvmlDeviceGetNvLinkState'
    return Array.from({ length: MOST_NVLINKS }, (_, link) => link).filter(
      link => ask(this.#nvml[name], name, this.#handle, link, OUT) && outInt() === 1,
    ).length
  }

  /** What lies between two cards on the way over PCIe, e.g. `one PCIe switch`. */
  pathTo(other: NvmlDevice): string | undefined {
    const name = 'nvmlDeviceGetTopologyCommonAncestor'
    return ask(this.#nvml[name], name, this.#handle, other.#handle, OUT) ? TOPOLOGY_LEVEL[outInt()] : undefined
  }

  #text(name: 'nvmlDeviceGetName' | 'nvmlDeviceGetUUID'): string | undefined {
    return ask(this.#nvml[name], name, this.#handle, OUT, TEXT_BYTES) ? outText() : undefined
  }

  #int(
    name:
      | 'nvmlDeviceGetPowerUsage'
      | 'nvmlDeviceGetEnforcedPowerLimit'
      | 'nvmlDeviceGetCurrPcieLinkGeneration'
      | 'nvmlDeviceGetCurrPcieLinkWidth',
  ): number | undefined {
    return ask(this.#nvml[name], name, this.#handle, OUT) ? outInt() : undefined
  }

  #clocks(name: 'nvmlDeviceGetClockInfo' | 'nvmlDeviceGetMaxClockInfo') {
    const clock = (kind: number) => (ask(this.#nvml[name], name, this.#handle, kind, OUT) ? outInt() : undefined)
    const multiprocessors = clock(CLOCK.multiprocessors)
    const memory = clock(CLOCK.memory)
    return multiprocessors === undefined || memory === undefined ? undefined : { multiprocessors, memory }
  }
}

/** Whether it is told. @throws CudaError for what is wrong. */
function ask<A extends unknown[]>(call: (...args: A) => number, name: string, ...args: A): boolean {
  let code: number
  try {
    code = call(...args)
  } catch (error) {
    // Old drivers lack newer functions.
    if (error instanceof TypeError) return false
    throw error
  }
  if (NOT_TOLD.has(code)) return false
  check(code, name)
  return true
}

function check(code: number, call: string): void {
  if (code !== 0) throw new CudaError(call, NVML_RETURN[code] ?? `nvmlReturn_t ${code}`)
}

function scaled(value: number | undefined, by: number): number | undefined {
  return value === undefined ? undefined : value / by
}

import type { DeviceCase } from '../device-case.ts'

export const SAMPLING_CASES: readonly DeviceCase[] = []

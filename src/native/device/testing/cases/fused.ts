import type { DeviceCase } from '../device-case.ts'

/** Operations one after the other, as a decoder names them, that a device may join. */
export const FUSED_CASES: readonly DeviceCase[] = []

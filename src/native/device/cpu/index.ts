export { createReferenceDevice } from './reference/device.ts'

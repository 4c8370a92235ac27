// Warpline over a mock with few slots, which two keys share.
import { createMockEngine, type MockOptions } from '../../src/mock/index.ts'
import { KeyAccess, keysFrom, serve } from '../../src/serve/index.ts'
import { serveHere, settings } from '../serve/serve-here.ts'

const { keys, queueTimeMs, ...mock } = settings<MockOptions & { keys: string; queueTimeMs: number }>()
const access = new KeyAccess(keysFrom(keys))
const server = await serve({ engine: createMockEngine(mock), port: 0, access, queueTimeMs })
serveHere(Number(new URL(server.url).port))

// Warpline over a mock with few slots, which two keys share.
import { createMockEngine } from 'warpline/mock'
import { KeyAccess, keysFrom, serve } from 'warpline/serve'
import { serveHere, settings } from '../serve/serve-here.mjs'

const { keys, queueTokens, queueTimeMs, ...mock } = settings()
const access = new KeyAccess(keysFrom(keys))
const server = await serve({ engine: createMockEngine(mock), port: 0, access, queueTokens, queueTimeMs })
serveHere(Number(new URL(server.url).port))

import { NullServer } from './null-server.ts'

// An interrupt goes to the whole group: whoever started this decides, and ends it by closing the channel.
process.on('SIGINT', () => {})
const server = await NullServer.start()
process.once('disconnect', () => process.exit())
process.send?.({ port: server.port })

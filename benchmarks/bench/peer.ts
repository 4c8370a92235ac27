/**
 * Whether what `warpline bench` says of a llama-server is what that says of itself, and the same of our own server, in
 * about a minute and a half:
 *
 *   npm run bench:peer -- --server build/bin/llama-server --model FILE.gguf
 *   npm run bench:peer -- --server … --model … --json FILE
 *
 * The model should take 10 ms a token or more: what HTTP costs is in one figure and not in the other. On two cores
 * nothing else should run.
 */
import { parseArgs } from 'node:util'
import { freePort } from '../../src/bench/server/free-port.ts'
import { Figures } from './figures.ts'
import { beside } from './peer/beside.ts'
import { serve, serveBy } from './served.ts'

const { values } = parseArgs({
  options: { server: { type: 'string' }, model: { type: 'string' }, json: { type: 'string' } },
})
if (values.server === undefined || values.model === undefined) {
  console.error('bench:peer needs a llama-server and a model: --server PATH --model FILE.gguf')
  process.exit(2)
}

const LONG = ['-n', '64']
/** The bundled model takes less than 1 ms a token: what the way adds once is to be little beside them all. */
const LONGER = ['-n', '512']

const figures = new Figures()
{
  const port = String(await freePort())
  const args = ['-m', values.model, ...`-t 1 -tb 1 -np 4 -c 4096 --host 127.0.0.1 --port ${port}`.split(' ')]
  await using server = await serveBy(values.server, args, /server is listening/, `http://127.0.0.1:${port}`)
  for (const users of ['1', '4'])
    for (const [path, api] of [
      ['/v1/chat/completions', 'chat'],
      ['/completion', 'llama'],
    ] as const)
      await beside(figures, `llama-server, ${users} by ${path}`, server.url, [...LONG, '-c', users, '--api', api])
}
{
  await using server = await serve('ember')
  for (const users of ['1', '4'])
    await beside(figures, `warpline, ${users} by /v1/completions`, server.url, [
      ...LONGER,
      '-c',
      users,
      '--api',
      'completions',
    ])
}
figures.save(values.json, 'npm run bench:peer -- --server PATH --model FILE.gguf --json FILE')

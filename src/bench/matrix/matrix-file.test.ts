import { expect, test } from 'vitest'
import { parseMatrix, readMatrixFile } from './matrix-file.ts'

const LEAST = { models: ['llama-2-7b'], batches: [1], promptLengths: [128] }

test('says what it does not say by defaults', async () => {
  expect(await parseMatrix('m.json', JSON.stringify(LEAST))).toEqual({
    ...LEAST,
    gpus: [1],
    quantize: ['none'],
    gpuLayers: ['all'],
    steps: 20,
    warmUp: 5,
    repeats: 1,
    options: {},
    ceilings: true,
    send: 'tokens',
  })
})

test('is YAML as well', async () => {
  const yaml = `
models: [llama-2-7b, ./mine]
batches: [1, 4]
promptLengths: [128]
gpuLayers: [0, all]
serve:
  command: [llama-server, -m, "{model}.gguf", -ngl, "{gpuLayers}", --port, "{port}"]
`
  expect(await parseMatrix('m.yaml', yaml)).toMatchObject({
    models: ['llama-2-7b', './mine'],
    gpuLayers: [0, 'all'],
    serve: { url: 'http://127.0.0.1:{port}', readyTimeout: 600 },
  })
})

test.each<[unknown, string]>([
  [{ ...LEAST, batch: [1] }, 'unknown key "batch": it may have models, batches, promptLengths, gpus, quantize,'],
  [{ ...LEAST, models: [] }, 'models must name at least one'],
  [{ ...LEAST, batches: 4 }, 'batches must be a list'],
  [{ ...LEAST, batches: [1, 0] }, 'batches[1] must be a whole number from 1 to 1048576'],
  [{ ...LEAST, promptLengths: ['128'] }, 'promptLengths[0] must be a whole number from 1 to 1048576'],
  [{ ...LEAST, gpuLayers: ['half'] }, 'gpuLayers[0] must be a number of layers, or all'],
  [{ ...LEAST, options: { devise: 'cpu' } }, 'unknown key "options.devise": it may have device, threads,'],
  [{ ...LEAST, options: { device: 'gpu' } }, 'options.device must be auto, cpu, cpu-reference, cuda or cuda:N'],
  [{ ...LEAST, quantize: ['int4'] }, 'an engine in process knows no "int4": quantize is of none, fp8, int8'],
  [
    { ...LEAST, serve: { command: ['x'], port: 1 } },
    'unknown key "serve.port": it may have command, url, readyTimeout',
  ],
  [{ ...LEAST, serve: {} }, 'serve.command must be a list'],
  [{ ...LEAST, serve: { command: ['x'], url: 'https://a' } }, 'serve.url must be an http:// URL'],
  [
    { ...LEAST, target: 'http://a', serve: { command: ['x'] } },
    'target is a server that is there, serve starts one: give one of them',
  ],
  [
    { ...LEAST, target: 'http://a', options: { device: 'cpu' } },
    'options are those of an engine here: give a server its own in its command',
  ],
  [[LEAST], 'it must be an object'],
])('refuses %j', async (value, message) => {
  await expect(parseMatrix('m.json', JSON.stringify(value))).rejects.toThrow(`m.json: ${message}`)
})

test.each([
  ['m.json', '{"models": ['],
  ['m.yaml', 'models: [a\nbatches: ]'],
])('says where %s is no such file', async (name, text) => {
  await expect(parseMatrix(name, text)).rejects.toThrow(/^m\.(json|yaml): \S.*$/)
})

test('a file that is not there says so', async () => {
  await expect(readMatrixFile('/no/such.yaml')).rejects.toThrow('/no/such.yaml: there is no such file')
})

export { type ChatTemplate, loadChatTemplate, RefusedChatError } from './chat-template.ts'
export { FormatError } from './errors.ts'
export { type Json, type JsonLimits, type JsonObject, parseJson, readJson } from './json.ts'
export { JsonFields } from './json-fields.ts'
export { quote } from './quote.ts'
export {
  FLOAT_DTYPES,
  isFloatDtype,
  openCheckpoint,
  SafetensorsFile,
  type TensorInfo,
  type TensorSource,
} from './safetensors/index.ts'
export {
  type DecodeOptions,
  type EncodeOptions,
  loadTokenizer,
  type Tokenizer,
  TooManyTokensError,
} from './tokenizer/index.ts'

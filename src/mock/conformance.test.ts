import { engineConformance } from '../../test/engine-conformance.ts'
import { openMock } from './index.ts'

engineConformance('mock', () => openMock('mock:?ttft=2ms&itl=1ms&context=1024&slots=8'))

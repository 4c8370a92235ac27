import { WarplineError } from '../../errors.ts'

/** What a card can do by its maker's data sheet; for plans, where no card is at hand to be measured. */
export interface Card {
  readonly name: string
  /** Other ways to write it; upper and lower case, blanks and dashes do not matter, nor do `NVIDIA` and `GeForce`. */
  readonly aliases: readonly string[]
  /** As the driver reports it, which is what can be allocated from. */
  readonly memoryBytes: number
  /** Bytes a second between the card and its memory. */
  readonly bandwidth: number
  /** Dense bf16 (f16 before Ampere) with sums in f32, operations a second. */
  readonly halfFlops: number
  /** Dense fp8; undefined where there are no such units. */
  readonly fp8Flops: number | undefined
  readonly link: Link
  /** Compute capability. */
  readonly capability: string
  readonly multiprocessors: number
}

/** How a card speaks to the next one. */
export interface Link {
  readonly kind: 'NVLink' | 'PCIe'
  /** Bytes a second, both directions together. */
  readonly bandwidth: number
}

export class UnknownCardError extends WarplineError {
  override readonly code = 'invalid_option'
}

const nvlink = (gigabytes: number): Link => ({ kind: 'NVLink', bandwidth: gigabytes * 1e9 })
const PCIE_3: Link = { kind: 'PCIe', bandwidth: 32e9 }
const PCIE_4: Link = { kind: 'PCIe', bandwidth: 64e9 }
const PCIE_5: Link = { kind: 'PCIe', bandwidth: 128e9 }

type Row = readonly [
  name: string,
  aliases: readonly string[],
  memoryMiB: number,
  gigabytesPerSecond: number,
  halfTeraflops: number,
  fp8Teraflops: number | undefined,
  link: Link,
  capability: string,
  multiprocessors: number,
]

/** Figures of sparse products, which data sheets prefer, are halved; GeForce cards are counted with sums in f32. */
const ROWS: readonly Row[] = [
  ['GB200', [], 189_471, 8000, 2500, 5000, nvlink(1800), '10.0', 148],
  ['B200', [], 183_359, 8000, 2250, 4500, nvlink(1800), '10.0', 148],
  ['H200', ['H200 SXM', 'H200 141GB'], 143_771, 4800, 989, 1979, nvlink(900), '9.0', 132],
  ['H200 NVL', [], 143_771, 4800, 835, 1671, nvlink(900), '9.0', 132],
  ['H100 SXM', ['H100', 'H100 SXM5', 'H100 80GB HBM3'], 81_559, 3350, 989, 1979, nvlink(900), '9.0', 132],
  ['H100 NVL', [], 95_830, 3900, 835, 1671, nvlink(600), '9.0', 132],
  ['H100 PCIe', ['H100 80GB PCIe'], 81_559, 2000, 756, 1513, PCIE_5, '9.0', 114],
  ['A100 80GB', ['A100', 'A100 SXM4 80GB', 'A100 80'], 81_920, 2039, 312, undefined, nvlink(600), '8.0', 108],
  ['A100 80GB PCIe', ['A100 PCIe 80GB'], 81_920, 1935, 312, undefined, PCIE_4, '8.0', 108],
  ['A100 40GB', ['A100 SXM4 40GB', 'A100 40'], 40_960, 1555, 312, undefined, nvlink(600), '8.0', 108],
  ['A100 40GB PCIe', ['A100 PCIe 40GB'], 40_960, 1555, 312, undefined, PCIE_4, '8.0', 108],
  ['L40S', [], 46_068, 864, 362, 733, PCIE_4, '8.9', 142],
  ['L40', [], 46_068, 864, 181, 362, PCIE_4, '8.9', 142],
  ['L4', [], 23_034, 300, 121, 242, PCIE_4, '8.9', 58],
  ['A10G', [], 23_028, 600, 70, undefined, PCIE_4, '8.6', 80],
  ['A10', [], 23_028, 600, 125, undefined, PCIE_4, '8.6', 72],
  ['RTX PRO 6000', ['RTX PRO 6000 Blackwell'], 97_887, 1792, 503, 1007, PCIE_5, '12.0', 188],
  ['RTX 6000 Ada', ['6000 Ada'], 49_140, 960, 364, 728, PCIE_4, '8.9', 142],
  ['RTX 5090', ['5090'], 32_607, 1792, 209, 419, PCIE_5, '12.0', 170],
  ['RTX 4090', ['4090'], 24_564, 1008, 165, 330, PCIE_4, '8.9', 128],
  ['RTX 3090', ['3090'], 24_576, 936, 71, undefined, PCIE_4, '8.6', 82],
  ['V100 32GB', ['V100', 'V100 SXM2 32GB'], 32_768, 900, 125, undefined, nvlink(300), '7.0', 80],
  ['V100 16GB', ['V100 SXM2 16GB'], 16_384, 900, 125, undefined, nvlink(300), '7.0', 80],
  ['T4', [], 15_360, 320, 65, undefined, PCIE_3, '7.5', 40],
]

export const CARDS: readonly Card[] = ROWS.map(
  ([name, aliases, memory, bandwidth, half, fp8, link, capability, multiprocessors]) => ({
    name,
    aliases,
    memoryBytes: memory * 2 ** 20,
    bandwidth: bandwidth * 1e9,
    halfFlops: half * 1e12,
    fp8Flops: fp8 === undefined ? undefined : fp8 * 1e12,
    link,
    capability,
    multiprocessors,
  }),
)

/** The card of this name, be it ours or the driver's (`NVIDIA GeForce RTX 4090`). */
export function findCard(name: string): Card | undefined {
  const wanted = plain(name)
  return CARDS.find(card => [card.name, ...card.aliases].some(each => plain(each) === wanted))
}

export interface Gpus {
  readonly count: number
  readonly card: Card
}

/**
 * `2xRTX4090`, `8 x H100`, `H200`.
 *
 * @throws UnknownCardError naming the cards that are known.
 */
export function parseGpus(text: string): Gpus {
  const [, count, name] = /^\s*(?:(\d{1,3})\s*[x×*]\s*)?(.+?)\s*$/i.exec(text) ?? []
  const card = findCard(name ?? '')
  if (card === undefined || count === '0') {
    const known = CARDS.map(each => each.name).join(', ')
    throw new UnknownCardError(`no figures for the GPU "${text}"; write one such as 2xRTX4090, of: ${known}`)
  }
  return { count: Number(count ?? 1), card }
}

/** What makers and drivers add to a name goes. */
function plain(name: string): string {
  return name
    .toLowerCase()
    .replace(/\b(nvidia|geforce|tesla|generation|server edition|workstation edition)\b/g, '')
    .replace(/[^a-z0-9]/g, '')
}

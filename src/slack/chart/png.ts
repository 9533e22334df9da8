import { promisify } from 'node:util'
import { deflate } from 'node:zlib'

const compress = promisify(deflate)
const SIGNATURE = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a])
const BYTES_PER_PIXEL = 4
/** Flat drawings hardly shrink further at higher levels, which take thrice the time. */
const LEVEL = 3

/**
 * RGBA pixels as a PNG (W3C PNG, third edition), compressed in the thread pool: resvg's own encoder would hold the event loop for
 * 20 ms per chart. Rows are unfiltered, which suits large areas of one colour.
 */
export async function encodePng(width: number, height: number, pixels: Uint8Array): Promise<Buffer> {
  const rowLength = width * BYTES_PER_PIXEL
  const rows = Buffer.allocUnsafe(height * (rowLength + 1))
  for (let row = 0; row < height; row += 1) {
    const start = row * (rowLength + 1)
    rows[start] = 0
    rows.set(pixels.subarray(row * rowLength, (row + 1) * rowLength), start + 1)
  }
  const header = Buffer.alloc(13)
  header.writeUInt32BE(width, 0)
  header.writeUInt32BE(height, 4)
  header.set([8, 6, 0, 0, 0], 8)
  const data = await compress(rows, { level: LEVEL })
  return Buffer.concat([SIGNATURE, chunk('IHDR', header), chunk('IDAT', data), chunk('IEND', Buffer.alloc(0))])
}

function chunk(name: string, data: Buffer): Buffer {
  const body = Buffer.concat([Buffer.from(name, 'latin1'), data])
  const frame = Buffer.alloc(body.length + 8)
  frame.writeUInt32BE(data.length, 0)
  frame.set(body, 4)
  frame.writeUInt32BE(crc32(body), body.length + 4)
  return frame
}

const CRC_TABLE = Uint32Array.from({ length: 256 }, (_, byte) => {
  let rest = byte
  for (let bit = 0; bit < 8; bit += 1) rest = rest & 1 ? 0xedb88320 ^ (rest >>> 1) : rest >>> 1
  return rest
})

/** The checksum of PNG chunks; `zlib.crc32` exists from Node 20.15 on only. */
function crc32(bytes: Uint8Array): number {
  let crc = 0xffffffff
  for (const byte of bytes) crc = (CRC_TABLE[(crc ^ byte) & 0xff] ?? 0) ^ (crc >>> 8)
  return (crc ^ 0xffffffff) >>> 0
}

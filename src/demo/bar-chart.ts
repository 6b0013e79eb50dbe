import { crc32, deflateSync } from "node:zlib";

const barWidth = 24;
const gap = 8;
const height = 96;
const background = [248, 250, 252] as const;
const bar = [37, 99, 235] as const;

/** Draws values as a bar chart: a PNG image (RFC 2083) without any text. */
export function drawBarChart(values: readonly number[]): Buffer {
  const width = gap + values.length * (barWidth + gap);
  const tallest = Math.max(1, ...values);
  const pixels = Buffer.alloc(height * (1 + width * 3));
  for (let y = 0; y < height; y++) {
    const row = y * (1 + width * 3);
    for (let x = 0; x < width; x++) {
      const value = values[Math.floor((x - gap) / (barWidth + gap))] ?? 0;
      const isBar =
        x >= gap && (x - gap) % (barWidth + gap) < barWidth && height - y <= (value / tallest) * (height - gap);
      pixels.set(isBar ? bar : background, row + 1 + x * 3);
    }
  }
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  // Eight bits per channel, red green blue, no interlacing.
  header.set([8, 2, 0, 0, 0], 8);
  const signature = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);
  return Buffer.concat([
    signature,
    chunk("IHDR", header),
    chunk("IDAT", deflateSync(pixels)),
    chunk("IEND", Buffer.alloc(0)),
  ]);
}

function chunk(type: string, content: Buffer): Buffer {
  const body = Buffer.concat([Buffer.from(type, "ascii"), content]);
  const framed = Buffer.alloc(body.length + 8);
  framed.writeUInt32BE(content.length, 0);
  body.copy(framed, 4);
  framed.writeUInt32BE(crc32(body), body.length + 4);
  return framed;
}

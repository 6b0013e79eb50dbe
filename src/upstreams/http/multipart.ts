/** One part of a multipart/form-data body. */
export interface FormPart {
  readonly name: string;
  readonly content: Buffer | string;
  readonly filename?: string;
  readonly contentType?: string;
}

/**
 * Writes multipart/form-data (RFC 7578, with the escaping of the HTML standard: names and file names
 * are UTF-8, and quotes and line breaks in them are percent-encoded, so no part can add a header).
 */
export function writeMultipart(parts: readonly FormPart[], boundary: string): Buffer {
  const pieces: Buffer[] = [];
  for (const { name, content, filename, contentType } of parts) {
    let head = `--${boundary}\r\ncontent-disposition: form-data; name="${escapeName(name)}"`;
    if (filename !== undefined) head += `; filename="${escapeName(filename)}"`;
    if (contentType !== undefined) head += `\r\ncontent-type: ${contentType}`;
    pieces.push(Buffer.from(`${head}\r\n\r\n`), typeof content === "string" ? Buffer.from(content) : content, lineEnd);
  }
  pieces.push(Buffer.from(`--${boundary}--\r\n`));
  return Buffer.concat(pieces);
}

const lineEnd = Buffer.from("\r\n");

function escapeName(name: string): string {
  return name.replaceAll('"', "%22").replaceAll("\r", "%0D").replaceAll("\n", "%0A");
}

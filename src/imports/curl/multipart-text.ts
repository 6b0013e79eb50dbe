/** A part of a multipart body. */
export interface MultipartPart {
  readonly name: string;
  readonly value: string;
  readonly filename?: string;
  readonly contentType?: string;
}

/** Reads a whole multipart body, as browsers copy it; absent when the text is none with this boundary. */
export function readMultipart(text: string, boundary: string): MultipartPart[] | undefined {
  const pieces = text.replace(/\r\n/g, "\n").split(`--${boundary}`);
  if (pieces.length < 3) return undefined;
  const parts = pieces.slice(1, -1).map(readPart);
  return parts.every((part) => part !== undefined) ? parts : undefined;
}

function readPart(piece: string): MultipartPart | undefined {
  const end = piece.indexOf("\n\n");
  if (end === -1) return undefined;
  const head = piece.slice(0, end);
  const name = /\bname="([^"]*)"/i.exec(head)?.[1];
  if (name === undefined) return undefined;
  const filename = /\bfilename="([^"]*)"/i.exec(head)?.[1];
  const contentType = /^content-type:\s*(.+)$/im.exec(head)?.[1];
  return {
    name,
    value: piece.slice(end + 2).replace(/\n$/, ""),
    ...(filename === undefined ? {} : { filename }),
    ...(contentType === undefined ? {} : { contentType }),
  };
}

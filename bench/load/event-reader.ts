/** What an event stream brings. */
export interface EventSink {
  onEvent(type: string, data: string): void;
  /** A comment line, as servers write to keep a stream alive. */
  onComment(): void;
}

/** Reads `text/event-stream` as it arrives: events of lines that end with `\n` or `\r\n`. */
export class EventReader {
  readonly #sink: EventSink;
  #partial = "";
  #type = "message";
  #data = "";

  constructor(sink: EventSink) {
    this.#sink = sink;
  }

  push(piece: Buffer): void {
    // Latin-1 keeps bytes as they are; nothing here needs the characters.
    const text = this.#partial + piece.toString("latin1");
    let at = 0;
    for (let end = text.indexOf("\n", at); end >= 0; end = text.indexOf("\n", at)) {
      this.#readLine(text.charCodeAt(end - 1) === 13 ? text.slice(at, end - 1) : text.slice(at, end));
      at = end + 1;
    }
    this.#partial = text.slice(at);
  }

  #readLine(line: string): void {
    if (line === "") {
      if (this.#data !== "") this.#sink.onEvent(this.#type, this.#data);
      this.#type = "message";
      this.#data = "";
    } else if (line.startsWith(":")) {
      this.#sink.onComment();
    } else if (line.startsWith("data:")) {
      const value = line.charCodeAt(5) === 32 ? line.slice(6) : line.slice(5);
      this.#data = this.#data === "" ? value : `${this.#data}\n${value}`;
    } else if (line.startsWith("event:")) {
      this.#type = line.slice(6).trim();
    }
  }
}

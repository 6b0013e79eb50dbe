import { AppError } from "../../../core/errors.ts";

/**
 * A URL answers, but not as the event stream of HTTP+SSE. The status tells whether that says something
 * about the server (404, 405) or about the moment (401, 403, 5xx).
 */
export class SseUnavailable extends AppError {
  readonly status: number;
  /** As the server wrote it; undefined when it named none. */
  readonly contentType: string | undefined;

  constructor(message: string, status: number, contentType: string | undefined) {
    super("upstream_failed", message);
    this.name = "SseUnavailable";
    this.status = status;
    this.contentType = contentType;
  }
}

export interface SseWords {
  /** "The upstream `files`". */
  readonly label: string;
  /** The document's key: "upstreams.files". */
  readonly key: string;
}

/** The answer to the GET that should have been an event stream; undefined when it is one. */
export function judgeSseAnswer(
  { label, key }: SseWords,
  status: number,
  contentType: string | undefined,
): SseUnavailable | undefined {
  const unavailable = (sentence: string): SseUnavailable =>
    new SseUnavailable(`${label} ${sentence}`, status, contentType);
  if (status === 401 || status === 403) {
    return unavailable(`refused the credentials of the gateway (HTTP ${status}). See \`${key}.headers\` or \`oauth\`.`);
  }
  if (status >= 500) return unavailable(`does not serve its event stream for now (HTTP ${status}).`);
  if (status >= 300 && status < 400) {
    return unavailable(`redirects (HTTP ${status}), which is not followed. Write its final address to \`${key}.url\`.`);
  }
  const isStream = contentType !== undefined && /^\s*text\/event-stream\s*(;|$)/i.test(contentType);
  if (status === 200 && isStream) return undefined;
  const answer = status === 200 ? `type ${shown(contentType)}` : `HTTP ${status}`;
  return unavailable(`does not speak HTTP+SSE: its answer to GET has ${answer}. See \`${key}.url\` and \`transport\`.`);
}

function shown(contentType: string | undefined): string {
  return contentType === undefined ? "none" : `\`${contentType.slice(0, 80)}\``;
}

import { AppError } from "../../core/errors.ts";

export interface AnsweredToken {
  readonly token: string;
  /** `token_type` of the answer. */
  readonly type: string;
  /** For messages: "upstreams.files.oauth". */
  readonly key: string;
}

const longestToken = 16_384;

/** The access token, which goes into a header (RFC 6750, 2.1). Fails with `AppError("upstream_failed")`. */
export function checkToken({ token, type, key }: AnsweredToken): string {
  if (type.toLowerCase() !== "bearer") {
    throw new AppError("upstream_failed", `\`${key}\`: the authorization server gives tokens that are not Bearer.`);
  }
  if (/^[\x21-\x7e]+$/.test(token) && token.length <= longestToken) return token;
  throw new AppError("upstream_failed", `\`${key}\`: the authorization server gave a token that no header can hold.`);
}

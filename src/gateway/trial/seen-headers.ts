import type { SecretMask } from "../../upstreams/masking/secret-mask.ts";

type Header = readonly [name: string, value: string];

/** Names of headers that say who somebody is: their values are never shown, wherever they come from. */
const telling =
  /(?:^|[-_])(?:authorization|auth|cookie2?|token|secret|session|password|passwd|credentials?|key|apikey|signature)(?:[-_]|$)|^set-cookie/i;

export const hidden = "***";

export function showHeader(name: string, value: string, mask: SecretMask): Header {
  if (!telling.test(name)) return [mask.mask(name), mask.mask(value)];
  const [, scheme] = /^(basic|bearer|digest|negotiate) /i.exec(value) ?? [];
  return [mask.mask(name), scheme === undefined ? hidden : `${scheme} ${hidden}`];
}

/** @param flat names and values in turn */
export function showSentHeaders(flat: readonly string[], mask: SecretMask): Header[] {
  const shown: Header[] = [];
  for (let i = 0; i + 1 < flat.length; i += 2) shown.push(showHeader(flat[i] ?? "", flat[i + 1] ?? "", mask));
  return shown;
}

export function showAnswerHeaders(
  headers: Readonly<Record<string, string | string[] | undefined>>,
  mask: SecretMask,
): Header[] {
  return Object.entries(headers).flatMap(([name, value]) =>
    value === undefined ? [] : [value].flat().map((line) => showHeader(name, line, mask)),
  );
}

import { createHash } from "node:crypto";
import { isAbsolute, resolve } from "node:path";
import type { ApiKey } from "./access/key-ring.ts";
import { nearest } from "./core/nearest.ts";
import { isRole, type Role, roles } from "./core/role.ts";

/** A value that an option does not take; the message is for the operator and never holds the value of a secret. */
export class OptionFault extends Error {
  override readonly name = "OptionFault";
}

/** What a value means depends on where it was written. */
export interface OptionOrigin {
  /** Folder that relative paths start from; the working folder when absent. */
  readonly folder?: string;
}

export function single<T>(parse: (text: string, origin: OptionOrigin) => T) {
  return (texts: readonly string[], origin: OptionOrigin): T => {
    const [text, ...more] = texts;
    if (text === undefined || more.length > 0) throw new OptionFault(`takes one value, not ${texts.length}`);
    return parse(text, origin);
  };
}

export function whole(minimum: number, maximum: number) {
  return (text: string): number => {
    const value = /^\d{1,15}$/.test(text) ? Number(text) : Number.NaN;
    if (value >= minimum && value <= maximum) return value;
    throw new OptionFault(`must be a whole number from ${minimum} to ${maximum}, not ${JSON.stringify(text)}`);
  };
}

export function share(text: string): number {
  const value = /^[\d.]{1,20}$/.test(text) ? Number(text) : Number.NaN;
  if (value >= 0 && value <= 1) return value;
  throw new OptionFault(`must be a number from 0 to 1, not ${JSON.stringify(text)}`);
}

export function oneOf<const T extends string>(choices: readonly T[]) {
  return (text: string): T => {
    const found = choices.find((choice) => choice === text);
    if (found !== undefined) return found;
    const meant = nearest(text, choices);
    const hint = meant === undefined ? "" : `; did you mean "${meant}"?`;
    throw new OptionFault(`must be one of ${choices.join(", ")}, not ${JSON.stringify(text)}${hint}`);
  };
}

export function hostName(text: string): string {
  if (/^[A-Za-z0-9.:_-]{1,253}$/.test(text)) return text;
  throw new OptionFault(`must be a host name or address, not ${JSON.stringify(text)}`);
}

export function httpUrl(text: string): string {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  const isPlain = url !== undefined && url.username === "" && url.search === "" && url.hash === "";
  if (isPlain && (url.protocol === "http:" || url.protocol === "https:")) return url.href.replace(/\/+$/, "");
  throw new OptionFault(`must be an http: or https: URL without user, query and fragment, not ${JSON.stringify(text)}`);
}

export function text(given: string): string {
  return given;
}

export function storeAddress(address: string, origin: OptionOrigin): string {
  if (address.startsWith("yaml:")) return `yaml:${pathFrom(address.slice("yaml:".length), origin)}`;
  return databaseAddress(address, origin);
}

/** The address may hold a password, so it is not repeated. */
export function databaseAddress(address: string, origin: OptionOrigin): string {
  if (address.startsWith("sqlite:")) return `sqlite:${pathFrom(address.slice("sqlite:".length), origin)}`;
  if (/^(?:postgres|postgresql|mysql|mariadb):\/\//.test(address) && URL.canParse(address)) return address;
  throw new OptionFault("must be sqlite:FILE, postgres://USER@HOST/NAME or mysql://USER@HOST/NAME");
}

export function redisUrl(address: string): string {
  if (/^rediss?:\/\//.test(address) && URL.canParse(address)) return address;
  throw new OptionFault("must be redis://HOST:PORT or rediss://HOST:PORT");
}

export function newcomerRule(given: string): { readonly role: Role; readonly tenant: string } {
  const [role, tenant = "", ...more] = given.split("@");
  if (isRole(role) && /^[a-z0-9]([a-z0-9._-]{0,62}[a-z0-9])?$/.test(tenant) && more.length === 0)
    return { role, tenant };
  throw new OptionFault(`must be ROLE@TENANT with a role of ${roles.join(", ")}, not ${JSON.stringify(given)}`);
}

const encryptionKeyBytes = 32;

export function encryptionKey(given: string): Buffer {
  const key = Buffer.from(given, "base64");
  if (key.length === encryptionKeyBytes) return key;
  throw new OptionFault(`must be ${encryptionKeyBytes} bytes in base64, such as \`openssl rand -base64 32\` prints`);
}

/** Shortest shared token: one that signs must not be guessed. */
const minTokenLength = 32;

export function sharedToken(token: string): string {
  if (token.length >= minTokenLength) return token;
  throw new OptionFault(`must have at least ${minTokenLength} characters`);
}

export function pathFrom(text: string, { folder }: OptionOrigin): string {
  return folder === undefined || isAbsolute(text) ? text : resolve(folder, text);
}

/** Shortest plain key: 16 characters of a random key cannot be guessed. */
const minKeyLength = 16;

export function apiKey(text: string): ApiKey {
  const split = text.indexOf("=");
  const name = text.slice(0, Math.max(split, 0));
  if (!/^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/.test(name)) {
    throw new OptionFault("each key must be written NAME=KEY, with a name of letters, digits, `.`, `_` and `-`");
  }
  const key = text.slice(split + 1);
  const hash = /^sha256:([0-9a-fA-F]{64})$/.exec(key)?.[1];
  if (hash !== undefined) return { name, sha256: hash.toLowerCase() };
  if (key.startsWith("sha256:")) throw new OptionFault(`the hash of key ${name} must have 64 hexadecimal digits`);
  if (key.length < minKeyLength) throw new OptionFault(`key ${name} must have at least ${minKeyLength} characters`);
  return { name, sha256: createHash("sha256").update(key).digest("hex") };
}

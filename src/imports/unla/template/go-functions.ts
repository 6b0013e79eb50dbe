import { celString } from "../../document/cel-text.ts";
import { type GoKind, type GoValue, memberOf, numberOf, orElse, textOf, truthOf } from "./go-value.ts";

/** What functions may need of the outside. */
export interface FunctionContext {
  /** A variable of the environment, as CEL. */
  environment(name: string): GoValue;
}

type Translate = (args: readonly GoValue[], context: FunctionContext) => GoValue | undefined;

/** Translates a call; absent when the function, or what it is given, has no counterpart. */
export function translateCall(name: string, args: readonly GoValue[], context: FunctionContext): GoValue | undefined {
  return Object.hasOwn(functions, name) ? functions[name]?.(args, context) : undefined;
}

function made(kind: GoKind, source: string): GoValue {
  return { kind, source };
}

/** A function of one text that is a method in CEL. */
function textMethod(method: string): Translate {
  return ([value]) => value && made("text", `${receiver(textOf(value))}.${method}()`);
}

/** A call or a literal can have a method as it is, an operation needs parentheses. */
function receiver(source: string): string {
  return /^[\w.]+(?:\([^()]*\))?$|^"(?:[^"\\]|\\.)*"$/.test(source) ? source : `(${source})`;
}

/** `contains "needle" haystack`: the text that is looked at comes last. */
function textTest(method: string): Translate {
  return ([needle, text]) =>
    needle && text && made("boolean", `${receiver(textOf(text))}.${method}(${textOf(needle)})`);
}

function arithmetic(sign: string): Translate {
  return (args) => (args.length < 2 ? undefined : made("number", `(${args.map(numberOf).join(` ${sign} `)})`));
}

function comparison(sign: string): Translate {
  return ([left, right]) => left && right && made("boolean", `${numberOf(left)} ${sign} ${numberOf(right)}`);
}

/** Values are compared as they are; a text that is missing counts as empty. */
function comparable(value: GoValue): string {
  return orElse(
    value,
    value.kind === "text" ? '""' : value.kind === "number" ? "0" : value.kind === "boolean" ? "false" : "null",
  );
}

const toJson: Translate = ([value]) => value && { ...value, kind: "json" };

/** JSON text becomes a value; what is one already stays. */
const fromJson: Translate = ([value]) => {
  if (value === undefined) return undefined;
  if (value.kind === "text") return made("unknown", `fromJson(${orElse(value, '"null"')})`);
  return { ...value, kind: value.kind === "json" ? "list" : value.kind };
};

/** `safeGet "a.b.0" data` */
const safeGet: Translate = ([path, data]) => {
  if (path === undefined || data === undefined || typeof path.constant !== "string") return undefined;
  return path.constant.split(".").reduce((value, key) => memberOf(value, /^\d+$/.test(key) ? Number(key) : key), data);
};

const withDefault: Translate = ([fallback, value]) => {
  if (fallback === undefined || value === undefined) return undefined;
  const kind = value.kind === "unknown" ? fallback.kind : value.kind;
  return made(kind, `(${truthOf(value)} ? ${value.source} : ${comparable(fallback)})`);
};

const or: Translate = (args) => {
  const [first, ...rest] = args;
  if (first === undefined || rest.length === 0) return first;
  if (args.every(({ kind }) => kind === "boolean")) return made("boolean", `(${args.map(truthOf).join(" || ")})`);
  const last = comparable(args.at(-1) ?? first);
  return made(
    first.kind,
    `(${args.slice(0, -1).reduceRight((otherwise, arg) => `${truthOf(arg)} ? ${arg.source} : ${otherwise}`, last)})`,
  );
};

const toText: Translate = ([value]) => value && made("text", textOf(value));

/** `round value places`, the value possibly piped. */
const round: Translate = ([value, places]) => {
  if (value === undefined || typeof places?.constant !== "number") return undefined;
  if (places.constant === 0) return made("number", `round(${numberOf(value)})`);
  return made("number", `double(digits(${numberOf(value)}, ${places.constant}))`);
};

/** `printf` with the verbs that only write values. */
const printf: Translate = ([format, ...values]) => {
  if (typeof format?.constant !== "string") return undefined;
  let next = 0;
  const pieces = format.constant.split(/(%%|%[svdq]|%\.\d+f)/).filter((piece) => piece !== "");
  const sources = pieces.map((piece) => {
    if (!piece.startsWith("%")) return celString(piece);
    if (piece === "%%") return celString("%");
    const value = values[next++];
    if (value === undefined) return undefined;
    if (piece === "%q") return `toJson(${textOf(value)})`;
    const digits = /^%\.(\d+)f$/.exec(piece)?.[1];
    return digits === undefined ? textOf(value) : `digits(${numberOf(value)}, ${digits})`;
  });
  // Widths, flags and other verbs do more than write a value.
  const isPlain = !/%(?![svdq]|\.\d+f)/.test(format.constant.replaceAll("%%", ""));
  if (!isPlain || sources.includes(undefined)) return undefined;
  return made("text", sources.length === 0 ? '""' : `(${sources.join(" + ")})`);
};

const functions: Readonly<Record<string, Translate>> = {
  env: ([name], context) => (typeof name?.constant === "string" ? context.environment(name.constant) : undefined),
  toJSON: toJson,
  toJson,
  mustToJson: toJson,
  toRawJson: toJson,
  mustToRawJson: toJson,
  toPrettyJson: toJson,
  fromJSON: fromJson,
  fromJson,
  mustFromJson: fromJson,
  safeGet,
  safeGetOr: ([path, data, fallback], context) => {
    const value = path && data && safeGet([path, data], context);
    if (value === undefined || fallback === undefined) return undefined;
    return made(fallback.kind, `cel.bind(v, ${orElse(value, "null")}, v == null ? ${comparable(fallback)} : v)`);
  },
  quote: ([value]) => value && made("json", textOf(value)),
  default: withDefault,
  empty: ([value]) => value && made("boolean", `!(${truthOf(value)})`),
  not: ([value]) => value && made("boolean", `!(${truthOf(value)})`),
  and: (args) => (args.length === 0 ? undefined : made("boolean", `(${args.map(truthOf).join(" && ")})`)),
  or,
  coalesce: or,
  ternary: ([yes, no, test]) => {
    if (yes === undefined || no === undefined || test === undefined) return undefined;
    return made(
      yes.kind === no.kind ? yes.kind : "unknown",
      `(${truthOf(test)} ? ${comparable(yes)} : ${comparable(no)})`,
    );
  },
  eq: ([first, ...others]) => {
    if (first === undefined || others.length === 0) return undefined;
    const tests = others.map((other) => `${comparable(first)} == ${comparable(other)}`);
    return made("boolean", tests.length === 1 ? (tests[0] ?? "") : `(${tests.join(" || ")})`);
  },
  ne: ([left, right]) => left && right && made("boolean", `${comparable(left)} != ${comparable(right)}`),
  lt: comparison("<"),
  le: comparison("<="),
  gt: comparison(">"),
  ge: comparison(">="),
  add: arithmetic("+"),
  sub: arithmetic("-"),
  mul: arithmetic("*"),
  mod: arithmetic("%"),
  add1: ([value]) => value && made("number", `(${numberOf(value)} + 1)`),
  div: ([left, right]) => left && right && made("number", `int(${numberOf(left)} / ${numberOf(right)})`),
  divf: arithmetic("/"),
  round,
  floor: ([value]) => value && made("number", `floor(${numberOf(value)})`),
  ceil: ([value]) => value && made("number", `ceil(${numberOf(value)})`),
  int: ([value]) => value && made("number", `int(${numberOf(value)})`),
  int64: ([value]) => value && made("number", `int(${numberOf(value)})`),
  atoi: ([value]) => value && made("number", `int(${numberOf(value)})`),
  float64: ([value]) => value && made("number", `double(${numberOf(value)})`),
  toString: toText,
  print: (args, context) => (args.length === 1 ? toText(args, context) : undefined),
  printf,
  upper: textMethod("upper"),
  lower: textMethod("lower"),
  trim: textMethod("trim"),
  contains: textTest("contains"),
  hasPrefix: textTest("startsWith"),
  hasSuffix: textTest("endsWith"),
  replace: ([from, to, text]) =>
    from && to && text && made("text", `${receiver(textOf(text))}.replace(${textOf(from)}, ${textOf(to)})`),
  cat: (args) => (args.length === 0 ? undefined : made("text", `(${args.map(textOf).join(' + " " + ')})`)),
  join: ([separator, list]) =>
    separator &&
    list &&
    made(
      "text",
      `${orElse(list, "[]")}.map(i, ${textOf({ kind: "unknown", source: "i" })}).join(${textOf(separator)})`,
    ),
  splitList: ([separator, text]) =>
    separator && text && made("list", `${receiver(textOf(text))}.split(${textOf(separator)})`),
  b64enc: ([value]) => value && made("text", `base64Encode(${textOf(value)})`),
  b64dec: ([value]) => value && made("text", `base64Decode(${textOf(value)})`),
  urlquery: ([value]) => value && made("text", `urlEncode(${textOf(value)})`),
  len: ([value]) => value && made("number", `size(${orElse(value, value.kind === "text" ? '""' : "[]")})`),
  first: ([value]) => value && memberOf(value, 0),
  last: ([value]) =>
    value && { kind: "unknown", source: `${orElse(value, "[]")}.last()`, optional: `${orElse(value, "[]")}.last()` },
  list: (args) => made("list", `[${args.map(comparable).join(", ")}]`),
  dict: (args) => {
    const members = args.filter((_, index) => index % 2 === 0).map((key, index) => [key, args[index * 2 + 1]] as const);
    const sources = members.map(([key, value]) => value && `${textOf(key)}: ${comparable(value)}`);
    return sources.includes(undefined) ? undefined : made("object", `{${sources.join(", ")}}`);
  },
  hasKey: ([object, key]) => object && key && made("boolean", `${textOf(key)} in ${orElse(object, "{}")}`),
  keys: ([object]) => object && made("list", `${orElse(object, "{}")}.keys()`),
  get: ([object, key]) => (object && typeof key?.constant === "string" ? memberOf(object, key.constant) : undefined),
  index: ([base, ...keys]) => {
    let value = base;
    for (const key of keys) {
      const { constant } = key;
      if (value === undefined) return undefined;
      if (typeof constant === "string" || typeof constant === "number") value = memberOf(value, constant);
      else
        value = {
          kind: "unknown",
          source: `${value.source}[${orElse(key, '""')}]`,
          optional: `${value.optional ?? value.source}[?${orElse(key, '""')}]`,
        };
    }
    return value;
  },
};

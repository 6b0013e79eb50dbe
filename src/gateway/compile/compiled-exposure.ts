import type { ToolOverrideConfig } from "../../core/config/exposure-schema.ts";
import { compileGlob } from "../../core/glob.ts";
import type { UriNamespace } from "../catalogue/server-view.ts";
import type { McpHandle } from "../upstream-pool.ts";
import type { CompiledConfirm } from "./compile-confirm.ts";

/** What a document shows of one MCP upstream, ready to be applied to what the upstream offers. */
export interface CompiledExposure {
  readonly upstream: McpHandle;
  /** Put before names, with its separator; empty for none. */
  readonly prefix: string;
  readonly tools: {
    readonly selection: Selection;
    readonly rename: ReadonlyMap<string, string>;
    readonly overrides: ReadonlyMap<string, CompiledOverride>;
  };
  readonly prompts: { readonly selection: Selection; readonly rename: ReadonlyMap<string, string> };
  readonly resources: { readonly selection: Selection; readonly namespace: UriNamespace | undefined };
  /** Longest time for a call without an override. */
  readonly timeoutMs: number;
  /** While the upstream is down, nothing of it is listed. */
  readonly hidesWhenDown: boolean;
  readonly pinning: "off" | "report" | "block";
}

export interface CompiledOverride {
  readonly config: ToolOverrideConfig;
  readonly confirm: CompiledConfirm | undefined;
}

/** Which names or URIs of an upstream are shown. */
export class Selection {
  readonly #include: readonly ((name: string) => boolean)[];
  readonly #exclude: readonly ((name: string) => boolean)[];

  /** Nothing is left out. */
  readonly isEverything: boolean;

  constructor({ include, exclude }: { readonly include: readonly string[]; readonly exclude: readonly string[] }) {
    this.isEverything = exclude.length === 0 && include.includes("*");
    this.#include = include.map(compileGlob);
    this.#exclude = exclude.map(compileGlob);
  }

  selects(name: string): boolean {
    return this.includes(name) && !this.excludes(name);
  }

  includes(name: string): boolean {
    return this.#include.some((matches) => matches(name));
  }

  excludes(name: string): boolean {
    return this.#exclude.some((matches) => matches(name));
  }
}

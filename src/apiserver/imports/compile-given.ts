import type { ImportStore, StoredImport } from "../../core/import-store.ts";
import type { JsonObject } from "../../core/json.ts";
import type { MergeTask } from "../../imports/merge/merge-task.ts";
import type { OpenApiChoices } from "../../imports/openapi/openapi-import.ts";
import type { Call } from "../operation.ts";
import type { CompiledDescription, GivenText, ImportParts } from "./import-parts.ts";
import type { DescriptionBody } from "./import-schemas.ts";

type AnyCall = Call<{ readonly tenant: string }, unknown, unknown>;

/** Compiles what a request gives, when it is its turn. Fails as `DescriptionCompiler` and `ImportQueue` do. */
export function compileGiven(
  { compiler, queue }: ImportParts,
  call: AnyCall,
  { source, overlays, choices, merge }: GivenDescription,
): Promise<CompiledDescription> {
  const { tenant } = call.params;
  // `default` is what documents say by saying nothing.
  const own = tenant === "default" ? choices : { ...choices, tenant };
  return queue.run(() => compiler.compile({ source, overlays, choices: own, merge }, call.signal), call.signal);
}

export interface GivenDescription {
  readonly source: GivenText;
  readonly overlays: readonly GivenText[];
  readonly choices: OpenApiChoices;
  readonly merge?: MergeTask;
}

/** What a request says, which holds a text or a URL. */
export function givenIn({ text, url, headers, overlays = [], choices = {} }: DescriptionBody): GivenDescription {
  return {
    source: givenText({ text, url }, headers ?? {}, "the description"),
    overlays: overlays.map((overlay, index) => givenText(overlay, {}, `overlay ${index + 1}`)),
    // Absent keys are absent: JSON has no `undefined`.
    choices: choices as OpenApiChoices,
  };
}

function givenText(
  { text = "", url }: { text?: string | undefined; url?: string | undefined },
  headers: Readonly<Record<string, string>>,
  name: string,
): GivenText {
  return url === undefined ? { kind: "text", text, name } : { kind: "url", url, headers };
}

/** Keeps what an import has made, for the next one. */
export async function keepImport(
  { imports, now }: { readonly imports: ImportStore; readonly now: () => number },
  call: AnyCall,
  name: string,
  { source, compiled }: { readonly source: GivenText; readonly compiled: CompiledDescription },
): Promise<void> {
  const { caller } = call;
  const { choices, names, document, descriptionHash } = compiled.record;
  const place: Pick<StoredImport, "source" | "address"> =
    source.kind === "text" ? { source: source.name } : placeOf(new URL(source.url));
  await imports.put(
    { tenant: call.params.tenant, name },
    {
      kind: "openapi",
      ...place,
      // Choices are plain values; their interface only has no index.
      choices: choices as unknown as JsonObject,
      names,
      document,
      descriptionHash,
      importedAt: now(),
      importedBy: { id: caller?.id ?? "anonymous", name: caller?.name ?? "anonymous" },
    },
  );
}

/** What stands in a query may be a key, and what is kept holds no secrets. */
function placeOf(url: URL): Pick<StoredImport, "source" | "address"> {
  const source = `${url.origin}${url.pathname}`;
  return url.search === "" ? { source, address: url.href } : { source };
}

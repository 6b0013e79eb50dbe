import type { JsonObject } from "../../core/json.ts";
import type { Problem } from "../../core/problem.ts";
import type { ImportReport } from "../report/import-report.ts";
import type { LoadDocument } from "./reading/document-set.ts";
import type { ParseYaml } from "./reading/read-description-text.ts";
import type { OperationChoice } from "./selection/choose-operations.ts";

/** A text and where it comes from. */
export interface SourceText {
  readonly text: string;
  /** Its address (`https:`, `file:`): references are relative to it. Without one, relative references lead nowhere. */
  readonly address?: string;
  /** What it is called in messages and in the document's comment: a file name, a URL. */
  readonly name: string;
}

export interface OpenApiSource extends SourceText {
  /** OpenAPI overlays, in the order in which they are applied. */
  readonly overlays?: readonly SourceText[];
}

/** What the operator decides; plain values, so that they can be kept and sent to a worker. */
export interface OpenApiChoices {
  /** Name of the document; without it the title of the description, made legal. */
  readonly name?: string;
  readonly tenant?: string;
  /** Prefix of its route; without it `/NAME`. */
  readonly prefix?: string;
  /** What is called; without it a server of the description is proposed. */
  readonly baseUrl?: string;
  readonly operations?: OperationChoice;
  /** Longest description of a tool; 600 without it. */
  readonly descriptionLength?: number;
  /** Longest description of a parameter or property; 200 without it. */
  readonly parameterDescriptionLength?: number;
  /** Names that tools have already, by `METHOD /path`: an import again keeps them. */
  readonly names?: Readonly<Record<string, string>>;
}

export interface OpenApiProgress {
  readonly done: number;
  readonly all: number;
}

/** What the compiler is handed: everything that reads, counts or judges. */
export interface OpenApiParts {
  readonly parseYaml: ParseYaml;
  readonly load: LoadDocument;
  /** Tokens of a text for a model. */
  readonly countTokens: (text: string) => number | Promise<number>;
  /** What a gateway would say of the document; tools that it refuses are reported. Nothing is asked when absent. */
  readonly judge?: (document: JsonObject) => readonly Problem[];
  readonly progress?: (progress: OpenApiProgress) => void;
}

export interface RequiredSecret {
  readonly name: string;
  readonly usedFor: string;
}

export interface OpenApiStatistics {
  /** Operations of the description. */
  readonly operations: number;
  readonly tools: number;
  readonly refused: number;
  readonly leftOut: number;
  /** Of all definitions together, as a client's model sees them. */
  readonly tokens: number;
}

export interface OpenApiImport {
  readonly document: JsonObject;
  /** The document as YAML, with a comment that says what it was made from. */
  readonly text: string;
  readonly report: ImportReport;
  readonly secrets: readonly RequiredSecret[];
  readonly statistics: OpenApiStatistics;
}

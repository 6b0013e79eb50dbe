// Made of schema/openapi.json by `npm run generate:client`; changes belong there.

/** Who made a change. */
export type Author = {
  readonly id: string;
  readonly name: string;
};

/** What connects MCP clients with a server. */
export type ClientSnippets = {
  /** Of Streamable HTTP. */
  readonly url: string;
  readonly needsKey: boolean;
  readonly snippets: readonly ({
    readonly client: "claude-code" | "claude-desktop" | "cursor" | "vs-code" | "codex" | "gemini-cli" | "cline" | "windsurf" | "zed" | "inspector" | "curl";
    readonly title: string;
    readonly format: "json" | "toml" | "sh";
    readonly files: readonly ({
      readonly system: "macos" | "windows" | "linux" | "any" | "project";
      readonly path: string;
    })[];
    readonly text: string;
    /** Opens the client with the server filled in. */
    readonly link?: string;
    readonly note?: string;
  })[];
};

/** Somebody else was faster, or the name is taken. */
export type ConflictProblem = {
  readonly type: "about:blank";
  readonly title: string;
  readonly status: number;
  /** What is wrong and how to mend it, for people. */
  readonly detail: string;
  /** For programs; one of the catalogue of errors. */
  readonly code: "parse_error" | "invalid_request" | "method_not_found" | "invalid_params" | "malformed_envelope" | "internal" | "resource_not_found" | "header_mismatch" | "missing_capability" | "unsupported_version" | "bad_request" | "session_not_found" | "unauthorized" | "forbidden" | "not_found" | "conflict" | "unprocessable" | "precondition_required" | "too_many_requests" | "method_not_allowed" | "not_acceptable" | "payload_too_large" | "unsupported_media_type" | "overloaded" | "unavailable" | "upstream_failed" | "timed_out" | "cancelled" | "invalid_configuration";
  /** Also in the header X-Request-Id and in the log. */
  readonly requestId: string;
  /** Fields of the request that cannot be taken. */
  readonly errors?: readonly {
    /** Such as `body.text`. */
    readonly field: string;
    readonly message: string;
  }[];
  /** The newest version. */
  readonly current?: ServerVersion;
  /** What changed between the version that the request is based on and the newest. */
  readonly diff?: TextDiff;
} & Readonly<Record<string, unknown>>;

/** A conversation with a model, without its messages. */
export type Conversation = {
  readonly id: string;
  readonly tenant: string;
  readonly owner: {
    readonly id: string;
    readonly name: string;
  };
  /** Whether the caller may change it. */
  readonly isOwn: boolean;
  /** The API key that it was made with; only its owner is told. */
  readonly keyId?: string;
  readonly title: string;
  readonly model?: string;
  readonly servers: readonly string[];
  readonly systemPrompt: string;
  readonly settings: Readonly<Record<string, unknown>>;
  readonly isArchived: boolean;
  readonly isShared: boolean;
  /** The end of the branch that is shown; absent without messages. */
  readonly leafId?: string;
  /** 1, 2, 3 … with each change but those of messages; also the ETag. */
  readonly version: number;
  /** Of all branches. */
  readonly totals: {
    readonly messages: number;
    readonly inputTokens: number;
    readonly outputTokens: number;
    /** Millionths of a US dollar. */
    readonly costMicroDollars: number;
    readonly latencyMs: number;
  };
  /** Milliseconds since 1970. */
  readonly createdAt: number;
  /** Milliseconds since 1970. */
  readonly updatedAt: number;
};

/** What the conversation is now. */
export type ConversationConflict = {
  readonly type: "about:blank";
  readonly title: string;
  readonly status: number;
  /** What is wrong and how to mend it, for people. */
  readonly detail: string;
  /** For programs; one of the catalogue of errors. */
  readonly code: "parse_error" | "invalid_request" | "method_not_found" | "invalid_params" | "malformed_envelope" | "internal" | "resource_not_found" | "header_mismatch" | "missing_capability" | "unsupported_version" | "bad_request" | "session_not_found" | "unauthorized" | "forbidden" | "not_found" | "conflict" | "unprocessable" | "precondition_required" | "too_many_requests" | "method_not_allowed" | "not_acceptable" | "payload_too_large" | "unsupported_media_type" | "overloaded" | "unavailable" | "upstream_failed" | "timed_out" | "cancelled" | "invalid_configuration";
  /** Also in the header X-Request-Id and in the log. */
  readonly requestId: string;
  /** Fields of the request that cannot be taken. */
  readonly errors?: readonly {
    /** Such as `body.text`. */
    readonly field: string;
    readonly message: string;
  }[];
  readonly current?: {
    readonly id: string;
    readonly tenant: string;
    readonly owner: {
      readonly id: string;
      readonly name: string;
    };
    /** The API key that it was made with; only its owner is told. */
    readonly keyId?: string;
    readonly title: string;
    readonly model?: string;
    readonly servers: readonly string[];
    readonly systemPrompt: string;
    readonly settings: Readonly<Record<string, unknown>>;
    readonly isArchived: boolean;
    readonly isShared: boolean;
    /** The end of the branch that is shown; absent without messages. */
    readonly leafId?: string;
    /** 1, 2, 3 … with each change but those of messages; also the ETag. */
    readonly version: number;
    /** Of all branches. */
    readonly totals: {
      readonly messages: number;
      readonly inputTokens: number;
      readonly outputTokens: number;
      /** Millionths of a US dollar. */
      readonly costMicroDollars: number;
      readonly latencyMs: number;
    };
    /** Milliseconds since 1970. */
    readonly createdAt: number;
    /** Milliseconds since 1970. */
    readonly updatedAt: number;
  };
} & Readonly<Record<string, unknown>>;

/** Something wrong with a document. */
export type DocumentProblem = {
  readonly severity: "error" | "warning";
  /** Keys and indexes from the root of the document. */
  readonly path: readonly (string | number)[];
  readonly message: string;
  /** How to mend it. */
  readonly mend?: string;
  /** From 1. */
  readonly line: number;
  /** From 1. */
  readonly column: number;
};

/** A document that cannot be served, with everything wrong with it. */
export type DocumentRefusal = {
  readonly type: "about:blank";
  readonly title: string;
  readonly status: number;
  /** What is wrong and how to mend it, for people. */
  readonly detail: string;
  /** For programs; one of the catalogue of errors. */
  readonly code: "parse_error" | "invalid_request" | "method_not_found" | "invalid_params" | "malformed_envelope" | "internal" | "resource_not_found" | "header_mismatch" | "missing_capability" | "unsupported_version" | "bad_request" | "session_not_found" | "unauthorized" | "forbidden" | "not_found" | "conflict" | "unprocessable" | "precondition_required" | "too_many_requests" | "method_not_allowed" | "not_acceptable" | "payload_too_large" | "unsupported_media_type" | "overloaded" | "unavailable" | "upstream_failed" | "timed_out" | "cancelled" | "invalid_configuration";
  /** Also in the header X-Request-Id and in the log. */
  readonly requestId: string;
  /** Fields of the request that cannot be taken. */
  readonly errors?: readonly {
    /** Such as `body.text`. */
    readonly field: string;
    readonly message: string;
  }[];
  readonly problems?: readonly DocumentProblem[];
} & Readonly<Record<string, unknown>>;

/** What an import would make. */
export type ForeignImportPreview = {
  readonly documents: readonly {
    readonly name: string;
    /** YAML of the document; empty when it is too large to be saved. */
    readonly text: string;
    /** Whether it could be saved. */
    readonly isValid: boolean;
    readonly problems: readonly DocumentProblem[];
    /** Permissions that saving it needs besides servers.write, and what needs them. */
    readonly permissions: readonly {
      readonly permission: string;
      readonly deed: string;
    }[];
  }[];
  readonly report: ImportReport;
  /** Secrets that the document names. */
  readonly secrets: readonly {
    readonly name: string;
    readonly usedFor: string;
  }[];
};

/** What a gateway said of itself last. */
export type Gateway = {
  /** Made anew at each start. */
  readonly id: string;
  readonly name: string;
  /** Of the program. */
  readonly version: string;
  /** Where clients reach it. */
  readonly url: string;
  /** dead: no report for 30 seconds. */
  readonly state: "live" | "dead";
  readonly startedAt: number;
  /** Milliseconds since 1970, as all times. */
  readonly reportedAt: number;
  /** What it serves of the store. */
  readonly revision: number;
  /** When it served that revision first. */
  readonly servedAt: number;
  /** Whether it serves the newest revision. */
  readonly isCurrent: boolean;
  readonly behind: {
    /** Documents whose newest version it does not have. */
    readonly documents: number;
    /** Since the oldest change that it does not have. */
    readonly ms: number;
  };
  readonly servers: number;
  readonly sessions: number;
  readonly refused: readonly RefusedDocument[];
};

/** The store's revision and who serves which. */
export type Gateways = {
  /** The newest of the store. */
  readonly revision: number;
  readonly items: readonly Gateway[];
};

/** What is imported, and how it is called. */
export type ImportChoices = {
  /** Name of the server; without it made from the title. */
  readonly name?: string;
  /** Prefix of its route; without it `/NAME`. */
  readonly prefix?: string;
  /** Where the API is; without it what the description proposes. */
  readonly baseUrl?: string;
  readonly operations?: {
    /** Also operations that may change something. */
    readonly all?: boolean;
    readonly excludeDeprecated?: boolean;
    /** Only operations that fit each of these. */
    readonly include?: {
      readonly tags?: readonly string[];
      /** Globs: `/pets*`. */
      readonly paths?: readonly string[];
      readonly methods?: readonly string[];
      /** Globs over operationId or `METHOD /path`. */
      readonly operations?: readonly string[];
    };
    /** No operations that fit any of these. */
    readonly exclude?: {
      readonly tags?: readonly string[];
      /** Globs: `/pets*`. */
      readonly paths?: readonly string[];
      readonly methods?: readonly string[];
      /** Globs over operationId or `METHOD /path`. */
      readonly operations?: readonly string[];
    };
  };
  /** Longest description of a tool; 600 without it. */
  readonly descriptionLength?: number;
  /** Of a parameter; 200 without it. */
  readonly parameterDescriptionLength?: number;
};

/** What an import again changes in a document, and what it leaves. */
export type ImportDiff = {
  readonly added: readonly {
    readonly tool: string;
    /** `GET /pets/{id}`. */
    readonly operation?: string;
  }[];
  /** Their operations are gone, and nobody had edited them. */
  readonly removed: readonly {
    readonly tool: string;
    /** `GET /pets/{id}`. */
    readonly operation?: string;
  }[];
  readonly changed: readonly {
    readonly tool: string;
    /** `GET /pets/{id}`. */
    readonly operation?: string;
    /** `input.properties.limit`. */
    readonly keys: readonly string[];
  }[];
  /** Changed keys outside of the tools. */
  readonly documentKeys: readonly string[];
  readonly conflicts: readonly ({
    readonly kind: "both-changed" | "removed-but-edited" | "changed-but-removed" | "name-taken" | "has-comments";
    readonly tool?: string;
    /** In the tool, or in the document; empty for the whole tool. */
    readonly path: string;
    /** What was imported then. */
    readonly base?: unknown;
    /** What stands in the document. */
    readonly mine?: unknown;
    /** What the description says now. */
    readonly theirs?: unknown;
    readonly taken: "mine" | "theirs";
    readonly message: string;
  })[];
  /** What was done by hand and stays. */
  readonly kept: readonly ({
    readonly kind: "edited" | "added" | "removed" | "renamed";
    readonly tool?: string;
    readonly path: string;
  })[];
  /** Taken out by hand; they stay out. */
  readonly leftOut: readonly {
    readonly tool: string;
    /** `GET /pets/{id}`. */
    readonly operation?: string;
  }[];
};

/** What became of one operation or server. */
export type ImportEntry = {
  readonly outcome: "taken" | "changed" | "refused" | "left-out";
  /** `GET /pets/{id}`, `mcpServers.github`. */
  readonly source: string;
  readonly tool?: string;
  /** What its definition costs a model. */
  readonly tokens?: number;
  readonly notes: readonly {
    /** For programs: `style-not-supported`. */
    readonly code: string;
    /** What, why, and how to mend it. */
    readonly message: string;
    /** JSON pointer into the description, or the line of a text. */
    readonly pointer?: string;
  }[];
};

/** What an import would make. */
export type ImportPreview = {
  readonly name: string;
  /** YAML of the document; empty when it is too large to be saved. */
  readonly text: string;
  /** Whether it could be saved. */
  readonly isValid: boolean;
  readonly problems: readonly DocumentProblem[];
  /** Permissions that saving it needs besides servers.write, and what needs them. */
  readonly permissions: readonly {
    readonly permission: string;
    readonly deed: string;
  }[];
  readonly report: ImportReport;
  /** Secrets that the document names. */
  readonly secrets: readonly {
    readonly name: string;
    readonly usedFor: string;
  }[];
  readonly statistics: ImportStatistics;
};

/** What became of everything that was imported. */
export type ImportReport = {
  readonly entries: readonly ImportEntry[];
  /** About the whole. */
  readonly notes: readonly {
    /** For programs: `style-not-supported`. */
    readonly code: string;
    /** What, why, and how to mend it. */
    readonly message: string;
    /** JSON pointer into the description, or the line of a text. */
    readonly pointer?: string;
  }[];
};

/** How much was imported. */
export type ImportStatistics = {
  readonly operations: number;
  readonly tools: number;
  readonly refused: number;
  readonly leftOut: number;
  /** Of all definitions together. */
  readonly tokens: number;
};

/** A server that an import has made. */
export type ImportedServer = {
  readonly server: ServerVersion;
  readonly report: ImportReport;
  /** Secrets that the document names. */
  readonly secrets: readonly {
    readonly name: string;
    readonly usedFor: string;
  }[];
  readonly statistics: ImportStatistics;
};

/** Settings of the whole instance. */
export type InstanceSettings = {
  /** Which versions of servers are forgotten; the newest and tagged ones never are. */
  readonly versions: {
    /** Newest versions of each server that stay. */
    readonly keep: number;
    /** Versions younger than this stay, however many there are. */
    readonly keepDays: number;
  };
  /** The audit log. */
  readonly audit: {
    /** Entries older than this are forgotten. */
    readonly keepDays: number;
  };
};

/** Settings of the whole instance. */
export type InstanceSettingsInput = {
  /** Which versions of servers are forgotten; the newest and tagged ones never are. */
  readonly versions?: {
    /** Newest versions of each server that stay. */
    readonly keep?: number;
    /** Versions younger than this stay, however many there are. */
    readonly keepDays?: number;
  };
  /** The audit log. */
  readonly audit?: {
    /** Entries older than this are forgotten. */
    readonly keepDays?: number;
  };
};

/** One message of a conversation. */
export type Message = {
  readonly id: string;
  readonly conversationId: string;
  /** Absent for the first of a branch. */
  readonly parentId?: string;
  /** 1, 2, 3 … in the order in which they were appended. */
  readonly number: number;
  readonly role: "user" | "assistant" | "tool" | "system";
  /** `streaming`: more is to come; a message that nobody writes for a minute becomes `interrupted`. `failed`: `error` says why. */
  readonly state: "streaming" | "complete" | "interrupted" | "failed";
  readonly parts: readonly MessagePart[];
  readonly model?: string;
  readonly usage: MessageUsage;
  readonly error?: string;
  /** 1, 2, 3 … with each change; also the ETag. */
  readonly version: number;
  /** Milliseconds since 1970. */
  readonly createdAt: number;
  /** Milliseconds since 1970. */
  readonly updatedAt: number;
};

/** What the message is now. */
export type MessageConflict = {
  readonly type: "about:blank";
  readonly title: string;
  readonly status: number;
  /** What is wrong and how to mend it, for people. */
  readonly detail: string;
  /** For programs; one of the catalogue of errors. */
  readonly code: "parse_error" | "invalid_request" | "method_not_found" | "invalid_params" | "malformed_envelope" | "internal" | "resource_not_found" | "header_mismatch" | "missing_capability" | "unsupported_version" | "bad_request" | "session_not_found" | "unauthorized" | "forbidden" | "not_found" | "conflict" | "unprocessable" | "precondition_required" | "too_many_requests" | "method_not_allowed" | "not_acceptable" | "payload_too_large" | "unsupported_media_type" | "overloaded" | "unavailable" | "upstream_failed" | "timed_out" | "cancelled" | "invalid_configuration";
  /** Also in the header X-Request-Id and in the log. */
  readonly requestId: string;
  /** Fields of the request that cannot be taken. */
  readonly errors?: readonly {
    /** Such as `body.text`. */
    readonly field: string;
    readonly message: string;
  }[];
  readonly current?: Message;
} & Readonly<Record<string, unknown>>;

/** One piece of a message. */
export type MessagePart = {
  readonly kind: "text";
  readonly text: string;
} | {
  readonly kind: "reasoning";
  readonly text: string;
  /** Opaque: what the model's provider wants back with it. */
  readonly signature?: string;
} | {
  readonly kind: "image";
  readonly mediaType: string;
  /** The bytes as base64. */
  readonly data: string;
  readonly name?: string;
} | {
  readonly kind: "audio";
  readonly mediaType: string;
  /** The bytes as base64. */
  readonly data: string;
  readonly name?: string;
} | {
  readonly kind: "file";
  readonly mediaType: string;
  /** The bytes as base64. */
  readonly data: string;
  readonly name?: string;
} | {
  readonly kind: "tool-call";
  /** As the model names the call. */
  readonly id: string;
  /** Name of the server; absent for a tool of the model's provider. */
  readonly server?: string;
  readonly tool: string;
  /** What the model wrote as arguments: JSON, cut off while it is still coming. */
  readonly argumentsText: string;
  /** What a person made of the arguments; the call was made with it. */
  readonly editedArgumentsText?: string;
  /** Whether the call may be made; absent when nobody was asked. */
  readonly approval?: {
    readonly state: "waiting" | "granted" | "refused";
    /** Who decided; absent while it waits. */
    readonly by?: "person" | "policy";
    /** Milliseconds since 1970. */
    readonly decidedAt?: number;
  };
  /** JSON text of the result as the client got it; absent until there is one. */
  readonly resultText?: string;
  /** The tool answered, and the answer says that it failed. */
  readonly isError?: boolean;
  /** Why there is no answer, for people. */
  readonly error?: string;
  readonly durationMs?: number;
} | {
  readonly kind: "prompt";
  readonly server: string;
  readonly prompt: string;
  readonly arguments: Readonly<Record<string, string>>;
  /** What the server made of it, as it was put into the conversation. */
  readonly text: string;
} | {
  readonly kind: "resource";
  readonly server: string;
  readonly uri: string;
  readonly mediaType?: string;
  readonly text?: string;
  /** Instead of `text`: the bytes as base64. */
  readonly data?: string;
};

/** What a message has cost; what is absent is not known. */
export type MessageUsage = {
  readonly inputTokens?: number;
  readonly outputTokens?: number;
  /** Millionths of a US dollar. */
  readonly costMicroDollars?: number;
  /** From the request to the end of the answer. */
  readonly latencyMs?: number;
  readonly firstTokenMs?: number;
};

/** A part of a server that would differ. */
export type PartChange = {
  readonly change: "add" | "change" | "remove";
  /** `tool`, `route` …; `key` for a key of the document itself. */
  readonly part: string;
  readonly name: string;
  /** The keys that differ. */
  readonly keys: readonly string[];
};

/** What saving a document would change. */
export type Plan = {
  /** Whether it could be saved. */
  readonly isValid: boolean;
  /** Absent when the text is no document. */
  readonly name?: string;
  readonly problems: readonly DocumentProblem[];
  /** Permissions that saving it needs besides servers.write, and what needs them. */
  readonly permissions: readonly {
    readonly permission: string;
    readonly deed: string;
  }[];
  /** The newest version; 0 when there is none. */
  readonly basedOn: number;
  /** Absent when nothing changes for clients, or the text is no document. */
  readonly change?: "add" | "change" | "remove";
  readonly parts: readonly PartChange[];
  readonly diff: TextDiff;
};

/** A list as clients get it, page by page, and the size of each entry. */
export type PreviewedList = {
  readonly pages: readonly PreviewedResult[];
  readonly entries: readonly {
    readonly name: string;
    /** Bytes of UTF-8. */
    readonly bytes: number;
    /** Tokens of o200k_base; other models count a little differently. */
    readonly tokens: number;
  }[];
  /** Bytes of UTF-8. */
  readonly bytes: number;
  /** Tokens of o200k_base; other models count a little differently. */
  readonly tokens: number;
};

/** One result as clients get it. */
export type PreviewedResult = {
  /** JSON text of the result, byte for byte. */
  readonly text: string;
  /** Bytes of UTF-8. */
  readonly bytes: number;
  /** Tokens of o200k_base; other models count a little differently. */
  readonly tokens: number;
};

/** The last line of a probe. */
export type ProbeEnd = {
  readonly done: true;
  readonly outcome: "ok" | "warning" | "failed" | "skipped";
  /** Why the probe itself broke off. */
  readonly message?: string;
};

/** One step of a probe. */
export type ProbeStep = {
  readonly name: "configuration" | "dns" | "tcp" | "tls" | "http" | "protocol" | "auth" | "command" | "start" | "end";
  readonly target?: string;
  readonly outcome: "ok" | "warning" | "failed" | "skipped";
  readonly ms: number;
  readonly message: string;
  readonly details?: Readonly<Record<string, string | number>>;
};

/** An error as RFC 9457 has it. */
export type Problem = {
  readonly type: "about:blank";
  readonly title: string;
  readonly status: number;
  /** What is wrong and how to mend it, for people. */
  readonly detail: string;
  /** For programs; one of the catalogue of errors. */
  readonly code: "parse_error" | "invalid_request" | "method_not_found" | "invalid_params" | "malformed_envelope" | "internal" | "resource_not_found" | "header_mismatch" | "missing_capability" | "unsupported_version" | "bad_request" | "session_not_found" | "unauthorized" | "forbidden" | "not_found" | "conflict" | "unprocessable" | "precondition_required" | "too_many_requests" | "method_not_allowed" | "not_acceptable" | "payload_too_large" | "unsupported_media_type" | "overloaded" | "unavailable" | "upstream_failed" | "timed_out" | "cancelled" | "invalid_configuration";
  /** Also in the header X-Request-Id and in the log. */
  readonly requestId: string;
  /** Fields of the request that cannot be taken. */
  readonly errors?: readonly {
    /** Such as `body.text`. */
    readonly field: string;
    readonly message: string;
  }[];
} & Readonly<Record<string, unknown>>;

/** A document that a gateway does not serve in its newest version. */
export type RefusedDocument = {
  readonly tenant: string;
  readonly name: string;
  /** kept: the last good version serves on. */
  readonly state: "kept" | "refused";
  /** The first ones. */
  readonly problems: readonly DocumentProblem[];
};

/** An import again. */
export type Reimport = {
  /** Whether the text differs. */
  readonly isChanged: boolean;
  readonly text: string;
  readonly diff: ImportDiff;
  readonly report: ImportReport;
  /** Secrets that the document names. */
  readonly secrets: readonly {
    readonly name: string;
    readonly usedFor: string;
  }[];
  readonly statistics: ImportStatistics;
  /** The newest version now; absent for a preview. */
  readonly server?: ServerVersion;
};

/** What anybody is told of a secret: never its value. */
export type Secret = {
  readonly tenant: string;
  readonly name: string;
  readonly description: string;
  /** 1, 2, 3 … with each new value. */
  readonly version: number;
  /** Who gave it its value. */
  readonly updatedBy: {
    readonly id: string;
    readonly name: string;
  };
  /** Milliseconds since 1970. */
  readonly updatedAt: number;
};

/** A body as it was on the wire, up to 64 kB of it. */
export type SeenBody = {
  readonly text: string;
  /** packed: it came compressed and is not shown. */
  readonly encoding: "utf8" | "base64" | "packed";
  /** Of the whole body. */
  readonly bytes: number;
  readonly isCut: boolean;
};

/** What a server was imported from. */
export type ServerImport = {
  readonly kind: "openapi";
  /** The address without its query, or what a text was called. */
  readonly source: string;
  /** Whether `reimportServer` can fetch it by itself. */
  readonly canFetch: boolean;
  readonly choices: Readonly<Record<string, unknown>>;
  /** SHA-256 in hex. */
  readonly descriptionHash: string;
  /** How many were made. */
  readonly tools: number;
  /** Milliseconds since 1970. */
  readonly importedAt: number;
  readonly importedBy: {
    readonly id: string;
    readonly name: string;
  };
};

/** What clients see of a server. */
export type ServerPreview = {
  readonly revision: "2024-11-05" | "2025-03-26" | "2025-06-18" | "2025-11-25" | "2026-07-28";
  /** Of initialize; of server/discover in 2026-07-28. */
  readonly introduction: PreviewedResult;
  readonly tools: PreviewedList;
  readonly prompts: PreviewedList;
  readonly resources: PreviewedList;
  readonly resourceTemplates: PreviewedList;
  readonly total: {
    /** Bytes of UTF-8. */
    readonly bytes: number;
    /** Tokens of o200k_base; other models count a little differently. */
    readonly tokens: number;
  };
  /** MCP upstreams whose offers are not known here. */
  readonly notAsked: readonly {
    readonly upstream: string;
    readonly reason: string;
  }[];
  readonly problems: readonly ({
    readonly severity: "error" | "warning";
    readonly message: string;
    readonly mend?: string;
    readonly line: number;
    readonly column: number;
  })[];
};

/** What lists show of a server. */
export type ServerSummary = {
  readonly title?: string;
  readonly description?: string;
  /** Prefixes of its routes. */
  readonly prefixes: readonly string[];
  /** How many tools the document defines. */
  readonly tools: number;
  /** Kinds of its upstreams, each once. */
  readonly upstreams: readonly string[];
};

/** One version of a server, without its text. */
export type ServerVersion = {
  readonly tenant: string;
  readonly name: string;
  /** 1, 2, 3 … of this server, without gaps; also the ETag. */
  readonly version: number;
  /** Position among all changes of the store. */
  readonly revision: number;
  readonly change: "save" | "restore" | "delete";
  /** SHA-256 of the text in hex; empty for a deletion. */
  readonly hash: string;
  readonly author: Author;
  readonly message: string;
  /** Milliseconds since 1970. */
  readonly savedAt: number;
  readonly tags: readonly string[];
  readonly summary?: ServerSummary;
};

/** One version of a server with the text as it was written. */
export type ServerVersionWithText = {
  readonly tenant: string;
  readonly name: string;
  /** 1, 2, 3 … of this server, without gaps; also the ETag. */
  readonly version: number;
  /** Position among all changes of the store. */
  readonly revision: number;
  readonly change: "save" | "restore" | "delete";
  /** SHA-256 of the text in hex; empty for a deletion. */
  readonly hash: string;
  readonly author: Author;
  readonly message: string;
  /** Milliseconds since 1970. */
  readonly savedAt: number;
  readonly tags: readonly string[];
  readonly summary?: ServerSummary;
  /** Absent for a deletion. */
  readonly text?: string;
};

/** What differs between two texts, by lines. */
export type TextDiff = {
  /** Unified diff; empty when the texts are equal. */
  readonly unified: string;
  /** Lines. */
  readonly added: number;
  /** Lines. */
  readonly removed: number;
  readonly hunks: readonly {
    readonly oldStart: number;
    readonly oldLines: number;
    readonly newStart: number;
    readonly newLines: number;
    /** Each begins with a space, `-`, `+` or `\`. */
    readonly lines: readonly string[];
  }[];
};

/** What came of running a tool. */
export type ToolRun = {
  readonly outcome: {
    readonly kind: "result";
    readonly result: Readonly<Record<string, unknown>>;
  } | {
    readonly kind: "error";
    readonly code: number;
    readonly message: string;
  } | {
    readonly kind: "large";
    readonly bytes: number;
  };
  readonly version: number;
  /** JSON texts of progress and log messages; the first hundred. */
  readonly messages: readonly string[];
  /** What went out and came back, in order; the first 32. */
  readonly exchanges: readonly ({
    readonly kind: "http";
    readonly upstream: string;
    readonly method: string;
    readonly url: string;
    readonly headers: readonly (readonly string[])[];
    readonly body?: SeenBody;
    /** The same as a command line for a shell. */
    readonly curl: string;
    readonly answer?: {
      readonly status: number;
      readonly headers: readonly (readonly string[])[];
      readonly body: SeenBody;
    };
    readonly failure?: string;
    /** Milliseconds since the run began. */
    readonly sentAt: number;
    readonly answeredAt: number;
    readonly endedAt: number;
  } | {
    readonly kind: "mcp";
    readonly upstream: string;
    readonly request: SeenBody;
    readonly answer?: SeenBody;
    readonly failure?: string;
    /** Milliseconds since the run began. */
    readonly sentAt: number;
    readonly answeredAt: number;
    readonly endedAt: number;
  })[];
  readonly totalMs: number;
  /** The time that some upstream was waited for. */
  readonly upstreamMs: number;
};

/** What is to be said of a document. */
export type Verdict = {
  /** Whether it could be saved. */
  readonly isValid: boolean;
  /** Absent when the text is no document. */
  readonly name?: string;
  readonly problems: readonly DocumentProblem[];
  /** Permissions that saving it needs besides servers.write, and what needs them. */
  readonly permissions: readonly {
    readonly permission: string;
    readonly deed: string;
  }[];
};

/** Two versions and what differs between their texts. */
export type VersionDiff = {
  readonly from: ServerVersion;
  readonly to: ServerVersion;
  readonly diff: TextDiff;
};

/** What each operation takes and answers, by its id. */
export interface Operations {
  /** How one can sign in here */
  readonly listSignInMethods: {
    readonly path: Readonly<Record<never, never>>;
    readonly query: Readonly<Record<never, never>>;
    readonly headers: Readonly<Record<never, never>>;
    readonly body: undefined;
    readonly answers: {
      readonly 200: { readonly "application/json": {
          /** There is no user yet: the program printed a link that makes the first one. */
          readonly needsSetup: boolean;
          readonly providers: readonly {
            readonly id: string;
            readonly title: string;
          }[];
        } };
    };
    readonly problems: {
      readonly default: { readonly "application/problem+json": Problem };
    };
  };
  /** Sign in with a password */
  readonly signIn: {
    readonly path: Readonly<Record<never, never>>;
    readonly query: Readonly<Record<never, never>>;
    readonly headers: Readonly<Record<never, never>>;
    readonly body: {
      readonly email: string;
      readonly password: string;
      /** Code of the authenticator, or a recovery code. */
      readonly code?: string | undefined;
    };
    readonly answers: {
      readonly 201: { readonly "application/json": {
          readonly kind: "user" | "key";
          readonly id: string;
          readonly name: string;
          readonly email?: string;
          readonly roles: Readonly<Record<string, "administrator" | "editor" | "operator" | "viewer">>;
          readonly permissions: Readonly<Record<string, readonly ("servers.read" | "servers.write" | "servers.delete" | "tools.run" | "upstreams.probe" | "chat.read" | "chat.use" | "stdio.define" | "egress.define" | "files.define" | "secrets.read" | "secrets.write" | "keys.read" | "keys.write" | "members.read" | "members.write" | "audit.read" | "gateways.read" | "gateways.reload" | "tenants.read" | "tenants.write" | "users.read" | "users.write" | "settings.read" | "settings.write")[]>>;
          /** Those that the roles name. */
          readonly tenants: readonly {
            readonly id: string;
            readonly title: string;
          }[];
          /** To be sent as X-CSRF-Token with every change. */
          readonly csrfToken?: string;
          /** password, link, or the provider. */
          readonly signedInBy?: string;
          readonly mustChangePassword?: boolean;
          readonly hasPassword?: boolean;
          readonly hasTotp?: boolean;
        } };
    };
    readonly problems: {
      readonly default: { readonly "application/problem+json": Problem };
    };
  };
  /** Sign out */
  readonly signOut: {
    readonly path: Readonly<Record<never, never>>;
    readonly query: Readonly<Record<never, never>>;
    readonly headers: Readonly<Record<never, never>>;
    readonly body: undefined;
    readonly answers: {
      readonly 204: undefined;
    };
    readonly problems: {
      readonly default: { readonly "application/problem+json": Problem };
    };
  };
  /** Who I am and what I may do */
  readonly getMe: {
    readonly path: Readonly<Record<never, never>>;
    readonly query: Readonly<Record<never, never>>;
    readonly headers: Readonly<Record<never, never>>;
    readonly body: undefined;
    readonly answers: {
      readonly 200: { readonly "application/json": {
          readonly kind: "user" | "key";
          readonly id: string;
          readonly name: string;
          readonly email?: string;
          readonly roles: Readonly<Record<string, "administrator" | "editor" | "operator" | "viewer">>;
          readonly permissions: Readonly<Record<string, readonly ("servers.read" | "servers.write" | "servers.delete" | "tools.run" | "upstreams.probe" | "chat.read" | "chat.use" | "stdio.define" | "egress.define" | "files.define" | "secrets.read" | "secrets.write" | "keys.read" | "keys.write" | "members.read" | "members.write" | "audit.read" | "gateways.read" | "gateways.reload" | "tenants.read" | "tenants.write" | "users.read" | "users.write" | "settings.read" | "settings.write")[]>>;
          /** Those that the roles name. */
          readonly tenants: readonly {
            readonly id: string;
            readonly title: string;
          }[];
          /** To be sent as X-CSRF-Token with every change. */
          readonly csrfToken?: string;
          /** password, link, or the provider. */
          readonly signedInBy?: string;
          readonly mustChangePassword?: boolean;
          readonly hasPassword?: boolean;
          readonly hasTotp?: boolean;
        } };
    };
    readonly problems: {
      readonly default: { readonly "application/problem+json": Problem };
    };
  };
  /** Change my name */
  readonly updateMe: {
    readonly path: Readonly<Record<never, never>>;
    readonly query: Readonly<Record<never, never>>;
    readonly headers: Readonly<Record<never, never>>;
    readonly body: {
      readonly name: string;
    };
    readonly answers: {
      readonly 200: { readonly "application/json": {
          readonly id: string;
          readonly email: string;
          readonly name: string;
          readonly status: "active" | "disabled";
          readonly mustChangePassword: boolean;
          readonly hasPassword: boolean;
          readonly hasTotp: boolean;
          /** Milliseconds since 1970. */
          readonly createdAt: number;
          /** Milliseconds since 1970. */
          readonly signedInAt?: number;
          readonly roles: Readonly<Record<string, "administrator" | "editor" | "operator" | "viewer">>;
        } };
    };
    readonly problems: {
      readonly default: { readonly "application/problem+json": Problem };
    };
  };
  /** What a one-time link is for */
  readonly inspectLink: {
    readonly path: Readonly<Record<never, never>>;
    readonly query: Readonly<Record<never, never>>;
    readonly headers: Readonly<Record<never, never>>;
    readonly body: {
      readonly token: string;
    };
    readonly answers: {
      readonly 200: { readonly "application/json": {
          readonly purpose: "setup" | "invite" | "reset";
          readonly email?: string;
          readonly name?: string;
        } };
    };
    readonly problems: {
      readonly default: { readonly "application/problem+json": Problem };
    };
  };
  /** Set a password by an invitation or a reset */
  readonly useLink: {
    readonly path: Readonly<Record<never, never>>;
    readonly query: Readonly<Record<never, never>>;
    readonly headers: Readonly<Record<never, never>>;
    readonly body: {
      readonly token: string;
      readonly password: string;
      readonly name?: string | undefined;
    };
    readonly answers: {
      readonly 201: { readonly "application/json": {
          readonly kind: "user" | "key";
          readonly id: string;
          readonly name: string;
          readonly email?: string;
          readonly roles: Readonly<Record<string, "administrator" | "editor" | "operator" | "viewer">>;
          readonly permissions: Readonly<Record<string, readonly ("servers.read" | "servers.write" | "servers.delete" | "tools.run" | "upstreams.probe" | "chat.read" | "chat.use" | "stdio.define" | "egress.define" | "files.define" | "secrets.read" | "secrets.write" | "keys.read" | "keys.write" | "members.read" | "members.write" | "audit.read" | "gateways.read" | "gateways.reload" | "tenants.read" | "tenants.write" | "users.read" | "users.write" | "settings.read" | "settings.write")[]>>;
          /** Those that the roles name. */
          readonly tenants: readonly {
            readonly id: string;
            readonly title: string;
          }[];
          /** To be sent as X-CSRF-Token with every change. */
          readonly csrfToken?: string;
          /** password, link, or the provider. */
          readonly signedInBy?: string;
          readonly mustChangePassword?: boolean;
          readonly hasPassword?: boolean;
          readonly hasTotp?: boolean;
        } };
      readonly 204: undefined;
    };
    readonly problems: {
      readonly default: { readonly "application/problem+json": Problem };
    };
  };
  /** Make the first administrator */
  readonly setUp: {
    readonly path: Readonly<Record<never, never>>;
    readonly query: Readonly<Record<never, never>>;
    readonly headers: Readonly<Record<never, never>>;
    readonly body: {
      readonly token: string;
      readonly email: string;
      readonly name: string;
      readonly password: string;
    };
    readonly answers: {
      readonly 201: { readonly "application/json": {
          readonly kind: "user" | "key";
          readonly id: string;
          readonly name: string;
          readonly email?: string;
          readonly roles: Readonly<Record<string, "administrator" | "editor" | "operator" | "viewer">>;
          readonly permissions: Readonly<Record<string, readonly ("servers.read" | "servers.write" | "servers.delete" | "tools.run" | "upstreams.probe" | "chat.read" | "chat.use" | "stdio.define" | "egress.define" | "files.define" | "secrets.read" | "secrets.write" | "keys.read" | "keys.write" | "members.read" | "members.write" | "audit.read" | "gateways.read" | "gateways.reload" | "tenants.read" | "tenants.write" | "users.read" | "users.write" | "settings.read" | "settings.write")[]>>;
          /** Those that the roles name. */
          readonly tenants: readonly {
            readonly id: string;
            readonly title: string;
          }[];
          /** To be sent as X-CSRF-Token with every change. */
          readonly csrfToken?: string;
          /** password, link, or the provider. */
          readonly signedInBy?: string;
          readonly mustChangePassword?: boolean;
          readonly hasPassword?: boolean;
          readonly hasTotp?: boolean;
        } };
    };
    readonly problems: {
      readonly default: { readonly "application/problem+json": Problem };
    };
  };
  /** Go to a provider to sign in */
  readonly signInWithProvider: {
    readonly path: {
      readonly provider: string;
    };
    readonly query: {
      readonly returnTo?: string | undefined;
    };
    readonly headers: Readonly<Record<never, never>>;
    readonly body: undefined;
    readonly answers: {
      readonly 303: undefined;
    };
    readonly problems: {
      readonly default: { readonly "application/problem+json": Problem };
    };
  };
  /** Come back from a provider */
  readonly finishSignInWithProvider: {
    readonly path: {
      readonly provider: string;
    };
    readonly query: Readonly<Record<never, never>>;
    readonly headers: Readonly<Record<never, never>>;
    readonly body: undefined;
    readonly answers: {
      readonly 303: undefined;
    };
    readonly problems: {
      readonly default: { readonly "application/problem+json": Problem };
    };
  };
  /** Change my password */
  readonly changePassword: {
    readonly path: Readonly<Record<never, never>>;
    readonly query: Readonly<Record<never, never>>;
    readonly headers: Readonly<Record<never, never>>;
    readonly body: {
      readonly currentPassword?: string | undefined;
      /** Code of the authenticator, or a recovery code. */
      readonly code?: string | undefined;
      readonly password: string;
    };
    readonly answers: {
      readonly 200: { readonly "application/json": {
          readonly csrfToken: string;
        } };
    };
    readonly problems: {
      readonly default: { readonly "application/problem+json": Problem };
    };
  };
  /** Where I am signed in */
  readonly listMySignIns: {
    readonly path: Readonly<Record<never, never>>;
    readonly query: Readonly<Record<never, never>>;
    readonly headers: Readonly<Record<never, never>>;
    readonly body: undefined;
    readonly answers: {
      readonly 200: { readonly "application/json": {
          readonly items: readonly {
            readonly id: string;
            readonly method: string;
            /** Milliseconds since 1970. */
            readonly createdAt: number;
            /** Milliseconds since 1970. */
            readonly usedAt: number;
            readonly ip: string;
            readonly userAgent: string;
            readonly isCurrent: boolean;
          }[];
        } };
    };
    readonly problems: {
      readonly default: { readonly "application/problem+json": Problem };
    };
  };
  /** Sign out all other browsers */
  readonly endMyOtherSignIns: {
    readonly path: Readonly<Record<never, never>>;
    readonly query: Readonly<Record<never, never>>;
    readonly headers: Readonly<Record<never, never>>;
    readonly body: undefined;
    readonly answers: {
      readonly 204: undefined;
    };
    readonly problems: {
      readonly default: { readonly "application/problem+json": Problem };
    };
  };
  /** Sign out another browser */
  readonly endMySignIn: {
    readonly path: {
      readonly id: string;
    };
    readonly query: Readonly<Record<never, never>>;
    readonly headers: Readonly<Record<never, never>>;
    readonly body: undefined;
    readonly answers: {
      readonly 204: undefined;
    };
    readonly problems: {
      readonly default: { readonly "application/problem+json": Problem };
    };
  };
  /** Begin with one-time passwords */
  readonly enrolTotp: {
    readonly path: Readonly<Record<never, never>>;
    readonly query: Readonly<Record<never, never>>;
    readonly headers: Readonly<Record<never, never>>;
    readonly body: {
      readonly currentPassword?: string | undefined;
      /** Code of the authenticator, or a recovery code. */
      readonly code?: string | undefined;
    };
    readonly answers: {
      readonly 200: { readonly "application/json": {
          readonly secret: string;
          readonly uri: string;
        } };
    };
    readonly problems: {
      readonly default: { readonly "application/problem+json": Problem };
    };
  };
  /** Turn one-time passwords on */
  readonly confirmTotp: {
    readonly path: Readonly<Record<never, never>>;
    readonly query: Readonly<Record<never, never>>;
    readonly headers: Readonly<Record<never, never>>;
    readonly body: {
      readonly code: string;
    };
    readonly answers: {
      readonly 200: { readonly "application/json": {
          /** Shown this once; each signs in once instead of a code. */
          readonly recoveryCodes: readonly string[];
          readonly csrfToken: string;
        } };
    };
    readonly problems: {
      readonly default: { readonly "application/problem+json": Problem };
    };
  };
  /** Turn one-time passwords off */
  readonly removeTotp: {
    readonly path: Readonly<Record<never, never>>;
    readonly query: Readonly<Record<never, never>>;
    readonly headers: Readonly<Record<never, never>>;
    readonly body: {
      readonly currentPassword?: string | undefined;
      /** Code of the authenticator, or a recovery code. */
      readonly code?: string | undefined;
    };
    readonly answers: {
      readonly 200: { readonly "application/json": {
          readonly csrfToken: string;
        } };
    };
    readonly problems: {
      readonly default: { readonly "application/problem+json": Problem };
    };
  };
  /** Make new recovery codes */
  readonly renewRecoveryCodes: {
    readonly path: Readonly<Record<never, never>>;
    readonly query: Readonly<Record<never, never>>;
    readonly headers: Readonly<Record<never, never>>;
    readonly body: {
      readonly currentPassword?: string | undefined;
      /** Code of the authenticator, or a recovery code. */
      readonly code?: string | undefined;
    };
    readonly answers: {
      readonly 200: { readonly "application/json": {
          /** Shown this once; each signs in once instead of a code. */
          readonly recoveryCodes: readonly string[];
        } };
    };
    readonly problems: {
      readonly default: { readonly "application/problem+json": Problem };
    };
  };
  /** List the servers of a tenant. Needs `servers.read`. */
  readonly listServers: {
    readonly path: {
      /** Id of the tenant. */
      readonly tenant: string;
    };
    readonly query: {
      /** Most items of the page. */
      readonly limit?: number | undefined;
      /** `nextCursor` of the page before. */
      readonly cursor?: string | undefined;
      /** Only names that contain this, whatever their case. */
      readonly search?: string | undefined;
      /** Whether to list what is served or deleted. */
      readonly state?: "current" | "deleted" | undefined;
    };
    readonly headers: Readonly<Record<never, never>>;
    readonly body: undefined;
    readonly answers: {
      readonly 200: { readonly "application/json": {
          readonly items: readonly ServerVersion[];
          /** Absent when this page is the last. */
          readonly nextCursor?: string;
        } };
    };
    readonly problems: {
      readonly default: { readonly "application/problem+json": Problem };
    };
  };
  /** Create a server. Needs `servers.write`. */
  readonly createServer: {
    readonly path: {
      /** Id of the tenant. */
      readonly tenant: string;
    };
    readonly query: Readonly<Record<never, never>>;
    readonly headers: {
      /** 16 to 255 visible characters, such as a UUID. A request that is repeated with it within a day is answered as the first one was. */
      readonly "Idempotency-Key"?: string | undefined;
    };
    readonly body: {
      /** YAML of one document, with comments; `tenant` and `name` are those of the address. */
      readonly text: string;
      /** Why, for the history. */
      readonly message?: string | undefined;
    };
    readonly answers: {
      readonly 201: { readonly "application/json": ServerVersion };
    };
    readonly problems: {
      readonly 403: { readonly "application/problem+json": Problem };
      readonly 409: { readonly "application/problem+json": ConflictProblem };
      readonly 422: { readonly "application/problem+json": DocumentRefusal };
      readonly default: { readonly "application/problem+json": Problem };
    };
  };
  /** Get the newest version of a server with its text. Needs `servers.read`. */
  readonly getServer: {
    readonly path: {
      /** Id of the tenant. */
      readonly tenant: string;
      /** Name of the server. */
      readonly name: string;
    };
    readonly query: Readonly<Record<never, never>>;
    readonly headers: {
      /** ETag that the caller has: 304 while it is the newest. */
      readonly "If-None-Match"?: string | undefined;
    };
    readonly body: undefined;
    readonly answers: {
      readonly 200: { readonly "application/json": ServerVersionWithText; readonly "application/yaml": string };
      readonly 304: undefined;
    };
    readonly problems: {
      readonly 404: { readonly "application/problem+json": Problem };
      readonly default: { readonly "application/problem+json": Problem };
    };
  };
  /** Save a new version of a server. Needs `servers.write`. */
  readonly saveServer: {
    readonly path: {
      /** Id of the tenant. */
      readonly tenant: string;
      /** Name of the server. */
      readonly name: string;
    };
    readonly query: Readonly<Record<never, never>>;
    readonly headers: {
      /** Version that the change is based on, as its ETag says it: `"5"`. */
      readonly "If-Match": string;
    };
    readonly body: {
      /** YAML of one document, with comments; `tenant` and `name` are those of the address. */
      readonly text: string;
      /** Why, for the history. */
      readonly message?: string | undefined;
    };
    readonly answers: {
      readonly 200: { readonly "application/json": ServerVersion };
    };
    readonly problems: {
      readonly 403: { readonly "application/problem+json": Problem };
      readonly 404: { readonly "application/problem+json": Problem };
      readonly 409: { readonly "application/problem+json": ConflictProblem };
      readonly 422: { readonly "application/problem+json": DocumentRefusal };
      readonly 428: { readonly "application/problem+json": Problem };
      readonly default: { readonly "application/problem+json": Problem };
    };
  };
  /** Delete a server. Needs `servers.delete`. */
  readonly deleteServer: {
    readonly path: {
      /** Id of the tenant. */
      readonly tenant: string;
      /** Name of the server. */
      readonly name: string;
    };
    readonly query: {
      /** Why, for the history. */
      readonly message?: string | undefined;
    };
    readonly headers: {
      /** Version that the change is based on, as its ETag says it: `"5"`. */
      readonly "If-Match": string;
    };
    readonly body: undefined;
    readonly answers: {
      readonly 200: { readonly "application/json": ServerVersion };
    };
    readonly problems: {
      readonly 403: { readonly "application/problem+json": Problem };
      readonly 404: { readonly "application/problem+json": Problem };
      readonly 409: { readonly "application/problem+json": ConflictProblem };
      readonly 422: { readonly "application/problem+json": DocumentRefusal };
      readonly 428: { readonly "application/problem+json": Problem };
      readonly default: { readonly "application/problem+json": Problem };
    };
  };
  /** Make the text of an older version the newest, also of a deleted server. Needs `servers.write`. */
  readonly restoreServer: {
    readonly path: {
      /** Id of the tenant. */
      readonly tenant: string;
      /** Name of the server. */
      readonly name: string;
    };
    readonly query: Readonly<Record<never, never>>;
    readonly headers: {
      /** Version that the change is based on, as its ETag says it: `"5"`. */
      readonly "If-Match": string;
    };
    readonly body: {
      /** Without it: the last one before the server was deleted. */
      readonly version?: number | undefined;
      /** Why, for the history. */
      readonly message?: string | undefined;
    };
    readonly answers: {
      readonly 200: { readonly "application/json": ServerVersion };
    };
    readonly problems: {
      readonly 403: { readonly "application/problem+json": Problem };
      readonly 404: { readonly "application/problem+json": Problem };
      readonly 409: { readonly "application/problem+json": ConflictProblem };
      readonly 422: { readonly "application/problem+json": DocumentRefusal };
      readonly 428: { readonly "application/problem+json": Problem };
      readonly default: { readonly "application/problem+json": Problem };
    };
  };
  /** Tell everything that is wrong with a document. Needs `servers.read`. */
  readonly validateServer: {
    readonly path: {
      /** Id of the tenant. */
      readonly tenant: string;
    };
    readonly query: Readonly<Record<never, never>>;
    readonly headers: Readonly<Record<never, never>>;
    readonly body: {
      /** YAML of one document, with comments; `tenant` and `name` are those of the address. */
      readonly text: string;
      /** Name that the text must have; without it the text may choose. */
      readonly name?: string | undefined;
    };
    readonly answers: {
      readonly 200: { readonly "application/json": Verdict };
    };
    readonly problems: {
      readonly 404: { readonly "application/problem+json": Problem };
      readonly default: { readonly "application/problem+json": Problem };
    };
  };
  /** Tell what saving a document would change for clients. Needs `servers.read`. */
  readonly planServer: {
    readonly path: {
      /** Id of the tenant. */
      readonly tenant: string;
    };
    readonly query: Readonly<Record<never, never>>;
    readonly headers: Readonly<Record<never, never>>;
    readonly body: {
      /** YAML of one document, with comments; `tenant` and `name` are those of the address. */
      readonly text: string;
      /** Name that the text must have; without it the text may choose. */
      readonly name?: string | undefined;
    };
    readonly answers: {
      readonly 200: { readonly "application/json": Plan };
    };
    readonly problems: {
      readonly 404: { readonly "application/problem+json": Problem };
      readonly default: { readonly "application/problem+json": Problem };
    };
  };
  /** Copy a server under another name. Needs `servers.write`. */
  readonly duplicateServer: {
    readonly path: {
      /** Id of the tenant. */
      readonly tenant: string;
      /** Name of the server. */
      readonly name: string;
    };
    readonly query: Readonly<Record<never, never>>;
    readonly headers: {
      /** 16 to 255 visible characters, such as a UUID. A request that is repeated with it within a day is answered as the first one was. */
      readonly "Idempotency-Key"?: string | undefined;
    };
    readonly body: {
      /** Name of the copy. */
      readonly name: string;
      /** Prefixes of its routes in their order; without them the old ones with the new name in them. */
      readonly prefixes?: readonly string[] | undefined;
      /** Why, for the history. */
      readonly message?: string | undefined;
    };
    readonly answers: {
      readonly 201: { readonly "application/json": ServerVersion };
    };
    readonly problems: {
      readonly 403: { readonly "application/problem+json": Problem };
      readonly 404: { readonly "application/problem+json": Problem };
      readonly 409: { readonly "application/problem+json": ConflictProblem };
      readonly 422: { readonly "application/problem+json": DocumentRefusal };
      readonly default: { readonly "application/problem+json": Problem };
    };
  };
  /** List the versions of a server, newest first. Needs `servers.read`. */
  readonly listServerVersions: {
    readonly path: {
      /** Id of the tenant. */
      readonly tenant: string;
      /** Name of the server. */
      readonly name: string;
    };
    readonly query: {
      /** Most items of the page. */
      readonly limit?: number | undefined;
      /** `nextCursor` of the page before. */
      readonly cursor?: string | undefined;
    };
    readonly headers: Readonly<Record<never, never>>;
    readonly body: undefined;
    readonly answers: {
      readonly 200: { readonly "application/json": {
          readonly items: readonly ServerVersion[];
          /** Absent when this page is the last. */
          readonly nextCursor?: string;
        } };
    };
    readonly problems: {
      readonly 404: { readonly "application/problem+json": Problem };
      readonly default: { readonly "application/problem+json": Problem };
    };
  };
  /** Get a version of a server with its text. Needs `servers.read`. */
  readonly getServerVersion: {
    readonly path: {
      /** Id of the tenant. */
      readonly tenant: string;
      /** Name of the server. */
      readonly name: string;
      /** Number of the version. */
      readonly version: number;
    };
    readonly query: Readonly<Record<never, never>>;
    readonly headers: Readonly<Record<never, never>>;
    readonly body: undefined;
    readonly answers: {
      readonly 200: { readonly "application/json": ServerVersionWithText; readonly "application/yaml": string };
    };
    readonly problems: {
      readonly 404: { readonly "application/problem+json": Problem };
      readonly default: { readonly "application/problem+json": Problem };
    };
  };
  /** Compare any two versions of a server. Needs `servers.read`. */
  readonly diffServerVersions: {
    readonly path: {
      /** Id of the tenant. */
      readonly tenant: string;
      /** Name of the server. */
      readonly name: string;
    };
    readonly query: {
      /** The version to compare. */
      readonly from: number;
      /** The version to compare it with; without it the newest. */
      readonly to?: number | undefined;
    };
    readonly headers: Readonly<Record<never, never>>;
    readonly body: undefined;
    readonly answers: {
      readonly 200: { readonly "application/json": VersionDiff };
    };
    readonly problems: {
      readonly 404: { readonly "application/problem+json": Problem };
      readonly default: { readonly "application/problem+json": Problem };
    };
  };
  /** Give a version a name. Needs `servers.write`. */
  readonly tagServerVersion: {
    readonly path: {
      /** Id of the tenant. */
      readonly tenant: string;
      /** Name of the server. */
      readonly name: string;
      /** Name of the tag. */
      readonly tag: string;
    };
    readonly query: Readonly<Record<never, never>>;
    readonly headers: Readonly<Record<never, never>>;
    readonly body: {
      readonly version: number;
    };
    readonly answers: {
      readonly 204: undefined;
    };
    readonly problems: {
      readonly 404: { readonly "application/problem+json": Problem };
      readonly default: { readonly "application/problem+json": Problem };
    };
  };
  /** Take a name of a version away. Needs `servers.write`. */
  readonly untagServerVersion: {
    readonly path: {
      /** Id of the tenant. */
      readonly tenant: string;
      /** Name of the server. */
      readonly name: string;
      /** Name of the tag. */
      readonly tag: string;
    };
    readonly query: Readonly<Record<never, never>>;
    readonly headers: Readonly<Record<never, never>>;
    readonly body: undefined;
    readonly answers: {
      readonly 204: undefined;
    };
    readonly problems: {
      readonly 404: { readonly "application/problem+json": Problem };
      readonly default: { readonly "application/problem+json": Problem };
    };
  };
  /** Tell what an OpenAPI description would become. Needs `servers.read`. */
  readonly previewOpenApiImport: {
    readonly path: {
      /** Id of the tenant. */
      readonly tenant: string;
    };
    readonly query: Readonly<Record<never, never>>;
    readonly headers: Readonly<Record<never, never>>;
    readonly body: {
      /** The description, JSON or YAML. */
      readonly text?: string | undefined;
      /** Or where it is; it is fetched through the egress guard. */
      readonly url?: string | undefined;
      /** Sent to the origin of `url` when the description is fetched; not kept. */
      readonly headers?: Readonly<Record<string, string>> | undefined;
      /** OpenAPI overlays, applied in this order; each a `text` or a `url`. */
      readonly overlays?: readonly ({
        readonly text?: string | undefined;
        readonly url?: string | undefined;
      })[] | undefined;
      readonly choices?: ImportChoices | undefined;
    };
    readonly answers: {
      readonly 200: { readonly "application/json": ImportPreview };
    };
    readonly problems: {
      readonly 422: { readonly "application/problem+json": Problem };
      readonly 503: { readonly "application/problem+json": Problem };
      readonly default: { readonly "application/problem+json": Problem };
    };
  };
  /** Create a server of an OpenAPI description. Needs `servers.write`. */
  readonly commitOpenApiImport: {
    readonly path: {
      /** Id of the tenant. */
      readonly tenant: string;
    };
    readonly query: Readonly<Record<never, never>>;
    readonly headers: {
      /** 16 to 255 visible characters, such as a UUID. A request that is repeated with it within a day is answered as the first one was. */
      readonly "Idempotency-Key"?: string | undefined;
    };
    readonly body: {
      /** The description, JSON or YAML. */
      readonly text?: string | undefined;
      /** Or where it is; it is fetched through the egress guard. */
      readonly url?: string | undefined;
      /** Sent to the origin of `url` when the description is fetched; not kept. */
      readonly headers?: Readonly<Record<string, string>> | undefined;
      /** OpenAPI overlays, applied in this order; each a `text` or a `url`. */
      readonly overlays?: readonly ({
        readonly text?: string | undefined;
        readonly url?: string | undefined;
      })[] | undefined;
      readonly choices?: ImportChoices | undefined;
      /** Why, for the history. */
      readonly message?: string | undefined;
    };
    readonly answers: {
      readonly 201: { readonly "application/json": ImportedServer };
    };
    readonly problems: {
      readonly 403: { readonly "application/problem+json": Problem };
      readonly 409: { readonly "application/problem+json": ConflictProblem };
      readonly 422: { readonly "application/problem+json": DocumentRefusal };
      readonly 503: { readonly "application/problem+json": Problem };
      readonly default: { readonly "application/problem+json": Problem };
    };
  };
  /** Tell what a server was imported from. Needs `servers.read`. */
  readonly getServerImport: {
    readonly path: {
      /** Id of the tenant. */
      readonly tenant: string;
      /** Name of the server. */
      readonly name: string;
    };
    readonly query: Readonly<Record<never, never>>;
    readonly headers: Readonly<Record<never, never>>;
    readonly body: undefined;
    readonly answers: {
      readonly 200: { readonly "application/json": ServerImport };
    };
    readonly problems: {
      readonly 404: { readonly "application/problem+json": Problem };
      readonly default: { readonly "application/problem+json": Problem };
    };
  };
  /** Carry a changed description into a server, and keep what was edited. Needs `servers.write`. */
  readonly reimportServer: {
    readonly path: {
      /** Id of the tenant. */
      readonly tenant: string;
      /** Name of the server. */
      readonly name: string;
    };
    readonly query: Readonly<Record<never, never>>;
    readonly headers: {
      /** Version that the change is based on, as its ETag says it: `"5"`. */
      readonly "If-Match": string;
    };
    readonly body: {
      /** The description, JSON or YAML. */
      readonly text?: string | undefined;
      /** Or where it is; it is fetched through the egress guard. */
      readonly url?: string | undefined;
      /** Sent to the origin of `url` when the description is fetched; not kept. */
      readonly headers?: Readonly<Record<string, string>> | undefined;
      /** OpenAPI overlays, applied in this order; each a `text` or a `url`. */
      readonly overlays?: readonly ({
        readonly text?: string | undefined;
        readonly url?: string | undefined;
      })[] | undefined;
      readonly choices?: ImportChoices | undefined;
      /** Tell what would change, and save nothing. */
      readonly preview?: boolean | undefined;
      /** Where the document and the description were both changed: which side is taken. */
      readonly prefer?: "mine" | "theirs" | undefined;
      /** Bring back tools that were taken out by hand. */
      readonly restoreRemoved?: boolean | undefined;
      /** Why, for the history. */
      readonly message?: string | undefined;
    };
    readonly answers: {
      readonly 200: { readonly "application/json": Reimport };
    };
    readonly problems: {
      readonly 403: { readonly "application/problem+json": Problem };
      readonly 404: { readonly "application/problem+json": Problem };
      readonly 409: { readonly "application/problem+json": ConflictProblem };
      readonly 422: { readonly "application/problem+json": DocumentRefusal };
      readonly 428: { readonly "application/problem+json": Problem };
      readonly 503: { readonly "application/problem+json": Problem };
      readonly default: { readonly "application/problem+json": Problem };
    };
  };
  /** Tell what the configuration of an MCP client would become. Needs `servers.read`. */
  readonly previewMcpJsonImport: {
    readonly path: {
      /** Id of the tenant. */
      readonly tenant: string;
    };
    readonly query: Readonly<Record<never, never>>;
    readonly headers: Readonly<Record<never, never>>;
    readonly body: {
      readonly text: string;
      /** Name of the server; without it made from what is imported. */
      readonly name?: string | undefined;
      /** Prefix of its route; without it `/NAME`. */
      readonly prefix?: string | undefined;
      /** Of clients' configurations: a server for each instead of one. */
      readonly separate?: boolean | undefined;
    };
    readonly answers: {
      readonly 200: { readonly "application/json": ForeignImportPreview };
    };
    readonly problems: {
      readonly 422: { readonly "application/problem+json": Problem };
      readonly default: { readonly "application/problem+json": Problem };
    };
  };
  /** Tell what curl commands would become. Needs `servers.read`. */
  readonly previewCurlImport: {
    readonly path: {
      /** Id of the tenant. */
      readonly tenant: string;
    };
    readonly query: Readonly<Record<never, never>>;
    readonly headers: Readonly<Record<never, never>>;
    readonly body: {
      readonly text: string;
      /** Name of the server; without it made from what is imported. */
      readonly name?: string | undefined;
      /** Prefix of its route; without it `/NAME`. */
      readonly prefix?: string | undefined;
      /** Of clients' configurations: a server for each instead of one. */
      readonly separate?: boolean | undefined;
    };
    readonly answers: {
      readonly 200: { readonly "application/json": ForeignImportPreview };
    };
    readonly problems: {
      readonly 422: { readonly "application/problem+json": Problem };
      readonly default: { readonly "application/problem+json": Problem };
    };
  };
  /** Tell what the configuration of an Unla gateway would become. Needs `servers.read`. */
  readonly previewUnlaImport: {
    readonly path: {
      /** Id of the tenant. */
      readonly tenant: string;
    };
    readonly query: Readonly<Record<never, never>>;
    readonly headers: Readonly<Record<never, never>>;
    readonly body: {
      readonly text: string;
      /** Name of the server; without it made from what is imported. */
      readonly name?: string | undefined;
      /** Prefix of its route; without it `/NAME`. */
      readonly prefix?: string | undefined;
      /** Of clients' configurations: a server for each instead of one. */
      readonly separate?: boolean | undefined;
    };
    readonly answers: {
      readonly 200: { readonly "application/json": ForeignImportPreview };
    };
    readonly problems: {
      readonly 422: { readonly "application/problem+json": Problem };
      readonly default: { readonly "application/problem+json": Problem };
    };
  };
  /** Get what connects MCP clients with a server. Needs `servers.read`. */
  readonly getClientSnippets: {
    readonly path: {
      /** Id of the tenant. */
      readonly tenant: string;
      /** Name of the server. */
      readonly name: string;
    };
    readonly query: {
      /** URL under which clients reach the gateway, such as that of `mcp.example.com`. */
      readonly url: string;
      /** Only for this client. */
      readonly client?: "claude-code" | "claude-desktop" | "cursor" | "vs-code" | "codex" | "gemini-cli" | "cline" | "windsurf" | "zed" | "inspector" | "curl" | undefined;
    };
    readonly headers: Readonly<Record<never, never>>;
    readonly body: undefined;
    readonly answers: {
      readonly 200: { readonly "application/json": ClientSnippets };
    };
    readonly problems: {
      readonly 404: { readonly "application/problem+json": Problem };
      readonly default: { readonly "application/problem+json": Problem };
    };
  };
  /** Get the server.json that publishes a server in an MCP registry. Needs `servers.read`. */
  readonly getServerJson: {
    readonly path: {
      /** Id of the tenant. */
      readonly tenant: string;
      /** Name of the server. */
      readonly name: string;
    };
    readonly query: {
      /** URL under which clients reach the gateway, such as that of `mcp.example.com`. */
      readonly url: string;
      /** `NAMESPACE/NAME`; without it made from `url`. */
      readonly registryName?: string | undefined;
      /** URL of the source repository. */
      readonly repository?: string | undefined;
    };
    readonly headers: Readonly<Record<never, never>>;
    readonly body: undefined;
    readonly answers: {
      readonly 200: { readonly "application/json": Readonly<Record<string, unknown>> };
    };
    readonly problems: {
      readonly 404: { readonly "application/problem+json": Problem };
      readonly 422: { readonly "application/problem+json": Problem };
      readonly default: { readonly "application/problem+json": Problem };
    };
  };
  /** Show what clients see of a server, with its size in tokens. Needs `servers.read`. */
  readonly previewServer: {
    readonly path: {
      /** Id of the tenant. */
      readonly tenant: string;
      /** Name of the server. */
      readonly name: string;
    };
    readonly query: Readonly<Record<never, never>>;
    readonly headers: Readonly<Record<never, never>>;
    readonly body: {
      /** YAML of the document instead of a saved version. */
      readonly text?: string | undefined;
      /** A saved version; the newest without it. */
      readonly version?: number | undefined;
      /** Protocol revision of the client. */
      readonly revision?: "2024-11-05" | "2025-03-26" | "2025-06-18" | "2025-11-25" | "2026-07-28" | undefined;
    };
    readonly answers: {
      readonly 200: { readonly "application/json": ServerPreview };
    };
    readonly problems: {
      readonly 404: { readonly "application/problem+json": Problem };
      readonly 422: { readonly "application/problem+json": Problem };
      readonly default: { readonly "application/problem+json": Problem };
    };
  };
  /** Run one tool of a saved server. Needs `tools.run`. */
  readonly runTool: {
    readonly path: {
      /** Id of the tenant. */
      readonly tenant: string;
      /** Name of the server. */
      readonly name: string;
      readonly tool: string;
    };
    readonly query: Readonly<Record<never, never>>;
    readonly headers: Readonly<Record<never, never>>;
    readonly body: {
      /** A saved version; the newest without it. */
      readonly version?: number | undefined;
      /** Arguments of the tool. */
      readonly arguments?: Readonly<Record<string, unknown>> | undefined;
      /** The arguments as JSON text instead: integers beyond 2^53 keep their digits. */
      readonly argumentsText?: string | undefined;
      /** Headers of the client's request by lower-case names; calls see those that the route lists. */
      readonly headers?: Readonly<Record<string, string>> | undefined;
      /** The user confirms the call, where the tool asks for that. */
      readonly confirm?: boolean | undefined;
      /** Longest time for all of it. */
      readonly timeoutMs?: number | undefined;
    };
    readonly answers: {
      readonly 200: { readonly "application/json": ToolRun };
    };
    readonly problems: {
      readonly 404: { readonly "application/problem+json": Problem };
      readonly 422: { readonly "application/problem+json": Problem };
      readonly default: { readonly "application/problem+json": Problem };
    };
  };
  /** Connect to an upstream step by step, and tell what is wrong. Needs `upstreams.probe`. */
  readonly probeUpstream: {
    readonly path: {
      /** Id of the tenant. */
      readonly tenant: string;
    };
    readonly query: Readonly<Record<never, never>>;
    readonly headers: Readonly<Record<never, never>>;
    readonly body: {
      /** A saved server. */
      readonly server: string;
      /** Key of an upstream of its newest version. */
      readonly upstream: string;
    } | {
      /** An upstream as in a document, saved or not. A program cannot be started so. */
      readonly config: Readonly<Record<string, unknown>>;
    };
    readonly answers: {
      readonly 200: { readonly "application/x-ndjson": ProbeStep | ProbeEnd };
    };
    readonly problems: {
      readonly 403: { readonly "application/problem+json": Problem };
      readonly 404: { readonly "application/problem+json": Problem };
      readonly 422: { readonly "application/problem+json": Problem };
      readonly default: { readonly "application/problem+json": Problem };
    };
  };
  /** List conversations. Needs `chat.read`. */
  readonly listConversations: {
    readonly path: {
      /** Id of the tenant. */
      readonly tenant: string;
    };
    readonly query: {
      /** Most items of the page. */
      readonly limit?: number | undefined;
      /** `nextCursor` of the page before. */
      readonly cursor?: string | undefined;
      /** One's own, or those that their owners share with the tenant. */
      readonly of?: "own" | "shared" | undefined;
      readonly archived?: "true" | "false" | "any" | undefined;
      /** Words, and "phrases", each of which is anywhere in the title or a message, whatever its case and accents. */
      readonly search?: string | undefined;
    };
    readonly headers: Readonly<Record<never, never>>;
    readonly body: undefined;
    readonly answers: {
      readonly 200: { readonly "application/json": {
          readonly items: readonly Conversation[];
          /** Absent when this page is the last. */
          readonly nextCursor?: string;
        } };
    };
    readonly problems: {
      readonly default: { readonly "application/problem+json": Problem };
    };
  };
  /** Begin a conversation. Needs `chat.use`. */
  readonly createConversation: {
    readonly path: {
      /** Id of the tenant. */
      readonly tenant: string;
    };
    readonly query: Readonly<Record<never, never>>;
    readonly headers: {
      /** 16 to 255 visible characters, such as a UUID. A request that is repeated with it within a day is answered as the first one was. */
      readonly "Idempotency-Key"?: string | undefined;
    };
    readonly body: {
      readonly title?: string | undefined;
      /** The model that answers next. */
      readonly model?: string | undefined;
      /** Names of servers whose tools the model may use. */
      readonly servers?: readonly string[] | undefined;
      readonly systemPrompt?: string | undefined;
      /** Temperature, limits and the like, up to 64 KiB of JSON; kept as they are. */
      readonly settings?: Readonly<Record<string, unknown>> | undefined;
    };
    readonly answers: {
      readonly 201: { readonly "application/json": Conversation };
    };
    readonly problems: {
      readonly 404: { readonly "application/problem+json": Problem };
      readonly 413: { readonly "application/problem+json": Problem };
      readonly 422: { readonly "application/problem+json": Problem };
      readonly default: { readonly "application/problem+json": Problem };
    };
  };
  /** Get a conversation without its messages. Needs `chat.read`. */
  readonly getConversation: {
    readonly path: {
      /** Id of the tenant. */
      readonly tenant: string;
      /** Id of the conversation. */
      readonly conversation: string;
    };
    readonly query: Readonly<Record<never, never>>;
    readonly headers: Readonly<Record<never, never>>;
    readonly body: undefined;
    readonly answers: {
      readonly 200: { readonly "application/json": Conversation };
    };
    readonly problems: {
      readonly 404: { readonly "application/problem+json": Problem };
      readonly default: { readonly "application/problem+json": Problem };
    };
  };
  /** Change, archive or share a conversation, or show another branch. Needs `chat.use`. */
  readonly updateConversation: {
    readonly path: {
      /** Id of the tenant. */
      readonly tenant: string;
      /** Id of the conversation. */
      readonly conversation: string;
    };
    readonly query: Readonly<Record<never, never>>;
    readonly headers: {
      /** Version that the change is based on, as its ETag says it: `"5"`. */
      readonly "If-Match": string;
    };
    readonly body: {
      readonly title?: string | undefined;
      /** Null takes it away. */
      readonly model?: string | null | undefined;
      /** Names of servers whose tools the model may use. */
      readonly servers?: readonly string[] | undefined;
      readonly systemPrompt?: string | undefined;
      /** Temperature, limits and the like, up to 64 KiB of JSON; kept as they are. */
      readonly settings?: Readonly<Record<string, unknown>> | undefined;
      readonly isArchived?: boolean | undefined;
      /** Whether members of the tenant may read it. */
      readonly isShared?: boolean | undefined;
      /** The message that the branch ends with which is shown. */
      readonly leafId?: string | undefined;
    };
    readonly answers: {
      readonly 200: { readonly "application/json": Conversation };
    };
    readonly problems: {
      readonly 403: { readonly "application/problem+json": Problem };
      readonly 404: { readonly "application/problem+json": Problem };
      readonly 409: { readonly "application/problem+json": ConversationConflict };
      readonly 413: { readonly "application/problem+json": Problem };
      readonly 422: { readonly "application/problem+json": Problem };
      readonly 428: { readonly "application/problem+json": Problem };
      readonly default: { readonly "application/problem+json": Problem };
    };
  };
  /** Delete a conversation with its messages. Needs `chat.use`. */
  readonly deleteConversation: {
    readonly path: {
      /** Id of the tenant. */
      readonly tenant: string;
      /** Id of the conversation. */
      readonly conversation: string;
    };
    readonly query: Readonly<Record<never, never>>;
    readonly headers: Readonly<Record<never, never>>;
    readonly body: undefined;
    readonly answers: {
      readonly 204: undefined;
    };
    readonly problems: {
      readonly 403: { readonly "application/problem+json": Problem };
      readonly 404: { readonly "application/problem+json": Problem };
      readonly default: { readonly "application/problem+json": Problem };
    };
  };
  /** Export a conversation. Needs `chat.read`. */
  readonly exportConversation: {
    readonly path: {
      /** Id of the tenant. */
      readonly tenant: string;
      /** Id of the conversation. */
      readonly conversation: string;
    };
    readonly query: {
      readonly format?: "json" | "markdown" | undefined;
      /** Of the branch in Markdown; the one that is shown when absent. */
      readonly leaf?: string | undefined;
    };
    readonly headers: Readonly<Record<never, never>>;
    readonly body: undefined;
    readonly answers: {
      readonly 200: { readonly "application/json": {
          readonly format: string;
          readonly version: number;
          readonly conversation: Conversation;
          readonly messages: readonly unknown[];
        } & Readonly<Record<string, unknown>>; readonly "text/markdown": string };
    };
    readonly problems: {
      readonly 404: { readonly "application/problem+json": Problem };
      readonly default: { readonly "application/problem+json": Problem };
    };
  };
  /** List the messages of a conversation. Needs `chat.read`. */
  readonly listMessages: {
    readonly path: {
      /** Id of the tenant. */
      readonly tenant: string;
      /** Id of the conversation. */
      readonly conversation: string;
    };
    readonly query: {
      /** Most items of the page. */
      readonly limit?: number | undefined;
      /** `nextCursor` of the page before. */
      readonly cursor?: string | undefined;
      readonly of?: "path" | "tree" | undefined;
      /** Id of the message that the branch ends with. */
      readonly leaf?: string | undefined;
    };
    readonly headers: Readonly<Record<never, never>>;
    readonly body: undefined;
    readonly answers: {
      readonly 200: { readonly "application/json": {
          readonly items: readonly Message[];
          /** Absent when this page is the last. */
          readonly nextCursor?: string;
        } };
    };
    readonly problems: {
      readonly 404: { readonly "application/problem+json": Problem };
      readonly default: { readonly "application/problem+json": Problem };
    };
  };
  /** Append a message to a conversation. Needs `chat.use`. */
  readonly appendMessage: {
    readonly path: {
      /** Id of the tenant. */
      readonly tenant: string;
      /** Id of the conversation. */
      readonly conversation: string;
    };
    readonly query: Readonly<Record<never, never>>;
    readonly headers: {
      /** 16 to 255 visible characters, such as a UUID. A request that is repeated with it within a day is answered as the first one was. */
      readonly "Idempotency-Key"?: string | undefined;
    };
    readonly body: {
      /** The leaf when absent; null begins another branch at the root. */
      readonly parentId?: string | null | undefined;
      readonly role: "user" | "assistant" | "tool" | "system";
      /** `streaming`: more is to come; a message that nobody writes for a minute becomes `interrupted`. `failed`: `error` says why. */
      readonly state?: "streaming" | "complete" | "interrupted" | "failed" | undefined;
      /** In their order; up to 4 MiB as JSON. */
      readonly parts: readonly MessagePart[];
      /** The model that wrote it. */
      readonly model?: string | undefined;
      readonly usage?: MessageUsage | undefined;
      readonly error?: string | undefined;
    };
    readonly answers: {
      readonly 201: { readonly "application/json": Message };
    };
    readonly problems: {
      readonly 403: { readonly "application/problem+json": Problem };
      readonly 404: { readonly "application/problem+json": Problem };
      readonly 413: { readonly "application/problem+json": Problem };
      readonly 422: { readonly "application/problem+json": Problem };
      readonly default: { readonly "application/problem+json": Problem };
    };
  };
  /** Change a message. Needs `chat.use`. */
  readonly updateMessage: {
    readonly path: {
      /** Id of the tenant. */
      readonly tenant: string;
      /** Id of the conversation. */
      readonly conversation: string;
      /** Id of the message. */
      readonly message: string;
    };
    readonly query: Readonly<Record<never, never>>;
    readonly headers: {
      /** Version that the change is based on, as its ETag says it: `"5"`. */
      readonly "If-Match": string;
    };
    readonly body: {
      /** `streaming`: more is to come; a message that nobody writes for a minute becomes `interrupted`. `failed`: `error` says why. */
      readonly state?: "streaming" | "complete" | "interrupted" | "failed" | undefined;
      /** In their order; up to 4 MiB as JSON. */
      readonly parts?: readonly MessagePart[] | undefined;
      /** The model that wrote it. */
      readonly model?: string | undefined;
      readonly usage?: MessageUsage | undefined;
      /** Null takes it away. */
      readonly error?: string | null | undefined;
    };
    readonly answers: {
      readonly 200: { readonly "application/json": Message };
    };
    readonly problems: {
      readonly 403: { readonly "application/problem+json": Problem };
      readonly 404: { readonly "application/problem+json": Problem };
      readonly 409: { readonly "application/problem+json": MessageConflict };
      readonly 413: { readonly "application/problem+json": Problem };
      readonly 428: { readonly "application/problem+json": Problem };
      readonly default: { readonly "application/problem+json": Problem };
    };
  };
  /** List the secrets of a tenant. Needs `secrets.read`. */
  readonly listSecrets: {
    readonly path: {
      /** Id of the tenant. */
      readonly tenant: string;
    };
    readonly query: Readonly<Record<never, never>>;
    readonly headers: Readonly<Record<never, never>>;
    readonly body: undefined;
    readonly answers: {
      readonly 200: { readonly "application/json": {
          readonly items: readonly Secret[];
        } };
    };
    readonly problems: {
      readonly 404: { readonly "application/problem+json": Problem };
      readonly default: { readonly "application/problem+json": Problem };
    };
  };
  /** Make a secret or give it a new value. Needs `secrets.write`. */
  readonly putSecret: {
    readonly path: {
      /** Id of the tenant. */
      readonly tenant: string;
      /** Name that documents call it by: `${secrets.NAME}`. */
      readonly name: string;
    };
    readonly query: Readonly<Record<never, never>>;
    readonly headers: Readonly<Record<never, never>>;
    readonly body: {
      /** The secret itself, taken as it is, up to 64 KiB. Nobody can read it again. */
      readonly value: string;
      /** What it is for; the one before stays when absent. */
      readonly description?: string | undefined;
    };
    readonly answers: {
      readonly 200: { readonly "application/json": Secret };
      readonly 201: { readonly "application/json": Secret };
    };
    readonly problems: {
      readonly 404: { readonly "application/problem+json": Problem };
      readonly 422: { readonly "application/problem+json": Problem };
      readonly default: { readonly "application/problem+json": Problem };
    };
  };
  /** Delete a secret. Needs `secrets.write`. */
  readonly deleteSecret: {
    readonly path: {
      /** Id of the tenant. */
      readonly tenant: string;
      /** Name that documents call it by: `${secrets.NAME}`. */
      readonly name: string;
    };
    readonly query: {
      /** Delete it though servers name it. */
      readonly force?: "true" | "false" | undefined;
    };
    readonly headers: Readonly<Record<never, never>>;
    readonly body: undefined;
    readonly answers: {
      readonly 204: undefined;
    };
    readonly problems: {
      readonly 404: { readonly "application/problem+json": Problem };
      readonly 409: { readonly "application/problem+json": Problem };
      readonly default: { readonly "application/problem+json": Problem };
    };
  };
  /** List API keys. Needs `keys.read`. */
  readonly listKeys: {
    readonly path: {
      readonly tenant: string | "*";
    };
    readonly query: {
      /** Most items of the page. */
      readonly limit?: number | undefined;
      /** `nextCursor` of the page before. */
      readonly cursor?: string | undefined;
    };
    readonly headers: Readonly<Record<never, never>>;
    readonly body: undefined;
    readonly answers: {
      readonly 200: { readonly "application/json": {
          readonly items: readonly ({
            readonly id: string;
            /** The key begins with it. */
            readonly hint: string;
            readonly name: string;
            readonly ownerId: string;
            readonly tenant: string | "*";
            /** `mcp` keys open routes of gateways, `api` keys this API. */
            readonly use: {
              readonly kind: "mcp";
            } | {
              readonly kind: "api";
              readonly role: "administrator" | "editor" | "operator" | "viewer";
            };
            /** Names; all of the tenant when absent. */
            readonly servers?: readonly string[];
            /** Globs over names; all when absent. */
            readonly tools?: readonly string[];
            /** Milliseconds since 1970. */
            readonly expiresAt?: number;
            /** Milliseconds since 1970. */
            readonly createdAt: number;
            /** Milliseconds since 1970. */
            readonly usedAt?: number;
          })[];
          /** Absent when this page is the last. */
          readonly nextCursor?: string;
        } };
    };
    readonly problems: {
      readonly default: { readonly "application/problem+json": Problem };
    };
  };
  /** Create an API key. Needs `keys.write`. */
  readonly createKey: {
    readonly path: {
      readonly tenant: string | "*";
    };
    readonly query: Readonly<Record<never, never>>;
    readonly headers: {
      /** 16 to 255 visible characters, such as a UUID. A request that is repeated with it within a day is answered as the first one was. */
      readonly "Idempotency-Key"?: string | undefined;
    };
    readonly body: {
      readonly name: string;
      /** `mcp` keys open routes of gateways, `api` keys this API. */
      readonly use: {
        readonly kind: "mcp";
      } | {
        readonly kind: "api";
        readonly role: "administrator" | "editor" | "operator" | "viewer";
      };
      /** Names; all of the tenant when absent. */
      readonly servers?: readonly string[] | undefined;
      /** Globs over names; all when absent. */
      readonly tools?: readonly string[] | undefined;
      /** Milliseconds since 1970. */
      readonly expiresAt?: number | undefined;
    };
    readonly answers: {
      readonly 201: { readonly "application/json": {
          readonly info: {
            readonly id: string;
            /** The key begins with it. */
            readonly hint: string;
            readonly name: string;
            readonly ownerId: string;
            readonly tenant: string | "*";
            /** `mcp` keys open routes of gateways, `api` keys this API. */
            readonly use: {
              readonly kind: "mcp";
            } | {
              readonly kind: "api";
              readonly role: "administrator" | "editor" | "operator" | "viewer";
            };
            /** Names; all of the tenant when absent. */
            readonly servers?: readonly string[];
            /** Globs over names; all when absent. */
            readonly tools?: readonly string[];
            /** Milliseconds since 1970. */
            readonly expiresAt?: number;
            /** Milliseconds since 1970. */
            readonly createdAt: number;
            /** Milliseconds since 1970. */
            readonly usedAt?: number;
          };
          /** Shown this once. */
          readonly key: string;
        } };
    };
    readonly problems: {
      readonly default: { readonly "application/problem+json": Problem };
    };
  };
  /** Replace an API key. Needs `keys.write`. */
  readonly rotateKey: {
    readonly path: {
      readonly tenant: string | "*";
      readonly key: string;
    };
    readonly query: Readonly<Record<never, never>>;
    readonly headers: Readonly<Record<never, never>>;
    readonly body: undefined;
    readonly answers: {
      readonly 200: { readonly "application/json": {
          readonly info: {
            readonly id: string;
            /** The key begins with it. */
            readonly hint: string;
            readonly name: string;
            readonly ownerId: string;
            readonly tenant: string | "*";
            /** `mcp` keys open routes of gateways, `api` keys this API. */
            readonly use: {
              readonly kind: "mcp";
            } | {
              readonly kind: "api";
              readonly role: "administrator" | "editor" | "operator" | "viewer";
            };
            /** Names; all of the tenant when absent. */
            readonly servers?: readonly string[];
            /** Globs over names; all when absent. */
            readonly tools?: readonly string[];
            /** Milliseconds since 1970. */
            readonly expiresAt?: number;
            /** Milliseconds since 1970. */
            readonly createdAt: number;
            /** Milliseconds since 1970. */
            readonly usedAt?: number;
          };
          /** Shown this once. */
          readonly key: string;
        } };
    };
    readonly problems: {
      readonly default: { readonly "application/problem+json": Problem };
    };
  };
  /** Revoke an API key. Needs `keys.write`. */
  readonly revokeKey: {
    readonly path: {
      readonly tenant: string | "*";
      readonly key: string;
    };
    readonly query: Readonly<Record<never, never>>;
    readonly headers: Readonly<Record<never, never>>;
    readonly body: undefined;
    readonly answers: {
      readonly 204: undefined;
    };
    readonly problems: {
      readonly default: { readonly "application/problem+json": Problem };
    };
  };
  /** List the members of a tenant. Needs `members.read`. */
  readonly listMembers: {
    readonly path: {
      readonly tenant: string | "*";
    };
    readonly query: {
      /** Most items of the page. */
      readonly limit?: number | undefined;
      /** `nextCursor` of the page before. */
      readonly cursor?: string | undefined;
      readonly search?: string | undefined;
    };
    readonly headers: Readonly<Record<never, never>>;
    readonly body: undefined;
    readonly answers: {
      readonly 200: { readonly "application/json": {
          readonly items: readonly ({
            readonly id: string;
            readonly email: string;
            readonly name: string;
            readonly role: "administrator" | "editor" | "operator" | "viewer";
          })[];
          /** Absent when this page is the last. */
          readonly nextCursor?: string;
        } };
    };
    readonly problems: {
      readonly default: { readonly "application/problem+json": Problem };
    };
  };
  /** Make a user a member. Needs `members.write`. */
  readonly addMember: {
    readonly path: {
      readonly tenant: string | "*";
    };
    readonly query: Readonly<Record<never, never>>;
    readonly headers: Readonly<Record<never, never>>;
    readonly body: {
      readonly email: string;
      readonly role: "administrator" | "editor" | "operator" | "viewer";
    };
    readonly answers: {
      readonly 201: { readonly "application/json": {
          readonly id: string;
          readonly email: string;
          readonly name: string;
          readonly role: "administrator" | "editor" | "operator" | "viewer";
        } };
    };
    readonly problems: {
      readonly default: { readonly "application/problem+json": Problem };
    };
  };
  /** Change a member's role. Needs `members.write`. */
  readonly setMemberRole: {
    readonly path: {
      readonly tenant: string | "*";
      readonly user: string;
    };
    readonly query: Readonly<Record<never, never>>;
    readonly headers: Readonly<Record<never, never>>;
    readonly body: {
      readonly role: "administrator" | "editor" | "operator" | "viewer";
    };
    readonly answers: {
      readonly 200: { readonly "application/json": {
          readonly id: string;
          readonly email: string;
          readonly name: string;
          readonly role: "administrator" | "editor" | "operator" | "viewer";
        } };
    };
    readonly problems: {
      readonly default: { readonly "application/problem+json": Problem };
    };
  };
  /** Take a member's role away. Needs `members.write`. */
  readonly removeMember: {
    readonly path: {
      readonly tenant: string | "*";
      readonly user: string;
    };
    readonly query: Readonly<Record<never, never>>;
    readonly headers: Readonly<Record<never, never>>;
    readonly body: undefined;
    readonly answers: {
      readonly 204: undefined;
    };
    readonly problems: {
      readonly default: { readonly "application/problem+json": Problem };
    };
  };
  /** List tenants. Needs `tenants.read`. */
  readonly listTenants: {
    readonly path: Readonly<Record<never, never>>;
    readonly query: {
      /** Most items of the page. */
      readonly limit?: number | undefined;
      /** `nextCursor` of the page before. */
      readonly cursor?: string | undefined;
      readonly search?: string | undefined;
    };
    readonly headers: Readonly<Record<never, never>>;
    readonly body: undefined;
    readonly answers: {
      readonly 200: { readonly "application/json": {
          readonly items: readonly {
            readonly id: string;
            readonly title: string;
            readonly prefix?: string;
            readonly isDisabled: boolean;
            /** Milliseconds since 1970. */
            readonly createdAt: number;
          }[];
          /** Absent when this page is the last. */
          readonly nextCursor?: string;
        } };
    };
    readonly problems: {
      readonly default: { readonly "application/problem+json": Problem };
    };
  };
  /** Create a tenant. Needs `tenants.write`. */
  readonly createTenant: {
    readonly path: Readonly<Record<never, never>>;
    readonly query: Readonly<Record<never, never>>;
    readonly headers: {
      /** 16 to 255 visible characters, such as a UUID. A request that is repeated with it within a day is answered as the first one was. */
      readonly "Idempotency-Key"?: string | undefined;
    };
    readonly body: {
      readonly id: string;
      readonly title: string;
      readonly prefix?: string | undefined;
    };
    readonly answers: {
      readonly 201: { readonly "application/json": {
          readonly id: string;
          readonly title: string;
          readonly prefix?: string;
          readonly isDisabled: boolean;
          /** Milliseconds since 1970. */
          readonly createdAt: number;
        } };
    };
    readonly problems: {
      readonly default: { readonly "application/problem+json": Problem };
    };
  };
  /** Get a tenant. Needs `members.read`. */
  readonly getTenant: {
    readonly path: {
      readonly tenant: string;
    };
    readonly query: Readonly<Record<never, never>>;
    readonly headers: Readonly<Record<never, never>>;
    readonly body: undefined;
    readonly answers: {
      readonly 200: { readonly "application/json": {
          readonly id: string;
          readonly title: string;
          readonly prefix?: string;
          readonly isDisabled: boolean;
          /** Milliseconds since 1970. */
          readonly createdAt: number;
        } };
    };
    readonly problems: {
      readonly default: { readonly "application/problem+json": Problem };
    };
  };
  /** Change a tenant. Needs `tenants.write`. */
  readonly updateTenant: {
    readonly path: {
      readonly tenant: string;
    };
    readonly query: Readonly<Record<never, never>>;
    readonly headers: Readonly<Record<never, never>>;
    readonly body: {
      readonly title?: string | undefined;
      readonly prefix?: string | null | undefined;
      readonly isDisabled?: boolean | undefined;
    };
    readonly answers: {
      readonly 200: { readonly "application/json": {
          readonly id: string;
          readonly title: string;
          readonly prefix?: string;
          readonly isDisabled: boolean;
          /** Milliseconds since 1970. */
          readonly createdAt: number;
        } };
    };
    readonly problems: {
      readonly default: { readonly "application/problem+json": Problem };
    };
  };
  /** Delete a tenant. Needs `tenants.write`. */
  readonly deleteTenant: {
    readonly path: {
      readonly tenant: string;
    };
    readonly query: Readonly<Record<never, never>>;
    readonly headers: Readonly<Record<never, never>>;
    readonly body: undefined;
    readonly answers: {
      readonly 204: undefined;
    };
    readonly problems: {
      readonly default: { readonly "application/problem+json": Problem };
    };
  };
  /** List users. Needs `users.read`. */
  readonly listUsers: {
    readonly path: Readonly<Record<never, never>>;
    readonly query: {
      /** Most items of the page. */
      readonly limit?: number | undefined;
      /** `nextCursor` of the page before. */
      readonly cursor?: string | undefined;
      /** Part of the address or name. */
      readonly search?: string | undefined;
      readonly status?: "active" | "disabled" | undefined;
      /** Only its members. */
      readonly tenant?: string | "*" | undefined;
    };
    readonly headers: Readonly<Record<never, never>>;
    readonly body: undefined;
    readonly answers: {
      readonly 200: { readonly "application/json": {
          readonly items: readonly ({
            readonly id: string;
            readonly email: string;
            readonly name: string;
            readonly status: "active" | "disabled";
            readonly mustChangePassword: boolean;
            readonly hasPassword: boolean;
            readonly hasTotp: boolean;
            /** Milliseconds since 1970. */
            readonly createdAt: number;
            /** Milliseconds since 1970. */
            readonly signedInAt?: number;
            readonly roles: Readonly<Record<string, "administrator" | "editor" | "operator" | "viewer">>;
          })[];
          /** Absent when this page is the last. */
          readonly nextCursor?: string;
        } };
    };
    readonly problems: {
      readonly default: { readonly "application/problem+json": Problem };
    };
  };
  /** Invite somebody. Needs `users.write`. */
  readonly inviteUser: {
    readonly path: Readonly<Record<never, never>>;
    readonly query: Readonly<Record<never, never>>;
    readonly headers: {
      /** 16 to 255 visible characters, such as a UUID. A request that is repeated with it within a day is answered as the first one was. */
      readonly "Idempotency-Key"?: string | undefined;
    };
    readonly body: {
      readonly email: string;
      readonly name?: string | undefined;
      readonly roles?: Readonly<Record<string, "administrator" | "editor" | "operator" | "viewer">> | undefined;
    };
    readonly answers: {
      readonly 201: { readonly "application/json": {
          readonly user: {
            readonly id: string;
            readonly email: string;
            readonly name: string;
            readonly status: "active" | "disabled";
            readonly mustChangePassword: boolean;
            readonly hasPassword: boolean;
            readonly hasTotp: boolean;
            /** Milliseconds since 1970. */
            readonly createdAt: number;
            /** Milliseconds since 1970. */
            readonly signedInAt?: number;
            readonly roles: Readonly<Record<string, "administrator" | "editor" | "operator" | "viewer">>;
          };
          readonly link: {
            readonly url: string;
            /** Milliseconds since 1970. */
            readonly expiresAt: number;
          };
        } };
    };
    readonly problems: {
      readonly default: { readonly "application/problem+json": Problem };
    };
  };
  /** Get a user. Needs `users.read`. */
  readonly getUser: {
    readonly path: {
      readonly user: string;
    };
    readonly query: Readonly<Record<never, never>>;
    readonly headers: Readonly<Record<never, never>>;
    readonly body: undefined;
    readonly answers: {
      readonly 200: { readonly "application/json": {
          readonly id: string;
          readonly email: string;
          readonly name: string;
          readonly status: "active" | "disabled";
          readonly mustChangePassword: boolean;
          readonly hasPassword: boolean;
          readonly hasTotp: boolean;
          /** Milliseconds since 1970. */
          readonly createdAt: number;
          /** Milliseconds since 1970. */
          readonly signedInAt?: number;
          readonly roles: Readonly<Record<string, "administrator" | "editor" | "operator" | "viewer">>;
        } };
    };
    readonly problems: {
      readonly default: { readonly "application/problem+json": Problem };
    };
  };
  /** Change a user. Needs `users.write`. */
  readonly updateUser: {
    readonly path: {
      readonly user: string;
    };
    readonly query: Readonly<Record<never, never>>;
    readonly headers: Readonly<Record<never, never>>;
    readonly body: {
      readonly email?: string | undefined;
      readonly name?: string | undefined;
      readonly status?: "active" | "disabled" | undefined;
      readonly mustChangePassword?: boolean | undefined;
    };
    readonly answers: {
      readonly 200: { readonly "application/json": {
          readonly id: string;
          readonly email: string;
          readonly name: string;
          readonly status: "active" | "disabled";
          readonly mustChangePassword: boolean;
          readonly hasPassword: boolean;
          readonly hasTotp: boolean;
          /** Milliseconds since 1970. */
          readonly createdAt: number;
          /** Milliseconds since 1970. */
          readonly signedInAt?: number;
          readonly roles: Readonly<Record<string, "administrator" | "editor" | "operator" | "viewer">>;
        } };
    };
    readonly problems: {
      readonly default: { readonly "application/problem+json": Problem };
    };
  };
  /** Delete a user. Needs `users.write`. */
  readonly deleteUser: {
    readonly path: {
      readonly user: string;
    };
    readonly query: Readonly<Record<never, never>>;
    readonly headers: Readonly<Record<never, never>>;
    readonly body: undefined;
    readonly answers: {
      readonly 204: undefined;
    };
    readonly problems: {
      readonly default: { readonly "application/problem+json": Problem };
    };
  };
  /** Make a link that sets a new password. Needs `users.write`. */
  readonly resetUserPassword: {
    readonly path: {
      readonly user: string;
    };
    readonly query: Readonly<Record<never, never>>;
    readonly headers: Readonly<Record<never, never>>;
    readonly body: undefined;
    readonly answers: {
      readonly 201: { readonly "application/json": {
          readonly url: string;
          /** Milliseconds since 1970. */
          readonly expiresAt: number;
        } };
    };
    readonly problems: {
      readonly default: { readonly "application/problem+json": Problem };
    };
  };
  /** Sign a user out everywhere. Needs `users.write`. */
  readonly endUserSignIns: {
    readonly path: {
      readonly user: string;
    };
    readonly query: Readonly<Record<never, never>>;
    readonly headers: Readonly<Record<never, never>>;
    readonly body: undefined;
    readonly answers: {
      readonly 204: undefined;
    };
    readonly problems: {
      readonly default: { readonly "application/problem+json": Problem };
    };
  };
  /** Turn a user's one-time passwords off. Needs `users.write`. */
  readonly removeUserTotp: {
    readonly path: {
      readonly user: string;
    };
    readonly query: Readonly<Record<never, never>>;
    readonly headers: Readonly<Record<never, never>>;
    readonly body: undefined;
    readonly answers: {
      readonly 204: undefined;
    };
    readonly problems: {
      readonly default: { readonly "application/problem+json": Problem };
    };
  };
  /** List the gateways with what each of them serves. Needs `gateways.read`. */
  readonly listGateways: {
    readonly path: Readonly<Record<never, never>>;
    readonly query: Readonly<Record<never, never>>;
    readonly headers: Readonly<Record<never, never>>;
    readonly body: undefined;
    readonly answers: {
      readonly 200: { readonly "application/json": Gateways };
    };
    readonly problems: {
      readonly default: { readonly "application/problem+json": Problem };
    };
  };
  /** Make every gateway look for changes now. Needs `gateways.reload`. */
  readonly reloadGateways: {
    readonly path: Readonly<Record<never, never>>;
    readonly query: Readonly<Record<never, never>>;
    readonly headers: Readonly<Record<never, never>>;
    readonly body: undefined;
    readonly answers: {
      readonly 202: undefined;
    };
    readonly problems: {
      readonly default: { readonly "application/problem+json": Problem };
    };
  };
  /** Get the settings of the instance. Needs `settings.read`. */
  readonly getSettings: {
    readonly path: Readonly<Record<never, never>>;
    readonly query: Readonly<Record<never, never>>;
    readonly headers: Readonly<Record<never, never>>;
    readonly body: undefined;
    readonly answers: {
      readonly 200: { readonly "application/json": InstanceSettings };
    };
    readonly problems: {
      readonly default: { readonly "application/problem+json": Problem };
    };
  };
  /** Change the settings of the instance. Needs `settings.write`. */
  readonly putSettings: {
    readonly path: Readonly<Record<never, never>>;
    readonly query: Readonly<Record<never, never>>;
    readonly headers: {
      /** Version that the change is based on, as its ETag says it: `"5"`. */
      readonly "If-Match": string;
    };
    readonly body: InstanceSettingsInput;
    readonly answers: {
      readonly 200: { readonly "application/json": InstanceSettings };
    };
    readonly problems: {
      readonly 409: { readonly "application/problem+json": Problem };
      readonly 428: { readonly "application/problem+json": Problem };
      readonly default: { readonly "application/problem+json": Problem };
    };
  };
  /** List the audit log of the instance. Needs `audit.read`. */
  readonly listAuditLog: {
    readonly path: Readonly<Record<never, never>>;
    readonly query: {
      /** Most items of the page. */
      readonly limit?: number | undefined;
      /** `nextCursor` of the page before. */
      readonly cursor?: string | undefined;
      readonly actorId?: string | undefined;
      readonly action?: string | undefined;
      readonly targetKind?: string | undefined;
      readonly targetId?: string | undefined;
      /** Milliseconds since 1970, inclusive. */
      readonly from?: number | undefined;
      /** Milliseconds since 1970, exclusive. */
      readonly to?: number | undefined;
      readonly tenant?: string | "*" | undefined;
    };
    readonly headers: Readonly<Record<never, never>>;
    readonly body: undefined;
    readonly answers: {
      readonly 200: { readonly "application/json": {
          readonly items: readonly ({
            readonly id: string;
            /** Milliseconds since 1970. */
            readonly at: number;
            readonly tenant?: string;
            readonly actor: {
              readonly kind: "user" | "key" | "program" | "anonymous";
              readonly id: string;
              readonly name: string;
            };
            readonly action: string;
            readonly target: {
              readonly kind: string;
              readonly id: string;
            };
            readonly before?: unknown;
            readonly after?: unknown;
            readonly ip?: string;
            readonly requestId?: string;
          })[];
          /** Absent when this page is the last. */
          readonly nextCursor?: string;
        } };
    };
    readonly problems: {
      readonly default: { readonly "application/problem+json": Problem };
    };
  };
  /** Export the audit log of the instance. Needs `audit.read`. */
  readonly exportAuditLog: {
    readonly path: Readonly<Record<never, never>>;
    readonly query: {
      readonly actorId?: string | undefined;
      readonly action?: string | undefined;
      readonly targetKind?: string | undefined;
      readonly targetId?: string | undefined;
      /** Milliseconds since 1970, inclusive. */
      readonly from?: number | undefined;
      /** Milliseconds since 1970, exclusive. */
      readonly to?: number | undefined;
      readonly format?: "ndjson" | "csv" | undefined;
    };
    readonly headers: Readonly<Record<never, never>>;
    readonly body: undefined;
    readonly answers: {
      readonly 200: { readonly "application/x-ndjson": {
          readonly id: string;
          /** Milliseconds since 1970. */
          readonly at: number;
          readonly tenant?: string;
          readonly actor: {
            readonly kind: "user" | "key" | "program" | "anonymous";
            readonly id: string;
            readonly name: string;
          };
          readonly action: string;
          readonly target: {
            readonly kind: string;
            readonly id: string;
          };
          readonly before?: unknown;
          readonly after?: unknown;
          readonly ip?: string;
          readonly requestId?: string;
        }; readonly "text/csv": string };
    };
    readonly problems: {
      readonly default: { readonly "application/problem+json": Problem };
    };
  };
  /** List the audit log of a tenant. Needs `audit.read`. */
  readonly listTenantAuditLog: {
    readonly path: {
      readonly tenant: string | "*";
    };
    readonly query: {
      /** Most items of the page. */
      readonly limit?: number | undefined;
      /** `nextCursor` of the page before. */
      readonly cursor?: string | undefined;
      readonly actorId?: string | undefined;
      readonly action?: string | undefined;
      readonly targetKind?: string | undefined;
      readonly targetId?: string | undefined;
      /** Milliseconds since 1970, inclusive. */
      readonly from?: number | undefined;
      /** Milliseconds since 1970, exclusive. */
      readonly to?: number | undefined;
    };
    readonly headers: Readonly<Record<never, never>>;
    readonly body: undefined;
    readonly answers: {
      readonly 200: { readonly "application/json": {
          readonly items: readonly ({
            readonly id: string;
            /** Milliseconds since 1970. */
            readonly at: number;
            readonly tenant?: string;
            readonly actor: {
              readonly kind: "user" | "key" | "program" | "anonymous";
              readonly id: string;
              readonly name: string;
            };
            readonly action: string;
            readonly target: {
              readonly kind: string;
              readonly id: string;
            };
            readonly before?: unknown;
            readonly after?: unknown;
            readonly ip?: string;
            readonly requestId?: string;
          })[];
          /** Absent when this page is the last. */
          readonly nextCursor?: string;
        } };
    };
    readonly problems: {
      readonly default: { readonly "application/problem+json": Problem };
    };
  };
  /** Export the audit log of a tenant. Needs `audit.read`. */
  readonly exportTenantAuditLog: {
    readonly path: {
      readonly tenant: string | "*";
    };
    readonly query: {
      readonly actorId?: string | undefined;
      readonly action?: string | undefined;
      readonly targetKind?: string | undefined;
      readonly targetId?: string | undefined;
      /** Milliseconds since 1970, inclusive. */
      readonly from?: number | undefined;
      /** Milliseconds since 1970, exclusive. */
      readonly to?: number | undefined;
      readonly format?: "ndjson" | "csv" | undefined;
    };
    readonly headers: Readonly<Record<never, never>>;
    readonly body: undefined;
    readonly answers: {
      readonly 200: { readonly "application/x-ndjson": {
          readonly id: string;
          /** Milliseconds since 1970. */
          readonly at: number;
          readonly tenant?: string;
          readonly actor: {
            readonly kind: "user" | "key" | "program" | "anonymous";
            readonly id: string;
            readonly name: string;
          };
          readonly action: string;
          readonly target: {
            readonly kind: string;
            readonly id: string;
          };
          readonly before?: unknown;
          readonly after?: unknown;
          readonly ip?: string;
          readonly requestId?: string;
        }; readonly "text/csv": string };
    };
    readonly problems: {
      readonly default: { readonly "application/problem+json": Problem };
    };
  };
  /** Documents that changed after a revision. */
  readonly readDocumentFeed: {
    readonly path: Readonly<Record<never, never>>;
    readonly query: {
      readonly since?: number | undefined;
    };
    readonly headers: {
      /** Revision that is known, as the `ETag` of an earlier answer; an unchanged one is answered 304. */
      readonly "If-None-Match"?: string | undefined;
    };
    readonly body: undefined;
    readonly answers: {
      readonly 200: { readonly "application/x-ndjson": {
          readonly revision: number;
          readonly isComplete: boolean;
          readonly count: number;
        } | {
          readonly tenant: string;
          readonly name: string;
          readonly version: number;
          readonly revision: number;
          readonly change: "save" | "restore" | "delete";
          readonly hash: string;
          readonly author: {
            readonly id: string;
            readonly name: string;
          };
          readonly message: string;
          readonly savedAt: number;
          readonly text?: string;
        } };
      readonly 304: undefined;
    };
    readonly problems: {
      readonly default: { readonly "application/problem+json": Problem };
    };
  };
  /** Every secret, sealed: only who has the encryption key can open it. */
  readonly readSecretFeed: {
    readonly path: Readonly<Record<never, never>>;
    readonly query: Readonly<Record<never, never>>;
    readonly headers: {
      /** Revision that is known, as the `ETag` of an earlier answer; an unchanged one is answered 304. */
      readonly "If-None-Match"?: string | undefined;
    };
    readonly body: undefined;
    readonly answers: {
      readonly 200: { readonly "application/json": {
          readonly revision: number;
          readonly secrets: readonly {
            readonly tenant: string;
            readonly name: string;
            readonly description: string;
            readonly version: number;
            readonly updatedBy: {
              readonly id: string;
              readonly name: string;
            };
            readonly updatedAt: number;
            readonly keyId: string;
            readonly ciphertext: string;
          }[];
        } };
      readonly 304: undefined;
    };
    readonly problems: {
      readonly default: { readonly "application/problem+json": Problem };
    };
  };
  /** Every API key that is in force, by its hash, and the tenants that nobody is let in to. */
  readonly readKeyFeed: {
    readonly path: Readonly<Record<never, never>>;
    readonly query: Readonly<Record<never, never>>;
    readonly headers: {
      /** Revision that is known, as the `ETag` of an earlier answer; an unchanged one is answered 304. */
      readonly "If-None-Match"?: string | undefined;
    };
    readonly body: undefined;
    readonly answers: {
      readonly 200: { readonly "application/json": {
          readonly revision: number;
          readonly keys: readonly {
            readonly id: string;
            readonly sha256: string;
            readonly name: string;
            readonly tenant: string;
            readonly servers?: readonly string[];
            readonly tools?: readonly string[];
            readonly expiresAt?: number;
          }[];
          readonly disabledTenants: readonly string[];
        } };
      readonly 304: undefined;
    };
    readonly problems: {
      readonly default: { readonly "application/problem+json": Problem };
    };
  };
  /** When API keys were used last. */
  readonly recordKeyUse: {
    readonly path: Readonly<Record<never, never>>;
    readonly query: Readonly<Record<never, never>>;
    readonly headers: Readonly<Record<never, never>>;
    readonly body: {
      readonly used: readonly {
        readonly id: string;
        readonly at: number;
      }[];
    };
    readonly answers: {
      readonly 204: undefined;
    };
    readonly problems: {
      readonly default: { readonly "application/problem+json": Problem };
    };
  };
  /** What a gateway serves. */
  readonly reportGateway: {
    readonly path: {
      readonly id: string;
    };
    readonly query: Readonly<Record<never, never>>;
    readonly headers: Readonly<Record<never, never>>;
    readonly body: {
      readonly name: string;
      readonly version: string;
      readonly url: string;
      readonly startedAt: number;
      readonly revision: number;
      readonly servedAt: number;
      readonly servers: number;
      readonly sessions: number;
      readonly refused: readonly ({
        readonly tenant: string;
        readonly name: string;
        readonly state: "kept" | "refused";
        readonly problems: readonly ({
          readonly severity: "error" | "warning";
          readonly path: readonly (string | number)[];
          readonly message: string;
          readonly mend?: string | undefined;
          readonly atKey?: boolean | undefined;
          readonly file: string;
          readonly line: number;
          readonly column: number;
        })[];
      })[];
    };
    readonly answers: {
      readonly 204: undefined;
    };
    readonly problems: {
      readonly default: { readonly "application/problem+json": Problem };
    };
  };
  /** A gateway has ended as it should. */
  readonly leaveGateway: {
    readonly path: {
      readonly id: string;
    };
    readonly query: Readonly<Record<never, never>>;
    readonly headers: Readonly<Record<never, never>>;
    readonly body: undefined;
    readonly answers: {
      readonly 204: undefined;
    };
    readonly problems: {
      readonly default: { readonly "application/problem+json": Problem };
    };
  };
  /** Get this description of the API (OpenAPI 3.1) */
  readonly getApiDescription: {
    readonly path: Readonly<Record<never, never>>;
    readonly query: Readonly<Record<never, never>>;
    readonly headers: Readonly<Record<never, never>>;
    readonly body: undefined;
    readonly answers: {
      readonly 200: { readonly "application/json": {
          readonly openapi: string;
        } & Readonly<Record<string, unknown>> };
    };
    readonly problems: {
      readonly default: { readonly "application/problem+json": Problem };
    };
  };
}

/** Where each operation lies. */
export const operationPlaces = {
  listSignInMethods: { method: "GET", path: "/api/v1/sign-in", isPublic: true },
  signIn: { method: "POST", path: "/api/v1/session", isPublic: true },
  signOut: { method: "DELETE", path: "/api/v1/session" },
  getMe: { method: "GET", path: "/api/v1/me" },
  updateMe: { method: "PATCH", path: "/api/v1/me" },
  inspectLink: { method: "POST", path: "/api/v1/links/inspect", isPublic: true },
  useLink: { method: "POST", path: "/api/v1/links/use", isPublic: true },
  setUp: { method: "POST", path: "/api/v1/setup", isPublic: true },
  signInWithProvider: { method: "GET", path: "/api/v1/sign-in/{provider}", isPublic: true },
  finishSignInWithProvider: { method: "GET", path: "/api/v1/sign-in/{provider}/callback", isPublic: true },
  changePassword: { method: "PUT", path: "/api/v1/me/password" },
  listMySignIns: { method: "GET", path: "/api/v1/me/sign-ins" },
  endMyOtherSignIns: { method: "DELETE", path: "/api/v1/me/sign-ins" },
  endMySignIn: { method: "DELETE", path: "/api/v1/me/sign-ins/{id}" },
  enrolTotp: { method: "POST", path: "/api/v1/me/totp" },
  confirmTotp: { method: "POST", path: "/api/v1/me/totp/confirm" },
  removeTotp: { method: "POST", path: "/api/v1/me/totp/remove" },
  renewRecoveryCodes: { method: "POST", path: "/api/v1/me/recovery-codes" },
  listServers: { method: "GET", path: "/api/v1/tenants/{tenant}/servers" },
  createServer: { method: "POST", path: "/api/v1/tenants/{tenant}/servers", isCreation: true },
  getServer: { method: "GET", path: "/api/v1/tenants/{tenant}/servers/{name}" },
  saveServer: { method: "PUT", path: "/api/v1/tenants/{tenant}/servers/{name}" },
  deleteServer: { method: "DELETE", path: "/api/v1/tenants/{tenant}/servers/{name}" },
  restoreServer: { method: "POST", path: "/api/v1/tenants/{tenant}/servers/{name}/restore" },
  validateServer: { method: "POST", path: "/api/v1/tenants/{tenant}/servers/validate" },
  planServer: { method: "POST", path: "/api/v1/tenants/{tenant}/servers/plan" },
  duplicateServer: { method: "POST", path: "/api/v1/tenants/{tenant}/servers/{name}/duplicate", isCreation: true },
  listServerVersions: { method: "GET", path: "/api/v1/tenants/{tenant}/servers/{name}/versions" },
  getServerVersion: { method: "GET", path: "/api/v1/tenants/{tenant}/servers/{name}/versions/{version}" },
  diffServerVersions: { method: "GET", path: "/api/v1/tenants/{tenant}/servers/{name}/diff" },
  tagServerVersion: { method: "PUT", path: "/api/v1/tenants/{tenant}/servers/{name}/tags/{tag}" },
  untagServerVersion: { method: "DELETE", path: "/api/v1/tenants/{tenant}/servers/{name}/tags/{tag}" },
  previewOpenApiImport: { method: "POST", path: "/api/v1/tenants/{tenant}/imports/openapi/preview" },
  commitOpenApiImport: { method: "POST", path: "/api/v1/tenants/{tenant}/imports/openapi/commit", isCreation: true },
  getServerImport: { method: "GET", path: "/api/v1/tenants/{tenant}/servers/{name}/import" },
  reimportServer: { method: "POST", path: "/api/v1/tenants/{tenant}/servers/{name}/re-import" },
  previewMcpJsonImport: { method: "POST", path: "/api/v1/tenants/{tenant}/imports/mcp-json/preview" },
  previewCurlImport: { method: "POST", path: "/api/v1/tenants/{tenant}/imports/curl/preview" },
  previewUnlaImport: { method: "POST", path: "/api/v1/tenants/{tenant}/imports/unla/preview" },
  getClientSnippets: { method: "GET", path: "/api/v1/tenants/{tenant}/servers/{name}/client-snippets" },
  getServerJson: { method: "GET", path: "/api/v1/tenants/{tenant}/servers/{name}/server.json" },
  previewServer: { method: "POST", path: "/api/v1/tenants/{tenant}/servers/{name}/preview" },
  runTool: { method: "POST", path: "/api/v1/tenants/{tenant}/servers/{name}/tools/{tool}/run" },
  probeUpstream: { method: "POST", path: "/api/v1/tenants/{tenant}/upstreams/probe" },
  listConversations: { method: "GET", path: "/api/v1/tenants/{tenant}/conversations" },
  createConversation: { method: "POST", path: "/api/v1/tenants/{tenant}/conversations", isCreation: true },
  getConversation: { method: "GET", path: "/api/v1/tenants/{tenant}/conversations/{conversation}" },
  updateConversation: { method: "PATCH", path: "/api/v1/tenants/{tenant}/conversations/{conversation}" },
  deleteConversation: { method: "DELETE", path: "/api/v1/tenants/{tenant}/conversations/{conversation}" },
  exportConversation: { method: "GET", path: "/api/v1/tenants/{tenant}/conversations/{conversation}/export" },
  listMessages: { method: "GET", path: "/api/v1/tenants/{tenant}/conversations/{conversation}/messages" },
  appendMessage: { method: "POST", path: "/api/v1/tenants/{tenant}/conversations/{conversation}/messages", isCreation: true },
  updateMessage: { method: "PATCH", path: "/api/v1/tenants/{tenant}/conversations/{conversation}/messages/{message}" },
  listSecrets: { method: "GET", path: "/api/v1/tenants/{tenant}/secrets" },
  putSecret: { method: "PUT", path: "/api/v1/tenants/{tenant}/secrets/{name}" },
  deleteSecret: { method: "DELETE", path: "/api/v1/tenants/{tenant}/secrets/{name}" },
  listKeys: { method: "GET", path: "/api/v1/tenants/{tenant}/keys" },
  createKey: { method: "POST", path: "/api/v1/tenants/{tenant}/keys", isCreation: true },
  rotateKey: { method: "POST", path: "/api/v1/tenants/{tenant}/keys/{key}/rotate" },
  revokeKey: { method: "DELETE", path: "/api/v1/tenants/{tenant}/keys/{key}" },
  listMembers: { method: "GET", path: "/api/v1/tenants/{tenant}/members" },
  addMember: { method: "POST", path: "/api/v1/tenants/{tenant}/members" },
  setMemberRole: { method: "PUT", path: "/api/v1/tenants/{tenant}/members/{user}" },
  removeMember: { method: "DELETE", path: "/api/v1/tenants/{tenant}/members/{user}" },
  listTenants: { method: "GET", path: "/api/v1/tenants" },
  createTenant: { method: "POST", path: "/api/v1/tenants", isCreation: true },
  getTenant: { method: "GET", path: "/api/v1/tenants/{tenant}" },
  updateTenant: { method: "PATCH", path: "/api/v1/tenants/{tenant}" },
  deleteTenant: { method: "DELETE", path: "/api/v1/tenants/{tenant}" },
  listUsers: { method: "GET", path: "/api/v1/users" },
  inviteUser: { method: "POST", path: "/api/v1/users", isCreation: true },
  getUser: { method: "GET", path: "/api/v1/users/{user}" },
  updateUser: { method: "PATCH", path: "/api/v1/users/{user}" },
  deleteUser: { method: "DELETE", path: "/api/v1/users/{user}" },
  resetUserPassword: { method: "POST", path: "/api/v1/users/{user}/reset-link" },
  endUserSignIns: { method: "DELETE", path: "/api/v1/users/{user}/sign-ins" },
  removeUserTotp: { method: "DELETE", path: "/api/v1/users/{user}/totp" },
  listGateways: { method: "GET", path: "/api/v1/gateways" },
  reloadGateways: { method: "POST", path: "/api/v1/gateways/reload" },
  getSettings: { method: "GET", path: "/api/v1/settings" },
  putSettings: { method: "PUT", path: "/api/v1/settings" },
  listAuditLog: { method: "GET", path: "/api/v1/audit" },
  exportAuditLog: { method: "GET", path: "/api/v1/audit/export" },
  listTenantAuditLog: { method: "GET", path: "/api/v1/tenants/{tenant}/audit" },
  exportTenantAuditLog: { method: "GET", path: "/api/v1/tenants/{tenant}/audit/export" },
  readDocumentFeed: { method: "GET", path: "/api/v1/gateway/documents" },
  readSecretFeed: { method: "GET", path: "/api/v1/gateway/secrets" },
  readKeyFeed: { method: "GET", path: "/api/v1/gateway/keys" },
  recordKeyUse: { method: "POST", path: "/api/v1/gateway/key-use" },
  reportGateway: { method: "PUT", path: "/api/v1/gateway/reports/{id}" },
  leaveGateway: { method: "DELETE", path: "/api/v1/gateway/reports/{id}" },
  getApiDescription: { method: "GET", path: "/api/v1/openapi.json", isPublic: true },
} as const;

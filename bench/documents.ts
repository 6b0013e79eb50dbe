import { mkdir, rename, writeFile } from "node:fs/promises";
import { join } from "node:path";

export interface DocumentOptions {
  /** Server name; the route's prefix is `/NAME`. */
  readonly name: string;
  readonly backendPort: number;
  /** Tools in all: get_user, get_everything, and fillers of the same size. At least 2. */
  readonly tools: number;
  /** Written into every description, so that a changed document can be told from the one before. */
  readonly edition?: string;
}

/** The text of a configuration document, as somebody would write it by hand. */
export function documentText({ name, backendPort, tools, edition = "first" }: DocumentOptions): string {
  const fillers = Array.from({ length: tools - 2 }, (_, index) => userTool(`get_user_${index}`, edition));
  return `name: ${name}
routes:
  - prefix: /${name}
    access: public
upstreams:
  api:
    kind: http
    baseUrl: http://127.0.0.1:${backendPort}
    timeoutMs: 30000
    egress: { allow: [127.0.0.0/8] }
tools:
${userTool("get_user", edition)}${everythingTool(edition)}${fillers.join("")}`;
}

function userTool(name: string, edition: string): string {
  return `  - name: ${name}
    description: Find one user by id, in the ${edition} edition.
    upstream: api
    input:
      type: object
      required: [id, email]
      additionalProperties: false
      properties:
        id: { type: string, minLength: 1, maxLength: 64, description: Identifier of the user. }
        email: { type: string, maxLength: 254, description: Address that the user signs in with. }
        q: { type: string, description: What to look for. }
        limit: { type: integer, minimum: 1, maximum: 100, default: 10 }
    request:
      method: POST
      path: /users
      body:
        json: { id: "\${args.id}", email: "\${args.email}", q: "\${args.q}", limit: "\${args.limit}" }
    annotations: { readOnlyHint: true }
`;
}

function everythingTool(edition: string): string {
  return `  - name: get_everything
    description: A table of about ten megabytes, in the ${edition} edition.
    upstream: api
    input: { type: object, additionalProperties: false }
    request: { method: GET, path: /large }
`;
}

export interface FolderOptions {
  readonly folder: string;
  readonly servers: number;
  readonly toolsPerServer: number;
  readonly backendPort: number;
  readonly edition: string;
}

/** The name of one of the servers of a folder. */
export function serverName(index: number): string {
  return `server-${index}`;
}

/** Writes a folder of documents, one file per server; each file is replaced at once. */
export async function writeDocuments(options: FolderOptions): Promise<void> {
  const { folder, servers, toolsPerServer, backendPort, edition } = options;
  await mkdir(folder, { recursive: true });
  for (let index = 0; index < servers; index++) {
    const name = serverName(index);
    const file = join(folder, `${name}.yaml`);
    await writeFile(`${file}.new`, documentText({ name, backendPort, tools: toolsPerServer, edition }));
    await rename(`${file}.new`, file);
  }
}

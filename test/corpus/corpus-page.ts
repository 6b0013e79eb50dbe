import type { CorpusRow, TripCounts } from "./corpus-row.ts";

/** `docs/openapi-corpus.md`: what became of every description, and of the requests that were judged. */
export function corpusPage(rows: readonly CorpusRow[], trips: TripCounts, isQuick: boolean): string {
  const sum = (of: (row: CorpusRow) => number): number => rows.reduce((total, row) => total + of(row), 0);
  const operations = sum((row) => row.operations);
  const tools = sum((row) => row.tools);
  return `# Real OpenAPI descriptions

\`npm run corpus\` imports the descriptions below, which come in packages that others publish, with every operation
chosen, and writes this page. \`npm test\` does the same with all but the large ones. Of every description it demands
that nothing fails, that each of its operations is in the report, that the document is one that a gateway serves,
that every schema is valid JSON Schema 2020-12, that names are legal and unique and do not depend on the order of
the paths, and that a second import gives the same document.

${isQuick ? "This page was written by `npm run corpus -- --quick`, which leaves the large descriptions out. " : ""}${number(rows.length)} descriptions have ${number(operations)} operations; ${number(tools)} became tools (${percent(tools / operations)}).
"Changed" are those of which the report says that something was decided or left out; the notes are explained in
[the page on operations](openapi-operations.md). Tokens are those of all definitions together, as a model sees them when every
operation is chosen; that is more than anybody should choose. Times are of one run on one busy machine with two
cores and tell only which descriptions are costly.

| description | OpenAPI | size | operations | tools | refused | changed | tokens | seconds |
| --- | --- | --: | --: | --: | --- | --- | --: | --: |
${rows.map(lineOf).join("\n")}

## Requests

Tools of every description were called through a gateway, with all arguments that their input schema has and with the
required ones only, made up from the schema. A library that reads the description by itself
([openapi-enforcer](https://www.npmjs.com/package/openapi-enforcer)) judged what reached the backend. Of
${number(trips.judged)} requests it accepted ${number(trips.accepted)} (${percent(trips.accepted / trips.judged)}); ${number(trips.rejected)} were rejected without an excuse.
${number(trips.notSent)} more calls were not sent, because no fitting arguments could be made up, and ${number(trips.notJudged)} were not judged,
because the library does not take the description.

| rejected | because |
| --: | --- |
${trips.excused.map(({ name, why, count }) => `| ${number(count)} | ${name}: ${cell(why)} |`).join("\n")}
`;
}

function lineOf(row: CorpusRow): string {
  const cells = [
    `${cell(row.name)} (\`${row.package}\`)`,
    row.version,
    size(row.bytes),
    number(row.operations),
    number(row.tools),
    counts(row.refused),
    row.changed === 0 ? "0" : `${number(row.changed)}: ${counts(row.notes)}`,
    number(row.tokens),
    (row.tookMs / 1_000).toFixed(1),
  ];
  return `| ${cells.join(" | ")} |`;
}

function counts(byCode: Readonly<Record<string, number>>): string {
  const entries = Object.entries(byCode);
  return entries.length === 0 ? "0" : entries.map(([code, count]) => `${code} ${number(count)}`).join(", ");
}

function size(bytes: number): string {
  return bytes < 1_000_000 ? `${Math.ceil(bytes / 1_000)} kB` : `${(bytes / 1_000_000).toFixed(1)} MB`;
}

function number(value: number): string {
  return value.toLocaleString("en");
}

function percent(share: number): string {
  return `${(100 * share).toFixed(2)} %`;
}

function cell(text: string): string {
  return text.replaceAll("|", "\\|").replaceAll("{", "&#123;");
}

/** A word of a shell, in quotes where it needs them. */
export function shellQuoted(word: string): string {
  if (/^[\w@%+=:,./-]+$/.test(word)) return word;
  return /^[\w@%+=:,./ -]+$/.test(word) ? `"${word}"` : `'${word.replaceAll("'", String.raw`'\''`)}'`;
}

/** Lists the tools of an endpoint by one request of 2026-07-28, whose headers say what its body says. */
export function curlSnippet(url: string, authorization: string | undefined): string {
  const key = authorization === undefined ? "" : ` -H ${shellQuoted(`Authorization: ${authorization}`)}`;
  return `curl -s ${shellQuoted(url)}${key} \\
  -H 'Content-Type: application/json' -H 'MCP-Protocol-Version: 2026-07-28' -H 'Mcp-Method: tools/list' -d '{
    "jsonrpc": "2.0", "id": 1, "method": "tools/list",
    "params": { "_meta": {
      "io.modelcontextprotocol/protocolVersion": "2026-07-28",
      "io.modelcontextprotocol/clientCapabilities": {}
    } }
  }'`;
}

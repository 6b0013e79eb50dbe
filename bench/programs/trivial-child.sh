#!/bin/sh
# The smallest MCP server that does: a thousand of them fit on one machine.
answer() { printf '{"jsonrpc":"2.0","id":%s,"result":%s}\n' "$1" "$2"; }
while IFS= read -r line; do
  case $line in *'"id":'*) ;; *) continue ;; esac
  id=${line#*'"id":'}
  id=${id%%[,\}]*}
  case $line in
    *'"initialize"'*)
      answer "$id" '{"protocolVersion":"2025-11-25","capabilities":{"tools":{}},"serverInfo":{"name":"trivial","version":"1.0.0"}}' ;;
    *'"tools/list"'*)
      answer "$id" '{"tools":[{"name":"get_user","inputSchema":{"type":"object"}}]}' ;;
    *'"tools/call"'*)
      answer "$id" '{"content":[{"type":"text","text":"ada@example.org"}]}' ;;
    *'"ping"'*)
      answer "$id" '{}' ;;
    *)
      printf '{"jsonrpc":"2.0","id":%s,"error":{"code":-32601,"message":"Method not found"}}\n' "$id" ;;
  esac
done

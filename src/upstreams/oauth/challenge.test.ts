import { describe, expect, it } from "vitest";
import { isInsufficientScope, readChallenge } from "./challenge.ts";

describe("a WWW-Authenticate header", () => {
  it("names error, scopes and metadata of its Bearer challenge", () => {
    const header =
      'Bearer error="insufficient_scope", scope="files:read files:write", resource_metadata="https://mcp.example/.well-known/oauth-protected-resource", error_description="say \\"please\\", twice"';
    expect(readChallenge(header)).toEqual({
      error: "insufficient_scope",
      scope: "files:read files:write",
      resourceMetadata: "https://mcp.example/.well-known/oauth-protected-resource",
    });
    expect(isInsufficientScope(header)).toBe(true);
  });

  it("is read whatever the case, with tokens instead of quoted strings, and behind other schemes", () => {
    expect(readChallenge('Negotiate abc==, Basic realm="a, b", bearer  SCOPE = read ,error=invalid_token')).toEqual({
      error: "invalid_token",
      scope: "read",
      resourceMetadata: undefined,
    });
  });

  it("does not lend parameters of another scheme or of a longer name to Bearer", () => {
    expect(readChallenge('Bearer realm="x", DPoP error="insufficient_scope"').error).toBeUndefined();
    expect(readChallenge('Basic error="insufficient_scope"').error).toBeUndefined();
    expect(readChallenge('Bearer xscope="admin"').scope).toBeUndefined();
  });

  it("says nothing when it is absent, empty or garbage", () => {
    for (const header of [undefined, "", "Bearer", ",,,", '"""', "= = =", 'Bearer scope="never closed']) {
      expect(readChallenge(header).scope).toBeUndefined();
      expect(isInsufficientScope(header)).toBe(false);
    }
  });
});

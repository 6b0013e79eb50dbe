import type { JsonObject } from "../../../core/json.ts";
import type { Description, Located } from "../description.ts";
import { objectAt, textOf } from "../operation-compilation.ts";

/** A security scheme as far as requests are concerned. */
export type Scheme =
  | {
      readonly kind: "key";
      readonly place: "header" | "query" | "cookie";
      readonly name: string;
      readonly about: string;
    }
  | { readonly kind: "basic"; readonly about: string }
  | {
      readonly kind: "bearer";
      readonly about: string;
      readonly expires: boolean;
      /** Of the flow of client credentials, as it is written. */
      readonly tokenUrl?: string;
      /** Where OpenID Connect describes itself, as it is written. */
      readonly discoveryUrl?: string;
    }
  | { readonly kind: "certificate"; readonly about: string }
  /** The description names it and says nothing about it: calls go without it. */
  | { readonly kind: "undescribed"; readonly fault: string }
  | { readonly kind: "unsupported"; readonly fault: string };

const token = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/;

/** Reads `components.securitySchemes.NAME`. Never fails: what cannot be used says why. */
export function readScheme(name: string, description: Description): Scheme {
  const located = find(name, description);
  if (located === undefined) {
    const fault = `The security scheme \`${name}\` is not described: add what it needs to the headers of the upstream.`;
    return { kind: "undescribed", fault };
  }
  const scheme = located.value;
  const about = textOf(scheme, "description") ?? "";
  switch (textOf(scheme, "type")) {
    case "apiKey": {
      const place = textOf(scheme, "in");
      const field = textOf(scheme, "name");
      const isPlace = place === "header" || place === "query" || place === "cookie";
      if (!isPlace || field === undefined || (place !== "query" && !token.test(field))) {
        return { kind: "unsupported", fault: `The security scheme \`${name}\` does not say where its key is sent.` };
      }
      return { kind: "key", place, name: field, about };
    }
    case "http":
      return httpScheme(name, textOf(scheme, "scheme")?.toLowerCase() ?? "", about);
    case "basic":
      return { kind: "basic", about };
    case "oauth2": {
      const flows = objectAt(located, "flows", description);
      const flow = flows === undefined ? undefined : objectAt(flows, "clientCredentials", description);
      const tokenUrl = flow === undefined ? undefined : textOf(flow.value, "tokenUrl");
      return { kind: "bearer", about, expires: true, ...(tokenUrl === undefined ? {} : { tokenUrl }) };
    }
    case "openIdConnect": {
      const discoveryUrl = textOf(scheme, "openIdConnectUrl");
      return { kind: "bearer", about, expires: true, ...(discoveryUrl === undefined ? {} : { discoveryUrl }) };
    }
    case "mutualTLS":
      return { kind: "certificate", about };
    default:
      return { kind: "unsupported", fault: `The security scheme \`${name}\` has a type that is not known.` };
  }
}

function httpScheme(name: string, scheme: string, about: string): Scheme {
  if (scheme === "basic") return { kind: "basic", about };
  if (scheme === "bearer") return { kind: "bearer", about, expires: false };
  const shown = scheme === "" ? "without a name" : scheme;
  return {
    kind: "unsupported",
    fault: `The security scheme \`${name}\` is HTTP ${shown}, which needs an answer to a challenge; only basic and bearer are sent.`,
  };
}

function find(name: string, description: Description): Located<JsonObject> | undefined {
  const components = objectAt(description.root, "components", description);
  const schemes = components === undefined ? undefined : objectAt(components, "securitySchemes", description);
  return schemes === undefined ? undefined : objectAt(schemes, name, description);
}

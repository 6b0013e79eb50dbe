import { createPrivateKey, type KeyObject } from "node:crypto";
import type { SecretSource } from "../../../core/config-source.ts";
import type { OAuthConfig } from "../../../core/config/mcp-upstream-schema.ts";
import { AppError } from "../../../core/errors.ts";
import { noScope } from "../../../expressions/compile-text.ts";
import type { Scope, Template } from "../../../expressions/template.ts";
import type { OAuthPlan } from "../mcp-upstream-plan.ts";
import type { ClientProof, Grant, RegisteredClient } from "./grant.ts";

/**
 * The grant of a document with its secrets written in. Fails with `AppError("invalid_configuration")`
 * that names the key, never its value.
 *
 * @param key for messages: "upstreams.files.oauth"
 */
export function readGrant(plan: OAuthPlan, secrets: SecretSource, key: string): Grant {
  const scope: Scope = { ...noScope, secrets };
  const read = (name: string, template: Template<string | undefined> | undefined): string => {
    const value = template?.evaluate(scope);
    if (value !== undefined && value !== "") return value;
    throw new AppError("invalid_configuration", `\`${key}.${name}\` is empty.`);
  };
  const client: RegisteredClient = { id: read("clientId", plan.clientId), proof: readProof(plan, read, key) };
  switch (plan.config.grant) {
    case "client-credentials":
      return { kind: "client-credentials", client };
    case "refresh-token":
      return {
        kind: "refresh-token",
        client,
        refreshToken: read("refreshToken", plan.refreshToken),
        accessToken: plan.accessToken === undefined ? undefined : read("accessToken", plan.accessToken),
      };
  }
}

type Read = (name: string, template: Template<string | undefined>) => string;

function readProof(plan: OAuthPlan, read: Read, key: string): ClientProof {
  const { clientSecret, privateKey, config } = plan;
  if (clientSecret !== undefined) return { kind: "secret", secret: read("clientSecret", clientSecret) };
  if (privateKey === undefined) return { kind: "none" };
  const pem = readKey(read("privateKey", privateKey), config.algorithm, key);
  return { kind: "private-key", privateKey: pem, algorithm: config.algorithm };
}

/** The key as PEM in PKCS#8, whatever PEM it came in. */
function readKey(pem: string, algorithm: OAuthConfig["algorithm"], key: string): string {
  let parsed: KeyObject;
  try {
    parsed = createPrivateKey(pem);
  } catch {
    // Node's message could quote the key.
    throw new AppError("invalid_configuration", `\`${key}.privateKey\` is no PEM of a private key.`);
  }
  if (!suits(parsed, algorithm)) {
    throw new AppError("invalid_configuration", `The key of \`${key}.privateKey\` cannot sign with ${algorithm}.`);
  }
  return parsed.export({ type: "pkcs8", format: "pem" }).toString();
}

const curves: Readonly<Record<string, string>> = { ES256: "prime256v1", ES384: "secp384r1", ES512: "secp521r1" };

/** RFC 7518, 3.1. */
function suits({ asymmetricKeyType, asymmetricKeyDetails }: KeyObject, algorithm: OAuthConfig["algorithm"]): boolean {
  const curve = curves[algorithm];
  if (curve !== undefined) return asymmetricKeyDetails?.namedCurve === curve;
  return asymmetricKeyType === "rsa" || (algorithm.startsWith("PS") && asymmetricKeyType === "rsa-pss");
}

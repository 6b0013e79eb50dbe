import type { AnyOperation } from "../operation.ts";
import type { ImportParts } from "../imports/import-parts.ts";
import type { PeopleParts } from "../sign-in/people-parts.ts";
import type { ConversationParts } from "../conversations/conversation-access.ts";
import { auditOperations } from "./audit-operations.ts";
import { conversationOperations } from "./conversation-operations.ts";
import { draftOperations } from "./draft-operations.ts";
import { exportOperations } from "./export-operations.ts";
import { foreignImportOperations } from "./foreign-import-operations.ts";
import { type GatewayStatusParts, gatewayStatusOperations } from "./gateway-status-operations.ts";
import { importOperations } from "./import-operations.ts";
import { keyOperations } from "./key-operations.ts";
import { linkOperations } from "./link-operations.ts";
import { memberOperations } from "./member-operations.ts";
import { messageOperations } from "./message-operations.ts";
import { ownAccountOperations } from "./own-account-operations.ts";
import { type ProviderParts, providerOperations } from "./provider-operations.ts";
import { type GatewayFeedParts, gatewayFeedOperations } from "./gateway-feed-operations.ts";
import { reimportOperations } from "./reimport-operations.ts";
import { type SecretParts, secretOperations } from "./secret-operations.ts";
import { serverOperations } from "./server-operations.ts";
import { sessionOperations } from "./session-operations.ts";
import { type SettingsParts, settingsOperations } from "./settings-operations.ts";
import { type TenantParts, tenantOperations } from "./tenant-operations.ts";
import { totpOperations } from "./totp-operations.ts";
import { type TryParts, tryOperations } from "./try-operations.ts";
import { userOperations } from "./user-operations.ts";
import { versionOperations } from "./version-operations.ts";

/** What the operations of the API work with. */
export interface ApiParts {
  readonly people: ProviderParts;
  readonly tenants: TenantParts;
  readonly servers: ImportParts;
  readonly secrets: SecretParts;
  readonly gateways: GatewayStatusParts;
  readonly settings: SettingsParts;
  readonly trial: TryParts;
  readonly conversations: ConversationParts;
  readonly feed: GatewayFeedParts;
}

/** Every operation of the API, in the order of its description. Nothing of `parts` is used before a request comes. */
export function apiOperations(parts: ApiParts): readonly AnyOperation[] {
  const people: PeopleParts = parts.people;
  return [
    ...sessionOperations(parts.people),
    ...linkOperations(people),
    ...providerOperations(parts.people),
    ...ownAccountOperations(people),
    ...totpOperations(people),
    ...serverOperations(parts.servers),
    ...draftOperations(parts.servers),
    ...versionOperations(parts.servers),
    ...importOperations(parts.servers),
    ...reimportOperations(parts.servers),
    ...foreignImportOperations(parts.servers),
    ...exportOperations(parts.servers),
    ...tryOperations(parts.trial),
    ...conversationOperations(parts.conversations),
    ...messageOperations(parts.conversations),
    ...secretOperations(parts.secrets),
    ...keyOperations(people),
    ...memberOperations(people),
    ...tenantOperations(parts.tenants),
    ...userOperations(people),
    ...gatewayStatusOperations(parts.gateways),
    ...settingsOperations(parts.settings),
    ...auditOperations(people),
    ...gatewayFeedOperations(parts.feed),
  ];
}

import { auditSteps } from "./audit-steps.ts";
import { conversationSteps } from "./conversation-steps.ts";
import { documentSteps } from "./document-steps.ts";
import { gatewaySteps } from "./gateway-steps.ts";
import { importSteps } from "./import-steps.ts";
import type { MigrationStep } from "./migration.ts";
import { peopleSteps } from "./people-steps.ts";
import { revisionSteps } from "./revision-steps.ts";
import { secretSteps } from "./secret-steps.ts";
import { serverSteps } from "./server-steps.ts";

/** Every step, in the order in which they are made. */
export const migrationSteps: readonly MigrationStep[] = [
  ...revisionSteps,
  ...documentSteps,
  ...secretSteps,
  ...gatewaySteps,
  ...peopleSteps,
  ...auditSteps,
  ...serverSteps,
  ...conversationSteps,
  ...importSteps,
];

import { gatewaySteps } from "./gateway-steps.ts";
import type { MigrationStep } from "./migration.ts";
import { revisionSteps } from "./revision-steps.ts";

/** Every step, in the order in which they are made. */
export const migrationSteps: readonly MigrationStep[] = [...revisionSteps, ...gatewaySteps];

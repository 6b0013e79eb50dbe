import { setFlagsFromString } from "node:v8";

/**
 * Lets V8's young generation grow again, which `bin/passerelle` has kept small: a start makes mostly
 * objects that stay, and a large young generation filled by them would never be given back (25 MB).
 * Under traffic it must be large: docs/decisions/young-generation.md. Call once configuration is read.
 */
export function letYoungGenerationGrow(): void {
  setFlagsFromString("--semi-space-growth-factor=2");
}

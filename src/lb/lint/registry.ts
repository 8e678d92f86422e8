import type { Rule } from "./rule.ts";

/** Every rule of lint. */
export const rules: readonly Rule[] = [];

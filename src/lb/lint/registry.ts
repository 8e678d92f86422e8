import type { Rule } from "./rule.ts";

/** Every rule of lint, in the order of their ids. */
export const rules: readonly Rule[] = [];

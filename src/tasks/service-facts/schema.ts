import type { Schema } from "../../core/schema.ts";

/** service_facts has no parameters. */
export type ServiceFactsParams = Readonly<Record<string, never>>;

export const schema: Schema = { type: "object", additionalProperties: false, properties: {} };

import { coerce } from "../core/coerce.ts";
import type { Schema } from "../core/schema.ts";

/** A mapping whose keys are all known. */
export const mapping = (
  description: string,
  properties: Readonly<Record<string, Schema>>,
  required: readonly string[] = [],
): Schema => ({
  type: "object",
  additionalProperties: false,
  description,
  required,
  properties,
});

/** A mapping that, left out, has all its defaults. */
export const filled = (schema: Schema): Schema => ({
  ...schema,
  default: structuredClone(coerce(schema, new Map()).value) as NonNullable<Schema["default"]>,
});

/** A list; empty where it is left out. */
export const list = (description: string, items: Schema): Schema => ({
  type: "array",
  description,
  items,
  default: [],
});

/** A list of lines of text. */
export const lines = (description: string): Schema => ({
  type: "array",
  description,
  items: { type: "string", minLength: 1, pattern: ONE_LINE },
  default: [],
});

/** A mapping of names to texts; empty where it is left out. */
export const texts = (description: string): Schema => ({
  type: "object",
  description,
  additionalProperties: { type: "string", pattern: ONE_LINE },
  default: {},
});

/** A text on one line. */
export const word = (description: string, more: Schema = {}): Schema => ({
  type: "string",
  pattern: ONE_LINE,
  description,
  ...more,
});

/** A whole number. */
export const integer = (description: string, more: Schema = {}): Schema => ({
  type: "integer",
  description,
  ...more,
});

/** A switch. */
export const flag = (description: string, value: boolean): Schema => ({
  type: "boolean",
  description,
  default: value,
});

/** A duration with its unit: haproxy reads a bare number as milliseconds, which nobody means. */
export const duration = (description: string, value: string | null = null): Schema => ({
  type: "string",
  pattern: "^[0-9]+(us|ms|s|m|h|d)$",
  description,
  ...(value === null ? {} : { default: value }),
});

/** A port that something listens on. */
export const port = (description: string, more: Schema = {}): Schema =>
  integer(description, { minimum: 1, maximum: 65535, ...more });

/** A name as both daemons accept it: no blank, nothing that ends a word. */
export const name = (description: string): Schema => word(description, { pattern: "^[A-Za-z0-9_.:-]+$" });

const ONE_LINE = "^[^\\n\\r\\u0000]*$";

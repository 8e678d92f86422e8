import type { Json } from "./value.ts";

/**
 * The part of JSON Schema that modules and roles use, with Ansible's types beside it.
 * `ansible` says how a text is read where YAML gave another type than asked for (see coerce.ts).
 */
export interface Schema {
  readonly type?: SchemaType | readonly SchemaType[];
  readonly description?: string;
  /** Every object of ours names its properties; what is not named is an unknown parameter. */
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
  readonly additionalProperties?: boolean | Schema;
  readonly patternProperties?: Readonly<Record<string, Schema>>;
  readonly items?: Schema;
  readonly minItems?: number;
  readonly uniqueItems?: boolean;
  readonly enum?: readonly Json[];
  readonly const?: Json;
  readonly pattern?: string;
  readonly minLength?: number;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly default?: Json;
  readonly anyOf?: readonly Schema[];
  readonly oneOf?: readonly Schema[];
  readonly allOf?: readonly Schema[];
  readonly dependentRequired?: Readonly<Record<string, readonly string[]>>;
  /** Other names of this property (Ansible's aliases). */
  readonly "x-aliases"?: readonly string[];
  /** The value is secret: never shown. */
  readonly "x-secret"?: boolean;
  /** Keep the value as the language gave it (Value with dicts as Map) instead of plain JSON data. */
  readonly "x-raw"?: boolean;
}

type SchemaType = "string" | "integer" | "number" | "boolean" | "array" | "object" | "null";

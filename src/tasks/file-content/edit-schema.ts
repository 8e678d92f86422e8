import { regexpFault } from "../../core/python-regexp.ts";
import type { Schema } from "../../core/schema.ts";
import { attributeProperties, pathSchema, validateSchema } from "../file-attributes/schema.ts";

/** Schema properties of EditParams. */
export const editProperties: Readonly<Record<string, Schema>> = {
  path: pathSchema("The file to edit; a link is followed.", ["dest", "destfile", "name"]),
  backup: {
    type: "boolean",
    default: false,
    description: "Keep the present file beside it, with the time in its name.",
  },
  validate: validateSchema,
  ...attributeProperties,
};

/** Whether a file that is missing is made. */
export const createSchema: Schema = {
  type: "boolean",
  default: false,
  description: "Make the file, and its directory, where they are missing.",
};

/** What is wrong with parameters that are Python regular expressions; those in `words` have meanings of their own. */
export const regexpRules = (
  patterns: Readonly<Record<string, string | null>>,
  words: readonly string[] = [],
): readonly string[] =>
  Object.entries(patterns).flatMap(([name, pattern]) => {
    if (pattern === null || words.includes(pattern)) return [];
    const fault = regexpFault(pattern);
    return fault === null ? [] : [`${name}: ${fault}`];
  });

/** A text as the bytes that a bytes pattern sees, one character each. */
export const byteText = (text: string): string => Buffer.from(text).toString("latin1");

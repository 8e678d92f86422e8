import { createRequire } from "node:module";
import type * as Yaml from "yaml";

// Takes yaml's place in unit tests. Hundreds of them read the roles' argument specs, whose parsing takes longer than
// all else that those tests do; each worker parses a text of that size once. Readers leave documents as they are.

const yaml: typeof Yaml = createRequire(import.meta.url)("yaml");

export const { isAlias, isMap, isScalar, isSeq, parse, stringify, visit } = yaml;

/** Characters from which on a text is remembered; what tests make up is shorter. */
const LONG = 2000;

const documents = new Map<string, unknown>();

/** As yaml's own. */
export const parseDocument = ((text, options) => {
  if (text.length < LONG) return yaml.parseDocument(text, options);
  const key = `${JSON.stringify(options)}\n${text}`;
  if (!documents.has(key)) documents.set(key, yaml.parseDocument(text, options));
  return documents.get(key);
}) as typeof yaml.parseDocument;

import { createHash } from "node:crypto";
import { createRequire } from "node:module";
import type * as Yaml from "yaml";

// Takes yaml's place in unit tests. Hundreds of them read the roles' argument specs, whose parsing takes longer than
// all else that those tests do; each worker parses such a text twice and remembers it then, since most others, made up
// by a test, never come again. Readers leave documents as they are.

const yaml: typeof Yaml = createRequire(import.meta.url)("yaml");

export const { isAlias, isMap, isScalar, isSeq, parse, stringify, visit } = yaml;

/** Characters from which on a text is remembered. */
const LONG = 2000;

/** What parsing a text gave, by the text's hash; null where it was met once. */
const documents = new Map<string, ReturnType<typeof yaml.parseDocument> | null>();

/** As yaml's own. */
export const parseDocument = ((text, options) => {
  if (text.length < LONG) return yaml.parseDocument(text, options);
  const key = createHash("sha256")
    .update(`${JSON.stringify(options)}\n${text}`)
    .digest("base64");
  const known = documents.get(key) ?? null;
  if (known !== null) return known;
  const document = yaml.parseDocument(text, options);
  documents.set(key, documents.has(key) ? document : null);
  return document;
}) as typeof yaml.parseDocument;

import {
  type ParsedYaml,
  parseYaml as parse,
  parseYamlValue,
  type YamlOptions,
} from "../../src/config/yaml.ts";
import type { SourceText } from "../../src/core/error.ts";

// Takes the place of config's yaml.ts where the files of a load are read in unit tests. Hundreds of them read the roles'
// argument specs, whose parsing takes longer than all else that those tests do; each worker parses such a text twice and
// remembers it then, since most others, made up by a test, never come again. Readers leave trees as they are.

export { parseYamlValue };

/** Characters from which on a text is remembered. */
const LONG = 1000;

/** What parsing a text gave, by the text and its name; null where it was met once. */
const trees = new Map<string, ParsedYaml | null>();

/** As config's own. */
export const parseYaml = (source: SourceText, options: YamlOptions): ParsedYaml => {
  if (source.text.length < LONG || options.shown !== undefined) return parse(source, options);
  const key = `${source.path}\n${source.text}`;
  const known = trees.get(key) ?? null;
  if (known !== null) return known;
  let secret = false;
  const decrypt: YamlOptions["decrypt"] = (envelope, at) => {
    secret = true;
    return options.decrypt(envelope, at);
  };
  const parsed = parse(source, { ...options, decrypt });
  // What was encrypted is told to each load.
  if (!secret) trees.set(key, trees.has(key) ? parsed : null);
  return parsed;
};

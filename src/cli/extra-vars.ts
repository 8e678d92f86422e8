import { resolve } from "node:path";
import { createFiles, type FileOptions } from "../config/files.ts";
import { readKeyValues } from "../config/key-value.ts";
import { readVarsFile } from "../config/vars-files.ts";
import { parseYaml } from "../config/yaml.ts";
import { LbplayError, LbplayErrors } from "../core/error.ts";
import type { Source, SourceDict } from "../core/value.ts";

/**
 * The variables of `-e`, later ones over earlier ones: `key=value …` (texts), a mapping as YAML or JSON, or `@file`.
 * Throws LbplayErrors.
 */
export const extraVars = (words: readonly string[], options: FileOptions): SourceDict =>
  new Map(words.flatMap((word) => [...one(word.trim(), options)]));

const one = (word: string, options: FileOptions): SourceDict => {
  if (word.startsWith("@")) return fromFile(word.slice(1), options);
  if (/^[{[]/.test(word)) return fromYaml(word);
  const { options: pairs, rest, unclosed } = readKeyValues(word, false);
  if (rest === null && !unclosed) return new Map(pairs.map(({ name, value }) => [name, templated(value)]));
  throw new LbplayError({
    code: "E_EXTRA_VARS",
    message: `-e: expected key=value, a mapping or @file, found ${word}`,
    hint: `write -e name=value, -e '{"name": "value"}' or -e @file.yml`,
  });
};

const templated = (text: string): Source =>
  /\{[{%#]/.test(text) ? { kind: "template", source: text, at: null } : text;

const fromFile = (path: string, options: FileOptions): SourceDict => {
  const files = createFiles(options);
  const vars = readVarsFile(files, resolve(options.cwd, path), null);
  if (files.faults.length > 0) throw new LbplayErrors(files.faults);
  return vars;
};

const fromYaml = (text: string): SourceDict => {
  const source = { path: "-e", text };
  const decrypt = (): string => {
    throw new LbplayError({ code: "E_EXTRA_VARS", message: "-e: a !vault text has to stand in a file" });
  };
  const { node, faults } = parseYaml(source, { decrypt });
  if (faults.length > 0) throw new LbplayErrors(faults);
  if (node?.kind === "map") return node.value;
  throw new LbplayError({ code: "E_EXTRA_VARS", message: `-e: expected a mapping, found ${text}` });
};

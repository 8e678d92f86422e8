import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { parse } from "yaml";
import { createValidate } from "../../../src/cli/validation.ts";
import { coerce } from "../../../src/core/coerce.ts";
import type { Schema } from "../../../src/core/schema.ts";
import type { Params } from "../../../src/core/task.ts";
import { fromJson } from "../../../src/core/value.ts";
import type { Rendered } from "../../../src/lb/document.ts";
import { faultText } from "../../../src/lb/fault.ts";
import { parseVersion, type Version } from "../../../src/lb/version.ts";
import { tasks } from "../../../src/tasks/registry.ts";

/** One model with what must become of it: a file, or the reasons why there is none. */
export interface RenderCase {
  readonly name: string;
  /** One sentence: the name of the test. */
  readonly why: string;
  readonly version: Version;
  readonly model: unknown;
  readonly file: string | null;
  readonly refused: readonly string[] | null;
}

/** The cases of a folder beside this file. */
export const renderCases = (folder: string): readonly RenderCase[] => {
  const home = fileURLToPath(new URL(`${folder}/`, import.meta.url));
  return readdirSync(home)
    .toSorted()
    .map((name) => {
      const {
        why,
        version,
        model,
        file = null,
        refused = null,
        ...rest
      } = parse(readFileSync(home + name, "utf8"));
      const parsed = parseVersion(String(version));
      if (parsed === null || typeof why !== "string") throw new Error(`${name}: why and version are needed`);
      if (Object.keys(rest).length > 0) throw new Error(`${name}: unknown keys ${Object.keys(rest)}`);
      return { name, why, version: parsed, model, file, refused };
    });
};

const validate = createValidate(tasks);

/** A model as playbooks give it to the module of this schema, with its defaults; what the module would not take throws. */
export const modelOf = <T>(schema: Schema, raw: unknown): T => {
  const { value, faults } = coerce(schema, fromJson(raw as Parameters<typeof fromJson>[0]));
  if (faults.length > 0)
    throw new Error(faults.map(({ path, message }) => `${path.join(".")}: ${message}`).join("\n"));
  const module = tasks.find((task) => task.schema === schema);
  if (module === undefined) throw new Error("no module has this schema");
  const wrong = validate(module.name, value as Params);
  if (wrong.length > 0) throw new Error(wrong.join("\n"));
  // Coercion without faults gives what the schema says, and the schema is the model's.
  return value as T;
};

/** The outcome in the form cases are written in. */
export const shown = (rendered: Rendered): Pick<RenderCase, "file" | "refused"> =>
  rendered.kind === "rendered"
    ? { file: rendered.text, refused: null }
    : { file: null, refused: rendered.faults.map((fault) => `${fault.code} ${faultText(fault)}`) };

import { rename, writeFile } from "node:fs/promises";
import { Ajv, type ValidateFunction } from "ajv";
import standaloneCode from "ajv/dist/standalone/index.js";
import { build } from "esbuild";
import type { Schema } from "../core/schema.ts";
import { DRILL_FILE_SCHEMA } from "../drill/file-schema.ts";
import { tasks } from "../tasks/registry.ts";

const TARGET = new URL("../tasks/validators.generated.js", import.meta.url);

/** Schemas of files that are no playbooks, by what such a file is called. */
const DOCUMENTS: Readonly<Record<string, Schema>> = { "drill file": DRILL_FILE_SCHEMA };

/** Writes the validators of all schemas, modules' and files': compiling them at run time would cost a quarter of a second each start. */
export const generateValidators = async (): Promise<void> => {
  const ajv = new Ajv({
    allErrors: true,
    strict: true,
    allowUnionTypes: true,
    strictRequired: false,
    code: { source: true, esm: true },
  });
  // Types of ajv's CommonJS default export do not fit ESM; the value does.
  const standalone = standaloneCode as unknown as (
    ajv: Ajv,
    exported: Readonly<Record<string, string>>,
  ) => string;
  const names: Record<string, string> = {};
  const compile = (schema: Schema, name: string, exported: string): void => {
    ajv.addSchema(forAjv(schema, name), name);
    const validate: ValidateFunction | undefined = ajv.getSchema(name);
    if (validate === undefined) throw new Error(`${name}: ajv does not compile its schema`);
    names[exported] = name;
  };
  tasks.forEach((task, index) => {
    compile(task.schema, task.name, `module${index}`);
  });
  Object.entries(DOCUMENTS).forEach(([name, schema], index) => {
    compile(schema, name, `document${index}`);
  });
  await replace(await selfContained(standalone(ajv, names)));
};

/** Whoever loads the file meanwhile gets the old one or the new one. */
const replace = async (text: string): Promise<void> => {
  const fresh = new URL(`${TARGET.href}.${process.pid}`);
  await writeFile(fresh, text);
  await rename(fresh, TARGET);
};

/** ajv's code still asks for parts of ajv; they are put in, and the functions put under the modules' names. */
const selfContained = async (code: string): Promise<string> => {
  const entry = `
import * as functions from "./standalone.js";
const unescape = (part) => part.replaceAll("~1", "/").replaceAll("~0", "~");
const faultsOf = (validate) => (params) =>
  validate(params)
    ? []
    : validate.errors.map(({ instancePath, keyword, params, message }) => ({
        path: instancePath.split("/").slice(1).map(unescape),
        keyword,
        params,
        message,
      }));
const names = ${JSON.stringify(tasks.map((task) => task.name))};
export const validators = Object.fromEntries(
  names.map((name, index) => [name, faultsOf(functions["module" + index])]),
);
const files = ${JSON.stringify(Object.keys(DOCUMENTS))};
export const documents = Object.fromEntries(
  files.map((name, index) => [name, faultsOf(functions["document" + index])]),
);
`;
  const result = await build({
    stdin: { contents: entry, resolveDir: import.meta.dirname },
    bundle: true,
    format: "esm",
    platform: "neutral",
    minify: true,
    write: false,
    banner: {
      js: "// Made by src/build/validators.ts from the schemas of modules and files; edits are overwritten.",
    },
    plugins: [
      {
        name: "validators",
        setup: (plugins) => {
          plugins.onResolve({ filter: /^\.\/standalone\.js$/ }, () => ({
            path: "standalone",
            namespace: "made",
          }));
          plugins.onLoad({ filter: /.*/, namespace: "made" }, () => ({
            contents: code,
            resolveDir: import.meta.dirname,
          }));
        },
      },
    ],
  });
  return result.outputFiles[0]?.text ?? "";
};

/** A schema as ajv takes it: absent parameters are null by then, and defaults, names and `x-…` were used before. */
const forAjv = (schema: Schema, where: string): object => {
  if (schema["x-raw"] === true) return {};
  const {
    description,
    default: _default,
    "x-aliases": _aliases,
    "x-secret": _secret,
    "x-raw": _raw,
    ...rest
  } = schema;
  const required = rest.required ?? [];
  const inner = (part: Schema, name: string): object => forAjv(part, `${where}.${name}`);
  const members = (parts: Readonly<Record<string, Schema>>): object =>
    Object.fromEntries(
      Object.entries(parts).map(([name, part]) => [
        name,
        required.includes(name) ? inner(part, name) : nullable(part, inner(part, name)),
      ]),
    );
  return {
    ...rest,
    ...(rest.properties === undefined ? {} : { properties: members(rest.properties) }),
    ...(rest.patternProperties === undefined ? {} : { patternProperties: members(rest.patternProperties) }),
    ...(rest.items === undefined ? {} : { items: inner(rest.items, "items") }),
    ...(typeof rest.additionalProperties === "object"
      ? { additionalProperties: inner(rest.additionalProperties, "*") }
      : {}),
    ...listed("anyOf", rest.anyOf, inner),
    ...listed("oneOf", rest.oneOf, inner),
    ...listed("allOf", rest.allOf, inner),
  };
};

const listed = (
  keyword: string,
  parts: readonly Schema[] | undefined,
  inner: (part: Schema, name: string) => object,
): object =>
  parts === undefined ? {} : { [keyword]: parts.map((part, index) => inner(part, `${keyword}${index}`)) };

/** The same schema, but null is fine too. */
const nullable = (schema: Schema, forAjvAlready: object): object => {
  if (
    schema["x-raw"] === true ||
    (schema.type === undefined &&
      schema.enum === undefined &&
      schema.anyOf === undefined &&
      schema.oneOf === undefined)
  ) {
    return forAjvAlready;
  }
  if (schema.type === undefined) return { anyOf: [{ type: "null" }, forAjvAlready] };
  const types = typeof schema.type === "string" ? [schema.type] : schema.type;
  return {
    ...forAjvAlready,
    type: types.includes("null") ? types : [...types, "null"],
    ...(schema.enum === undefined ? {} : { enum: [...schema.enum, null] }),
  };
};

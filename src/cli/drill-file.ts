import { resolve } from "node:path";
import { createFiles } from "../config/files.ts";
import { describe, isLiteral, nodeOf, placeOf, type YamlNode } from "../config/node.ts";
import { LbplayError, LbplayErrors } from "../core/error.ts";
import { suggest } from "../core/suggest.ts";
import { isTemplate, type Json, toJson, type Value } from "../core/value.ts";
import { DRILL_FILE_SCHEMA, type DrillFile } from "../drill/file-schema.ts";
import { documents, type SchemaFault } from "../tasks/validators.generated.js";

const NOTHING: DrillFile = {
  faults: [],
  repeat: null,
  max_outage: null,
  rate: null,
  held: null,
  from: null,
  probe: null,
};

/** Reads a drill file. Throws LbplayErrors with the place of every mistake. */
export const readDrillFile = (path: string, cwd: string): DrillFile => {
  const files = createFiles({ cwd, vaults: [], onSecret: () => undefined });
  const tree = files.yaml(resolve(cwd, path), null);
  if (files.faults.length > 0) throw new LbplayErrors(files.faults);
  if (tree === null || tree.kind !== "map")
    throw new LbplayError({
      code: "E_DRILL_FILE",
      message: `${tree === null ? `${files.shown(path)}: ` : ""}expected a mapping, found ${tree === null ? "nothing" : describe(tree)}`,
      at: tree?.at ?? null,
      hint: `write \`faults: [haproxy-stop, cable]\` and \`max_outage: 1s\``,
    });
  if (!isLiteral(tree.value))
    throw new LbplayError({
      code: "E_DRILL_FILE",
      message: "a drill file holds no templates",
      at: templatePlace(tree),
      hint: "it is read before any variable of a host, so write the value itself",
    });
  const data = named(toJson(tree.value as Value));
  const faults = (documents["drill file"]?.(data) ?? [])
    .map((fault) => errorOf(fault, tree))
    .toSorted((a, b) => (a.at?.line ?? 0) - (b.at?.line ?? 0) || (a.at?.column ?? 0) - (b.at?.column ?? 0));
  if (faults.length > 0) throw new LbplayErrors(faults);
  const { faults: list, ...rest } = data as Partial<DrillFile>;
  return {
    ...NOTHING,
    ...rest,
    faults: (list ?? []).map((one) => ({
      fault: one.fault,
      repeat: one.repeat ?? null,
      max_outage: one.max_outage ?? null,
    })),
  };
};

/** A fault that is only named is one without more. */
const named = (data: Json): Readonly<Record<string, Json>> => {
  const map = data as Readonly<Record<string, Json>>;
  const { faults } = map;
  return Array.isArray(faults)
    ? { ...map, faults: faults.map((one: Json) => (typeof one === "string" ? { fault: one } : one)) }
    : map;
};

const templatePlace = (tree: YamlNode): YamlNode["at"] => {
  const holder = (node: YamlNode): YamlNode | null => {
    if (node.kind === "scalar") return isTemplate(node.value) ? node : null;
    const inner = node.kind === "list" ? node.items : node.entries.map((entry) => entry.node);
    return inner.map(holder).find((one) => one !== null) ?? null;
  };
  return (holder(tree) ?? tree).at;
};

const errorOf = ({ path, keyword, params, message }: SchemaFault, tree: YamlNode): LbplayError => {
  const where = path.join(".");
  const at = placeOf(tree, path);
  const code = "E_DRILL_FILE";
  const say = (text: string): string => `${where === "" ? "" : `${where}: `}${text}`;
  switch (keyword) {
    case "additionalProperties": {
      const key = String(params.additionalProperty);
      const known = Object.keys(
        path.length === 0
          ? (DRILL_FILE_SCHEMA.properties ?? {})
          : (DRILL_FILE_SCHEMA.properties?.faults?.items?.properties ?? {}),
      );
      const meant = suggest(key, known);
      return new LbplayError({
        code,
        message: say(`the key ${key} is unknown`),
        at: placeOf(tree, [...path, key]),
        hint: meant === null ? `there is ${known.join(", ")}` : `did you mean ${meant}?`,
      });
    }
    case "enum": {
      const allowed = Array.isArray(params.allowedValues) ? params.allowedValues.map(String) : [];
      const found = foundAt(tree, path);
      const meant = suggest(found, allowed);
      return new LbplayError({
        code,
        message: say(`there is no fault ${found}`),
        at,
        hint: meant === null ? `there is ${allowed.join(", ")}` : `did you mean ${meant}?`,
      });
    }
    case "required":
      return new LbplayError({ code, message: say(`${String(params.missingProperty)} is missing`), at });
    case "pattern":
      return new LbplayError({
        code,
        message: say(
          `expected ${where.endsWith("probe") ? "an address to ask" : "a time with its unit"}, found ${JSON.stringify(foundAt(tree, path))}`,
        ),
        at,
        hint: where.endsWith("probe")
          ? "write http://ADDRESS/PATH, https://ADDRESS/PATH or tcp://ADDRESS:PORT"
          : "write it as 500ms or 2s",
      });
    case "type":
      return new LbplayError({
        code,
        message: say(`expected ${typeText(params.type)}, found ${foundAt(tree, path)}`),
        at,
      });
    default:
      return new LbplayError({ code, message: say(message), at });
  }
};

const TYPES: Readonly<Record<string, string>> = {
  string: "a text",
  integer: "a whole number",
  array: "a list",
  object: "a mapping",
};

/** What a schema's type is called; null only stands for what is left out. */
const typeText = (types: unknown): string =>
  (Array.isArray(types) ? types.map(String) : [String(types)])
    .filter((type) => type !== "null")
    .map((type) => TYPES[type] ?? type)
    .join(" or ");

/** The text at a path; a fault that is only named stands where its mapping would. */
const foundAt = (tree: YamlNode, path: readonly string[]): string => {
  let here: YamlNode | null = tree;
  for (const step of path) {
    if (here?.kind === "map") here = nodeOf(here, step);
    else if (here?.kind === "list") here = here.items[Number(step)] ?? null;
  }
  return here?.kind === "scalar" ? here.text : here === null ? "" : describe(here);
};

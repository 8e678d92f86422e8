import { existsSync, readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { parseYamlValue } from "../config/yaml.ts";
import { isDict, isList, type Value } from "../core/value.ts";
import { tasks } from "../tasks/registry.ts";
import { compatibilityPage, type DeclaredDifference } from "./compatibility-page.ts";
import { modulesPage } from "./modules-page.ts";

const ROOT = fileURLToPath(new URL("../../", import.meta.url));
const CASES = `${ROOT}test/oracle/playbooks/cases`;

const differencesOf = (name: string): readonly DeclaredDifference[] => {
  const path = `${CASES}/${name}/differs.yml`;
  const list = existsSync(path) ? parseYamlValue(readFileSync(path, "utf8")) : [];
  return (isList<Value>(list) ? list : []).flatMap((item) =>
    isDict<Value>(item) ? [{ name, reason: String(item.get("reason")) }] : [],
  );
};

/** The pages of docs that are made from what the program knows, by path. */
export const generatedPages = (): Readonly<Record<string, string>> => {
  const cases = readdirSync(CASES).sort();
  return {
    "docs/modules.md": modulesPage(tasks),
    "docs/ansible-compatibility.md": compatibilityPage(cases.flatMap(differencesOf), cases.length),
  };
};

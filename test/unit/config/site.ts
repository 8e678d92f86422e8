import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { analyse } from "../../../src/cli/analyse.ts";
import { createCatalog } from "../../../src/config/catalog.ts";
import { checkPlaybook } from "../../../src/config/check.ts";
import { disk } from "../../../src/config/disk.ts";
import { loadInventory } from "../../../src/config/inventory.ts";
import { readPlaybook } from "../../../src/config/playbook.ts";
import { parseYamlValue } from "../../../src/config/yaml.ts";
import { type LbplayError, LbplayErrors, placeText } from "../../../src/core/error.ts";
import type { Loader, Playbook } from "../../../src/core/play.ts";
import { secret } from "../../../src/core/secret.ts";
import type { Value } from "../../../src/core/value.ts";
import { createKnownValues } from "../../../src/engine/known-values.ts";
import { lookupNames } from "../../../src/engine/lookups.ts";
import { createTemplar } from "../../../src/engine/templar.ts";
import { tasks } from "../../../src/tasks/registry.ts";

/** A site on disk: path → content. */
export type SiteFiles = Readonly<Record<string, string>>;

/** A directory with these files; the caller removes it. */
export const siteDir = (files: SiteFiles): string => {
  const directory = mkdtempSync(join(tmpdir(), "lbplay-config-"));
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(directory, path)), { recursive: true });
    writeFileSync(join(directory, path), text);
  }
  return directory;
};

/** Options of a load from a directory. */
export const loadOptions = (cwd: string, password: string | null = null) => ({
  cwd,
  vaults: password === null ? [] : [{ id: "default", password: secret(password) }],
  onSecret: () => {},
  modules: createCatalog(tasks),
  rolesPath: [],
});

/** A mistake as the tests compare it. */
export interface Seen {
  readonly code: string;
  readonly at: string | null;
  readonly message: string;
  readonly hint: string | null;
}

const seen = (error: LbplayError): Seen => ({
  code: error.code,
  at: placeText(error.at),
  message: error.message,
  hint: error.hint,
});

/** What is wrong with a site: its `hosts` file where there is one, else one host lb1, and its site.yml. */
export const mistakesOf = (
  files: SiteFiles,
  extra: ReadonlyMap<Value, Value> = new Map(),
  password: string | null = null,
): readonly Seen[] => {
  const cwd = siteDir(files);
  try {
    const options = loadOptions(cwd, password);
    const warnings: LbplayError[] = [];
    const { inventory } = loadInventory(["hosts" in files ? "hosts" : "lb1,"], {
      ...options,
      playbookDir: cwd,
    });
    const { playbook, loader, errors, explain } = readPlaybook("site.yml", options);
    const checks = checkPlaybook(playbook, {
      ...options,
      disk,
      explain,
      inventory,
      extra,
      loader,
      validate: () => [],
      analyse,
      lookups: lookupNames(),
      known: createKnownValues({
        cwd,
        inventory,
        extra,
        templar: createTemplar(),
        parseYaml: parseYamlValue,
      }),
      warn: (warning) => warnings.push(warning),
    });
    return [...errors, ...checks, ...warnings].map(seen);
  } catch (error) {
    if (error instanceof LbplayErrors) return error.errors.map(seen);
    throw error;
  } finally {
    rmSync(cwd, { recursive: true });
  }
};

/** Hands the site's playbook to a test and cleans up after it. */
export const withPlaybook = (
  files: SiteFiles,
  test: (playbook: Playbook, loader: Loader, cwd: string) => void,
): void => {
  const cwd = siteDir(files);
  try {
    const { playbook, loader, errors } = readPlaybook("site.yml", loadOptions(cwd));
    if (errors.length > 0) throw new LbplayErrors(errors);
    test(playbook, loader, cwd);
  } finally {
    rmSync(cwd, { recursive: true });
  }
};

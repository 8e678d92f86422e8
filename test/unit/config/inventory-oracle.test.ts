import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { loadInventory } from "../../../src/config/inventory.ts";
import { matchHosts } from "../../../src/config/pattern.ts";
import type { Inventory } from "../../../src/core/play.ts";
import { plain } from "./plain.ts";

/** What record.py wrote of a case. */
interface Recorded {
  readonly hosts: Readonly<Record<string, { readonly groups: readonly string[]; readonly vars: object }>>;
  readonly groups: Readonly<Record<string, readonly string[]>>;
  readonly patterns: Readonly<Record<string, readonly string[] | null>>;
}

const oracle = new URL("../../oracle/inventory/", import.meta.url).pathname;
const recorded: Readonly<Record<string, Recorded>> = JSON.parse(
  readFileSync(join(oracle, "recorded.json"), "utf8"),
);

const load = (name: string): Inventory => {
  const cwd = join(oracle, "cases", name);
  const words = readFileSync(join(cwd, "args"), "utf8").trim().split(/\s+/);
  const sources = words.filter((_, index) => words[index - 1] === "-i");
  const playbookDir = words[words.indexOf("--playbook-dir") + 1] ?? null;
  const options = {
    cwd,
    vaults: [],
    onSecret: () => {},
    playbookDir: words.includes("--playbook-dir") ? playbookDir : null,
  };
  return loadInventory(sources, options).inventory;
};

const own = new Set(["inventory_file", "inventory_dir"]);

describe("an inventory is read as Ansible reads it", () => {
  for (const [name, wanted] of Object.entries(recorded)) {
    test(name, () => {
      const inventory = load(name);
      const hosts = Object.fromEntries(
        [...inventory.hosts.values()].map((host) => {
          const vars = new Map([...host.vars].filter(([key]) => !own.has(String(key))));
          return [host.name, { groups: host.groups, vars: plain(vars) }];
        }),
      );
      expect(hosts).toEqual(wanted.hosts);
      expect(Object.keys(hosts)).toEqual(Object.keys(wanted.hosts));
      const groups = Object.fromEntries(
        [...inventory.groups.values()].map((group) => [group.name, group.hosts]),
      );
      expect(groups).toEqual(wanted.groups);
      for (const [pattern, found] of Object.entries(wanted.patterns)) {
        const matched =
          found === null ? null : matchHosts(pattern, inventory, { cwd: oracle, strict: false });
        expect({ [pattern]: matched }).toEqual({ [pattern]: found });
      }
    });
  }
});

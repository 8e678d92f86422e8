import { chmodSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { loadInventory } from "../../../src/config/inventory.ts";
import { LbplayErrors } from "../../../src/core/error.ts";
import { temporaryDirectory } from "../../unit/engine/local-session.ts";

const load = (script: string, mode = 0o755) => {
  const cwd = temporaryDirectory();
  writeFileSync(join(cwd, "hosts"), script);
  chmodSync(join(cwd, "hosts"), mode);
  return loadInventory(["hosts"], { cwd, vaults: [], onSecret: () => {}, playbookDir: null }).inventory;
};

const faultsOf = (script: string): readonly string[] => {
  try {
    load(script);
  } catch (error) {
    if (!(error instanceof LbplayErrors)) throw error;
    return error.errors.map(({ message, hint }) => `${message} (${hint})`);
  }
  return [];
};

test("A program that fails is told with its exit code and what it said.", () => {
  expect(faultsOf("#!/bin/sh\necho one >&2\necho 'no token' >&2\nexit 3\n")).toEqual([
    "the inventory program hosts --list failed with exit code 3 (it says: one\nno token)",
  ]);
});

test("What is no mapping in JSON is told with its beginning.", () => {
  expect(faultsOf("#!/bin/sh\necho 'lb1 lb2'\n")).toEqual([
    'hosts --list: expected a mapping in JSON, found text that is none: "lb1 lb2\\n" (null)',
  ]);
  expect(faultsOf("#!/bin/sh\necho '[1]'\n")).toEqual([
    "hosts --list: expected a mapping in JSON, found a list (null)",
  ]);
});

test("Groups, hosts and variables of the wrong shape are told, all together.", () => {
  const list = {
    a: "x",
    b: { hosts: [["y"]] },
    c: { vars: [] },
    d: { children: {} },
    _meta: { hostvars: [] },
  };
  expect(faultsOf(`#!/bin/sh\necho '${JSON.stringify(list)}'\n`)).toEqual([
    'hosts of the group "a": expected a list of names, found the text "x" (null)',
    'hosts of the group "b": expected a list of names, found a list (null)',
    'vars of the group "c": expected a mapping, found a list (null)',
    'children of the group "d": expected a list of names, found a mapping (null)',
    "_meta.hostvars: expected a mapping of hosts, found a list (null)",
  ]);
});

test("A text that only happens to be executable is read, not run.", () => {
  expect([...load("[lb]\nlb1\n").hosts.keys()]).toEqual(["lb1"]);
});

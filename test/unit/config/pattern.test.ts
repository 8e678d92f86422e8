import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { expect, test } from "vitest";
import { implicitLocalhost, loadInventory } from "../../../src/config/inventory.ts";
import { matchHosts } from "../../../src/config/pattern.ts";
import { LbplayErrors } from "../../../src/core/error.ts";

const options = { cwd: "/", vaults: [], onSecret: () => {}, playbookDir: null };
const { inventory } = loadInventory(["lb1,lb2,web1,"], options);
const match = (pattern: string | readonly string[], cwd = "/"): unknown => {
  try {
    return matchHosts(pattern, inventory, { cwd });
  } catch (error) {
    if (error instanceof LbplayErrors)
      return error.errors.map(({ code, message, hint }) => [code, message, hint]);
    throw error;
  }
};

test("A word that matches nothing is told, with what was probably meant.", () => {
  expect(match("lb3")).toEqual([
    ["E_UNKNOWN_HOST", 'no host and no group matches "lb3"', "did you mean lb1?"],
  ]);
  expect(match("lb1,!nobody")).toEqual([
    [
      "E_UNKNOWN_HOST",
      'no host and no group matches "nobody"',
      "the inventory has all, ungrouped, lb1, lb2, web1",
    ],
  ]);
  expect(match("~(")).toEqual([["E_HOST_PATTERN", "~( is not a regular expression", null]]);
  expect(match("all[7]")).toEqual([
    ["E_HOST_PATTERN", "all[7]: all has only 3 hosts", "the first host is [0]"],
  ]);
});

test("Several patterns are one: a list adds up, @file reads one per line.", () => {
  const cwd = mkdtempSync(join(tmpdir(), "lbplay-pattern-"));
  writeFileSync(join(cwd, "site.retry"), "lb2\n# comment\n\nweb1\n");
  expect(match(["lb*", "!lb1"])).toEqual(["lb2"]);
  expect(match("@site.retry", cwd)).toEqual(["lb2", "web1"]);
  expect(match("all:!@site.retry", cwd)).toEqual([
    [
      "E_UNKNOWN_HOST",
      'no host and no group matches "@site.retry"',
      "the inventory has all, ungrouped, lb1, lb2, web1",
    ],
  ]);
  rmSync(cwd, { recursive: true });
});

test("localhost is always there.", () => {
  expect(match("localhost")).toEqual(["localhost"]);
  expect(match("::1")).toEqual(["::1"]);
  expect(implicitLocalhost()).toEqual({
    name: "localhost",
    groups: [],
    vars: new Map([["ansible_connection", "local"]]),
  });
});

test("Whatever the pattern, hosts of the inventory come out, each once, or a mistake.", () => {
  const piece = fc.constantFrom(
    "lb",
    "1",
    "web",
    "all",
    "*",
    "?",
    "[0]",
    "[1:]",
    "[a-b]",
    ":",
    ",",
    "!",
    "&",
    "~",
    "(",
    ".",
    "\\",
    "^",
    " ",
  );
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 10 }), (pieces) => {
      const found = match(pieces.join(""));
      if (!Array.isArray(found) || found.some((item) => typeof item !== "string")) return;
      expect(new Set(found).size).toBe(found.length);
      // A pattern may also be a name of this machine, which no inventory has to have: `::1`.
      for (const name of found) expect(inventory.hosts.has(name) || name === "::1").toBe(true);
    }),
    { numRuns: 2000 },
  );
});

test("Names of hexadecimal letters between colons are names, and no address.", () => {
  const { inventory: letters } = loadInventory(["a,b,c,"], options);
  expect(matchHosts("b:a:c", letters, { cwd: "/" })).toEqual(["b", "a", "c"]);
});

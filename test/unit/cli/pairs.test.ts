import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, expect, test } from "vitest";
import { type InventoryPair, pairsOf } from "../../../src/cli/pairs.ts";
import { loadInventory } from "../../../src/config/inventory.ts";
import { LbplayErrors, placeText } from "../../../src/core/error.ts";

const directories: string[] = [];

afterEach(() => {
  for (const directory of directories.splice(0)) rmSync(directory, { recursive: true });
});

/** The pairs of an inventory directory with these files. */
const pairs = async (files: Readonly<Record<string, string>>): Promise<readonly InventoryPair[]> => {
  const cwd = mkdtempSync(join(tmpdir(), "lbplay-pairs-"));
  directories.push(cwd);
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(cwd, name)), { recursive: true });
    writeFileSync(join(cwd, name), text);
  }
  const { inventory } = loadInventory(["."], {
    cwd,
    vaults: [],
    onSecret: () => undefined,
    playbookDir: null,
  });
  return pairsOf(inventory);
};

/** The mistakes as `place: message (hint)`. */
const mistakes = async (files: Readonly<Record<string, string>>): Promise<readonly string[]> => {
  try {
    await pairs(files);
  } catch (error) {
    if (!(error instanceof LbplayErrors)) throw error;
    return error.errors.map((one) => `${placeText(one.at)}: ${one.message} (${one.hint})`);
  }
  return [];
};

const HOSTS = "lb: {hosts: {lb1: , lb2: }}\nweb: {hosts: {web1: }}\n";

test("An inventory that marks no group has no pair.", async () => {
  expect(await pairs({ "hosts.yml": HOSTS })).toEqual([]);
});

test("A group that is marked is a pair, with nothing settled.", async () => {
  expect(await pairs({ "hosts.yml": HOSTS, "group_vars/lb.yml": "lbplay_pair: true\n" })).toMatchObject([
    {
      name: "lb",
      hosts: ["lb1", "lb2"],
      settings: { maxOutageMs: null, prefer: null, probe: null, probeFrom: null },
      at: { line: 1, column: 1 },
    },
  ]);
});

test("An INI inventory marks a group with a word.", async () => {
  const text = "[lb]\nlb1\nlb2\n[lb:vars]\nlbplay_pair=yes\n";
  expect((await pairs({ hosts: text })).map((pair) => pair.hosts)).toEqual([["lb1", "lb2"]]);
});

test("A pair's settings are read.", async () => {
  const text = `lbplay_pair:
  max_outage: 1.5s
  prefer: lb2
  probe: tcp://192.0.2.10:443
  probe_from: web1
`;
  expect((await pairs({ "hosts.yml": HOSTS, "group_vars/lb.yml": text }))[0]?.settings).toMatchObject({
    maxOutageMs: 1500,
    prefer: "lb2",
    probe: "tcp://192.0.2.10:443",
    probeFrom: "web1",
  });
});

test("Of nested groups the innermost that is marked has the host, whichever comes first, and false takes it out.", async () => {
  const text = `
edge:
  vars: {lbplay_pair: true}
  children:
    spare: {vars: {lbplay_pair: false}, hosts: {spare1: }}
    south:
      vars: {lbplay_pair: {prefer: s2}}
      children: {south_nodes: {hosts: {s1: , s2: }}}
    north: {hosts: {n1: , n2: , n3: }}
`;
  expect((await pairs({ "hosts.yml": text })).map(({ name, hosts }) => [name, hosts])).toEqual([
    ["edge", ["n1", "n2", "n3"]],
    ["south", ["s1", "s2"]],
  ]);
});

test("A host of two pairs side by side is a mistake.", async () => {
  const text = `one: {vars: {lbplay_pair: true}, hosts: {lb1: , lb2: }}
two: {vars: {lbplay_pair: true}, hosts: {lb2: , lb3: }}
`;
  expect(await mistakes({ "hosts.yml": text })).toEqual([
    "hosts.yml:1:14: lb2 is in two pairs, one and two (a host has one pair: unmark one of the groups (the other is marked at hosts.yml:2:14))",
  ]);
});

test("A host cannot be a pair by itself.", async () => {
  expect(await mistakes({ "hosts.yml": HOSTS, "host_vars/lb1.yml": "lbplay_pair: true\n" })).toEqual([
    "host_vars/lb1.yml:1:1: lbplay_pair is set for the host lb1 alone (set it for the group of the pair's nodes)",
  ]);
});

test("Every mistake in the settings is told with its place, and all at once.", async () => {
  const text = `lbplay_pair:
  max_outage: 500
  prefer: lb3
  prob: x
  probe: 192.0.2.10
  probe_from: web2
  lint_off: {Z99: because, x: }
`;
  expect(await mistakes({ "hosts.yml": HOSTS, "group_vars/lb.yml": text })).toEqual([
    "group_vars/lb.yml:4:3: lbplay_pair: the key prob is unknown (did you mean probe?)",
    'group_vars/lb.yml:2:3: max_outage: expected a time with its unit, found "500" (write it as 500ms or 2s)',
    "group_vars/lb.yml:3:3: prefer: lb3 is no node of this pair (did you mean lb1?)",
    'group_vars/lb.yml:5:3: probe: expected an address to ask, found "192.0.2.10" (write http://ADDRESS/PATH, https://ADDRESS/PATH or tcp://ADDRESS:PORT)',
    "group_vars/lb.yml:6:3: probe_from: the inventory has no host web2 (did you mean web1?)",
    "group_vars/lb.yml:7:14: lint_off: no rule is called Z99 (docs/rules.md lists them all)",
    "group_vars/lb.yml:7:28: lint_off: no rule is called x (docs/rules.md lists them all)",
  ]);
});

test("A value that is neither true nor a mapping, or is not there yet, is a mistake.", async () => {
  const of = (value: string): Promise<readonly string[]> =>
    mistakes({ "hosts.yml": HOSTS, "group_vars/lb.yml": `lbplay_pair: ${value}\n` });
  expect(await of("[lb1]")).toEqual([
    "group_vars/lb.yml:1:1: lbplay_pair: expected true, false or a mapping, found a list (null)",
  ]);
  expect(await of("{prefer: '{{ groups.lb[0] }}'}")).toEqual([
    "group_vars/lb.yml:1:15: prefer: expected a text, found a template (it is read before any variable of a host, so write the value itself)",
  ]);
});

import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { withNodes } from "../../../src/cli/nodes.ts";
import type { LiveOptions } from "../../../src/cli/run-options.ts";
import { read, text } from "../../../src/core/probe.ts";
import { probeNodes } from "../../../src/engine/nodes.ts";
import { recordIo } from "./io.ts";

let cwd = "";

beforeEach(() => {
  cwd = mkdtempSync(join(tmpdir(), "lbplay-nodes-"));
});

afterEach(() => {
  rmSync(cwd, { recursive: true });
});

const options = (limit: string | null = null): LiveOptions => ({
  inventories: ["hosts.yml"],
  limit,
  extraVars: [],
  forks: 2,
  connection: {
    connection: null,
    user: null,
    privateKeyFile: null,
    sshCommonArgs: null,
    hostKeyChecking: null,
    timeoutSeconds: 5,
    become: true,
    becomeUser: null,
    becomeMethod: null,
  },
  credentials: {
    askConnection: false,
    askBecome: false,
    connectionFile: null,
    becomeFile: null,
    askVault: false,
    vaultFiles: [],
    vaultIds: [],
  },
});

/** What the hosts say to `script`, one line each. */
const asked = async (script: string, inventory: string, limit: string | null = null): Promise<string[]> => {
  writeFileSync(join(cwd, "hosts.yml"), inventory);
  const lines: string[] = [];
  const code = await withNodes(options(limit), recordIo(cwd).io, async ({ hosts, open }) => {
    const answers = await probeNodes(open(hosts).all, 2, () => read(script, text));
    for (const [name, answer] of answers)
      lines.push(`${name}: ${answer.kind === "answered" ? answer.value : answer.error.fault}`);
    return 7;
  });
  expect(code).toBe(7);
  return lines;
};

const LOCAL = "ansible_connection: local, ansible_become: false";

test("Nodes are reached as their variables say, templates included, and asked all at once.", async () => {
  const inventory = `lb:
  vars: {way: local, ansible_connection: "{{ way }}", ansible_become: false}
  hosts: {lb1: , lb2: }
web: {hosts: {web1: {${LOCAL}}}}
`;
  expect(await asked("echo here", inventory)).toEqual(["lb1: here", "lb2: here", "web1: here"]);
  expect(await asked("echo here", inventory, "lb:!lb1")).toEqual(["lb2: here"]);
});

test("A node that cannot be reached does not keep the others from answering.", async () => {
  const inventory = `lb:
  hosts:
    lb1: {ansible_host: 127.0.0.1, ansible_port: 1}
    lb2: {${LOCAL}}
`;
  expect(await asked("echo here", inventory)).toEqual(["lb1: refused", "lb2: here"]);
});

test("A node is read as it is now, each time.", async () => {
  writeFileSync(join(cwd, "hosts.yml"), `lb: {hosts: {lb1: {${LOCAL}}}}\n`);
  const script = `echo x >>'${cwd}/count'; wc -l <'${cwd}/count'`;
  await withNodes(options(), recordIo(cwd).io, async ({ open }) => {
    const [node] = open(["lb1"]).all;
    expect(await node?.read(read(script, text))).toBe("1");
    expect(await node?.read(read(script, text))).toBe("2");
    return 0;
  });
});

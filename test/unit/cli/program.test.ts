import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import manifest from "../../../package.json" with { type: "json" };
import { exitCodeOf } from "../../../src/cli/exit-code.ts";
import { runProgram } from "../../../src/cli/program.ts";
import { tellError } from "../../../src/cli/tell-error.ts";
import { Interrupted } from "../../../src/cli/terminal.ts";
import { LbplayError } from "../../../src/core/error.ts";
import { TransportError } from "../../../src/core/transport.ts";
import { recordIo } from "./io.ts";

let directory = "";

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), "lbplay-program-"));
  await writeFile(
    join(directory, "hosts.yaml"),
    `all:
  vars: { domain: example.net }
  children:
    lbs:
      vars: { vip: "{{ prefix }}.100", ports: [80, 443] }
      hosts:
        lb1: { prio: 250 }
        lb2:
    empty:
  hosts: { solo: }
`,
  );
});

afterEach(async () => {
  await rm(directory, { recursive: true });
});

const runLine = async (line: string) => {
  const recorded = recordIo(directory);
  const code = await runProgram(line.split(" "), recorded.io);
  return { code, stdout: recorded.stdout(), stderr: recorded.stderr() };
};

test("The version is package.json's.", async () => {
  expect(await runLine("--version")).toEqual({ code: 0, stdout: `${manifest.version}\n`, stderr: "" });
});

// The expected texts of the next three tests are ansible-inventory 2.14's for the same file, but that it writes repeated
// lists as YAML anchors.
test("An inventory is listed as ansible-inventory lists it, templates as they are written.", async () => {
  const { code, stdout } = await runLine("inventory -i hosts.yaml");
  expect({ code, data: JSON.parse(stdout) }).toEqual({
    code: 0,
    data: {
      _meta: {
        hostvars: {
          lb1: { domain: "example.net", ports: [80, 443], prio: 250, vip: "{{ prefix }}.100" },
          lb2: { domain: "example.net", ports: [80, 443], vip: "{{ prefix }}.100" },
          solo: { domain: "example.net" },
        },
      },
      all: { children: ["ungrouped", "lbs", "empty"] },
      lbs: { hosts: ["lb1", "lb2"] },
      ungrouped: { hosts: ["solo"] },
    },
  });
});

test("The graph has groups, hosts and, if asked, variables as Python writes them.", async () => {
  const { stdout } = await runLine("inventory -i hosts.yaml --graph --vars lbs");
  expect(stdout).toBe(`@lbs:
  |--lb1
  |  |--{domain = example.net}
  |  |--{ports = [80, 443]}
  |  |--{prio = 250}
  |  |--{vip = {{ prefix }}.100}
  |--lb2
  |  |--{domain = example.net}
  |  |--{ports = [80, 443]}
  |  |--{vip = {{ prefix }}.100}
  |--{ports = [80, 443]}
  |--{vip = {{ prefix }}.100}
`);
});

test("With --limit only some hosts are shown, their groups all the same.", async () => {
  const { stdout } = await runLine("inventory -i hosts.yaml --graph -l lb2");
  expect(stdout).toBe("@all:\n  |--@ungrouped:\n  |--@lbs:\n  |  |--lb2\n  |--@empty:\n");
});

test("As YAML an inventory can be read again.", async () => {
  const { stdout } = await runLine("inventory -i hosts.yaml --yaml");
  expect(stdout).toBe(`all:
  children:
    empty: {}
    lbs:
      hosts:
        lb1:
          domain: example.net
          ports:
          - 80
          - 443
          prio: 250
          vip: '{{ prefix }}.100'
        lb2:
          domain: example.net
          ports:
          - 80
          - 443
          vip: '{{ prefix }}.100'
    ungrouped:
      hosts:
        solo:
          domain: example.net
`);
});

test("A host that the inventory lacks is a mistake, with the one that was probably meant.", async () => {
  expect(await runLine("inventory -i hosts.yaml --host lb3")).toEqual({
    code: 2,
    stdout: "",
    stderr: "error: the inventory has no host lb3 [E_UNKNOWN_HOST]\n  hint: did you mean lb1?\n",
  });
});

test("doc explains a module under any of its names, and names the one that was meant.", async () => {
  const { code, stdout } = await runLine("doc ansible.posix.sysctl");
  expect({ code, first: stdout.split("\n").slice(0, 2) }).toEqual({
    code: 0,
    first: ["sysctl", "  Keeps a kernel setting in a file and sets it in the running kernel."],
  });
  expect(await runLine("doc sysctll")).toEqual({
    code: 2,
    stdout: "",
    stderr: "error: no module is called sysctll [E_UNKNOWN_MODULE]\n  hint: did you mean sysctl?\n",
  });
});

test.each([
  [new LbplayError({ code: "E_X", message: "m" }), 2],
  [new TransportError({ fault: "refused", message: "m" }), 3],
  [new Interrupted("Ctrl-C"), 130],
  [new TypeError("undefined is not a function"), 70],
])("%s ends with its exit code.", (error, code) => {
  const { io, stderr } = recordIo(directory);
  expect(tellError(error, io)).toBe(code);
  expect(stderr().includes("at ")).toBe(code === 70);
});

test("A failed task outweighs an unreachable node, and changes only count in check mode when asked.", () => {
  const end = { failed: false, unreachable: false, changed: true };
  const asked = { check: true, exitCode: true };
  expect([
    exitCodeOf({ ...end, failed: true, unreachable: true }, asked),
    exitCodeOf({ ...end, unreachable: true }, asked),
    exitCodeOf(end, asked),
    exitCodeOf(end, { check: false, exitCode: true }),
    exitCodeOf(end, { check: true, exitCode: false }),
    exitCodeOf({ ...end, changed: false }, asked),
  ]).toEqual([1, 3, 4, 0, 0, 0]);
});

test("Of several playbooks one has the task to start at, and those after it are run whole; none is a mistake.", async () => {
  const play = (task: string): string =>
    `- hosts: localhost\n  gather_facts: false\n  tasks:\n    - { name: ${task} 1, debug: }\n    - { name: ${task} 2, debug: }\n`;
  await writeFile(join(directory, "a.yaml"), play("a"));
  await writeFile(join(directory, "b.yaml"), play("b"));
  const tasksOf = async (name: string) => {
    const recorded = recordIo(directory, { env: { ...process.env, LBPLAY_STATE_DIR: directory } });
    const words = ["run", "a.yaml", "b.yaml", "-i", "localhost,", "-c", "local", "--start-at-task", name];
    const code = await runProgram(words, recorded.io);
    const tasks = [...recorded.stdout().matchAll(/^TASK \[([ab] \d)\]/gm)].map(([, task]) => task);
    return { code, tasks, stderr: recorded.stderr() };
  };
  expect(await tasksOf("a 2")).toEqual({ code: 0, tasks: ["a 2", "b 1", "b 2"], stderr: "" });
  expect(await tasksOf("b *")).toEqual({ code: 0, tasks: ["b 1", "b 2"], stderr: "" });
  expect(await tasksOf("c")).toEqual({
    code: 2,
    tasks: [],
    stderr:
      "error: --start-at-task: no task is called c, so none was run [E_START_AT_TASK]\n" +
      "  hint: --list-tasks shows their names; * stands for any text\n",
  });
});

test("A syntax check tells a mistake in what the inventory says of a pair.", async () => {
  await writeFile(join(directory, "site.yaml"), "- { hosts: lbs, tasks: [{ ping: {} }] }\n");
  await writeFile(
    join(directory, "pair.yaml"),
    "lbs: { hosts: { lb1: , lb2: }, vars: { lbplay_pair: { prefer: lb3 } } }\n",
  );
  const { code, stderr } = await runLine("run site.yaml -i pair.yaml --syntax-check");
  expect(code).toBe(2);
  expect(stderr).toContain("pair.yaml:1:55");
  expect(stderr).toContain("prefer: lb3 is no node of this pair");
});

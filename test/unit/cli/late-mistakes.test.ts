import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { runProgram } from "../../../src/cli/program.ts";
import { recordIo } from "./io.ts";

let directory = "";

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), "lbplay-late-"));
});

afterEach(async () => {
  await rm(directory, { recursive: true });
});

const runHere = async (playbook: string, ...words: readonly string[]) => {
  await writeFile(join(directory, "site.yaml"), playbook);
  const { io, stdout, stderr } = recordIo(directory);
  const code = await runProgram(["run", "site.yaml", "-i", "localhost,", ...words], io);
  return { code, stdout: stdout(), stderr: stderr() };
};

// The first run in a process loads all of the program.
const LOADING = { timeout: 120_000 };

test(
  "A parameter that only the run can know is refused in words when it has not its shape.",
  LOADING,
  async () => {
    const { code, stdout, stderr } = await runHere(
      `- hosts: localhost
  connection: local
  gather_facts: false
  tasks:
    - command: echo '[{"nmae":"app"}]'
      check_mode: false
      register: said
    - haproxy_config:
        dest: ${directory}/haproxy.cfg
        frontends: [{ name: web, binds: [{ address: 127.0.0.1, port: 80 }], default_backend: app }]
        backends: "{{ said.stdout | from_json }}"
`,
      "--check",
    );
    expect({ code, stderr }).toEqual({ code: 1, stderr: "" });
    expect(stdout).toContain("fatal: [localhost]: FAILED! => haproxy_config: ");
    expect(stdout).toMatch(/unknown parameter "nmae"|name is required/);
  },
);

test("A play for hosts that are not there is listed with none, as a run would skip it.", async () => {
  const { code, stdout } = await runHere(
    "- { hosts: web, tasks: [{ ping: {} }] }\n",
    "--list-hosts",
    "--list-tasks",
  );
  expect({ code, stdout }).toEqual({ code: 0, stdout: expect.stringContaining("web") });
});

import { rmSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { EXIT } from "../../../src/cli/exit-code.ts";
import { runProgram } from "../../../src/cli/program.ts";
import { siteDir } from "../config/site.ts";
import { recordIo } from "./io.ts";

const SITE = {
  "site.yml": "- hosts: all\n  gather_facts: false\n  roles: [app]\n",
  hosts: "lb1 ansible_connection=local\nlb2 ansible_connection=local\n",
  "roles/app/meta/argument_specs.yml":
    "argument_specs: { main: { options: { app_port: { type: int }, app_key: { type: int, no_log: true } } } }\n",
  "roles/app/tasks/main.yml": "- debug: { msg: here }\n",
};

const program = async (files: Readonly<Record<string, string>>, ...words: readonly string[]) => {
  const cwd = siteDir({ ...SITE, ...files });
  try {
    const { io, stdout, stderr } = recordIo(cwd);
    const code = await runProgram(["run", "site.yml", "-i", "hosts", ...words], io);
    return { code, stdout: stdout(), stderr: stderr() };
  } finally {
    rmSync(cwd, { recursive: true });
  }
};

describe("arguments of a role that are known to be wrong", () => {
  test("end the run before any node is met, with the lines around them", async () => {
    const { code, stdout, stderr } = await program({ "host_vars/lb2.yml": "app_port: 8o\n" });
    expect({ code, stdout }).toEqual({ code: EXIT.mistake, stdout: "" });
    expect(stderr).toBe(
      'host_vars/lb2.yml:1:11: error: role app: app_port: expected an integer, found "8o" [E_ROLE_ARGUMENT]\n' +
        "  > 1 | app_port: 8o\n" +
        "      |           ^^\n",
    );
  });

  test("do not keep a run from other hosts", async () => {
    const { code } = await program(
      { "host_vars/lb2.yml": "app_port: 8o\n" },
      "--limit",
      "lb1",
      "--list-tasks",
    );
    expect(code).toBe(EXIT.ok);
  });

  test("are not shown where the role says that they are secret, nor are their neighbours", async () => {
    const { code, stderr } = await program({ "host_vars/lb2.yml": "other: hunter3\napp_key: hunter2\n" });
    expect(code).toBe(EXIT.mistake);
    expect(stderr).toContain("host_vars/lb2.yml:2:10");
    expect(stderr).not.toContain("hunter");
  });
});

test("A variable that is nearly called like one of a role's is warned of, and the run goes on.", async () => {
  const { code, stderr } = await program({ "host_vars/lb2.yml": "app_prot: 80\n" }, "--list-tasks");
  expect(code).toBe(EXIT.ok);
  expect(stderr).toBe(
    'host_vars/lb2.yml:1:1: warning: the role app has no variable "app_prot", and nothing uses it [W_ROLE_VARIABLE]\n' +
      "  > 1 | app_prot: 80\n" +
      "      | ^^^^^^^^\n" +
      "  hint: did you mean app_port?\n",
  );
});

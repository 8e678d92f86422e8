import { existsSync, readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { type NodeAddress, TransportError } from "../../../src/core/transport.ts";
import { onEach } from "../../../src/engine/on-each.ts";
import { connectHere, temporaryDirectory } from "./local-session.ts";
import { recap, runPlaybook } from "./playbook-run.ts";

describe("hosts that meet on one node", () => {
  it("see what the one before them left there", async () => {
    const { directory, recap: figures } = await runPlaybook({
      hosts: ["a", "b", "c", "d"],
      playbook: `
- hosts: all
  gather_facts: false
  tasks:
    - lineinfile: { path: "@/members", line: "{{ inventory_hostname }}", create: true }
      delegate_to: a
`,
    });
    expect(readFileSync(`${directory}/members`, "utf8").split("\n").toSorted()).toEqual([
      "",
      "a",
      "b",
      "c",
      "d",
    ]);
    expect(Object.values(figures).map(({ changed }) => changed)).toEqual([1, 1, 1, 1]);
  });

  it("are asked again where one machine has two names", async () => {
    const { directory } = await runPlaybook({
      hosts: ["a", "b"],
      context: sameMachine(),
      playbook: `
- hosts: all
  gather_facts: false
  tasks:
    - file: { path: "@/members", state: touch }
    - lineinfile: { path: "@/members", line: "{{ inventory_hostname }}" }
      throttle: 1
    - lineinfile: { path: "@/members", line: "second {{ inventory_hostname }}" }
      throttle: 1
`,
    });
    expect(readFileSync(`${directory}/members`, "utf8")).toBe("a\nb\nsecond a\nsecond b\n");
  });

  it("wait for their turn to be reached where something else comes first", async () => {
    const directory = temporaryDirectory();
    const { recap: figures } = await runPlaybook({
      directory,
      context: { connect: unreachableUntil(`${directory}/up`, "a") },
      playbook: `
- hosts: all
  gather_facts: false
  tasks:
    - debug:
    - file: { path: "@/up", state: touch }
      delegate_to: localhost
    - ping:
`,
    });
    expect(figures).toEqual({ a: recap({ ok: 3, changed: 1 }) });
  });

  it.each([
    [
      "a task that does not mind",
      "ignore_unreachable: true",
      { ok: 2, changed: 0, unreachable: 0, ignored: 1 },
    ],
    [
      "meta: clear_host_errors",
      "ignore_unreachable: false",
      { ok: 1, changed: 0, unreachable: 1, ignored: 0 },
    ],
  ])("are reached anew after %s", async (_what, keyword, expected) => {
    const directory = temporaryDirectory();
    const ran = await runPlaybook({
      directory,
      hosts: ["a", "b"],
      context: { connect: unreachableUntil(`${directory}/up`, "a") },
      playbook: `
- hosts: all
  gather_facts: false
  tasks:
    - command: "true"
      ${keyword}
      register: reached
      when: inventory_hostname == "a"
    - file: { path: "@/up", state: touch }
      when: inventory_hostname == "b"
    - meta: clear_host_errors
    - ping:
    - assert: { that: "(inventory_hostname == 'a') == reached.unreachable | default(false)" }
`,
    });
    expect(ran.lines).toContain("a: ping -> ok");
    expect(ran.recap.a).toMatchObject({ ...expected, ok: expected.ok + 1 });
  });
});

/** All names lead to this machine, and to one state directory. */
const sameMachine = () => {
  const state = temporaryDirectory();
  return { connect: () => connectHere({ ...process.env, LBPLAY_STATE_DIR: state }) };
};

/** A node that is not there before a file is. */
const unreachableUntil = (path: string, name: string) => async (address: NodeAddress) => {
  if (address.name === name && !existsSync(path))
    throw new TransportError({ fault: "refused", message: "not yet" });
  return connectHere({ ...process.env, LBPLAY_STATE_DIR: temporaryDirectory() });
};

describe("work on many hosts", () => {
  it("ends what is under way before an error is told, and begins nothing more", async () => {
    const done: number[] = [];
    const all = onEach([30, 0, 60, 1, 2], 3, async (milliseconds) => {
      await new Promise((resolve) => setTimeout(resolve, milliseconds));
      if (milliseconds === 0) throw new Error("interrupted");
      done.push(milliseconds);
    });
    await expect(all).rejects.toThrow("interrupted");
    expect(done).toEqual([30, 60]);
  });
});

describe("handlers that are forced", () => {
  it("run also where a role's failure ends the play for all", async () => {
    const { lines } = await runPlaybook({
      files: {
        "roles/r/tasks/main.yml": `- { name: Change, command: "true", notify: h }\n- { name: Fail, fail: }\n`,
      },
      playbook: `
- hosts: all
  gather_facts: false
  force_handlers: true
  any_errors_fatal: true
  roles: [r]
  handlers: [{ name: h, debug: }]
`,
    });
    expect(lines).toEqual(["a: r : Change -> changed", "a: r : Fail -> failed", "a: h -> ok"]);
  });
});

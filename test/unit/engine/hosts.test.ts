import { existsSync, mkdirSync, readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { localSession, temporaryDirectory } from "./local-session.ts";
import { recap, runPlaybook } from "./playbook-run.ts";

describe("blocks and hosts", () => {
  it("rescue what failed, always run always, and count as Ansible does", async () => {
    const { lines, recap: recaps } = await runPlaybook({
      hosts: ["a", "b"],
      playbook: `
- hosts: all
  gather_facts: false
  tasks:
    - block:
        - name: Breaks on a
          command: "{{ 'false' if inventory_hostname == 'a' else 'true' }}"
          changed_when: false
        - name: Only b
          command: "true"
          changed_when: false
      rescue:
        - name: Mend
          debug: { msg: "{{ ansible_failed_task.name }}" }
      always:
        - name: Tidy
          debug: { msg: x }
    - name: Both
      debug: { msg: y }
`,
    });
    expect(lines.toSorted()).toEqual([
      "a: Both -> ok",
      "a: Breaks on a -> failed rescued",
      "a: Mend -> ok",
      "a: Tidy -> ok",
      "b: Both -> ok",
      "b: Breaks on a -> ok",
      "b: Only b -> ok",
      "b: Tidy -> ok",
    ]);
    expect(recaps).toEqual({ a: recap({ ok: 3, rescued: 1 }), b: recap({ ok: 4 }) });
  });

  it("go batch by batch, and stop when a batch is lost", async () => {
    const playbook = `
- hosts: all
  gather_facts: false
  serial: 1
  tasks:
    - shell: echo {{ inventory_hostname }} >> @/log; test {{ inventory_hostname }} != b
`;
    const { directory, recap: recaps } = await runPlaybook({ hosts: ["a", "b", "c"], playbook });
    expect(readFileSync(`${directory}/log`, "utf8")).toBe("a\nb\n");
    expect(Object.keys(recaps)).toEqual(["a", "b", "c"]);
  });

  it("share run_once results and stop together with any_errors_fatal", async () => {
    const { directory, lines } = await runPlaybook({
      hosts: ["a", "b"],
      playbook: `
- hosts: all
  gather_facts: false
  any_errors_fatal: true
  tasks:
    - command: echo shared
      run_once: true
      register: once
    - copy: { dest: "@/{{ inventory_hostname }}", content: "{{ once.stdout }}" }
    - command: "{{ 'false' if inventory_hostname == 'b' else 'true' }}"
    - name: Not reached
      debug: { msg: x }
`,
    });
    expect([readFileSync(`${directory}/a`, "utf8"), readFileSync(`${directory}/b`, "utf8")]).toEqual([
      "shared",
      "shared",
    ]);
    expect(lines.filter((line) => line.includes("Not reached"))).toEqual([]);
  });

  it("are all met before any is changed: one that is in use stops the run", async () => {
    const directory = temporaryDirectory();
    mkdirSync(`${directory}/state-b`, { recursive: true });
    const holder = localSession(directory, { owner: "bob@desk" }, `${directory}/state-b`);
    await holder.contact(null);
    const run = runPlaybook({
      directory,
      hosts: ["a", "b"],
      playbook: `
- hosts: all
  gather_facts: false
  tasks:
    - copy: { dest: "@/touched", content: x }
`,
    });
    await expect(run).rejects.toMatchObject({
      code: "E_LOCKED",
      message: expect.stringContaining("bob@desk"),
    });
    expect(existsSync(`${directory}/touched`)).toBe(false);
  });

  it("may run a task here while another run does, as this machine is nobody's node", async () => {
    const directory = temporaryDirectory();
    mkdirSync(`${directory}/state-localhost`, { recursive: true });
    const holder = localSession(directory, { owner: "bob@desk" }, `${directory}/state-localhost`);
    await holder.contact(null);
    await runPlaybook({
      directory,
      hosts: ["a"],
      playbook: `
- hosts: a
  gather_facts: false
  tasks:
    - copy: { dest: "@/here", content: x }
      delegate_to: localhost
`,
    });
    expect(readFileSync(`${directory}/here`, "utf8")).toBe("x");
  });

  it("run a task on another host, with their own variables", async () => {
    const { directory } = await runPlaybook({
      hosts: ["a", "b"],
      playbook: `
- hosts: a
  gather_facts: false
  tasks:
    - shell: echo "$LBPLAY_STATE_DIR {{ inventory_hostname }}" > @/where
      delegate_to: b
`,
    });
    expect(readFileSync(`${directory}/where`, "utf8")).toBe(`${directory}/state-b a\n`);
  });
});

import { existsSync, readdirSync, readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { recap, runPlaybook } from "./playbook-run.ts";

describe("handlers", () => {
  const playbook = `
- hosts: all
  gather_facts: false
  tasks:
    - copy: { dest: "@/config", content: "{{ text | default('one') }}" }
      notify: [second, first]
    - copy: { dest: "@/other", content: other }
      notify: group
    - command: "{{ then | default('true') }}"
      changed_when: false
  handlers:
    - name: first
      shell: echo first >> @/log
    - name: second
      shell: echo second >> @/log
    - name: third
      shell: echo third >> @/log
      listen: group
    - name: never
      shell: echo never >> @/log
`;

  it("run once each, in order of definition, after the tasks", async () => {
    const { directory, lines } = await runPlaybook({ playbook });
    expect(readFileSync(`${directory}/log`, "utf8")).toBe("first\nsecond\nthird\n");
    expect(lines.slice(-3)).toEqual(["a: first -> changed", "a: second -> changed", "a: third -> changed"]);
    expect(readdirSync(`${directory}/state-a/owed`)).toEqual([]);
  });

  it("are made up for by the next run when a run ended between change and handler", async () => {
    const extraVars = new Map([["then", "false"]]);
    const cut = await runPlaybook({ playbook, settings: { extraVars } });
    expect(existsSync(`${cut.directory}/log`)).toBe(false);
    const predicted = await runPlaybook({ playbook, directory: cut.directory, settings: { mode: "check" } });
    expect(predicted.lines.filter((line) => !line.endsWith("-> ok"))).toEqual([
      "a: command -> skipped",
      "a: first -> skipped",
      "a: second -> skipped",
      "a: third -> skipped",
    ]);
    const next = await runPlaybook({ playbook, directory: cut.directory });
    expect(next.recap).toEqual({ a: recap({ ok: 6, changed: 3 }) });
    expect(readFileSync(`${cut.directory}/log`, "utf8")).toBe("first\nsecond\nthird\n");
    const last = await runPlaybook({ playbook, directory: cut.directory });
    expect(last.recap).toEqual({ a: recap({ ok: 3 }) });
  });

  it("of a delegated task are owed by the host it is done for", async () => {
    const delegated = `
- hosts: all
  gather_facts: false
  tasks:
    - copy: { dest: "@/config-{{ inventory_hostname }}", content: one }
      delegate_to: b
      notify: [note, "{{ long }}"]
      when: inventory_hostname == "a"
    - command: "{{ then | default('true') }}"
      changed_when: false
  handlers:
    - name: note
      shell: echo {{ inventory_hostname }} >> @/log
    - name: "{{ long }}"
      shell: echo long {{ inventory_hostname }} >> @/log
  vars: { long: "${"ü".repeat(60)}/" }
`;
    const hosts = ["a", "b"];
    const owed = (directory: string): readonly string[] =>
      hosts.flatMap((host) =>
        existsSync(`${directory}/state-${host}/owed`) ? readdirSync(`${directory}/state-${host}/owed`) : [],
      );
    const extraVars = new Map([["then", "false"]]);
    const { directory } = await runPlaybook({ playbook: delegated, hosts, settings: { extraVars } });
    expect(owed(directory)).toEqual([expect.stringMatching(/^_C3_BC.{100,}@a$/), "note@a"]);
    await runPlaybook({ playbook: delegated, hosts, directory });
    expect([readFileSync(`${directory}/log`, "utf8"), owed(directory)]).toEqual(["a\nlong a\n", []]);
    await runPlaybook({ playbook: delegated, hosts, directory });
    expect(readFileSync(`${directory}/log`, "utf8")).toBe("a\nlong a\n");
  });

  it("are not made up for twice where the connection is opened again after them", async () => {
    const { lines } = await runPlaybook({
      playbook: `
- hosts: all
  gather_facts: false
  tasks:
    - command: "true"
      notify: note
    - meta: flush_handlers
    - meta: reset_connection
    - ping:
  handlers:
    - { name: note, debug: }
`,
    });
    expect(lines).toEqual(["a: command -> changed", "a: note -> ok", "a: ping -> ok"]);
  });

  it("are flushed where meta says so, and run for failed hosts only when forced", async () => {
    const forced = `
- hosts: all
  gather_facts: false
  tasks:
    - command: "true"
      notify: note
    - meta: flush_handlers
    - shell: echo after >> @/log
      notify: note
    - command: "false"
  handlers:
    - name: note
      shell: echo note >> @/log
`;
    const plain = await runPlaybook({ playbook: forced });
    expect(readFileSync(`${plain.directory}/log`, "utf8")).toBe("note\nafter\n");
    const force = await runPlaybook({ playbook: forced, settings: { forceHandlers: true } });
    expect(readFileSync(`${force.directory}/log`, "utf8")).toBe("note\nafter\nnote\n");
    expect(force.recap).toMatchObject({ a: { failed: 1 } });
  });
});

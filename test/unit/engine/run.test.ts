import { existsSync, readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import type { RunEvent } from "../../../src/core/event.ts";
import { recap, results, runPlaybook } from "./playbook-run.ts";

describe("a task", () => {
  it("changes what differs, and nothing the second time, in one round trip", async () => {
    const playbook = `
- hosts: all
  gather_facts: false
  vars: { where: "@/out", text: "hello {{ inventory_hostname }}" }
  tasks:
    - name: Directory
      file: { path: "{{ where }}", state: directory }
    - name: Files
      copy: { dest: "{{ where }}/{{ item }}", content: "{{ text }} {{ item }}\\n", mode: "0640" }
      loop: [x, y]
    - name: Template
      template: { src: t.j2, dest: "{{ where }}/t" }
`;
    const first = await runPlaybook({
      playbook,
      files: { "templates/t.j2": "{% for n in [1, 2] %}\n{{ n }}{{ text }}\n{% endfor %}\n" },
    });
    expect(first.lines).toEqual([
      "a: Directory -> changed",
      "a: Files [x] -> changed",
      "a: Files [y] -> changed",
      "a: Files -> changed",
      "a: Template -> changed",
    ]);
    expect(first.recap).toEqual({ a: recap({ ok: 3, changed: 3 }) });
    expect(readFileSync(`${first.directory}/out/x`, "utf8")).toBe("hello a x\n");
    expect(readFileSync(`${first.directory}/out/t`, "utf8")).toBe("1hello a\n2hello a\n");
    const second = await runPlaybook({ playbook, directory: first.directory });
    expect(second.recap).toEqual({ a: recap({ ok: 3 }) });
    expect(second.report.roundTrips).toEqual({ a: 1 });
  });

  it("reads ahead as far as changes are apart: one trip for each, not one for each task", async () => {
    const same = (index: number, step: number): string =>
      `    - stat: { path: "@/never-${index}-${step}" }\n`;
    const group = (index: number): string =>
      `    - copy: { dest: "@/file-${index}", content: x }\n${[1, 2, 3].map((step) => same(index, step)).join("")}`;
    const playbook = `- hosts: all\n  gather_facts: false\n  tasks:\n${Array.from({ length: 8 }, (_, index) => group(index)).join("")}`;
    const { report, recap: figures } = await runPlaybook({ playbook });
    expect(figures).toEqual({ a: recap({ ok: 32, changed: 8 }) });
    // The first reads, eight changes, and two more until the distance of changes is known.
    expect(report.roundTrips.a).toBeLessThanOrEqual(11);
  });

  it("fails where a path or the name of a variable cannot be one, without harm and without a crash", async () => {
    const {
      directory,
      events,
      recap: figures,
    } = await runPlaybook({
      playbook: `
- hosts: all
  gather_facts: false
  tasks:
    - name: Path
      file: { path: "@/a\\0b", state: touch }
      ignore_errors: true
    - name: Variable
      command: "true"
      environment: { "A B; touch @/made; X": "1" }
      ignore_errors: true
    - name: Well
      ping:
`,
    });
    expect(results(events).map(({ msg }) => msg?.replace(/ \(.*$/, "").replace(directory, "@"))).toEqual([
      "file: a path or a name holds a NUL character, which no node can have",
      'environment: "A B; touch @/made; X" cannot be the name of a variable',
      undefined,
    ]);
    expect(existsSync(`${directory}/made`)).toBe(false);
    expect(figures).toEqual({ a: recap({ ok: 3, ignored: 2 }) });
  });

  it("becomes another user by the program that is named, by a variable rather than by the keyword", async () => {
    const { events } = await runPlaybook({
      playbook: `
- hosts: all
  gather_facts: false
  become: true
  become_user: nobody
  become_exe: "{{ there }}/doas"
  vars: { there: /nowhere }
  tasks:
    - ping:
      ignore_unreachable: true
    - ping:
      vars: { ansible_sudo_exe: /nowhere/sudo }
`,
    });
    expect(results(events).map(({ msg }) => /\/nowhere\/\w+/.exec(msg ?? "")?.[0])).toEqual([
      "/nowhere/doas",
      "/nowhere/sudo",
    ]);
  });

  it("is skipped by its condition, tried until it is well, judged by changed_when and failed_when", async () => {
    const { lines, events } = await runPlaybook({
      playbook: `
- hosts: all
  gather_facts: false
  tasks:
    - name: Never
      command: "false"
      when: 1 > 2
    - name: Third time
      shell: echo x >> @/tries; test $(wc -l < @/tries) -ge 3
      register: tries
      until: tries.rc == 0
      retries: 5
      delay: 1
    - name: Quiet
      command: "true"
      changed_when: false
    - name: Tolerated
      command: "false"
      failed_when: false
    - name: Ignored
      command: "false"
      ignore_errors: true
    - name: Loud
      command: echo bad
      register: loud
      failed_when: "'bad' in loud.stdout"
    - name: Not reached
      command: "true"
`,
    });
    expect(lines).toEqual([
      "a: Never -> skipped",
      "a: Third time -> changed",
      "a: Quiet -> ok",
      "a: Tolerated -> changed",
      "a: Ignored -> failed ignored",
      "a: Loud -> failed",
    ]);
    expect(results(events).find((event) => event.task.name === "Third time")?.result).toMatchObject({
      attempts: 3,
      rc: 0,
    });
  });

  it("fails when its node still differs after every command went well", async () => {
    const { events } = await runPlaybook({
      playbook: `
- hosts: all
  gather_facts: false
  tasks:
    - name: Undone at once
      copy: { dest: "@/file", content: wanted, validate: "sh -c 'sed -i s/wanted/other/ %s'" }
`,
    });
    expect(results(events).map((event) => [event.status, event.msg])).toEqual([
      ["failed", expect.stringMatching(/^applied, but the node still differs: /)],
    ]);
  });

  it("knows registered results, set facts and loop results of earlier tasks", async () => {
    const { directory } = await runPlaybook({
      playbook: `
- hosts: all
  gather_facts: false
  tasks:
    - shell: echo {{ item }}
      loop: [p, q]
      register: each
    - set_fact: { joined: "{{ each.results | map(attribute='stdout') | join('+') }}", cacheable: false }
    - copy: { dest: "@/joined", content: "{{ joined }}" }
`,
    });
    expect(readFileSync(`${directory}/joined`, "utf8")).toBe("p+q");
  });
});

describe("variables", () => {
  it("are looked up by Ansible's precedence", async () => {
    const { directory } = await runPlaybook({
      files: {
        "roles/r/defaults/main.yml": 'level: defaults\nonly_default: d\nreferred: "{{ level }}!"\n',
        "roles/r/vars/main.yml": "from_role: role\nlevel: rolevars\n",
        "roles/r/tasks/main.yml": [
          '- copy: { dest: "@/1", content: "{{ level }} {{ only_default }} {{ referred }} {{ play_only }} {{ in_group }}" }',
          '- copy: { dest: "@/2", content: "{{ level }} {{ referred }}" }',
          "  vars: { level: task }",
          "- set_fact: { level: fact }",
          '- copy: { dest: "@/3", content: "{{ level }}" }',
          "  vars: { level: task }",
          '- copy: { dest: "@/4", content: "{{ wins }}" }',
        ].join("\n"),
        "group_vars/all.yml": "in_group: group\nwins: group\nlevel: group\n",
      },
      settings: { extraVars: new Map([["wins", "extra"]]) },
      playbook: `
- hosts: all
  gather_facts: false
  vars: { level: play, play_only: p, wins: play }
  roles: [r]
`,
    });
    const read = (name: number): string => readFileSync(`${directory}/${name}`, "utf8");
    expect([read(1), read(2), read(3), read(4)]).toEqual([
      "rolevars d rolevars! p group",
      "task task!",
      "fact",
      "extra",
    ]);
  });

  it("that refer to themselves are an error with the chain", async () => {
    const { events } = await runPlaybook({
      playbook: `
- hosts: all
  gather_facts: false
  vars: { a1: "{{ b1 }}", b1: "{{ a1 }}" }
  tasks:
    - debug: { msg: "{{ a1 }}" }
`,
    });
    expect(results(events)[0]?.msg).toContain("a1 -> b1 -> a1");
  });

  it("of data from nodes are never rendered", async () => {
    const { directory } = await runPlaybook({
      playbook: `
- hosts: all
  gather_facts: false
  tasks:
    - shell: echo '{{ "{{" }} inventory_hostname }}'
      register: hostile
    - copy: { dest: "@/seen", content: "{{ hostile.stdout }}" }
`,
    });
    expect(readFileSync(`${directory}/seen`, "utf8")).toBe("{{ inventory_hostname }}");
  });
});

describe("check mode", () => {
  it("writes nothing, says what would change, and what would follow from it", async () => {
    const playbook = `
- hosts: all
  gather_facts: false
  tasks:
    - name: Directory
      file: { path: "@/new", state: directory }
    - name: Inside
      copy: { dest: "@/new/file", content: x }
    - name: Same
      copy: { dest: "@/same", content: same }
`;
    const { lines, directory, report } = await runPlaybook({
      playbook,
      files: { same: "same" },
      settings: { mode: "check" },
    });
    expect(lines).toEqual(["a: Directory -> changed", "a: Inside -> would-follow", "a: Same -> ok"]);
    expect(existsSync(`${directory}/new`)).toBe(false);
    expect(existsSync(`${directory}/state-a`)).toBe(false);
    expect(report.roundTrips).toEqual({ a: 1 });
  });
});

describe("an interrupted run", () => {
  it.each([
    ["items", "- debug: { msg: x }\n      loop: '{{ range(500) }}'"],
    ["steps", "- include_tasks: more.yml\n      loop: '{{ range(500) }}'"],
  ])("ends between %s that wait for no node", async (_what, task) => {
    const controller = new AbortController();
    const events: RunEvent[] = [];
    const interrupt = (event: RunEvent): void => {
      events.push(event);
      if (event.kind === "host-started") setTimeout(() => controller.abort(), 1);
    };
    const ran = runPlaybook({
      files: { "more.yml": "- debug: { msg: x }\n" },
      playbook: `
- hosts: all
  gather_facts: false
  tasks:
    ${task}
`,
      context: { signal: controller.signal, sink: interrupt },
    });
    await expect(ran).rejects.toMatchObject({ code: "E_INTERRUPTED" });
    expect(results(events).length).toBeLessThan(500);
  });
});

describe("secrets", () => {
  it("are hidden by no_log and wherever a known one turns up", async () => {
    const { events } = await runPlaybook({
      playbook: `
- hosts: all
  gather_facts: false
  vars_prompt: [{ name: token, prompt: Token, private: true }]
  tasks:
    - name: Hidden
      shell: echo {{ item }}
      loop: [s3cret-one]
      no_log: true
    - name: Shown
      shell: echo {{ token }}
`,
      context: { prompt: async () => "hunter2-token" },
    });
    const text = JSON.stringify(events);
    expect(text).not.toContain("s3cret-one");
    expect(text).not.toContain("hunter2-token");
    expect(text).toContain("[redacted]");
  });

  it("that a change is about are in no event, whoever reads it", async () => {
    const { events, lines } = await runPlaybook({
      playbook: `
- hosts: all
  gather_facts: false
  tasks:
    - name: Of a module
      yum_repository:
        { name: x, description: x, baseurl: "http://x/", password: s3cret-one, reposdir: "@" }
    - name: Of a task
      copy: { dest: "@/s3cret-two", content: s3cret-two }
      no_log: true
`,
    });
    expect(lines).toEqual(["a: Of a module -> changed", "a: Of a task -> changed"]);
    const changes = results(events).flatMap((event) => event.changes);
    expect(changes).toContainEqual(expect.objectContaining({ before: null, after: "[redacted]" }));
    expect(JSON.stringify(changes)).not.toContain("s3cret");
  });
});

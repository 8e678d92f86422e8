import { expect, test } from "vitest";
import { brief, ROLE } from "./brief.ts";
import { plain } from "./plain.ts";
import { withPlaybook } from "./site.ts";

const sections = (site: string, files: Readonly<Record<string, string>> = {}): unknown => {
  let result: unknown = null;
  withPlaybook({ "site.yml": site, ...files }, (playbook) => {
    result = playbook.plays.map((play) => play.sections.map((section) => section.map(brief)));
  });
  return result;
};

const PLAIN_PROMPT = { confirm: false, encrypt: null, salt: null, saltSize: null };

test("Sections are pre_tasks, roles, tasks and post_tasks in the order of running, however they are written.", () => {
  const site = `
- hosts: all
  post_tasks: [{command: post}]
  tasks: [{command: task}]
  roles: [one]
  pre_tasks: [{command: pre}]
`;
  expect(sections(site, ROLE("one"))).toEqual([
    [
      [{ command: { _raw_params: "pre" } }],
      [{ command: { _raw_params: "one" }, role: "one" }],
      [{ command: { _raw_params: "task" } }],
      [{ command: { _raw_params: "post" } }],
    ],
  ]);
});

test("Conditions add up outermost first, tags unite, vars are layers, of become the innermost counts.", () => {
  const site = `
- hosts: all
  become: true
  tags: p
  tasks:
    - block:
        - command: a
          when: [c, d]
          tags: [b, t]
          vars: {y: 2}
          become: no
      when: a and b
      tags: b
      vars: {x: 1}
      always:
        - command: z
`;
  expect(sections(site)).toEqual([
    [
      [],
      [],
      [
        {
          block: [
            {
              command: { _raw_params: "a" },
              when: ["a and b", "c", "d"],
              tags: ["p", "b", "t"],
              vars: [{ x: 1 }, { y: 2 }],
              become: false,
            },
          ],
          rescue: [],
          always: [
            {
              command: { _raw_params: "z" },
              when: ["a and b"],
              tags: ["p", "b"],
              vars: [{ x: 1 }],
              become: true,
            },
          ],
          when: ["a and b"],
          tags: ["p", "b"],
          vars: [{ x: 1 }],
          become: true,
        },
      ],
      [],
    ],
  ]);
});

test("All ways to write a module's arguments give the same.", () => {
  const site = `
- hosts: all
  tasks:
    - copy: src=a dest="/b c" mode=0644
    - copy: {src: a, dest: /b c, mode: "0644"}
    - action: copy src=a dest="/b c" mode=0644
    - action: {module: copy, src: a, dest: /b c, mode: "0644"}
    - ansible.builtin.copy:
      args: {src: a, dest: /b c, mode: "0644"}
    - copy: src=a
      args: {src: other, dest: /b c, mode: "0644"}
`;
  const args = { src: "a", dest: "/b c", mode: "0644" };
  expect(sections(site)).toEqual([
    [
      [],
      [],
      [
        { copy: args },
        { copy: args },
        { copy: args },
        { copy: args },
        { "ansible.builtin.copy": args },
        { copy: args },
      ],
      [],
    ],
  ]);
});

test("A command keeps its text, gives up its options, and cmd is its text by another name.", () => {
  const site = `
- hosts: all
  tasks:
    - command: echo "a  b" c=d creates=/x
    - shell: |
        set -e
        make
      args: {chdir: /src}
    - command: {cmd: ls -l, chdir: /}
    - command:
      args: {argv: [a, b]}
`;
  expect(sections(site)).toEqual([
    [
      [],
      [],
      [
        { command: { creates: "/x", _raw_params: 'echo "a  b" c=d' } },
        { shell: { chdir: "/src", _raw_params: "set -e\nmake\n" } },
        { command: { _raw_params: "ls -l", chdir: "/" } },
        { command: { argv: ["a", "b"] } },
      ],
      [],
    ],
  ]);
});

test("A play's `user` is who logs in, a task's is the module.", () => {
  const site = `
- hosts: all
  user: admin
  tasks:
    - user: {name: www, uid: 33}
    - {user: name=www}
`;
  withPlaybook({ "site.yml": site }, ({ plays: [play] }) => {
    const steps = play?.sections[2] ?? [];
    expect(steps.map(brief)).toEqual([{ user: { name: "www", uid: 33 } }, { user: { name: "www" } }]);
    expect(steps.map(({ keywords }) => keywords.remoteUser)).toEqual(["admin", "admin"]);
  });
});

test("import_tasks is unfolded with its keywords on each task; paths are looked for beside the importing file.", () => {
  const site = `
- hosts: all
  tasks:
    - import_tasks: sub/a.yml
      when: outer
      tags: imported
      vars: {v: 1}
`;
  const files = {
    "sub/a.yml": "- command: a\n- import_tasks: b.yml\n  when: inner\n",
    "sub/b.yml": "- command: b\n",
  };
  const around = { tags: ["imported"], vars: [{ v: 1 }] };
  expect(sections(site, files)).toEqual([
    [
      [],
      [],
      [
        { command: { _raw_params: "a" }, when: ["outer"], ...around },
        { command: { _raw_params: "b" }, when: ["outer", "inner"], ...around },
      ],
      [],
    ],
  ]);
});

test("Handlers are the roles' first, then the play's; listen may be one topic or several.", () => {
  const site = `
- hosts: all
  roles: [r]
  handlers:
    - name: mine
      command: mine
      listen: [a, b]
    - import_tasks: more.yml
`;
  const files = {
    ...ROLE("r"),
    "roles/r/handlers/main.yml": "- {name: role's, command: h, listen: a}\n",
    "more.yml": "- {name: more, command: m}\n",
  };
  withPlaybook({ "site.yml": site, ...files }, ({ plays: [play] }) => {
    expect(
      play?.handlers.map((step) => (step.kind === "task" ? [plain(step.name), step.listen] : null)),
    ).toEqual([
      ["role's", ["a"]],
      ["mine", ["a", "b"]],
      ["more", []],
    ]);
  });
});

test("An include stays; its members inherit its vars and apply, but not its conditions, tags and loop.", () => {
  const site = `
- hosts: all
  become: true
  tasks:
    - block:
        - include_tasks: {file: inc.yml, apply: {tags: [applied], become: false}}
          when: inner
          tags: own
          vars: {v: 1}
          loop: [1, 2]
          loop_control: {loop_var: n}
      when: outer
`;
  withPlaybook({ "site.yml": site, "inc.yml": "- command: x\n" }, ({ plays: [play] }, loader) => {
    const [block] = play?.sections[2] ?? [];
    const include = block?.kind === "block" ? block.block[0] : undefined;
    if (include?.kind !== "include") throw new Error("expected an include");
    expect(brief(include)).toEqual({
      "include tasks": { file: "inc.yml" },
      when: ["outer", "inner"],
      tags: ["own"],
      vars: [{ v: 1 }],
      become: true,
    });
    expect(include.keywords.loop).toMatchObject({ lookup: null, items: [1, 2], loopVar: "n" });
    expect(loader.includeTasks("inc.yml", include).map(brief)).toEqual([
      { command: { _raw_params: "x" }, when: ["outer"], tags: ["applied"], vars: [{ v: 1 }], become: false },
    ]);
  });
});

test("import_playbook brings its plays, its conditions, tags and vars over theirs; roles beside the imported file are found.", () => {
  const site =
    "- import_playbook: other/web.yml\n  when: yes_please\n  tags: t\n  vars: {a: over}\n- hosts: db\n";
  const files = {
    "other/web.yml": "- hosts: web\n  vars: {a: own, b: own}\n  roles: [near]\n",
    "other/roles/near/tasks/main.yml": "- command: near\n",
  };
  withPlaybook({ "site.yml": site, ...files }, ({ plays }) => {
    expect(plays.map((play) => [plain(play.hosts), plain(play.vars), play.sections[1]?.map(brief)])).toEqual([
      [
        "web",
        { a: "over", b: "own" },
        [{ command: { _raw_params: "near" }, when: ["yes_please"], tags: ["t"], role: "near" }],
      ],
      ["db", {}, []],
    ]);
  });
});

test("A condition that is wholly wrapped in braces means its inside, and points there.", () => {
  const site =
    '- hosts: all\n  tasks:\n    - command: x\n      when: "{{ foo }}"\n    - command: y\n      when: yes\n';
  withPlaybook({ "site.yml": site }, ({ plays: [play] }) => {
    const conditions = play?.sections[2]?.flatMap((step) => step.keywords.when) ?? [];
    expect(conditions.map(({ source, at }) => [source, at?.line, at?.column])).toEqual([
      ["foo", 4, 17],
      ["True", 6, 13],
    ]);
  });
});

test("A play's own keywords are kept as written, templates too.", () => {
  const site = `
- name: "Site of {{ who }}"
  hosts: [web, "!db"]
  gather_facts: no
  serial: [1, "50%"]
  strategy: free
  order: sorted
  max_fail_percentage: 30
  force_handlers: true
  any_errors_fatal: "{{ strict }}"
  vars_files: [a.yml, [b.yml, c.yml]]
  vars_prompt:
    - {name: pw, prompt: Password?}
    - {name: shown, private: no, default: 1}
`;
  withPlaybook({ "site.yml": site }, ({ plays: [play] }) => {
    expect({
      name: play?.name,
      hosts: play?.hosts,
      gatherFacts: play?.gatherFacts,
      serial: play?.serial,
      strategy: play?.strategy,
      order: play?.order,
      max: play?.maxFailPercentage,
      force: play?.forceHandlers,
      fatal: plain(play?.anyErrorsFatal ?? null),
      varsFiles: play?.varsFiles,
      prompts: play?.varsPrompt.map(({ at: _at, ...prompt }) => prompt),
    }).toEqual({
      name: "Site of {{ who }}",
      hosts: ["web", "!db"],
      gatherFacts: false,
      serial: [1, "50%"],
      strategy: "free",
      order: "sorted",
      max: 30,
      force: true,
      fatal: "{{ strict }}",
      varsFiles: ["a.yml", ["b.yml", "c.yml"]],
      prompts: [
        { name: "pw", prompt: "Password?", private: true, default: null, ...PLAIN_PROMPT },
        { name: "shown", prompt: "input for shown", private: false, default: "1", ...PLAIN_PROMPT },
      ],
    });
  });
});

test("local_action delegates to this machine; a template alone stands for all arguments.", () => {
  const site = '- hosts: all\n  tasks:\n    - local_action: command date\n    - copy: "{{ everything }}"\n';
  withPlaybook({ "site.yml": site }, ({ plays: [play] }) => {
    const steps = play?.sections[2] ?? [];
    expect(steps.map((step) => [brief(step), step.keywords.delegateTo])).toEqual([
      [{ command: { _raw_params: "date" } }, "localhost"],
      [{ copy: "{{ everything }}" }, null],
    ]);
  });
});

test("A task knows the place of each of its arguments.", () => {
  const site =
    "- hosts: all\n  tasks:\n    - copy:\n        src: a\n        dest: /b\n    - copy: src=a dest=/b\n";
  withPlaybook({ "site.yml": site }, ({ plays: [play] }) => {
    const places =
      play?.sections[2]?.map((step) => (step.kind === "task" ? step.argPlace(["dest"]) : null)) ?? [];
    expect(places.map((place) => [place?.line, place?.column])).toEqual([
      [5, 9],
      [6, 24],
    ]);
  });
});

test("A playbook of two thousand tasks is read well under a second.", () => {
  const task = (index: number): string =>
    `    - name: task ${index}\n      copy:\n        content: "{{ x }} ${index}"\n        dest: /etc/x${index}\n      when: a\n`;
  const site = `- hosts: all\n  tasks:\n${Array.from({ length: 2000 }, (_, index) => task(index)).join("")}`;
  // Processor time: others may use the machine too.
  const start = process.cpuUsage();
  withPlaybook({ "site.yml": site }, ({ plays: [play] }) => {
    expect(play?.sections[2]?.length).toBe(2000);
  });
  expect(process.cpuUsage(start).user / 1000).toBeLessThan(2000);
});

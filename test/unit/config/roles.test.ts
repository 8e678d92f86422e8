import { join } from "node:path";
import { expect, test } from "vitest";
import { brief, ROLE } from "./brief.ts";
import { plain } from "./plain.ts";
import { withPlaybook } from "./site.ts";

test("A role brings dependencies first, with the conditions and tags of its use on them too.", () => {
  const site = `
- hosts: all
  roles:
    - role: app
      when: wanted
      tags: [app]
      listen_port: 80
      vars: {x: 1}
`;
  const files = {
    ...ROLE("app"),
    ...ROLE("base"),
    "roles/app/meta/main.yml": "dependencies:\n  - role: base\n    when: based\n",
    "roles/app/defaults/main.yml": "port: 1\ny: 2\n",
    "roles/app/vars/main.yml": "z: 3\n",
  };
  withPlaybook({ "site.yml": site, ...files }, ({ plays: [play] }) => {
    expect(play?.sections.map((section) => section.map(brief))).toEqual([
      [],
      [
        { command: { _raw_params: "base" }, when: ["wanted", "based"], tags: ["app"], role: "base" },
        { command: { _raw_params: "app" }, when: ["wanted"], tags: ["app"], role: "app" },
      ],
      [],
      [],
    ]);
    expect(
      play?.roles.map((role) => ({
        name: role.name,
        defaults: plain(role.defaults),
        vars: plain(role.vars),
        params: plain(role.params),
        parent: role.parent?.name ?? null,
      })),
    ).toEqual([
      { name: "base", defaults: {}, vars: {}, params: {}, parent: "app" },
      {
        name: "app",
        defaults: { port: 1, y: 2 },
        vars: { x: 1, z: 3 },
        params: { listen_port: 80 },
        parent: null,
      },
    ]);
  });
});

test("Uses of a role that are the same have one identity, unless it allows duplicates all but one are passed over.", () => {
  const site = "- hosts: all\n  roles: [a, a, {role: a, p: 1}, {role: a, p: 1}, twice, twice]\n";
  const files = { ...ROLE("a"), ...ROLE("twice"), "roles/twice/meta/main.yml": "allow_duplicates: true\n" };
  withPlaybook({ "site.yml": site, ...files }, ({ plays: [play] }) => {
    const roles = (play?.sections[1] ?? []).map((step) => (step.kind === "task" ? step.role : null));
    const identities = roles.map((role) => role?.identity);
    expect(
      roles.map((role) => [role?.name, identities.indexOf(role?.identity), role?.allowDuplicates]),
    ).toEqual([
      ["a", 0, false],
      ["a", 0, false],
      ["a", 2, false],
      ["a", 2, false],
      ["twice", 4, true],
      ["twice", 4, true],
    ]);
  });
});

test("A dependency shared by roles is read for each of them; its uses have one identity.", () => {
  const site = "- hosts: all\n  roles: [{role: a, when: never_true}, b, c]\n";
  const files = {
    ...ROLE("a"),
    ...ROLE("b"),
    ...ROLE("c"),
    ...ROLE("base"),
    "roles/a/meta/main.yml": "dependencies: [base]\n",
    "roles/b/meta/main.yml": "dependencies: [base]\n",
    "roles/c/meta/main.yml": "dependencies: [base]\n",
  };
  withPlaybook({ "site.yml": site, ...files }, ({ plays: [play] }) => {
    const tasks = play?.sections[1] ?? [];
    expect(tasks.map((step) => (step.kind === "task" ? step.role?.name : null))).toEqual([
      "base",
      "a",
      "base",
      "b",
      "base",
      "c",
    ]);
    const identities = tasks.map((step) => (step.kind === "task" ? step.role?.identity : null));
    expect(identities[0]).toBe(identities[2]);
    expect(identities[1]).not.toBe(identities[3]);
  });
});

test("import_role takes its parts by name, and gives its variables to the play.", () => {
  const site = `
- hosts: all
  tasks:
    - import_role: {name: r, tasks_from: other, vars_from: more.yml, defaults_from: few, handlers_from: hs}
      when: ok
`;
  const files = {
    "roles/r/tasks/other.yml": "- command: other\n",
    "roles/r/vars/more.yml": "v: 1\n",
    "roles/r/defaults/few.yaml": "d: 1\n",
    "roles/r/handlers/hs.yml": "- {name: h, command: h}\n",
  };
  withPlaybook({ "site.yml": site, ...files }, ({ plays: [play] }) => {
    expect(play?.sections[2]?.map(brief)).toEqual([
      { command: { _raw_params: "other" }, when: ["ok"], role: "r" },
    ]);
    expect(play?.roles.map((role) => [plain(role.vars), plain(role.defaults)])).toEqual([
      [{ v: 1 }, { d: 1 }],
    ]);
    expect(play?.handlers.map(brief)).toEqual([{ command: { _raw_params: "h" }, when: ["ok"], role: "r" }]);
  });
});

test("include_role gives steps, handlers and the role, dependencies first.", () => {
  const site = "- hosts: all\n  tasks:\n    - include_role: {name: r}\n      vars: {p: 1}\n";
  const files = {
    ...ROLE("r"),
    ...ROLE("dep"),
    "roles/r/meta/main.yml": "dependencies: [dep]\n",
    "roles/r/handlers/main.yml": "- {name: h, command: h}\n",
    "roles/r/defaults/main.yml": "d: 1\n",
  };
  withPlaybook({ "site.yml": site, ...files }, ({ plays: [play] }, loader) => {
    const include = play?.sections[2]?.[0];
    if (include?.kind !== "include") throw new Error("expected an include");
    const role = {
      name: "r",
      tasksFrom: null,
      varsFrom: null,
      defaultsFrom: null,
      handlersFrom: null,
      validates: true,
      public: false,
    };
    const loaded = loader.includeRole(role, include);
    expect(loaded.steps.map(brief)).toEqual([
      { command: { _raw_params: "dep" }, vars: [{ p: 1 }], role: "dep" },
      { command: { _raw_params: "r" }, vars: [{ p: 1 }], role: "r" },
    ]);
    expect(loaded.handlers.map(brief)).toEqual([
      { command: { _raw_params: "h" }, vars: [{ p: 1 }], role: "r" },
    ]);
    expect(plain(loaded.instance.defaults)).toEqual({ d: 1 });
    expect(play?.roles).toEqual([]);
  });
});

test("Files of a role are searched in the role, its parents, beside the task file and the playbook, nearest first.", () => {
  const site = "- hosts: all\n  roles: [app]\n";
  const files = { ...ROLE("app"), ...ROLE("base"), "roles/app/meta/main.yml": "dependencies: [base]\n" };
  withPlaybook({ "site.yml": site, ...files }, ({ plays: [play] }, loader, cwd) => {
    const step = play?.sections[1]?.[0];
    if (step?.kind !== "task") throw new Error("expected a task");
    expect(loader.searchPath("files", step.role, step.at)).toEqual(
      [
        "roles/base/files",
        "roles/base",
        "roles/app/files",
        "roles/app",
        "roles/base/tasks/files",
        "roles/base/tasks",
        "files",
        "",
      ].map((path) => join(cwd, path).replace(/\/$/, "")),
    );
  });
});

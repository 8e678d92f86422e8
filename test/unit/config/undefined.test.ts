import { describe, expect, test } from "vitest";
import { mistakesOf, type SiteFiles } from "./site.ts";

const site = (tasks: string, more = ""): string =>
  `- hosts: all\n${more}  tasks:\n${tasks
    .trim()
    .split("\n")
    .map((line) => `    ${line}`)
    .join("\n")}\n`;

/** Sites in which every variable is, or may be, defined by the time it is needed. */
const sound: Readonly<Record<string, string | SiteFiles>> = {
  "a registered result, before and after": site(
    "- command: x\n  register: out\n- command: echo {{ out.stdout }}\n  changed_when: out.rc == 0",
  ),
  "a fact that was set": site("- set_fact: {a: 1}\n- command: echo {{ a }}"),
  "a fact whose name is a template": site(
    '- set_fact: {"{{ inventory_hostname }}_x": 1}\n- command: echo {{ lb1_x }}',
  ),
  "facts set by key=value words": site("- set_fact: a=1 b=2\n- command: echo {{ a }}{{ b }}"),
  "gathered facts and magic variables": site(
    "- command: echo {{ ansible_os_family }} {{ ansible_facts.x }} {{ inventory_hostname }} {{ groups.all }} {{ hostvars.lb1 }} {{ role_path }} {{ playbook_dir }} {{ omit }} {{ ansible_host }}",
  ),
  "loop variables": site(
    "- command: echo {{ item }}\n  loop: [1]\n- command: echo {{ n }} {{ i }} {{ ansible_loop.index }}\n  with_items: [1]\n  loop_control: {loop_var: n, index_var: i, extended: true}",
  ),
  "the loop variable of an include, in the included file": {
    "site.yml": site("- include_tasks: inc.yml\n  loop: [1]\n  loop_control: {loop_var: outer}"),
    "inc.yml": "- command: echo {{ outer }}\n",
  },
  "vars of an include, in the included file": {
    "site.yml": site("- include_tasks: inc.yml\n  vars: {v: 1}"),
    "inc.yml": "- command: echo {{ v }}\n",
  },
  "vars of block, task and play": site(
    "- block:\n    - command: echo {{ a }} {{ b }} {{ c }}\n      vars: {a: 1}\n  vars: {b: 1}",
    "  vars: {c: 1}\n",
  ),
  "the role's own variables and those of its parents": {
    "site.yml": "- hosts: all\n  roles: [{role: r, p: 1, vars: {q: 2}}]\n",
    "roles/r/meta/main.yml": "dependencies: [dep]\n",
    "roles/r/defaults/main.yml": "d: 1\n",
    "roles/r/vars/main.yml": "v: 1\n",
    "roles/r/tasks/main.yml": "- command: echo {{ d }}{{ v }}{{ p }}{{ q }}{{ fromdep }}\n",
    "roles/dep/defaults/main.yml": "fromdep: 1\n",
    "roles/dep/tasks/main.yml": "- command: echo {{ d }}\n",
  },
  "variables of an included role, inside of it": {
    "site.yml": site("- include_role: {name: r}"),
    "roles/r/defaults/main.yml": "d: 1\n",
    "roles/r/tasks/main.yml": "- command: echo {{ d }}\n- include_tasks: more.yml\n",
    "roles/r/tasks/more.yml": "- command: echo {{ d }}\n",
  },
  "variables of a role that is included publicly": {
    "site.yml": site("- include_role: {name: r, public: true}\n- command: echo {{ d }}"),
    "roles/r/defaults/main.yml": "d: 1\n",
    "roles/r/tasks/main.yml": "[]\n",
  },
  "inventory, group_vars and host_vars": {
    hosts: "[lb]\nlb1 a=1\n[lb:vars]\nb=1\n",
    "group_vars/all.yml": "c: 1\n",
    "host_vars/lb1.yml": "d: 1\n",
    "site.yml": site("- command: echo {{ a }}{{ b }}{{ c }}{{ d }}"),
  },
  "vars_files, prompts and include_vars": {
    "site.yml": site(
      "- include_vars: more.yml\n- include_vars: {file: named.yml, name: box}\n- command: echo {{ f }}{{ asked }}{{ m }}{{ box.x }}",
      "  vars_files: [[nope.yml, f.yml]]\n  vars_prompt: [{name: asked}]\n",
    ),
    "f.yml": "f: 1\n",
    "more.yml": "m: 1\n",
    "named.yml": "x: 1\n",
  },
  "include_vars of a name that the run knows": site(
    '- include_vars: "{{ ansible_os_family }}.yml"\n- command: echo {{ anything }}',
  ),
  "include_tasks of a name that the run knows": site(
    '- include_tasks: "{{ ansible_os_family }}.yml"\n- command: echo {{ anything }}',
  ),
  "guards: default, is defined, when": site(
    "- command: echo {{ a | default(1) }}{{ b if b is defined else 2 }}\n- command: echo {{ c }}\n  when: c is defined\n- command: echo {{ d.e }}\n  when: d is defined and d.e",
  ),
  "a task that a condition may pass over": site(
    "- command: echo {{ maybe }}\n  when: ansible_os_family == 'RedHat'\n- block:\n    - command: echo {{ maybe }}\n  when: wanted | default(false)",
  ),
  "a branch that may not be taken": {
    "site.yml": site(
      "- template: {src: a.j2, dest: /x}\n- command: echo {{ yes_ if flag else no_ }}",
      "  vars: {flag: true}\n",
    ),
    "templates/a.j2":
      "{% if flag %}{{ x }}{% endif %}{% for y in [] %}{{ y.z }}{{ w }}{% endfor %}{{ flag and v }}\n",
  },
  "errors that are ignored, and tasks for a tag alone": site(
    "- command: echo {{ nope }}\n  ignore_errors: true\n- command: echo {{ nope }}\n  tags: never",
  ),
  "a loop that may be empty": site(
    '- command: echo {{ item }}{{ nope }}\n  loop: "{{ list }}"',
    "  vars: {list: []}\n",
  ),
  "variables of a template itself": {
    "site.yml": site("- template: {src: a.j2, dest: /x}"),
    "templates/a.j2":
      "{% set a = 1 %}{{ a }}{% macro m(b) %}{{ b }}{% endmacro %}{{ m(1) }}{% for c in [1] %}{{ c }}{{ loop.index }}{% endfor %}\n",
  },
  "facts of fact modules": site("- package_facts:\n- command: echo {{ packages }}"),
  "an unused variable that needs an undefined one": site("- command: x", '  vars: {a: "{{ nope }}"}\n'),
  "an optional file and role": site(
    "- include_tasks: nope.yml\n  when: false\n- include_role: {name: nope}\n  when: wanted is defined",
  ),
  "a file that a condition may pass over, and one that is on the node": site(
    "- copy: {src: nope, dest: /x}\n  when: ansible_os_family == 'x'\n- copy: {src: nope, dest: /x, remote_src: yes}\n- copy: {src: /tmp/made-by-an-earlier-task, dest: /x}",
  ),
  "handlers by name, topic, role and template": {
    "site.yml": site(
      "- command: x\n  notify: [mine, topic, 'r : of role', of role, '{{ some }}']",
      "  vars: {some: mine}\n  roles: [r]\n  handlers:\n    - {name: mine, command: y}\n    - {name: other, command: y, listen: topic}\n",
    ),
    "roles/r/handlers/main.yml": "- {name: of role, command: z}\n",
    "roles/r/tasks/main.yml": "[]\n",
  },
  "a handler that an included role brings": {
    "site.yml": site("- include_role: {name: r}\n- command: x\n  notify: h"),
    "roles/r/handlers/main.yml": "- {name: h, command: z}\n",
    "roles/r/tasks/main.yml": "[]\n",
  },
};

/** What these tests are not about: modules that may not be there yet. */
const aboutVariables = new Set([
  "E_UNDEFINED",
  "E_UNKNOWN_HANDLER",
  "E_MISSING_FILE",
  "E_UNKNOWN_ROLE",
  "E_UNKNOWN_KEY",
]);

describe("nothing is called undefined, or missing, that may come to be", () => {
  for (const [title, files] of Object.entries(sound))
    test(title, () => {
      const mistakes = mistakesOf(typeof files === "string" ? { "site.yml": files } : files);
      expect(mistakes.filter(({ code }) => aboutVariables.has(code))).toEqual([]);
    });
});

test("Extra variables count as defined.", () => {
  expect(mistakesOf({ "site.yml": site("- command: echo {{ e }}") }, new Map([["e", 1]]))).toEqual([]);
});

/** Sites in which one variable is certainly missing, and where. */
const unsound: Readonly<Record<string, readonly [string | SiteFiles, string]>> = {
  "in the arguments": [site("- command: echo {{ nope }}"), "site.yml:3:24"],
  "in an included file": [
    { "site.yml": site("- include_tasks: i.yml"), "i.yml": "- command: echo {{ nope }}\n" },
    "i.yml:1:20",
  ],
  "in the first of several conditions": [site("- command: x\n  when: [nope, other]"), "site.yml:4:14"],
  "in who is delegated to": [site('- command: x\n  delegate_to: "{{ nope }}"'), "site.yml:4:24"],
  "in a multi-line command": [site("- shell: |\n    one\n    two {{ nope }}"), "site.yml:5:16"],
  "in the items of a loop over a list": [
    site('- command: echo {{ item }}\n  loop: [a, "{{ nope }}"]'),
    "site.yml:4:21",
  ],
  "of a host that another group has": [
    { hosts: "[a]\nx\n[b]\ny nope=1\n", "site.yml": site("- command: echo {{ nope }}").replace("all", "a") },
    "site.yml:3:24",
  ],
  "of a role that another play has": [
    {
      "site.yml": `- hosts: all\n  roles: [r]\n${site("- command: echo {{ nope }}")}`,
      "roles/r/defaults/main.yml": "nope: 1\n",
      "roles/r/tasks/main.yml": "[]\n",
    },
    "site.yml:5:24",
  ],
};

describe("what is certainly undefined is found", () => {
  for (const [title, [files, at]] of Object.entries(unsound))
    test(title, () => {
      const mistakes = mistakesOf(typeof files === "string" ? { "site.yml": files } : files);
      expect(mistakes.map(({ code, at: place }) => [code, place])).toEqual([["E_UNDEFINED", at]]);
    });
});

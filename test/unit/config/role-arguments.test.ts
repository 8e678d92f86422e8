import { describe, expect, test } from "vitest";
import { mistakesOf, type Seen, type SiteFiles } from "./site.ts";

const ROLE: SiteFiles = {
  "roles/app/meta/argument_specs.yml": `argument_specs:
  main:
    options:
      app_port: { type: int }
      app_name: { type: str }
      app_password: { type: int, no_log: true }
      app_servers:
        type: list
        elements: dict
        options: { name: { required: true }, port: { type: int }, mode: { choices: [http, tcp] } }
  needing:
    options:
      app_need: { required: true }
`,
  "roles/app/tasks/main.yml": "- command: echo {{ app_port | default(1) }}\n",
  "roles/app/tasks/needing.yml": "- command: 'true'\n",
  "roles/app/defaults/main.yml": "app_name: app\n",
};

const PLAY = "- hosts: all\n  roles: [app]\n";

const told = ({ at, message, hint }: Seen): string => `${at}: ${message}${hint === null ? "" : ` (${hint})`}`;

const mistakes = (files: SiteFiles, ...rest: readonly (string | null)[]): readonly string[] =>
  mistakesOf({ ...ROLE, ...files }, new Map(), ...rest).map(told);

describe("an argument that is for certain not as the role's spec says is told where it is defined", () => {
  test.each<readonly [string, SiteFiles, readonly string[]]>([
    [
      "in group_vars",
      { "site.yml": PLAY, "group_vars/all.yml": "app_servers:\n  - name: a\n  - name: b\n    port: 8o\n" },
      ['group_vars/all.yml:4:11: role app: app_servers[1].port: expected an integer, found "8o"'],
    ],
    [
      "in host_vars, of one host",
      {
        "site.yml": PLAY,
        hosts: "lb1\nlb2\n",
        "host_vars/lb2.yml": "app_port: x\n",
        "group_vars/all.yml": "app_port: 1\n",
      },
      ['host_vars/lb2.yml:1:11: role app: app_port: expected an integer, found "x"'],
    ],
    [
      "in an INI inventory",
      {
        "site.yml": PLAY,
        hosts: "lb1 app_port=x\nlb2\n[all:vars]\napp_servers=[{'name': 'a', 'port': 'y'}]\n",
      },
      [
        'hosts:1:14: role app: app_port: expected an integer, found "x"',
        'hosts:4:13: role app: app_servers[0].port: expected an integer, found "y"',
      ],
    ],
    [
      "in a play and a file of variables",
      {
        "site.yml": "- hosts: all\n  vars:\n    app_port: x\n  vars_files: [more.yml]\n  roles: [app]\n",
        "more.yml": "app_servers: z\n",
      },
      [
        'more.yml:1:14: role app: app_servers[0]: expected a mapping, found "z"',
        'site.yml:3:15: role app: app_port: expected an integer, found "x"',
      ],
    ],
    [
      "in a role's use",
      {
        "site.yml":
          "- hosts: all\n  roles:\n    - role: app\n      vars: { app_port: y }\n    - { role: app, app_servers: [{}] }\n",
      },
      [
        'site.yml:4:25: role app: app_port: expected an integer, found "y"',
        "site.yml:5:34: role app: app_servers[0].name: required, but not given",
      ],
    ],
    [
      "in the role's own defaults",
      { "site.yml": PLAY, "roles/app/defaults/main.yml": "app_port: none\n" },
      ['roles/app/defaults/main.yml:1:11: role app: app_port: expected an integer, found "none"'],
    ],
    [
      "behind variables that stand for each other",
      {
        "site.yml": PLAY,
        "group_vars/all.yml":
          'app_servers: "{{ mine }}"\nmine: [{ name: a, port: "{{ my_port }}" }]\nmy_port: 8o\n',
      },
      ['group_vars/all.yml:3:10: role app: app_servers[0].port: expected an integer, found "8o"'],
    ],
    [
      "as a template that needs no node",
      {
        "site.yml": PLAY,
        "group_vars/all.yml":
          "app_servers: [{ name: a, mode: \"{{ 'htpp' if inventory_hostname in groups.all else 'tcp' }}\" }]\n",
      },
      [
        'group_vars/all.yml:1:33: role app: app_servers[0].mode: expected one of http, tcp, found "htpp" (did you mean http?)',
      ],
    ],
    [
      "beside what only the run knows",
      {
        "site.yml": PLAY,
        "group_vars/all.yml":
          'app_servers:\n  - { name: "{{ ansible_hostname }}", port: x }\n  - "{{ ansible_facts.servers }}"\n  - { nme: b }\n',
      },
      [
        'group_vars/all.yml:2:45: role app: app_servers[0].port: expected an integer, found "x"',
        "group_vars/all.yml:4:7: role app: app_servers[2].name: required, but not given",
        "group_vars/all.yml:4:7: role app: app_servers[2].nme: unknown (did you mean name?)",
      ],
    ],
    [
      "as the place of the role where it is missing",
      { "site.yml": "- hosts: all\n  tasks:\n    - include_role: { name: app, tasks_from: needing }\n" },
      [
        "site.yml:3:23: role app: app_need: required, but not given (define it in the inventory, in the play or where the role is used)",
      ],
    ],
    [
      "of an include",
      {
        "site.yml":
          "- hosts: all\n  tasks:\n    - include_role: { name: app }\n      vars: { app_port: x }\n",
      },
      ['site.yml:4:25: role app: app_port: expected an integer, found "x"'],
    ],
    [
      "of a parameter that the spec does not know",
      { "site.yml": "- hosts: all\n  roles:\n    - { role: app, app_prt: 1 }\n" },
      [
        "site.yml:3:20: role app: app_prt: unknown (did you mean app_port?)",
        'site.yml:3:20: the role app has no variable "app_prt", and nothing uses it (did you mean app_port?)',
      ],
    ],
    [
      "and of a spec that is none",
      {
        "site.yml": PLAY,
        "roles/app/meta/argument_specs.yml": "argument_specs: { main: { options: { a: text } } }\n",
      },
      [
        "roles/app/meta/argument_specs.yml:1:38: ansible.builtin.validate_argument_spec: argument_spec.a: expected a mapping such as {type: str}, found a text",
      ],
    ],
  ])("%s", (_, files, wanted) => {
    expect(mistakes(files).toSorted()).toEqual(wanted.toSorted());
  });
});

describe("what only the run can know is left to the run", () => {
  const inTasks = (tasks: string): SiteFiles => ({
    "site.yml": `- hosts: all\n  vars: { app_port: x }\n${tasks}`,
  });
  test.each<readonly [string, SiteFiles]>([
    ["a fact", { "site.yml": PLAY, "group_vars/all.yml": 'app_port: "{{ ansible_os_family }}"\n' }],
    [
      "a default for a fact",
      { "site.yml": PLAY, "group_vars/all.yml": "app_port: \"{{ ansible_x | default('y') }}\"\n" },
    ],
    [
      "whether a fact is there",
      { "site.yml": PLAY, "group_vars/all.yml": "app_port: \"{{ 1 if ansible_x is defined else 'y' }}\"\n" },
    ],
    [
      "another host's fact",
      {
        "site.yml": PLAY,
        "group_vars/all.yml": "app_port: \"{{ hostvars['lb1'].ansible_x | default('y') }}\"\n",
      },
    ],
    ["a lookup", { "site.yml": PLAY, "group_vars/all.yml": "app_port: \"{{ lookup('env', 'X') }}\"\n" }],
    ["the clock", { "site.yml": PLAY, "group_vars/all.yml": 'app_port: "at {{ now() }}"\n' }],
    ["what may be left out", { "site.yml": PLAY, "group_vars/all.yml": 'app_port: "{{ omit }}"\n' }],
    ["a fact that is set", inTasks("  pre_tasks:\n    - set_fact: { app_port: 1 }\n  roles: [app]\n")],
    [
      "a registered result",
      inTasks("  pre_tasks:\n    - command: x\n      register: app_port\n  roles: [app]\n"),
    ],
    [
      "what a prompt gives",
      {
        "site.yml":
          "- hosts: all\n  vars_prompt: [{ name: app_need }]\n  tasks:\n    - include_role: { name: app, tasks_from: needing }\n",
      },
    ],
    [
      "a role behind a condition",
      inTasks("  roles:\n    - { role: app, when: ansible_os_family == 'Debian' }\n"),
    ],
    [
      "a role behind a condition around it",
      inTasks("  tasks:\n    - include_role: { name: app }\n      when: ansible_x is defined\n"),
    ],
    ["a role that is asked for by tag", inTasks("  roles:\n    - { role: app, tags: [never, app] }\n")],
    [
      "a role that nobody validates",
      inTasks(
        "  tasks:\n    - include_role: { name: app, rolespec_validate: false }\n    - import_role: { name: app, rolespec_validate: no }\n",
      ),
    ],
    [
      "a failure that is rescued",
      inTasks(
        "  tasks:\n    - block:\n        - include_role: { name: app }\n      rescue:\n        - include_role: { name: app }\n",
      ),
    ],
    ["a failure that is ignored", inTasks("  roles:\n    - { role: app, ignore_errors: true }\n")],
    [
      "a play that a host may leave",
      inTasks("  pre_tasks:\n    - meta: end_host\n      when: ansible_x is defined\n  roles: [app]\n"),
    ],
    [
      "a variable of a loop",
      {
        "site.yml":
          "- hosts: all\n  tasks:\n    - include_role: { name: app }\n      loop: [1, 2]\n      loop_control: { loop_var: app_port }\n",
        "group_vars/all.yml": "app_port: x\n",
      },
    ],
    [
      "a file of tasks that is not known yet",
      inTasks('  roles: [app]\n  tasks:\n    - include_tasks: "{{ ansible_os_family }}.yml"\n'),
    ],
  ])("%s", (_, files) => {
    expect(mistakes(files)).toEqual([]);
  });
});

describe("secrets are not told", () => {
  const VAULT = `$ANSIBLE_VAULT;1.1;AES256
66633234333134326562653761346666343534386332386437666131663263623361643830643533
3461636339356665376636316633353263396462656464360a323332373433636161353763303534
33613431626130366135323964333062643535306261393863326537653932376136613238376134
3138666563336234390a636563643164663234393165303635376466613162656564316262303362
63313763623534623062393565396532316665366134383130396465333033323364
`;
  const INLINE = `app_port: !vault |
          $ANSIBLE_VAULT;1.1;AES256
          31383166653335616635356635313831653065376262363237616234383832333732323761646438
          3733666463386366353163383636623865623436666531390a393137393636646164656365636438
          36313161343538356338383139396661303865363433363663653165663663393364393135646636
          3939663633313830660a666164623336376237363331396331326432656336393564336438646561
          3339
`;
  test.each<readonly [string, SiteFiles]>([
    ["of a no_log option", { "site.yml": PLAY, "group_vars/all.yml": "app_password: hunter2x\n" }],
    ["of an encrypted file", { "site.yml": PLAY, "group_vars/all.yml": VAULT }],
    ["of an encrypted value", { "site.yml": PLAY, "group_vars/all.yml": INLINE }],
    [
      "behind another variable",
      {
        "site.yml": PLAY,
        "group_vars/all.yml": `my_port: "{{ app_port }}"\n${INLINE}app_servers: [{ name: a, port: "{{ my_port }}" }]\n`,
      },
    ],
  ])("%s", (_, files) => {
    const found = mistakesOf({ ...ROLE, ...files }, new Map(), "password1");
    expect(found.length).toBeGreaterThan(0);
    expect(JSON.stringify(found)).not.toContain("hunter2x");
    for (const { code } of found) expect(code).toBe("E_ROLE_ARGUMENT");
  });
});

describe("a variable that is nearly called like one of a role's", () => {
  const MISSPELT = "app_severs: []\napp_nmae: x\n";
  test("is told, with its place", () => {
    expect(mistakes({ "site.yml": PLAY, "group_vars/all.yml": MISSPELT })).toEqual([
      'group_vars/all.yml:1:1: the role app has no variable "app_severs", and nothing uses it (did you mean app_servers?)',
      'group_vars/all.yml:2:1: the role app has no variable "app_nmae", and nothing uses it (did you mean app_name?)',
    ]);
  });

  test.each<readonly [string, SiteFiles]>([
    [
      "is somebody's own where a text uses it",
      {
        "site.yml": `${PLAY}  tasks:\n    - command: echo {{ app_severs }} {{ app_nmae }}\n`,
        "group_vars/all.yml": MISSPELT,
      },
    ],
    [
      "is another role's where that declares it",
      {
        "site.yml": "- hosts: all\n  roles: [app, app_nmae]\n",
        "roles/app_nmae/defaults/main.yml": MISSPELT,
        "roles/app_nmae/tasks/main.yml": "[]\n",
        "group_vars/all.yml": MISSPELT,
      },
    ],
    [
      "is nobody's where it is like none",
      { "site.yml": PLAY, "group_vars/all.yml": "app_owner: me\napp_contact: you\napplication: x\n" },
    ],
    [
      "is nobody's where the role has no spec",
      {
        "site.yml": "- hosts: all\n  roles: [bare]\n",
        "roles/bare/defaults/main.yml": "bare_name: x\n",
        "roles/bare/tasks/main.yml": "[]\n",
        "group_vars/all.yml": "bare_nmae: y\n",
      },
    ],
  ])("%s", (_, files) => {
    expect(mistakes(files)).toEqual([]);
  });
});

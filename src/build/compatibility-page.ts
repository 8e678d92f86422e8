import { SETTINGS } from "../cli/ansible-setting-names.ts";
import { KEYWORDS } from "../config/keywords.ts";
import { META } from "../config/steps.ts";
import { lookupNames } from "../engine/lookups.ts";

/** What is to be said of a keyword beyond that it means what it means to Ansible. */
const NOTES: Readonly<Record<string, string>> = {
  action: "as a text or a mapping",
  args: "beneath the module's own arguments; a template of a mapping, too",
  async: "seconds that a task may take; with `poll: 0` it is left running",
  become_method: "sudo or su",
  collections: "searched for roles and modules by short names",
  connection: "ssh, openssh (the system's client) or local",
  debugger: "read, without effect: there is no debugger to stop in",
  fact_path: "local facts of that directory",
  gather_timeout: "bounds the gathering of facts",
  local_action: "the module on this machine",
  poll: "0: what runs something is left running, what compares a state is done at once",
  port: "of ssh",
  strategy: "linear, free, host_pinned, and lbplay's own pair; debug is refused",
  throttle: "at most `forks`",
  timeout: "the task has failed after that, its shell is ended",
  user: "on a play: the old name of remote_user",
  vars_prompt:
    "name, prompt, private, default, confirm, encrypt, salt, salt_size, unsafe; answers are never templates",
};

/** A declared difference from Ansible, with the case that shows it. */
export interface DeclaredDifference {
  readonly name: string;
  readonly reason: string;
}

/** docs/ansible-compatibility.md: keyword by keyword what is read and obeyed, what differs on purpose, what is refused. */
export const compatibilityPage = (
  differences: readonly DeclaredDifference[],
  cases: number,
): string => `# Ansible's language in lbplay

Made by \`npm run docs\` from what the program itself knows; what is said in words is in \`src/build/compatibility-page.ts\`.
The measure is Ansible 2.14 (ansible-core of Debian 12): ${cases} playbooks in \`test/oracle/playbooks/cases\` are run by both, and
results, recaps and files are compared task by task.

## Keywords

A keyword that is marked is read, checked and obeyed there as by Ansible. Any other key is a mistake that is told before
the run.

| keyword | play | role | block | task | handler | include | |
|---|---|---|---|---|---|---|---|
${keywordRows().join("\n")}

\`import_playbook\` takes ${[...KEYWORDS.importPlaybook].filter((name) => !name.includes("import_playbook")).join(", ")}.
\`include\` stands for include_tasks, include_role and the old include: they take what is theirs; what the included tasks
shall have goes under \`apply\`. import_tasks and import_role take all keywords of a task and hand them on.

## Steps that are no modules

include_tasks, import_tasks, include_role, import_role, include, include_vars, import_playbook, and \`meta\` with
${[...META].join(", ")}.

## Loops

\`loop\` with all of \`loop_control\`, and \`with_…\` of every lookup: ${lookupNames().join(", ")}.

## Inventories

INI, YAML and JSON files, directories of them, programs (\`--list\`, \`--host\`, \`_meta\`), host lists (\`-i lb1,lb2,\`), group_vars
and host_vars beside the inventory and beside the playbook; patterns with \`:\`, \`,\`, \`&\`, \`!\`, \`[n]\`, \`[n:m]\`, globs, \`~regex\` and
\`@file\`. add_host, group_by and \`meta: refresh_inventory\` change it during the run. A program gets 120 seconds for its answer.

## Settings

\`ansible.cfg\` is searched in ANSIBLE_CONFIG, the working directory (unless everybody may write to it), \`~/.ansible.cfg\` and
\`/etc/ansible/ansible.cfg\`. Variables of the environment go before it, the command line before both.

| ansible.cfg | environment |
|---|---|
${settingRows().join("\n")}

Settings that only change how Ansible looks or works inside are passed over; any other is named in one notice.

## Roles and collections

Roles in roles/, roles_path and where ansible-galaxy puts them; in collections by their full names (\`ns.collection.role\`) or
by the collections keyword; playbooks of collections (\`ns.collection.playbook\`). A role that is missing and stands in a
requirements.yml is told with the command that installs it. \`meta/argument_specs.yml\` is obeyed.

## Modules

[The list](modules.md), each under its short name and its full one. Unknown parameters are mistakes; a parameter of
Ansible's that cannot be honoured is refused by name.

## What differs on purpose

- An unknown keyword, module, parameter, role or handler, and an undefined variable that is certain to be looked at, end
  the run before a node is touched.
- After acting, the node is read again: a task whose node still differs has failed.
- In check mode, a task that depends on a change which is still pending is called *would follow*.
- What comes from a node or from a prompt is never a template, whatever it holds.
- What a change owes to handlers is kept on the node: the run after one that was killed performs it.
- \`ansible_play_hosts\` names the hosts of the play that take part, not those that add_host put into its pattern meanwhile.
- Exit codes: 1 for a failed task, 2 for a mistake, 3 for a node that was not reached.
- Unknown host keys are refused unless a setting or an option takes them.
${differences.map(({ name, reason }) => `- ${reason.replace(/\s+/g, " ").trim()} (\`${name}\`)`).join("\n")}

## What is refused, and why

- Modules, filters, lookups and plugins of one's own in Python: nodes need no Python, and lbplay runs none. They are refused
  where they are used, with the file.
- \`hash_behaviour=merge\`: roles would mean something else than they say. \`combine\` merges where it is wanted.
- \`strategy: debug\` and other strategies: \`--step\` and \`--start-at-task\` are there.
- Fact caches other than jsonfile, and inventory plugins: \`ansible-inventory --list --export\` writes down what they find.
- The filters vault and unvault: secrets belong into encrypted files.
- Become methods other than sudo and su, connections other than ssh and local.
`;

const COLUMNS = ["play", "role", "block", "task", "handler", "include"] as const;

const keywordRows = (): readonly string[] => {
  const names = [...new Set(COLUMNS.flatMap((column) => [...KEYWORDS[column]]))].sort();
  return names.map((name) => {
    const marks = COLUMNS.map((column) => (KEYWORDS[column].has(name) ? "×" : " "));
    return `| \`${name}\` | ${marks.join(" | ")} | ${NOTES[name] ?? ""} |`;
  });
};

const settingRows = (): readonly string[] =>
  Object.values(SETTINGS).map(({ keys, variables }) => {
    const code = (names: readonly string[]): string => names.map((name) => `\`${name}\``).join(", ");
    return `| ${code(keys.map((key) => key.replace(/^defaults\./, "")))} | ${code(variables)} |`;
  });

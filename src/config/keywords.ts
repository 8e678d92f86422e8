import type { Keywords } from "../core/play.ts";
import { isTemplate, type Source } from "../core/value.ts";

/** The keywords that a task, block, play or use of a role sets itself; what is absent is inherited. */
export type OwnKeywords = { readonly [K in keyof Keywords]?: Keywords[K] };

/** What is inherited where nothing is set. */
export const noKeywords: Keywords = {
  when: [],
  tags: [],
  vars: [],
  environment: [],
  become: null,
  becomeUser: null,
  becomeMethod: null,
  becomeFlags: null,
  becomeExe: null,
  remoteUser: null,
  port: null,
  connection: null,
  ignoreErrors: null,
  ignoreUnreachable: null,
  anyErrorsFatal: null,
  runOnce: null,
  throttle: null,
  checkMode: null,
  diff: null,
  noLog: null,
  delegateTo: null,
  delegateFacts: null,
  timeout: null,
  moduleDefaults: [],
  collections: [],
  debugger: null,
  register: null,
  notify: [],
  changedWhen: null,
  failedWhen: null,
  until: null,
  retries: null,
  delay: null,
  loop: null,
  async: null,
  poll: null,
};

/** Merges inner keywords into outer ones: lists add up, of single values the inner one counts. */
export const inherit = (outer: Keywords, own: OwnKeywords): Keywords => ({
  ...outer,
  register: null,
  changedWhen: null,
  failedWhen: null,
  until: null,
  retries: null,
  delay: null,
  loop: null,
  async: null,
  poll: null,
  ...own,
  when: [...outer.when, ...(own.when ?? [])],
  tags: unite(outer.tags, own.tags ?? []),
  vars: [...outer.vars, ...(own.vars ?? [])],
  environment: [...outer.environment, ...(own.environment ?? [])],
  moduleDefaults: [...outer.moduleDefaults, ...(own.moduleDefaults ?? [])],
});

const unite = (outer: readonly Source[], own: readonly Source[]): readonly Source[] => {
  const known = new Set(outer.map(tagKey));
  return [...outer, ...own.filter((tag) => !known.has(tagKey(tag)))];
};

/** Tells tags apart: `web` from the template of the same letters. */
export const tagKey = (tag: Source): string => (isTemplate(tag) ? `{${tag.source}` : String(tag));

const BASE = [
  "name",
  "connection",
  "port",
  "remote_user",
  "vars",
  "module_defaults",
  "environment",
  "no_log",
  "run_once",
  "ignore_errors",
  "ignore_unreachable",
  "check_mode",
  "diff",
  "any_errors_fatal",
  "throttle",
  "timeout",
  "debugger",
  "become",
  "become_method",
  "become_user",
  "become_flags",
  "become_exe",
  "tags",
  "collections",
];

const DELEGATION = ["delegate_to", "delegate_facts"];

const TASK = [
  ...BASE,
  ...DELEGATION,
  "when",
  "action",
  "local_action",
  "args",
  "async",
  "poll",
  "changed_when",
  "failed_when",
  "delay",
  "retries",
  "until",
  "register",
  "loop",
  "loop_control",
  "notify",
];

/** The keywords of each kind of mapping. */
export const KEYWORDS = {
  play: new Set([
    ...BASE,
    "hosts",
    "user",
    "gather_facts",
    "gather_subset",
    "gather_timeout",
    "fact_path",
    "vars_files",
    "vars_prompt",
    "roles",
    "handlers",
    "pre_tasks",
    "tasks",
    "post_tasks",
    "force_handlers",
    "max_fail_percentage",
    "serial",
    "strategy",
    "order",
  ]),
  role: new Set([...BASE, ...DELEGATION, "when", "role"]),
  block: new Set([...BASE, ...DELEGATION, "when", "block", "rescue", "always", "notify"]),
  task: new Set(TASK),
  handler: new Set([...TASK, "listen"]),
  /** What include_tasks and include_role take beside the include itself. */
  include: new Set([
    "name",
    "action",
    "local_action",
    "args",
    "collections",
    "debugger",
    "ignore_errors",
    "loop",
    "loop_control",
    "no_log",
    "register",
    "run_once",
    "tags",
    "timeout",
    "vars",
    "when",
  ]),
  importPlaybook: new Set([
    "import_playbook",
    "ansible.builtin.import_playbook",
    "name",
    "vars",
    "when",
    "tags",
  ]),
} satisfies Record<string, ReadonlySet<string>>;

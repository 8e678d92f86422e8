import { type Probe, read } from "../../core/probe.ts";
import { defineState, type Plan, planOf } from "../../core/task.ts";
import { actionsOf, type PlannedChange, viewOf } from "../planned-change.ts";
import { assign, labelled } from "../shared-probes/label.ts";
import { SEMANAGE, semanageFault } from "../shared-probes/semanage.ts";
import { type SefcontextParams, schema } from "./schema.ts";

interface SefcontextFacts {
  /** The rule for this very expression and kind of file; null where there is none. */
  readonly rule: {
    readonly user: string;
    readonly type: string;
    readonly range: string | null;
    readonly local: boolean;
  } | null;
  /** The directory whose types count instead. */
  readonly substitute: string | null;
  readonly fault: string | null;
}

/** Keeps the rules by which SELinux gives files their types. */
export const sefcontext = defineState<SefcontextParams, SefcontextFacts, PlannedChange>({
  kind: "state",
  name: "sefcontext",
  aliases: ["community.general.sefcontext"],
  summary: "Keeps the rules by which SELinux gives files their types.",
  schema,
  example: `- community.general.sefcontext:
    target: /srv/certificates(/.*)?
    setype: cert_t
`,
  rules: ({ state, setype, substitute, ignore_selinux_state }) => [
    ...(setype !== null && substitute !== null ? ["setype and substitute exclude each other"] : []),
    ...(state === "present" && setype === null && substitute === null
      ? ["setype or substitute is required when state is present"]
      : []),
    ...(ignore_selinux_state ? ["ignore_selinux_state is not supported: skip the task with when"] : []),
  ],
  inspect: rulesFor,
  diff,
  view: viewOf,
  apply: actionsOf,
  result: ({ target, ftype, setype, state, seuser, selevel }) => ({
    target,
    ftype,
    setype,
    state,
    seuser,
    serange: selevel,
  }),
});

/** How semanage calls the kinds of file. */
const KINDS: Readonly<Record<SefcontextParams["ftype"], string>> = {
  a: "all files",
  f: "regular file",
  d: "directory",
  c: "character device",
  b: "block device",
  s: "socket",
  l: "symbolic link",
  p: "named pipe",
};

/** Of the thousands of rules only those that begin with the very expression. */
function rulesFor({ target, ftype }: SefcontextParams): Probe<SefcontextFacts> {
  const script = labelled(`SELinux file context of ${target}`, [
    ...SEMANAGE,
    assign("t", target),
    "export t",
    'own() { awk \'index($0, ENVIRON["t"] " ") == 1\'; }',
    "l=$(semanage fcontext -l -n) || exit",
    `printf '%s\\n' "$l" | own`,
    "echo --local",
    "l=$(semanage fcontext -l -C -n) || exit",
    `printf '%s\\n' "$l" | own`,
  ]);
  return read(script, (answer) => {
    const [all = "", local = ""] = answer.stdout.toString("utf8").split("--local\n");
    const lines = (text: string): readonly string[] =>
      text.split("\n").map((line) => line.slice(target.length).trim());
    const parse = (text: string) =>
      lines(text).flatMap((line) => {
        const context = line.startsWith(KINDS[ftype]) ? line.slice(KINDS[ftype].length).trim() : "";
        const [user, , type, ...range] = context.split(":");
        return user === undefined || user === ""
          ? []
          : [{ user, type: type ?? user, range: range.length === 0 ? null : range.join(":") }];
      });
    const own = parse(local).at(-1);
    const rule = own ?? parse(all).at(-1);
    const substitutes = [...lines(all), ...lines(local)].flatMap((line) =>
      line.startsWith("= ") ? [line.slice(2).trim()] : [],
    );
    return {
      rule: rule === undefined ? null : { ...rule, local: own !== undefined },
      substitute: substitutes.at(-1) ?? null,
      fault: semanageFault(answer),
    };
  });
}

function diff(params: SefcontextParams, facts: SefcontextFacts): Plan<PlannedChange> {
  const { state, substitute, target } = params;
  if (facts.fault !== null) return { kind: "blocked", reason: facts.fault };
  if (state === "absent" && substitute === null && facts.rule !== null && !facts.rule.local)
    return {
      kind: "blocked",
      reason: `the policy itself has the rule for ${target}: it cannot be taken away`,
    };
  if (state === "absent") return planOf([...ruleGone(params, facts), ...substituteGone(params, facts)]);
  return planOf(
    substitute === null ? ruleChange(params, facts) : substituteChange(params, facts, substitute),
  );
}

const command = ({ reload }: SefcontextParams, ...words: readonly string[]): readonly string[] => [
  "semanage",
  "fcontext",
  ...words.slice(0, 1),
  ...(reload ? [] : ["-N"]),
  ...words.slice(1),
];

const change = (
  view: PlannedChange["view"],
  argv: readonly string[],
  back: readonly string[],
): PlannedChange => ({
  view,
  actions: [
    { kind: "run", argv, timeoutMs: null, touches: [{ kind: "inverse", what: view.field, argv: back }] },
  ],
});

const shown = ({ user, type, range }: { user: string; type: string; range: string | null }): string =>
  [user, "object_r", type, ...(range === null ? [] : [range])].join(":");

const ruleWords = (
  params: SefcontextParams,
  verb: string,
  rule: { user: string; type: string; range: string | null },
): readonly string[] =>
  command(
    params,
    verb,
    "-f",
    params.ftype,
    "-s",
    rule.user,
    "-t",
    rule.type,
    ...(rule.range === null ? [] : ["-r", rule.range]),
    params.target,
  );

const ruleChange = (params: SefcontextParams, { rule }: SefcontextFacts): readonly PlannedChange[] => {
  const wanted = {
    user: params.seuser ?? rule?.user ?? "system_u",
    type: params.setype ?? "",
    range: params.selevel ?? (rule === null ? "s0" : rule.range),
  };
  if (rule !== null && shown(rule) === shown(wanted)) return [];
  const view = { field: field(params), before: rule === null ? null : shown(rule), after: shown(wanted) };
  const back =
    rule?.local === true
      ? ruleWords(params, "-m", rule)
      : command(params, "-d", "-f", params.ftype, params.target);
  return [change(view, ruleWords(params, rule === null ? "-a" : "-m", wanted), back)];
};

const field = ({ target, ftype }: SefcontextParams): string =>
  `SELinux context of ${target}${ftype === "a" ? "" : ` (${KINDS[ftype]})`}`;

const ruleGone = (params: SefcontextParams, { rule }: SefcontextFacts): readonly PlannedChange[] => {
  if (rule === null || params.substitute !== null) return [];
  const view = { field: field(params), before: shown(rule), after: null };
  const argv = command(params, "-d", "-f", params.ftype, params.target);
  return [change(view, argv, ruleWords(params, "-a", rule))];
};

const substituteChange = (
  params: SefcontextParams,
  { substitute }: SefcontextFacts,
  wanted: string,
): readonly PlannedChange[] => {
  if (substitute === wanted) return [];
  const words = (verb: string, equal: string): readonly string[] =>
    command(params, verb, "-e", equal, params.target);
  const view = { field: `SELinux contexts below ${params.target} as in`, before: substitute, after: wanted };
  return [
    change(
      view,
      words(substitute === null ? "-a" : "-m", wanted),
      substitute === null ? words("-d", wanted) : words("-m", substitute),
    ),
  ];
};

const substituteGone = (
  params: SefcontextParams,
  { substitute }: SefcontextFacts,
): readonly PlannedChange[] => {
  const meant = params.setype === null && (params.substitute === null || params.substitute === substitute);
  if (substitute === null || !meant) return [];
  const words = (verb: string): readonly string[] => command(params, verb, "-e", substitute, params.target);
  const view = { field: `SELinux contexts below ${params.target} as in`, before: substitute, after: null };
  return [change(view, words("-d"), words("-a"))];
};

import type { Action, Touched } from "../../core/action.ts";
import { defineState, type Plan, planOf } from "../../core/task.ts";
import type { Value } from "../../core/value.ts";
import { actionsOf, type PlannedChange, viewOf } from "../planned-change.ts";
import { type IptablesFacts, iptablesFacts, programOf } from "./facts.ts";
import { ruleWords } from "./rule.ts";
import { type IptablesParams, schema } from "./schema.ts";

/** Keeps rules, chains and policies in the running tables of iptables. */
export const iptables = defineState<IptablesParams, IptablesFacts, PlannedChange>({
  kind: "state",
  name: "iptables",
  aliases: ["ansible.builtin.iptables"],
  summary: "Keeps rules, chains and policies in the running tables of iptables.",
  schema,
  example: `- ansible.builtin.iptables:
    chain: INPUT
    protocol: vrrp
    source: 192.0.2.11
    jump: ACCEPT
    comment: adverts of the other load balancer
`,
  rules,
  inspect: iptablesFacts,
  diff,
  view: viewOf,
  apply: actionsOf,
  result,
});

function rules(params: IptablesParams): readonly string[] {
  const { chain, flush, policy, jump, gateway, state, action, rule_num, chain_management } = params;
  const logs = params.log_prefix !== null || params.log_level !== null;
  const bare = !flush && policy === null && ruleWords(params).length === 0;
  return [
    ...(chain === null && !flush ? ["Either chain or flush parameter must be specified."] : []),
    ...(flush && policy !== null ? ["flush and policy exclude each other"] : []),
    ...(params.set_dscp_mark !== null && params.set_dscp_mark_class !== null
      ? ["set_dscp_mark and set_dscp_mark_class exclude each other"]
      : []),
    ...(jump?.toLowerCase() === "tee" && gateway === null ? ["gateway is required when jump is TEE"] : []),
    ...(logs && jump !== null && jump !== "LOG"
      ? ["Logging options can only be used with the LOG jump target."]
      : []),
    ...((params.match_set === null) !== (params.match_set_flags === null)
      ? ["match_set and match_set_flags go together"]
      : []),
    ...(rule_num !== null && action !== "insert" ? ["rule_num goes with action insert"] : []),
    ...(params.wait !== null && !/^\d+$/.test(params.wait) ? ["wait is a number of seconds"] : []),
    ...(bare && chain !== null && !chain_management
      ? [
          state === "present"
            ? "the task describes no rule: name what the rule matches, a policy, flush or chain_management"
            : "without a rule to remove, state absent needs chain_management: true, which deletes the chain",
        ]
      : []),
  ];
}

function diff(params: IptablesParams, facts: IptablesFacts): Plan<PlannedChange> {
  const { chain, table, policy, flush, state } = params;
  if (facts.fault !== null) return { kind: "blocked", reason: facts.fault };
  if (flush) return planOf([flushChange(params, facts)]);
  const name = chain ?? "";
  if (policy !== null) {
    if (facts.policy === policy) return { kind: "converged" };
    if (facts.policy === null)
      return {
        kind: "blocked",
        reason: `${name} in the table ${table} is no built-in chain: it has no policy`,
      };
    return planOf([policyChange(params, facts, facts.policy)]);
  }
  if (state === "present") return presentPlan(params, facts, name);
  const words = ruleWords(params);
  if (words.length === 0) return planOf(facts.chain ? [chainChange(params, facts, name, false)] : []);
  return planOf(facts.rule.kind === "present" ? [ruleChange(params, facts, false)] : []);
}

const presentPlan = (params: IptablesParams, facts: IptablesFacts, chain: string): Plan<PlannedChange> => {
  if (!facts.chain && !params.chain_management)
    return { kind: "blocked", reason: `there is no chain ${chain} in the table ${params.table}` };
  if (facts.rule.kind === "impossible") return { kind: "blocked", reason: facts.rule.reason };
  const made = facts.chain ? [] : [chainChange(params, facts, chain, true)];
  const rule = ruleWords(params).length > 0 && facts.rule.kind === "absent";
  return planOf([...made, ...(rule ? [ruleChange(params, facts, true)] : [])]);
};

/** Everything runs through here, so that the lock is waited for everywhere. */
const command = (
  params: IptablesParams,
  facts: IptablesFacts,
  words: readonly string[],
): readonly string[] => [
  programOf(params),
  "-t",
  params.table,
  ...words,
  ...(params.wait !== null && facts.waits ? ["-w", params.wait] : []),
];

const ruleChange = (params: IptablesParams, facts: IptablesFacts, add: boolean): PlannedChange => {
  const { chain, action, rule_num, set_counters, table } = params;
  const words = ruleWords(params);
  const name = chain ?? "";
  const field = `${programOf(params)} ${table} ${name}`;
  const counters = set_counters === null ? [] : ["-c", set_counters.trim().replace(/[\s,]+/, ",")];
  const place = action === "append" ? ["-A", name] : ["-I", name, ...(rule_num === null ? [] : [rule_num])];
  const added = command(params, facts, [...place, ...words, ...counters]);
  const removed = command(params, facts, ["-D", name, ...words]);
  const shown = words.join(" ");
  return add
    ? change({ field, before: null, after: shown }, added, {
        kind: "inverse",
        what: `${field}: ${shown}`,
        argv: removed,
      })
    : change(
        { field, before: shown, after: null },
        removed,
        lasting(`the rule ${shown} was taken out of ${field}`),
      );
};

const chainChange = (
  params: IptablesParams,
  facts: IptablesFacts,
  name: string,
  make: boolean,
): PlannedChange => {
  const field = `${programOf(params)} ${params.table} chain ${name}`;
  const [made, deleted] = [command(params, facts, ["-N", name]), command(params, facts, ["-X", name])];
  return make
    ? change({ field, before: null, after: "present" }, made, { kind: "inverse", what: field, argv: deleted })
    : change({ field, before: "present", after: null }, deleted, {
        kind: "inverse",
        what: field,
        argv: made,
      });
};

const policyChange = (params: IptablesParams, facts: IptablesFacts, before: string): PlannedChange => {
  const { chain, policy, table } = params;
  const field = `policy of ${programOf(params)} ${table} ${chain}`;
  const set = (value: string) => command(params, facts, ["-P", chain ?? "", value]);
  return change({ field, before, after: policy }, set(policy ?? ""), {
    kind: "inverse",
    what: field,
    argv: set(before),
  });
};

const flushChange = (params: IptablesParams, facts: IptablesFacts): PlannedChange => {
  const { chain, table } = params;
  const what = `rules of ${programOf(params)} ${table}${chain === null ? "" : ` ${chain}`}`;
  return change(
    { field: what, before: null, after: "flushed", event: true },
    command(params, facts, ["-F", ...(chain === null ? [] : [chain])]),
    lasting(`the ${what} were flushed`),
  );
};

const lasting = (what: string): Touched => ({ kind: "lasting", what });

const change = (view: PlannedChange["view"], argv: readonly string[], touched: Touched): PlannedChange => {
  const action: Action = { kind: "run", argv, touches: [touched] };
  return { view, actions: [action] };
};

function result(params: IptablesParams): Readonly<Record<string, Value>> {
  const { ip_version, table, chain, flush, state, chain_management } = params;
  return { ip_version, table, chain, flush, rule: ruleWords(params).join(" "), state, chain_management };
}

import { defineState } from "../../core/task.ts";
import { actionsOf, type PlannedChange, viewOf } from "../planned-change.ts";
import { type FirewalldFacts, zoneFacts } from "./facts.ts";
import { itemsOf } from "./item.ts";
import { planFirewall } from "./plan.ts";
import { canonicalRule } from "./rich-rule.ts";
import { type FirewalldParams, schema } from "./schema.ts";

/** Opens and closes a firewalld zone's services, ports, protocols and rules. */
export const firewalld = defineState<FirewalldParams, FirewalldFacts, PlannedChange>({
  kind: "state",
  name: "firewalld",
  aliases: ["ansible.posix.firewalld"],
  summary: "Opens and closes a firewalld zone's services, ports, protocols and rules.",
  schema,
  example: `- ansible.posix.firewalld:
    rich_rule: rule protocol value="vrrp" accept
    zone: public
    permanent: true
    immediate: true
    state: enabled
`,
  rules,
  inspect: ({ zone }) => zoneFacts(zone),
  diff: planFirewall,
  view: viewOf,
  apply: actionsOf,
});

function rules(params: FirewalldParams): readonly string[] {
  const { state, target, masquerade, icmp_block_inversion, rich_rule, permanent, immediate, zone } = params;
  const named =
    itemsOf(params).length +
    [target, masquerade, icmp_block_inversion].filter((value) => value !== null).length;
  const aboutZone = state === "present" || state === "absent";
  return [
    ...(named > 1 ? ["a task is about one service, port, protocol, rule or switch"] : []),
    ...(aboutZone && named > 0 && target === null
      ? ["absent and present state can only be used in zone level operations"]
      : []),
    ...(!aboutZone && named === 0
      ? ["what to enable or disable is missing: service, port, protocol, …"]
      : []),
    ...(aboutZone && target === null && zone === null ? ["zone is required to make or remove one"] : []),
    ...((aboutZone || target !== null) && (permanent !== true || immediate)
      ? ["zones and their targets change only permanently: permanent: true, without immediate"]
      : []),
    ...(rich_rule !== null && canonicalRule(rich_rule) === null
      ? [`${rich_rule} is no rule of the rich language`]
      : []),
  ];
}

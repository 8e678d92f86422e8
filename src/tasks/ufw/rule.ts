import type { UfwParams } from "./schema.ts";

/** ufw's words for the task's rule, put in at a number or to the end. */
export const ruleWords = (params: UfwParams, number: number | null): readonly string[] => {
  const { route, delete: deleted, rule, direction } = params;
  return [
    ...(route ? ["route"] : []),
    ...(deleted ? ["delete"] : number === null ? [] : ["insert", String(number)]),
    ...word(rule),
    ...word(direction),
    ...named("on", params.interface),
    ...(params.interface_in === null ? [] : ["in", "on", params.interface_in]),
    ...(params.interface_out === null ? [] : ["out", "on", params.interface_out]),
    ...(params.log ? ["log"] : []),
    "from",
    params.from_ip,
    ...named("port", params.from_port),
    "to",
    params.to_ip,
    ...named("port", params.to_port),
    ...named("proto", params.proto),
    ...named("app", params.name),
    ...named("comment", params.comment),
  ];
};

const word = (value: string | null): readonly string[] => (value === null ? [] : [value]);

const named = (name: string, value: string | null): readonly string[] =>
  value === null ? [] : [name, value];

/** The number that a new rule gets, counted from a place among the present ones; null is the end. */
export const numberOf = (
  { insert, insert_relative_to }: UfwParams,
  rules: readonly { readonly number: number; readonly ipv6: boolean }[],
): number | null => {
  if (insert === null || insert_relative_to === "zero") return insert;
  const last = Math.max(0, ...rules.map(({ number }) => number));
  const lastIpv4 = Math.max(0, ...rules.filter(({ ipv6 }) => !ipv6).map(({ number }) => number));
  const from = {
    "first-ipv4": 1,
    "last-ipv4": Math.max(lastIpv4, 1),
    "first-ipv6": lastIpv4 + 1,
    "last-ipv6": rules.some(({ ipv6 }) => ipv6) ? last : last + 1,
  }[insert_relative_to];
  return insert + from > last ? null : insert + from;
};

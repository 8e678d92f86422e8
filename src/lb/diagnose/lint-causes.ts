import { placeText } from "../../core/error.ts";
import { rules } from "../lint/registry.ts";
import type { Pair } from "../pair/pair.ts";
import type { Cause } from "./cause.ts";

/** Rules of lint whose violation explains why a pair does not work, and what diagnose calls it. */
const BEARING: ReadonlyMap<string, string> = new Map([
  ["X01", "virtual-router-id-mismatch"],
  ["X02", "version-mismatch"],
  ["X03", "address-mismatch"],
  ["X04", "advert-interval-mismatch"],
  ["X05", "advert-interval-mismatch"],
  ["X06", "authentication-mismatch"],
  ["X07", "unicast-mismatch"],
  ["X08", "unicast-peer-mismatch"],
  ["X09", "unicast-peer-mismatch"],
  ["X10", "unicast-peer-mismatch"],
  ["X11", "multicast-group-mismatch"],
  ["X12", "wrong-interface"],
  ["X13", "address-family-mismatch"],
  ["X16", "authentication-mismatch"],
  ["X17", "foreign-vrrp"],
  ["K04", "wrong-interface"],
  ["K05", "virtual-address-is-own"],
  ["K06", "wrong-interface"],
  ["N01", "firewall-blocks-vrrp"],
  ["N03", "firewall-not-permanent"],
  ["N06", "sysctl"],
  ["N09", "sysctl"],
  ["X47", "clock-offset"],
  ["X48", "sysctl"],
  ["X50", "server-unreachable"],
  ["X53", "not-enabled"],
  ["X55", "not-listening"],
  ["L01", "log-not-taken"],
]);

/** Causes that bring two owners about: with two owners seen, they explain it. */
const SPLITS: ReadonlySet<string> = new Set([
  "virtual-router-id-mismatch",
  "version-mismatch",
  "address-mismatch",
  "advert-interval-mismatch",
  "authentication-mismatch",
  "unicast-mismatch",
  "unicast-peer-mismatch",
  "multicast-group-mismatch",
  "wrong-interface",
  "address-family-mismatch",
  "firewall-blocks-vrrp",
]);

/** What the nodes' configurations and facts say by themselves and beside each other, as lint has it. */
export const lintCauses = (
  pair: Pair,
  now: number,
  { split }: { readonly split: boolean },
): readonly Cause[] =>
  rules.flatMap((rule) => {
    const kind = BEARING.get(rule.id);
    if (kind === undefined) return [];
    return rule.check(pair, { now }).map((finding): Cause => {
      const places = [finding.at, ...(finding.also ?? [])].flatMap((at) => placeText(at) ?? []);
      const grave = (finding.severity ?? rule.severity) === "error";
      return {
        kind,
        nodes: finding.nodes,
        confidence: SPLITS.has(kind) && split ? "likely" : grave ? "likely" : "possible",
        message: finding.message,
        evidence:
          places.length === 0
            ? [`rule ${rule.id} of lint`]
            : [`${places.join(" and ")} (rule ${rule.id} of lint)`],
        advice: finding.fix ?? rule.fix,
      };
    });
  });

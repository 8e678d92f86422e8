import { haproxyConfig } from "../haproxy/read-config.ts";
import { keepalivedConfig } from "../keepalived/read-config.ts";
import type { NodeFacts } from "../pair/facts.ts";
import type { Pair, PairNode } from "../pair/pair.ts";
import { NO_SETTINGS } from "../pair/settings.ts";
import { ordinaryFacts } from "./ordinary-facts.ts";
import type { Example } from "./rule.ts";

/** When examples are looked at: 1 January 2026, as certificates in them have dates. */
export const EXAMPLE_NOW = Date.UTC(2026, 0, 1);

/** The nodes that `both` means. */
const BOTH: readonly string[] = ["lb1", "lb2"];

/** The pair that a rule's example describes, on ordinary Debian 12 nodes. */
export const examplePair = (example: Example): Pair => {
  const haproxy = byNode(example.haproxy ?? {});
  const keepalived = byNode(example.keepalived ?? {});
  const facts = byNode(example.facts ?? {});
  const names = [...new Set([...haproxy.keys(), ...keepalived.keys(), ...facts.keys()])].toSorted();
  const nodes = names.map((name, index): PairNode => {
    const haproxyText = haproxy.get(name);
    const keepalivedText = keepalived.get(name);
    const known = mergeFacts(ordinaryFacts(index + 1), facts.get(name) ?? {});
    return {
      name,
      haproxy:
        haproxyText === undefined
          ? null
          : haproxyConfig(
              [{ path: `${name}/haproxy.cfg`, text: haproxyText }],
              known.haproxy?.version ?? null,
            ),
      keepalived:
        keepalivedText === undefined
          ? null
          : keepalivedConfig([{ path: `${name}/keepalived.conf`, text: keepalivedText }]),
      facts: known,
    };
  });
  return { name: "example", nodes, settings: { ...NO_SETTINGS, ...example.settings } };
};

/** What a node has of its own goes before what `both` have. */
const byNode = <T>(given: Readonly<Record<string, T>>): ReadonlyMap<string, T> => {
  const { both, ...own } = given;
  const shared = both === undefined ? [] : BOTH.map((name) => [name, both] as const);
  return new Map([...shared, ...Object.entries(own)]);
};

/** Entry by entry where something is kept under names (sysctl, units and their properties, files), else as a whole. */
const merged = (base: unknown, own: unknown): unknown => {
  if (!(base instanceof Map) || !(own instanceof Map)) return own;
  const changed = [...own].map(([key, value]) => [key, merged(base.get(key), value)] as const);
  return new Map([...base, ...changed]);
};

const mergeFacts = (base: NodeFacts, own: Partial<NodeFacts>): NodeFacts => ({
  ...base,
  ...Object.fromEntries(
    Object.entries(own).map(([name, value]) => [name, merged(base[name as keyof NodeFacts], value)]),
  ),
});

import type { Zone } from "./facts.ts";
import { canonicalRule } from "./rich-rule.ts";
import type { FirewalldParams } from "./schema.ts";

/** Something a zone has or lets through: how to find it, and firewall-cmd's words for it. */
export interface ZoneItem {
  /** For people: `port 80/tcp`. */
  readonly label: string;
  readonly isIn: (zone: Zone) => boolean;
  readonly add: string;
  readonly remove: string;
  /** Whether firewall-cmd can take it back by itself after a time. */
  readonly timed: boolean;
  /** Whether adding it takes it out of another zone, which is not known. */
  readonly exclusive: boolean;
}

/** The things that a task names; a well-formed task names at most one. */
export const itemsOf = (params: FirewalldParams): readonly ZoneItem[] => [
  ...listed(params.service, "service", "services"),
  ...(params.port === null ? [] : [portItem(params.port)]),
  ...listed(params.protocol, "protocol", "protocols"),
  ...listed(params.source, "source", "sources", false),
  ...(params.interface === null ? [] : [interfaceItem(params.interface)]),
  ...listed(params.icmp_block, "icmp-block", "icmp-blocks"),
  ...(params.rich_rule === null ? [] : [ruleItem(params.rich_rule)]),
  ...(params.port_forward ?? []).map((forward) =>
    wordItem(
      "forward-port",
      "forward-ports",
      `port=${forward.port}:proto=${forward.proto}:toport=${forward.toport}:toaddr=${forward.toaddr}`,
    ),
  ),
];

const listed = (value: string | null, kind: string, field: string, timed = true): readonly ZoneItem[] =>
  value === null ? [] : [{ ...wordItem(kind, field, value), timed }];

const wordItem = (kind: string, field: string, value: string): ZoneItem => ({
  label: `${kind} ${value}`,
  isIn: ({ fields }) => (fields.get(field) ?? []).includes(value),
  add: `--add-${kind}=${value}`,
  remove: `--remove-${kind}=${value}`,
  timed: true,
  exclusive: false,
});

/** An interface is in one zone at a time. */
const interfaceItem = (name: string): ZoneItem => ({
  ...wordItem("interface", "interfaces", name),
  add: `--change-interface=${name}`,
  timed: false,
  exclusive: true,
});

/** firewalld joins neighbouring ports into ranges. */
const portItem = (port: string): ZoneItem => {
  const wanted = rangeOf(port);
  return {
    ...wordItem("port", "ports", port),
    isIn: ({ fields }) =>
      (fields.get("ports") ?? [])
        .map(rangeOf)
        .some(
          ({ first, last, protocol }) =>
            protocol === wanted.protocol && first <= wanted.first && wanted.last <= last,
        ),
  };
};

const rangeOf = (
  port: string,
): { readonly first: number; readonly last: number; readonly protocol: string } => {
  const [ports = "", protocol = ""] = port.split("/");
  const [first = "", last = first] = ports.split("-");
  return { first: Number(first), last: Number(last), protocol };
};

/** firewalld prints rules in its own order and with quotes everywhere. */
const ruleItem = (rule: string): ZoneItem => {
  const wanted = canonicalRule(rule);
  return {
    ...wordItem("rich-rule", "rich rules", rule),
    label: rule,
    isIn: ({ fields }) => (fields.get("rich rules") ?? []).some((text) => canonicalRule(text) === wanted),
  };
};

import type { Zone } from "./facts.ts";

/**
 * The zone that firewalld will have once it is installed: from the file that is left in /etc/firewalld, else as
 * firewalld brings it; null for one that it does not bring.
 */
export const zoneToCome = (name: string, file: string): Zone | null => {
  const text = file.trim() === "" ? SHIPPED.get(name) : file;
  return text === undefined ? null : { name, fields: fieldsOf(text) };
};

/** What firewalld's own zones say, the same since its first releases. */
const SHIPPED: ReadonlyMap<string, string> = new Map([
  ["block", '<zone target="%%REJECT%%">'],
  ["dmz", '<zone><service name="ssh"/>'],
  ["drop", '<zone target="DROP">'],
  ["external", '<zone><service name="ssh"/><masquerade/>'],
  [
    "home",
    '<zone><service name="ssh"/><service name="mdns"/><service name="samba-client"/><service name="dhcpv6-client"/>',
  ],
  [
    "internal",
    '<zone><service name="ssh"/><service name="mdns"/><service name="samba-client"/><service name="dhcpv6-client"/>',
  ],
  ["public", '<zone><service name="ssh"/><service name="dhcpv6-client"/>'],
  ["trusted", '<zone target="ACCEPT">'],
  ["work", '<zone><service name="ssh"/><service name="dhcpv6-client"/>'],
]);

/** An element's attribute → the field that `--list-all` shows it in. */
const FIELDS: Readonly<Record<string, readonly [field: string, attribute: string]>> = {
  service: ["services", "name"],
  protocol: ["protocols", "value"],
  interface: ["interfaces", "name"],
  "icmp-block": ["icmp-blocks", "name"],
};

/** firewalld.zone(5). What is in rules is theirs, not the zone's. */
const fieldsOf = (file: string): ReadonlyMap<string, readonly string[]> => {
  const text = file.replace(/<!--[\s\S]*?-->/g, "");
  const rules = [...text.matchAll(/<rule\b[\s\S]*?<\/rule>/g)].map(([rule]) => rule);
  const fields = new Map<string, string[]>([["rich rules", rules.map(ruleText)]]);
  const add = (field: string, value: string): void => {
    fields.set(field, [...(fields.get(field) ?? []), value]);
  };
  for (const { name, attributes } of elements(rules.reduce((rest, rule) => rest.replace(rule, ""), text))) {
    const value = (attribute: string): string => attributes.get(attribute) ?? "";
    const [field, attribute] = FIELDS[name] ?? [];
    if (field !== undefined && attribute !== undefined) add(field, value(attribute));
    else if (name === "source")
      add("sources", attributes.get("address") ?? attributes.get("mac") ?? `ipset:${value("ipset")}`);
    else if (name === "port") add("ports", `${value("port")}/${value("protocol")}`);
    else if (name === "masquerade" || name === "icmp-block-inversion") add(name, "yes");
    else if (name === "zone" && value("target") !== "") add("target", value("target"));
  }
  return fields;
};

/** A rule in the words of the rich language, in which its elements and attributes have the same names. */
const ruleText = (rule: string): string =>
  elements(rule)
    .map(({ name, attributes }) =>
      [name, ...[...attributes].map(([attribute, value]) => `${attribute}="${value}"`)].join(" "),
    )
    .join(" ");

interface Element {
  readonly name: string;
  readonly attributes: ReadonlyMap<string, string>;
}

const elements = (text: string): readonly Element[] =>
  [...text.matchAll(/<([a-z][a-z-]*)((?:\s+[\w-]+\s*=\s*(?:"[^"]*"|'[^']*'))*)\s*\/?>/g)].map(
    ([, name = "", words = ""]) => ({
      name,
      attributes: new Map(
        [...words.matchAll(/([\w-]+)\s*=\s*(?:"([^"]*)"|'([^']*)')/g)].map(
          ([, attribute = "", double, single]) => [attribute, plainText(double ?? single ?? "")],
        ),
      ),
    }),
  );

const plainText = (text: string): string =>
  text
    .replaceAll("&quot;", '"')
    .replaceAll("&lt;", "<")
    .replaceAll("&gt;", ">")
    .replaceAll("&apos;", "'")
    .replaceAll("&amp;", "&");

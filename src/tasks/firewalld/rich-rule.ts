/**
 * A rich rule in one form whatever the order and the quotes it is written with, so that two can be compared;
 * null where it is none (firewalld.richlanguage(5)).
 */
export const canonicalRule = (text: string): string | null => {
  const tokens = tokensOf(text);
  if (tokens === null || tokens[0]?.word !== "rule" || tokens[0].value !== null) return null;
  const parts: Part[] = [{ name: "rule", attributes: [] }];
  for (const { word, value } of tokens.slice(1)) {
    const last = parts.at(-1);
    if (last === undefined) return null;
    if (value !== null) {
      last.attributes.push(`${word}=${word === "family" || word === "level" ? value.toLowerCase() : value}`);
      continue;
    }
    if (word.toLowerCase() === "not") last.attributes.push("invert=true");
    else if (word === "limit") last.attributes.push("limit");
    else if (ELEMENTS.has(word)) parts.push({ name: word, attributes: [] });
    else return null;
  }
  return parts
    .map(({ name, attributes }) => [name, ...attributes.map(plainInvert).sort()].join(" "))
    .sort()
    .join("; ");
};

interface Part {
  readonly name: string;
  readonly attributes: string[];
}

const ELEMENTS = new Set([
  "source",
  "destination",
  "service",
  "port",
  "protocol",
  "icmp-block",
  "icmp-type",
  "masquerade",
  "forward-port",
  "source-port",
  "tcp-mss-clamp",
  "log",
  "nflog",
  "audit",
  "accept",
  "reject",
  "drop",
  "mark",
]);

/** `source NOT address=…`, `source not address=…` and `source invert="yes"` are one. */
const plainInvert = (attribute: string): string =>
  /^invert=(yes|true|1)$/i.test(attribute) ? "invert=true" : attribute;

interface Token {
  readonly word: string;
  readonly value: string | null;
}

const tokensOf = (text: string): readonly Token[] | null => {
  const tokens: Token[] = [];
  let rest = text.trim();
  while (rest !== "") {
    const match = /^([A-Za-z0-9-]+)(?:=(?:"([^"]*)"|'([^']*)'|([^\s"']+)))?(?:\s+|$)/.exec(rest);
    if (match === null) return null;
    const [whole, word = "", double, single, bare] = match;
    tokens.push({ word, value: double ?? single ?? bare ?? null });
    rest = rest.slice(whole.length);
  }
  return tokens;
};

import type { LiveInstance, VrrpCounters, VrrpState } from "./state.ts";

/** keepalived's numbers for states, in its JSON. */
const STATES: readonly VrrpState[] = ["INIT", "BACKUP", "MASTER", "FAULT"];

/** What keepalived calls its counters of mistakes in the JSON, and what they are called here. */
const ERRORS: readonly (readonly [json: string, stats: string, name: string])[] = [
  ["packet_len_err", "Packet Errors/Length", "length"],
  ["ip_ttl_err", "Packet Errors/TTL", "ttl"],
  ["invalid_type_rcvd", "Packet Errors/Invalid Type", "type"],
  ["advert_interval_err", "Packet Errors/Advertisement Interval", "advertInterval"],
  ["addr_list_err", "Packet Errors/Address List", "addressList"],
  ["invalid_authtype", "Authentication Errors/Invalid Type", "authenticationType"],
  ["authtype_mismatch", "Authentication Errors/Type Mismatch", "authenticationMismatch"],
  ["auth_failure", "Authentication Errors/Failure", "authentication"],
];

/** The instances in what keepalived writes as JSON (2.0 to 2.4 differ in what is around them); null where it is none. */
export const instancesFromJson = (text: string): readonly LiveInstance[] | null => {
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch {
    return null;
  }
  const list = Array.isArray(parsed) ? parsed : isRecord(parsed) ? parsed.vrrp : null;
  if (!Array.isArray(list)) return null;
  return list.flatMap((one: unknown) => {
    if (!isRecord(one) || !isRecord(one.data)) return [];
    const { data, stats } = one;
    return [
      {
        name: String(data.iname),
        state: STATES[numberOf(data.state) ?? -1] ?? "unknown",
        basePriority: numberOf(data.base_priority),
        effectivePriority: numberOf(data.effective_priority),
        lastTransition: milliseconds(numberOf(data.last_transition)),
        counters: isRecord(stats) ? countersOf((json) => numberOf(stats[json]) ?? 0) : null,
      },
    ];
  });
};

/** The instances in keepalived.data and keepalived.stats, which every version writes, each a little differently. */
export const instancesFromData = (data: string, stats: string): readonly LiveInstance[] =>
  blocksOf(data, /^ ?VRRP Instance = (.*)$/).map(({ name, lines }) => {
    const value = (key: RegExp): string | null => {
      const found = lines.flatMap((line) => {
        const [, word, rest] = /^\s+([A-Za-z _]+?) = (.*)$/.exec(line) ?? [];
        return word !== undefined && rest !== undefined && key.test(word) ? [rest] : [];
      });
      return found[0] ?? null;
    };
    const number = (key: RegExp): number | null => numberOf(Number.parseFloat(value(key) ?? ""));
    const state = value(/^State$/)?.split(" ")[0] ?? "";
    return {
      name,
      state:
        state === "BACK"
          ? "BACKUP"
          : state === "MAST"
            ? "MASTER"
            : (STATES.find((one) => one === state) ?? "unknown"),
      basePriority: number(/^(Base )?[Pp]riority$/),
      effectivePriority: number(/^Effective priority$/) ?? number(/^(Base )?[Pp]riority$/),
      lastTransition: milliseconds(number(/^Last transition$/)),
      counters: countersFromStats(stats, name),
    };
  });

/** Lines that belong to each heading; a heading of another kind ends them. */
const blocksOf = (
  text: string,
  heading: RegExp,
): readonly { readonly name: string; readonly lines: readonly string[] }[] => {
  const blocks: { name: string; lines: string[] }[] = [];
  let open: { name: string; lines: string[] } | null = null;
  for (const line of text.split("\n")) {
    const name = heading.exec(line)?.[1]?.trim();
    if (name !== undefined) {
      open = { name, lines: [] };
      blocks.push(open);
    } else if (line.startsWith("------<") || /^ ?VRRP Sync Group = /.test(line)) open = null;
    else open?.lines.push(line);
  }
  return blocks;
};

const countersFromStats = (stats: string, instance: string): VrrpCounters | null => {
  const block = blocksOf(stats, /^VRRP Instance: (.*)$/).find(({ name }) => name === instance);
  if (block === undefined) return null;
  const values = new Map<string, number>();
  let group = "";
  for (const line of block.lines) {
    const [, indent = "", key = "", value = ""] = /^( +)([^:]+):(.*)$/.exec(line) ?? [];
    if (value.trim() === "") group = key;
    else values.set(indent.length > 2 ? `${group}/${key}` : key, Number(value));
  }
  const names: Readonly<Record<string, string>> = {
    advert_rcvd: "Advertisements/Received",
    advert_sent: "Advertisements/Sent",
    become_master: "Became master",
    release_master: "Released master",
    ...Object.fromEntries(ERRORS.map(([json, text]) => [json, text])),
  };
  return countersOf((json) => values.get(names[json] ?? "") ?? 0);
};

const countersOf = (count: (json: string) => number): VrrpCounters => ({
  received: count("advert_rcvd"),
  sent: count("advert_sent"),
  becameMaster: count("become_master"),
  releasedMaster: count("release_master"),
  errors: Object.fromEntries(ERRORS.map(([json, , name]) => [name, count(json)])),
});

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

const numberOf = (value: unknown): number | null =>
  typeof value === "number" && Number.isFinite(value) ? value : null;

const milliseconds = (seconds: number | null): number | null =>
  seconds === null || seconds === 0 ? null : seconds * 1000;

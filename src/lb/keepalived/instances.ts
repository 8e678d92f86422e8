import type { Word } from "../syntax.ts";
import type { SyncGroup, VirtualAddress, VrrpInstance } from "./config.ts";
import { blockLines, findStatement, settingOf } from "./statements.ts";
import type { KeepalivedStatement } from "./syntax.ts";
import { trackerUses } from "./tracker-uses.ts";

/** A vrrp_instance with keepalived's defaults; none for one without a name. `globalVersion` is vrrp_version of global_defs. */
export const instanceOf = (
  { words, block }: KeepalivedStatement,
  globalVersion: Word | null,
  groups: readonly SyncGroup[],
): readonly VrrpInstance[] => {
  const name = words[1];
  if (name === undefined) return [];
  const statements = block ?? [];
  const vrid = number(settingOf(statements, "virtual_router_id"));
  const priority = number(settingOf(statements, "priority"));
  const interval = number(settingOf(statements, "advert_int"));
  const virtualAddresses = [
    ...addresses(statements, "virtual_ipaddress", false),
    ...addresses(statements, "virtual_ipaddress_excluded", true),
  ];
  return [
    {
      at: name.at,
      name: name.text,
      state: settingOf(statements, "state")?.text === "MASTER" ? "MASTER" : "BACKUP",
      interface: settingOf(statements, "interface"),
      virtualRouterId: vrid,
      priority: priority ?? { value: 100, at: null },
      version: versionOf(statements, globalVersion, virtualAddresses),
      advertInt: interval === null ? { seconds: 1, at: null } : { seconds: interval.value, at: interval.at },
      downTimerAdverts: number(settingOf(statements, "down_timer_adverts"))?.value ?? 3,
      nopreempt: findStatement(statements, "nopreempt") !== null,
      preemptDelay: number(settingOf(statements, "preempt_delay"))?.value ?? 0,
      unicastSourceIp: settingOf(statements, "unicast_src_ip"),
      unicastPeers: blockLines(statements, "unicast_peer").flatMap((line) => line.words.slice(0, 1)),
      authentication: authenticationOf(statements),
      virtualAddresses,
      trackers: trackerUses(statements),
      syncGroup: groups.find(({ members }) => members.some(({ text }) => text === name.text))?.name ?? null,
      statements,
    },
  ];
};

const number = (word: Word | null): { readonly value: number; readonly at: Word["at"] } | null => {
  const value = word === null ? Number.NaN : Number.parseFloat(word.text);
  return word === null || Number.isNaN(value) ? null : { value, at: word.at };
};

/** IPv6 needs version 3 whatever is written; the first address in the adverts decides the family. */
const versionOf = (
  statements: readonly KeepalivedStatement[],
  globalVersion: Word | null,
  virtualAddresses: readonly VirtualAddress[],
): 2 | 3 => {
  const first = virtualAddresses.find(({ excluded }) => !excluded) ?? virtualAddresses[0];
  if (first?.family === "ipv6") return 3;
  return (settingOf(statements, "version") ?? globalVersion)?.text === "3" ? 3 : 2;
};

const authenticationOf = (statements: readonly KeepalivedStatement[]): VrrpInstance["authentication"] => {
  const written = findStatement(statements, "authentication");
  const keyword = written?.words[0];
  if (written === null || keyword === undefined) return null;
  const inner = written.block ?? [];
  return {
    at: keyword.at,
    type: settingOf(inner, "auth_type")?.text ?? "",
    pass: settingOf(inner, "auth_pass"),
  };
};

const addresses = (
  statements: readonly KeepalivedStatement[],
  keyword: string,
  excluded: boolean,
): readonly VirtualAddress[] =>
  blockLines(statements, keyword).flatMap(({ words }) => {
    const [written, ...options] = words;
    if (written === undefined) return [];
    const [address = "", prefix] = written.text.split("/");
    const dev = options.findIndex(({ text }) => text === "dev");
    return [
      {
        at: written.at,
        address,
        prefix: prefix !== undefined && /^\d+$/.test(prefix) ? Number(prefix) : null,
        family: address.includes(":") ? "ipv6" : "ipv4",
        dev: (dev === -1 ? undefined : options[dev + 1])?.text ?? null,
        excluded,
      },
    ];
  });

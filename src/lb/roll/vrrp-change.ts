import type { KeepalivedConfig, VrrpInstance } from "../keepalived/config.ts";
import { blockText } from "./statement-text.ts";

/**
 * What a new keepalived.conf asks of the daemon and of its peers, mildest first:
 * `reload`: the daemon takes it over on SIGHUP, and both nodes understand each other before, between and after;
 * `wire`: what is sent on the wire changes, so that nodes with the old and the new one do not accept each other (both
 * would be MASTER), but an instance that is MASTER stays so over a reload;
 * `reinit`: as `wire`, and a reload begins the instance anew: its addresses go for a whole master-down time;
 * `restart`: the daemon reads it only when it starts.
 * Measured with keepalived 2.2.7.
 */
export type VrrpChange = "none" | "reload" | "wire" | "reinit" | "restart";

/** A change with what makes it one, in words. */
export interface VrrpVerdict {
  readonly change: VrrpChange;
  readonly reasons: readonly string[];
}

/** What a reload of keepalived cannot change, from keepalived.conf(5). */
const ONLY_AT_START: readonly string[] = ["net_namespace", "net_namespace_ipvs", "instance", "use_pid_dir"];

/** What it takes to get from one keepalived.conf to another. */
export const vrrpChange = (before: KeepalivedConfig, after: KeepalivedConfig): VrrpVerdict => {
  const faults = [
    ...startOnly(before, after),
    ...after.instances.flatMap((instance) => instanceChanges(twin(instance, before), instance)),
    ...before.instances
      .filter((instance) => !after.instances.some((other) => twin(other, before) === instance))
      .map((gone): Reason => ["reload", `the instance ${gone.name} goes`]),
  ];
  const worst = ORDER.findLast((change) => faults.some(([one]) => one === change));
  if (worst !== undefined) {
    return { change: worst, reasons: faults.filter(([one]) => one === worst).map(([, text]) => text) };
  }
  return blockText(before.statements) === blockText(after.statements)
    ? { change: "none", reasons: [] }
    : { change: "reload", reasons: ["nothing that the other node would notice"] };
};

type Reason = readonly [VrrpChange, string];

const ORDER: readonly VrrpChange[] = ["reload", "wire", "reinit", "restart"];

const startOnly = (before: KeepalivedConfig, after: KeepalivedConfig): readonly Reason[] =>
  ONLY_AT_START.flatMap((keyword): readonly Reason[] => {
    const own = (config: KeepalivedConfig): string =>
      blockText(config.globals.filter(({ words }) => words[0]?.text === keyword));
    return own(before) === own(after) ? [] : [["restart", `${keyword} counts only when keepalived starts`]];
  });

/** The same instance in the other file: by its name, else by what it is on the wire. */
const twin = (instance: VrrpInstance, config: KeepalivedConfig): VrrpInstance | undefined =>
  config.instances.find(({ name }) => name === instance.name) ??
  config.instances.find(
    (other) =>
      other.virtualRouterId?.value === instance.virtualRouterId?.value &&
      other.interface?.text === instance.interface?.text,
  );

const instanceChanges = (before: VrrpInstance | undefined, after: VrrpInstance): readonly Reason[] => {
  const { name } = after;
  if (before === undefined) return [["wire", `the instance ${name} is new`]];
  const moved = <T>(
    change: VrrpChange,
    what: string,
    of: (instance: VrrpInstance) => T,
  ): readonly Reason[] => {
    const [old, now] = [of(before), of(after)].map((value) => String(value ?? "none"));
    return old === now ? [] : [[change, `${what} of ${name} from ${old} to ${now}`]];
  };
  return [
    ...moved("reinit", "virtual_router_id", ({ virtualRouterId }) => virtualRouterId?.value),
    ...moved("reinit", "the interface", (instance) => instance.interface?.text),
    ...moved("reinit", "the way of sending", ({ unicastPeers }) =>
      unicastPeers.length > 0 ? "unicast" : "multicast",
    ),
    ...moved("reinit", "the multicast group", ({ statements }) =>
      blockText(statements.filter(({ words }) => words[0]?.text === "mcast_dst_ip")),
    ),
    ...moved("wire", "the VRRP version", ({ version }) => version),
    ...moved("wire", "the virtual addresses", (instance) => addressesOf(instance).join(", ")),
    ...(sameSecret(before, after) ? [] : [["wire", `the authentication of ${name}`] as const]),
    ...(before.version === 2 && after.version === 2
      ? moved("wire", "advert_int", ({ advertInt }) => Math.max(1, Math.round(advertInt.seconds)))
      : []),
    ...moved("wire", "unicast_src_ip", ({ unicastSourceIp }) => unicastSourceIp?.text),
    ...moved("wire", "the unicast peers", ({ unicastPeers }) =>
      unicastPeers
        .map(({ text }) => text)
        .toSorted()
        .join(", "),
    ),
  ];
};

/** Those that stand in the adverts. */
const addressesOf = ({ virtualAddresses }: VrrpInstance): readonly string[] =>
  virtualAddresses
    .filter(({ excluded }) => !excluded)
    .map(({ address }) => address)
    .toSorted();

/** Only the first eight characters of a password are sent. */
const sameSecret = (before: VrrpInstance, after: VrrpInstance): boolean => {
  const sent = ({ authentication, version }: VrrpInstance): string =>
    authentication === null || version === 3
      ? ""
      : `${authentication.type} ${(authentication.pass?.text ?? "").slice(0, 8)}`;
  return sent(before) === sent(after);
};

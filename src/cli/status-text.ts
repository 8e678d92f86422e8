import { allAddresses, heldBy, type LiveNode, stateOf } from "../lb/live/node.ts";
import type { PairHealth } from "../lb/live/pair-health.ts";
import type { LiveInstance, LiveState } from "../lb/live/state.ts";
import type { Palette } from "../report/palette.ts";

/** A pair with what was seen of it, and how it is. */
export interface SeenPair {
  readonly name: string;
  readonly nodes: readonly LiveNode[];
  readonly health: PairHealth;
}

const DAY_MS = 24 * 60 * 60 * 1000;

/** How a pair is, as an operator reads it: one line, a table of its nodes, and what is wrong with what to do. */
export const statusText = ({ name, nodes, health }: SeenPair, palette: Palette): string => {
  const addresses = allAddresses(nodes);
  const table = tableText([HEAD, ...nodes.map((node) => row(node, addresses))]);
  const [head = "", ...rows] = table;
  return [
    `${palette.heading(name)}: ${health.healthy ? palette.ok("healthy") : palette.failed("not healthy")}; ${ownership(health)}`,
    `  ${palette.faint(head)}`,
    ...rows.map((line) => `  ${line}`),
    ...health.problems.flatMap(({ node, severity, message, advice }) => [
      `${severity === "error" ? palette.failed("problem") : palette.warning("note")}: ${node === null ? "" : `${node}: `}${message}`,
      `  ${palette.faint(advice)}`,
    ]),
    "",
  ].join("\n");
};

/** Who has the addresses and who would take over. */
export const ownership = ({ owner, standby, addresses }: PairHealth): string => {
  if (owner !== null) {
    const all = addresses.map(({ address }) => address).join(", ");
    return `${owner} has ${all}${standby === null ? ", and nobody could take over" : `, ${standby} would take over`}`;
  }
  return addresses.length === 0
    ? "no virtual address is known"
    : addresses.map(({ address, owners }) => `${address}: ${owners.join(" and ") || "nobody"}`).join("; ");
};

const HEAD = ["NODE", "HAS", "VRRP", "KEEPALIVED", "HAPROXY", "CONFIG", "SERVERS", "CERT", "LAST RUN"];

/** A node's cells; one that was not reached has two. */
export const row = (node: LiveNode, addresses: readonly string[]): readonly string[] => {
  const state = stateOf(node);
  if (state === null) return [node.name, "not reached"];
  return [
    node.name,
    heldBy(node, addresses).join(",") || "-",
    state.out === null ? vrrpText(state) : `${vrrpText(state)} (${state.out.cause})`,
    daemonText(state.keepalived.version, state.keepalived.mainPid, state.keepalived.uptime),
    haproxyText(state),
    configText(state),
    serversText(state),
    certificateText(state),
    runText(state),
  ];
};

const vrrpText = ({ keepalived: { instances, told } }: LiveState): string => {
  if (told.by === null) return "unknown";
  const text = ({ state, effectivePriority }: LiveInstance): string =>
    `${state}${effectivePriority === null ? "" : ` ${effectivePriority}`}`;
  const [only, ...others] = instances;
  if (only === undefined) return "no instance";
  return others.length === 0 ? text(only) : instances.map((one) => `${one.name} ${text(one)}`).join(", ");
};

const daemonText = (version: string | null, pid: number | null, uptime: number | null): string =>
  pid === null ? "down" : `${version ?? "?"}${uptime === null ? "" : `, ${ageText(uptime)}`}`;

const haproxyText = ({ haproxy }: LiveState): string => {
  const running = haproxy.stats.kind === "told" ? haproxy.stats.version : null;
  return daemonText(
    shortVersion(running ?? haproxy.diskVersion),
    haproxy.mainPid,
    haproxy.workers[0]?.age ?? null,
  );
};

/** `2.6.12-1+deb12u4` says more than there is room for. */
const shortVersion = (version: string | null): string | null => version?.split("-")[0] ?? null;

const configText = ({ haproxy }: LiveState): string => {
  if (haproxy.mainPid === null) return "-";
  if ((haproxy.failedReloads ?? 0) > 0) return "reload failed";
  return haproxy.changedSince.length === 0 ? "loaded" : "newer on disk";
};

const serversText = ({ haproxy: { stats } }: LiveState): string => {
  if (stats.kind === "silent") return "unknown";
  const usable = stats.servers.filter(({ health }) => health === "up" || health === "unchecked").length;
  return `${usable}/${stats.servers.length} up`;
};

const certificateText = ({ now, haproxy: { certificates } }: LiveState): string =>
  certificates.length === 0
    ? "-"
    : `${Math.floor((Math.min(...certificates.map(({ notAfter }) => notAfter)) - now) / DAY_MS)} d`;

const runText = ({ lastRun }: LiveState): string => {
  if (lastRun === null) return "-";
  return lastRun.underway ? `now, by ${lastRun.owner}` : `${ageText(lastRun.age)} ago by ${lastRun.owner}`;
};

/** `42 s`, `12 min`, `5 h`, `31 d`. */
export const ageText = (seconds: number): string => {
  if (seconds < 100) return `${Math.round(seconds)} s`;
  if (seconds < 100 * 60) return `${Math.round(seconds / 60)} min`;
  return seconds < 48 * 3600 ? `${Math.round(seconds / 3600)} h` : `${Math.floor(seconds / 86_400)} d`;
};

const tableText = (rows: readonly (readonly string[])[]): readonly string[] => {
  const widths = HEAD.map((_, column) => Math.max(...rows.map((cells) => cells[column]?.length ?? 0)));
  return rows.map((cells) =>
    cells
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join("  ")
      .trimEnd(),
  );
};

import { quote } from "../../core/shell.ts";
import type { HaproxyConfig } from "../haproxy/config.ts";
import type { KeepalivedConfig, Tracker } from "../keepalived/config.ts";
import { settingOf } from "../keepalived/statements.ts";

/** A place on this node that HAProxy sends its log to. */
export interface LogTarget {
  /** `127.0.0.1:514`, or the path of a socket as it is seen from outside of HAProxy's chroot. */
  readonly name: string;
  readonly facility: string;
  /** What gives `logger` its target. */
  readonly words: string;
}

/** A script that keepalived runs as a check. */
export interface Check {
  readonly name: string;
  readonly command: string;
  /** As who; null: keepalived_script where there is such a user, else root. */
  readonly user: string | null;
}

/** What to look at on a node, as its configurations say. */
export interface Look {
  readonly interfaces: readonly string[];
  readonly checks: readonly Check[];
  readonly logs: readonly LogTarget[];
  /** To listen for adverts. */
  readonly seconds: number;
}

/** Adverts are listened for as long as three of them take, and not longer than a look may last. */
const SHORTEST = 4;
const LONGEST = 8;

/** What a node's configurations make it worth to try. */
export const lookOf = (haproxy: HaproxyConfig | null, keepalived: KeepalivedConfig | null): Look => {
  const slowest = Math.max(0, ...(keepalived?.instances.map(({ advertInt }) => advertInt.seconds) ?? []));
  return {
    interfaces: [...new Set(keepalived?.instances.flatMap(({ interface: word }) => word?.text ?? []) ?? [])],
    checks: keepalived === null ? [] : checksOf(keepalived),
    logs: haproxy === null ? [] : logsOf(haproxy),
    seconds: Math.min(LONGEST, Math.max(SHORTEST, Math.ceil(3 * slowest) + 1)),
  };
};

const checksOf = (config: KeepalivedConfig): readonly Check[] => {
  const used = new Set(
    [...config.instances, ...config.syncGroups].flatMap(({ trackers }) =>
      trackers.flatMap(({ kind, name }) => (kind === "script" ? name : [])),
    ),
  );
  const standard = settingOf(config.globals, "script_user")?.text ?? null;
  return config.trackers
    .filter(({ kind, name }) => kind === "script" && used.has(name))
    .map((tracker) => ({ name: tracker.name, command: tracker.target, user: userOf(tracker) ?? standard }));
};

const userOf = ({ statements }: Tracker): string | null => settingOf(statements, "user")?.text ?? null;

const FACILITY =
  /^(kern|user|mail|daemon|auth|syslog|lpr|news|uucp|cron|auth2|ftp|ntp|audit|alert|cron2|local[0-7])$/;

const logsOf = (config: HaproxyConfig): readonly LogTarget[] => {
  const chroot =
    config.global.find(({ keyword }) => keyword === "chroot")?.args[0]?.text.replace(/\/$/, "") ?? "";
  const lines = [
    ...config.global,
    ...config.proxies.flatMap(({ directives, inherited }) => [...inherited, ...directives]),
  ].filter(({ keyword, prefix }) => keyword === "log" && prefix === null);
  const found = lines.flatMap(({ args }): readonly LogTarget[] => {
    const address = args[0]?.text ?? "";
    const facility = args.find(({ text }) => FACILITY.test(text))?.text;
    if (facility === undefined) return [];
    if (address.startsWith("/")) {
      const inside = `${chroot}${address}`;
      return [{ name: address, facility, words: `-u "$(socket_of ${quote(address)} ${quote(inside)})"` }];
    }
    const [, host, port = "514"] = /^(?:udp4?@)?(127(?:\.\d+){3}|localhost)(?::(\d+))?$/.exec(address) ?? [];
    return host === undefined
      ? []
      : [{ name: `${host}:${port}`, facility, words: `-d -n ${quote(host)} -P ${port}` }];
  });
  const keys = found.map(({ name, facility }) => `${name} ${facility}`);
  return found.filter((_, index) => keys.indexOf(keys[index] ?? "") === index);
};

import { dict, type Value } from "../../core/value.ts";

/** The services in a node's answer: what each of its init systems printed, in sections. */
export const servicesOf = (text: string): ReadonlyMap<Value, Value> => {
  const sections = new Map(
    text
      .split(/^--lbplay /m)
      .slice(1)
      .map((block) => [block.slice(0, block.indexOf("\n")), linesIn(block)]),
  );
  const lines = (name: string): readonly string[] => sections.get(name) ?? [];
  return new Map<Value, Value>([
    ...initScripts(lines("sysv")),
    ...runLevels(lines("chkconfig"), lines("status")),
    ...openrc(lines("rc-status"), lines("rc-update")),
    ...units(lines("units"), lines("files"), lines("names"), lines("states")),
  ]);
};

type Entry = readonly [name: string, facts: Value];

const linesIn = (block: string): readonly string[] =>
  block
    .split("\n")
    .slice(1)
    .filter((line) => line.trim() !== "");

/** `[ + ]  cron`, as Debian's service prints it; those that do not know (`[ ? ]`) are left out. */
const initScripts = (lines: readonly string[]): readonly Entry[] =>
  lines.flatMap((line) => {
    const [, sign, name] = /^\s*\[ ([-+]) \]\s+(.+)$/.exec(line) ?? [];
    if (name === undefined) return [];
    return [[name, dict({ name, state: sign === "+" ? "running" : "stopped", source: "sysv" })] as const];
  });

/** chkconfig's table; the exit code of `service NAME status` says whether it runs. */
const runLevels = (lines: readonly string[], codes: readonly string[]): readonly Entry[] => {
  const running = new Set(codes.filter((line) => line.endsWith(" 0")).map((line) => line.slice(0, -2)));
  return lines.flatMap((line) => {
    const [, name, third] = /^(\S+)\s+0:.*\b3:(on|off)\b.*\b6:/.exec(line) ?? [];
    if (name === undefined) return [];
    const state = running.has(name) ? "running" : "stopped";
    const status = third === "on" ? "enabled" : "disabled";
    return [[name, dict({ name, state, status, source: "sysv" })] as const];
  });
};

/** ` sshd [ started ]` by rc-status, `sshd | default` by rc-update. */
const openrc = (states: readonly string[], levels: readonly string[]): readonly Entry[] => {
  const runlevels = new Map(
    levels.flatMap((line) => {
      const [name, words] = line.split("|");
      return name === undefined || words === undefined
        ? []
        : [[name.trim(), words.trim() === "" ? null : words.trim().split(/\s+/)] as const];
    }),
  );
  return states.flatMap((line) => {
    const [, name, state] = /^ (\S+).*\[\s*(\S+)/.exec(line) ?? [];
    if (name === undefined || state === undefined) return [];
    return [[name, dict({ name, runlevels: runlevels.get(name) ?? null, state, source: "openrc" })] as const];
  });
};

/** What is wrong with a unit stands above whether it is enabled. */
const BAD = new Set(["not-found", "masked", "failed"]);

interface Unit {
  readonly state: string;
  readonly status: string;
}

/** Loaded units first; a file that is not loaded comes with the state that systemd gave it when asked. */
const units = (
  loaded: readonly string[],
  files: readonly string[],
  names: readonly string[],
  states: readonly string[],
): readonly Entry[] => {
  const found = new Map<string, Unit>();
  for (const line of loaded) {
    // A mark in front (a bullet, or a star without UTF-8) shows what is not well.
    const [, name, load = "", active = "", sub] =
      /^\s*(?:[^\w\s]\s+)?(\S+\.service)\s+(\S+)\s+(\S+)\s+(\S+)/.exec(line) ?? [];
    if (name === undefined) continue;
    const status = [load, active].find((word) => BAD.has(word)) ?? active;
    found.set(name, { state: sub === "running" ? "running" : "stopped", status });
  }
  const asked = new Map(
    names.map((name, index) => [name, states[index]?.replace("ActiveState=", "") ?? "unknown"]),
  );
  for (const line of files) {
    const [, name, status = ""] = /^\s*(\S+\.service)\s+(\S+)/.exec(line) ?? [];
    if (name === undefined) continue;
    const before = found.get(name);
    if (before === undefined) found.set(name, { state: asked.get(name) ?? "unknown", status });
    else if (!BAD.has(before.status)) found.set(name, { ...before, status });
  }
  return [...found].map(([name, unit]) => [name, dict({ name, ...unit, source: "systemd" })] as const);
};

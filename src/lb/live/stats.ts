import { type Frame, textOf } from "./frames.ts";
import type { LiveProxy, LiveServer, LiveStats } from "./state.ts";

/** `show info` and `show stat`, read. */
export const statsOf = (all: readonly Frame[]): LiveStats => {
  const silent = textOf(all, "silent");
  if (silent !== null) return { kind: "silent", reason: silent };
  const info = infoOf(textOf(all, "info") ?? "");
  const rows = rowsOf(textOf(all, "stat") ?? "");
  const pid = Number(info.get("Pid"));
  if (!Number.isInteger(pid)) return { kind: "silent", reason: silence(all) };
  return {
    kind: "told",
    version: info.get("Version") ?? "",
    pid,
    uptime: Number(info.get("Uptime_sec") ?? 0),
    stopping: info.get("Stopping") === "1",
    proxies: rows.flatMap(proxyOf),
    servers: rows.flatMap(serverOf),
  };
};

const silence = (all: readonly Frame[]): string => {
  const frame = all.find(({ name }) => name === "info");
  const said = frame?.text.trim().split("\n").at(-1) ?? "";
  return `its socket ${textOf(all, "socket") ?? ""} does not answer${said === "" ? "" : `: ${said}`}`;
};

/** The master's count of reloads that failed, from `show proc`; null where it has none (before 2.5). */
export const failedReloads = (text: string | null): number | null => {
  const count = /\[failed: (\d+)\]/.exec(text ?? "")?.[1];
  return count === undefined ? null : Number(count);
};

const infoOf = (text: string): ReadonlyMap<string, string> =>
  new Map(
    text.split("\n").flatMap((line): readonly [string, string][] => {
      const colon = line.indexOf(": ");
      return colon < 0 ? [] : [[line.slice(0, colon), line.slice(colon + 2).trim()]];
    }),
  );

type Row = (column: string) => string;

const rowsOf = (text: string): readonly Row[] => {
  const [head = "", ...lines] = text.split("\n");
  const columns = new Map(
    head
      .replace(/^# /, "")
      .split(",")
      .map((name, index): [string, number] => [name, index]),
  );
  return lines
    .filter((line) => line.includes(","))
    .map((line) => {
      const cells = cellsOf(line);
      return (column) => cells[columns.get(column) ?? -1] ?? "";
    });
};

/** What checks say of a server may hold commas, and stands in quotes then. */
const cellsOf = (line: string): readonly string[] =>
  [...line.matchAll(/(?:^|,)(?:"((?:[^"]|"")*)"|([^,]*))/g)].map(([, quoted, plain]) =>
    quoted === undefined ? (plain ?? "") : quoted.replaceAll('""', '"'),
  );

const proxyOf = (row: Row): readonly LiveProxy[] => {
  const kind = row("type") === "0" ? "frontend" : row("type") === "1" ? "backend" : null;
  return kind === null ? [] : [{ kind, name: row("pxname"), status: row("status") }];
};

const serverOf = (row: Row): readonly LiveServer[] => {
  if (row("type") !== "2") return [];
  const status = row("status");
  const weight = Number(row("weight"));
  return [
    {
      backend: row("pxname"),
      name: row("svname"),
      status,
      health: healthOf(status, weight),
      weight,
      check: row("check_status").replace(/^\* /, ""),
      backup: row("bck") === "1",
      sessions: Number(row("scur")),
    },
  ];
};

const healthOf = (status: string, weight: number): LiveServer["health"] => {
  if (status.startsWith("MAINT")) return "maint";
  if (status.startsWith("DRAIN") || status.startsWith("NOLB")) return "drain";
  if (status.startsWith("DOWN")) return "down";
  if (weight === 0) return "drain";
  return status === "no check" ? "unchecked" : "up";
};

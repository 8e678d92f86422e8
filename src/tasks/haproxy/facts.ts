import { type Probe, type ReadResult, read } from "../../core/probe.ts";
import { quote } from "../../core/shell.ts";
import { ASK } from "../../lb/live/socket.ts";
import { labelled } from "../shared-probes/label.ts";
import type { HaproxyParams } from "./schema.ts";

/** A server as the running HAProxy has it. */
export interface LiveServer {
  readonly backend: string;
  /** As `show stat` has it: UP, DOWN 1/2, MAINT, MAINT (via web/a), DRAIN, no check. */
  readonly status: string;
  readonly weight: string;
  /** Sessions at present. */
  readonly sessions: string;
  /** What `show servers state` adds; null before HAProxy 1.6. */
  readonly more: {
    /** Sums of 1: maintenance, 8: drained, and what others cause. */
    readonly admin: number;
    readonly configuredWeight: number;
    /** Whether its checks run; null where it has none. */
    readonly health: boolean | null;
    readonly agent: boolean | null;
  } | null;
}

/** The servers of the name; or why they cannot be told. */
export interface HaproxyFacts {
  readonly servers: readonly LiveServer[];
  readonly fault: string | null;
}

/** Asks the socket for the server in all its backends. */
export const haproxyFacts = (params: HaproxyParams): Probe<HaproxyFacts> => {
  const { socket, host } = params;
  return read(
    labelled(`server ${host} at ${socket}`, [
      ASK.trim(),
      `s=${quote(socket)}; h=${quote(host)}`,
      '[ -S "$s" ] || { echo "there is no socket $s: HAProxy does not run, or has its stats socket elsewhere" >&2; exit 3; }',
      'o=$(ask "$s" "show stat") || exit 4',
      `printf '%s\\n' "$o" | awk -F, -v h="$h" '/^#/ || $2 == h'`,
      "echo --servers",
      `ask "$s" "show servers state" | awk -v h="$h" '/^#/ || $4 == h'`,
      "exit 0",
    ]),
    (answer) => parseFacts(params, answer),
  );
};

const parseFacts = ({ backend }: HaproxyParams, { code, stdout, stderr }: ReadResult): HaproxyFacts => {
  if (code !== 0) return { servers: [], fault: stderr.toString("utf8").trim() || `exit code ${code}` };
  const [stat = "", state = ""] = stdout.toString("utf8").split("--servers\n");
  const states = rowsOf(state, /\s+/);
  const servers = rowsOf(stat, ",")
    .filter((row) => backend === null || row.get("pxname") === backend)
    .map((row): LiveServer => {
      const more = states.find((one) => one.get("be_name") === row.get("pxname"));
      return {
        backend: row.get("pxname") ?? "",
        status: row.get("status") ?? "",
        weight: row.get("weight") ?? "",
        sessions: row.get("scur") ?? "0",
        more:
          more === undefined
            ? null
            : {
                admin: Number(more.get("srv_admin_state")),
                configuredWeight: Number(more.get("srv_iweight")),
                health: checkIn(more.get("srv_check_state")),
                agent: checkIn(more.get("srv_agent_state")),
              },
      };
    });
  return { servers, fault: null };
};

/** Bits of a check's state: 2, it is configured; 4, it is switched on. */
const checkIn = (text: string | undefined): boolean | null => {
  const bits = Number(text ?? 0);
  return (bits & 2) === 0 ? null : (bits & 4) !== 0;
};

const rowsOf = (text: string, separator: string | RegExp): readonly ReadonlyMap<string, string>[] => {
  const [head = "", ...lines] = text.split("\n").filter((line) => line.trim() !== "");
  const names = head.replace(/^# /, "").split(separator);
  return lines.map((line) => {
    const cells = line.split(separator);
    return new Map(names.map((name, index) => [name, cells[index] ?? ""]));
  });
};

import type { Tracker, TrackerUse } from "../keepalived/config.ts";
import type { PairNode } from "../pair/pair.ts";
import { basename } from "./command.ts";

/** `health`: tells that haproxy is gone. `drain`: an operator gives the addresses away by it. `link`: an interface. */
export type Purpose = "health" | "drain" | "link" | "other";

const DRAIN = /drain|maint|standby|disable/i;
const REQUEST = /^(curl|wget|nc|ncat|socat|telnet)$/;

/** What a tracker is there for, as far as its name and what it looks at tell. */
export const purposeOf = (node: PairNode, use: TrackerUse, definition: Tracker | null): Purpose => {
  if (use.kind === "interface" || use.kind === "bfd") return "link";
  const target = definition?.target ?? "";
  if (/haproxy/i.test(`${use.name} ${target}`)) return "health";
  if (DRAIN.test(`${use.name} ${target}`)) return "drain";
  if (use.kind === "script" && REQUEST.test(basename(target))) return "health";
  if (use.kind === "file" && writtenByUnit(node, target)) return "health";
  return "other";
};

/** Whether haproxy's own unit writes the file when it starts or stops. */
const writtenByUnit = ({ facts }: PairNode, path: string): boolean => {
  const unit = facts?.units?.get("haproxy.service");
  return (
    path !== "" &&
    ["ExecStopPost", "ExecStartPost"].some((property) => unit?.get(property)?.includes(path) === true)
  );
};

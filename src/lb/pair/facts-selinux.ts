import { map, type Probe, read } from "../../core/probe.ts";
import { quote } from "../../core/shell.ts";
import { type Frame, frames, PUT, textOf } from "../live/frames.ts";
import type { NodeFacts, SelinuxFact } from "./facts.ts";
import type { FactsWanted } from "./facts-wanted.ts";

/** Nothing is asked where SELinux is off: semanage takes a second. */
const script = ({ files }: FactsWanted): string => `
PATH=$PATH:/usr/local/sbin:/usr/sbin:/sbin
command -v timeout >/dev/null || timeout() { shift; "$@"; }
${PUT}
command -v getenforce >/dev/null || exit 0
mode=$(getenforce 2>/dev/null); put mode $? "$mode"
[ "$mode" != Disabled ] || exit 0
put booleans 0 "$(for name in haproxy_connect_any keepalived_connect_any; do getsebool "$name" 2>/dev/null; done)"
if command -v semanage >/dev/null; then said=$(timeout 30 semanage port -l 2>/dev/null); put ports $? "$said"; fi
if command -v matchpathcon >/dev/null; then
  put labels 0 "$(for path in ${files.map(quote).join(" ")} /var/log/haproxy.log; do [ ! -e "$path" ] || matchpathcon -V "$path" 2>/dev/null; done)"
fi`;

/** SELinux: its mode, what it lets HAProxy and keepalived do, and files with a label that is not the policy's. */
export const selinuxFacts = (wanted: FactsWanted): Probe<Pick<NodeFacts, "selinux">> =>
  map(read(script(wanted), frames), (all) => ({ selinux: selinuxOf(all) }));

const selinuxOf = (all: readonly Frame[]): SelinuxFact | null => {
  const mode = textOf(all, "mode")?.trim().toLowerCase();
  if (mode !== "enforcing" && mode !== "permissive" && mode !== "disabled") return null;
  const booleans = [...(textOf(all, "booleans") ?? "").matchAll(/^(\w+) --> (on|off)/gm)];
  const ports = textOf(all, "ports");
  const labels = [...(textOf(all, "labels") ?? "").matchAll(/^(\S+) has context (\S+), should be (\S+)$/gm)];
  return {
    mode,
    booleans: new Map(booleans.map(([, name = "", value]) => [name, value === "on"])),
    ports:
      ports === null
        ? null
        : new Map(
            [...ports.matchAll(/^(\w+)\s+tcp\s+(.*)$/gm)].map(([, type = "", ranges = ""]) => [
              type,
              ranges.trim().split(/,\s*/),
            ]),
          ),
    mislabelled: new Map(labels.map(([, path = "", has = "", should = ""]) => [path, { has, should }])),
  };
};

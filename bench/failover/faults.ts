import { freeze, kill, plugCable, pullCable, thaw } from "../../src/lab/faults.ts";
import { labStart } from "../../src/lab/lab.ts";
import { output, type Pair } from "./pair.ts";

/** Something that happens to the node that has the address. */
export interface Fault {
  readonly name: string;
  /** What `lbplay predict` calls it; null: it foretells nothing of it. */
  readonly event: string | null;
  readonly inject: (pair: Pair, node: string) => Promise<unknown>;
  /** What makes the node well again; null: nothing is broken. */
  readonly mend: ((pair: Pair, node: string) => Promise<unknown>) | null;
}

const command =
  (script: string) =>
  (pair: Pair, node: string): Promise<unknown> =>
    output(pair, node, script);

/** Nothing, which shows what the machine's own business costs; then faults; then an operator's everyday work. */
export const FAULTS: readonly Fault[] = [
  { name: "nothing", event: null, inject: async () => undefined, mend: null },
  {
    name: "HAProxy stopped",
    event: "haproxy",
    inject: command("systemctl stop haproxy"),
    mend: command("systemctl start haproxy"),
  },
  {
    // Debian's unit starts it again after 0.1 s, which no keepalived.conf tells.
    name: "HAProxy killed",
    event: null,
    inject: command("systemctl kill -s KILL haproxy"),
    mend: command("systemctl start haproxy"),
  },
  {
    name: "keepalived stopped",
    event: "stop",
    inject: command("systemctl stop keepalived"),
    mend: command("systemctl start keepalived"),
  },
  {
    name: "cable pulled",
    event: "cable",
    inject: ({ site }, node) => pullCable(site, node),
    mend: ({ site }, node) => plugCable(site, node),
  },
  {
    name: "power cut",
    event: "power",
    inject: ({ site }, node) => kill(site, node),
    mend: ({ place }, node) => labStart(place, node),
  },
  {
    name: "node frozen",
    event: "power",
    inject: ({ site }, node) => freeze(site, node),
    mend: ({ site }, node) => thaw(site, node),
  },
  { name: "HAProxy reloaded", event: null, inject: command("systemctl reload haproxy"), mend: null },
  { name: "HAProxy restarted", event: null, inject: command("systemctl restart haproxy"), mend: null },
  { name: "keepalived reloaded", event: null, inject: command("systemctl reload keepalived"), mend: null },
  {
    name: "keepalived restarted",
    event: "stop",
    inject: command("systemctl restart keepalived"),
    mend: null,
  },
];

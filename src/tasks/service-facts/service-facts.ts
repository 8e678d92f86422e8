import { type Probe, read } from "../../core/probe.ts";
import { defineState } from "../../core/task.ts";
import { dict, type Value } from "../../core/value.ts";
import { labelled } from "../shared-probes/label.ts";
import { type ServiceFactsParams, schema } from "./schema.ts";
import { servicesOf } from "./services.ts";

/** Services by name, as facts have them. */
type Services = ReadonlyMap<Value, Value>;

/** Tells which services a node has, whether they run and whether they start at boot. */
export const serviceFacts = defineState<ServiceFactsParams, Services, never>({
  kind: "state",
  name: "service_facts",
  aliases: ["ansible.builtin.service_facts", "ansible.legacy.service_facts"],
  summary:
    "Tells which services a node has, whether they run and whether they start at boot, in ansible_facts.services.",
  schema,
  example: `- name: Which services are there
  ansible.builtin.service_facts:
`,
  inspect: (): Probe<Services> => read(SCRIPT, (answer) => servicesOf(answer.stdout.toString("utf8"))),
  diff: () => ({ kind: "converged" }),
  view: (change) => change,
  apply: () => [],
  result: (_, services) => ({ ansible_facts: dict({ services }) }),
});

/**
 * Every kind of service that the node has tools for. A unit that is only a file is asked for its state; one call does
 * for all, in their order, and instances of templates (`getty@`) have none.
 */
const SCRIPT = labelled("services", [
  'm() { echo "--lbplay $1"; }',
  'has() { command -v "$1" >/dev/null 2>&1; }',
  "PATH=$PATH:/usr/sbin:/sbin",
  "if has chkconfig; then m chkconfig; l=$(chkconfig --list 2>/dev/null); printf '%s\\n' \"$l\"",
  "m status; printf '%s\\n' \"$l\" | while read -r s r; do case $r in *0:o*6:o*)",
  'service "$s" status >/dev/null 2>&1 </dev/null; echo "$s $?" ;; esac; done',
  "elif has rc-status && has rc-update; then m rc-status; rc-status -a -s -m 2>&1; m rc-update; rc-update show -v 2>&1",
  "elif has service && [ -d /etc/init.d ]; then m sysv; service --status-all 2>/dev/null </dev/null; fi",
  "c=; read -r c </proc/1/comm",
  "case $c in *systemd*) ;; *) exit 0 ;; esac",
  "has systemctl || exit 0",
  "m units; u=$(systemctl list-units --no-pager --no-legend --full --type service --all 2>/dev/null); printf '%s\\n' \"$u\"",
  "m files; f=$(systemctl list-unit-files --no-pager --no-legend --full --type service --all 2>/dev/null); printf '%s\\n' \"$f\"",
  'set -- $(printf \'%s\\n%s\\n\' "$f" "--$u" | awk \'',
  '/^--/ { u = 1; sub(/^--/, "") }',
  "u { for (i = 1; i <= 2; i++) if ($i ~ /[.]service$/) seen[$i] = 1; next }",
  "$1 ~ /[.]service$/ && $1 !~ /@[.]service$/ { n[++c] = $1 }",
  "END { for (i = 1; i <= c; i++) if (!(n[i] in seen)) print n[i] }')",
  '[ $# -eq 0 ] || { m names; printf \'%s\\n\' "$@"; m states; systemctl show -p ActiveState -- "$@" 2>/dev/null; }',
  "exit 0",
]);

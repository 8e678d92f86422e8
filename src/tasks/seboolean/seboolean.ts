import type { Touched } from "../../core/action.ts";
import { type Probe, type ReadResult, read } from "../../core/probe.ts";
import { defineState, type Plan, planOf } from "../../core/task.ts";
import { labelled } from "../shared-probes/label.ts";
import { type SebooleanParams, schema } from "./schema.ts";

/** How a boolean stands, or why that cannot be known. */
type SebooleanFacts =
  | {
      readonly kind: "known";
      readonly running: boolean;
      /** What was decided for the next start; null where it is the policy's own default. */
      readonly kept: boolean | null;
    }
  | { readonly kind: "unknown"; readonly reason: string };

interface SebooleanChange {
  readonly name: string;
  readonly persistent: boolean;
  readonly field: string;
  /** Whether what runs now changes, and not only what will after the next start. */
  readonly running: boolean;
  readonly before: boolean;
  readonly after: boolean;
}

/** Switches a boolean of SELinux. */
export const seboolean = defineState<SebooleanParams, SebooleanFacts, SebooleanChange>({
  kind: "state",
  name: "seboolean",
  aliases: ["ansible.posix.seboolean"],
  summary: "Switches a boolean of SELinux.",
  schema,
  example: `- ansible.posix.seboolean:
    name: haproxy_connect_any
    state: true
    persistent: true
`,
  rules: ({ ignore_selinux_state }) =>
    ignore_selinux_state ? ["ignore_selinux_state is not supported: skip the task with when"] : [],
  inspect: ({ name }) => standing(name),
  diff,
  view: ({ field, before, after }) => ({ field, before: word(before), after: word(after) }),
  apply: (change) => [
    { kind: "run", argv: setsebool(change, change.after), timeoutMs: null, touches: touchedBy(change) },
  ],
});

const setsebool = (
  { name, persistent }: Pick<SebooleanChange, "name" | "persistent">,
  on: boolean,
): readonly string[] => ["setsebool", ...(persistent ? ["-P"] : []), name, word(on)];

/** What is decided for the next start is also set now; where only that differed, what runs has to be set again after it. */
const touchedBy = (change: SebooleanChange): readonly Touched[] => [
  ...(change.running
    ? []
    : [opposite(change.field, setsebool({ ...change, persistent: false }, change.after))]),
  opposite(change.field, setsebool(change, change.before)),
];

const opposite = (what: string, argv: readonly string[]): Touched => ({ kind: "inverse", what, argv });

const word = (on: boolean): string => (on ? "on" : "off");

/** The file with what was decided for the next start moved from /etc to /var after release 7. */
const standing = (name: string): Probe<SebooleanFacts> =>
  read(
    labelled(`SELinux boolean ${name}`, [
      "PATH=$PATH:/usr/sbin:/sbin",
      "command -v getsebool >/dev/null 2>&1 || exit 127",
      `getsebool ${name} || exit`,
      "t=$(sed -n 's/^SELINUXTYPE=//p' /etc/selinux/config 2>/dev/null)",
      `sed -n 's/^${name}=/kept /p' "/var/lib/selinux/$t/active/booleans.local" "/etc/selinux/$t/modules/active/booleans.local" 2>/dev/null`,
      "exit 0",
    ]),
    parse,
  );

const parse = ({ code, stdout, stderr }: ReadResult): SebooleanFacts => {
  const said = stdout.toString("utf8");
  const running = / --> (on|off)\b/.exec(said)?.[1];
  if (code === 0 && running !== undefined) {
    const kept = /^kept ([01])/m.exec(said)?.[1];
    return { kind: "known", running: running === "on", kept: kept === undefined ? null : kept === "1" };
  }
  if (code === 127) return { kind: "unknown", reason: "there is no getsebool (package libselinux-utils)" };
  return { kind: "unknown", reason: `${said}${stderr.toString("utf8")}`.trim() || `exit code ${code}` };
};

function diff({ name, state, persistent }: SebooleanParams, facts: SebooleanFacts): Plan<SebooleanChange> {
  if (facts.kind === "unknown") return { kind: "blocked", reason: facts.reason };
  const change = { name, persistent, after: state };
  if (facts.running !== state)
    return planOf([{ ...change, field: `SELinux boolean ${name}`, running: true, before: facts.running }]);
  if (persistent && facts.kept !== null && facts.kept !== state)
    return planOf([
      { ...change, field: `SELinux boolean ${name} at the next start`, running: false, before: facts.kept },
    ]);
  return { kind: "converged" };
}

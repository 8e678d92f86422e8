import { type Probe, type ReadResult, read } from "../../core/probe.ts";
import { argv } from "../../core/shell.ts";
import { labelled } from "../shared-probes/label.ts";
import { ruleWords } from "./rule.ts";
import type { IptablesParams } from "./schema.ts";

/** What iptables says of a chain and a rule. */
export interface IptablesFacts {
  /** Why nothing can be told; null where it can. */
  readonly fault: string | null;
  /** Whether it can wait for its lock for a number of seconds (1.6.0). */
  readonly waits: boolean;
  readonly chain: boolean;
  /** The policy of a built-in chain; null for another. */
  readonly policy: string | null;
  /** Whether the rule is in the chain; or iptables' words where it cannot be. */
  readonly rule:
    | { readonly kind: "present" | "absent" }
    | { readonly kind: "impossible"; readonly reason: string };
}

/** The program of an IP version. */
export const programOf = ({ ip_version }: IptablesParams): string =>
  ip_version === "ipv4" ? "iptables" : "ip6tables";

/** Asks for the chain and, where the task describes one, for the rule. Nothing is asked of a whole table to flush. */
export const iptablesFacts = (params: IptablesParams): Probe<IptablesFacts> => {
  const { table, chain, wait, policy, flush } = params;
  const program = programOf(params);
  const rule = policy !== null || flush ? [] : ruleWords(params);
  const words = ["-t", table, ...(chain === null ? [] : [chain])].join(" ");
  return read(
    labelled(rule.length === 0 ? `${program} ${words}` : `${program} ${words}: ${rule.join(" ")}`, [
      "PATH=$PATH:/usr/sbin:/sbin",
      `command -v ${program} >/dev/null 2>&1 || exit 127`,
      `v=$(${program} --version); v=\${v#* v}; w=`,
      `case \${v%% *} in 0.*|1.[0-5]|1.[0-5].*) echo old ;; *)${wait === null ? "" : ` w="-w ${wait}"`} ;; esac`,
      ...(chain === null
        ? []
        : [
            `if l=$(${argv(program, "-t", table, "-S", chain)} $w 2>&1); then echo chain; printf '%s\\n' "$l" | sed -n '1s/^-P [^ ]* /policy /p'; else printf '%s\\n' "$l" >&2; fi`,
          ]),
      ...(rule.length === 0
        ? []
        : [`if ${argv(program, "-t", table, "-C", chain ?? "")} $w ${argv(...rule)}; then echo rule; fi`]),
      "exit 0",
    ]),
    (answer) => parseFacts(program, answer),
  );
};

const parseFacts = (program: string, { code, stdout, stderr }: ReadResult): IptablesFacts => {
  const said = stdout.toString("utf8").split("\n");
  const complaint = stderr.toString("utf8").trim();
  const chain = said.includes("chain");
  const facts = {
    waits: !said.includes("old"),
    chain,
    policy: said.find((line) => line.startsWith("policy "))?.slice("policy ".length) ?? null,
  };
  const absent = { kind: "absent" } as const;
  if (code === 127) return { ...facts, rule: absent, fault: `there is no ${program} (package iptables)` };
  if (/Permission denied|xtables lock|Could not fetch rule set|can't initialize|Fatal/.test(complaint))
    return { ...facts, rule: absent, fault: complaint };
  const rule = said.includes("rule")
    ? ({ kind: "present" } as const)
    : !chain || complaint === "" || /Bad rule/.test(complaint)
      ? absent
      : ({ kind: "impossible", reason: reasonIn(complaint) } as const);
  return { ...facts, rule, fault: null };
};

/** Without the invitation to read the manual. */
const reasonIn = (complaint: string): string =>
  complaint
    .split("\n")
    .filter((line) => line !== "" && !line.startsWith("Try `"))
    .join("; ");

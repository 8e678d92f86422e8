import { type Probe, type ReadResult, read } from "../../core/probe.ts";
import { argv } from "../../core/shell.ts";
import { labelled } from "../shared-probes/label.ts";
import { ruleWords } from "./rule.ts";
import type { UfwParams } from "./schema.ts";

/** What ufw says and keeps. */
export interface UfwFacts {
  /** Why nothing can be told; null where it can. */
  readonly fault: string | null;
  /** It filters now. */
  readonly active: boolean;
  /** `NAME=value` of ufw.conf and /etc/default/ufw. */
  readonly settings: ReadonlyMap<string, string>;
  /** Adding or deleting the task's rule would change what is kept. */
  readonly differs: boolean;
  /** Numbers of the rules, where a place among them is asked for. */
  readonly numbered: readonly { readonly number: number; readonly ipv6: boolean }[];
}

/** Asks for the settings; for a rule ufw is asked to try it, which says what its files would be. */
export const ufwFacts = (params: UfwParams): Probe<UfwFacts> => {
  const rule = params.rule === null ? [] : ruleWords(params, null);
  const places = params.insert !== null && params.insert_relative_to !== "zero" && !params.delete;
  return read(
    labelled(rule.length === 0 ? "ufw" : `ufw ${rule.join(" ")}`, [
      "PATH=$PATH:/usr/sbin:/sbin",
      "command -v ufw >/dev/null 2>&1 || exit 127",
      's=$(ufw status 2>&1) || { echo "$s" >&2; exit 1; }',
      'case $s in *"Status: active"*) echo active ;; esac',
      "sed -n -e 's/\"//g' -e '/^[A-Z_]*=/p' /etc/default/ufw /etc/ufw/ufw.conf",
      ...(places ? ["ufw status numbered | sed -n 's/^\\[ *\\([0-9]*\\)\\]/number \\1/p'"] : []),
      ...(rule.length === 0
        ? []
        : [
            `r=$(${argv("ufw", "--dry-run", ...rule)} 2>&1) || { printf '%s\\n' "$r" >&2; exit 1; }`,
            "for f in '' 6; do",
            // Only the families that the rule is about are shown.
            `case $r in *":ufw$f-user-input "*)`,
            `b=$(grep -h '^### tuple' /etc/ufw/user$f.rules /lib/ufw/user$f.rules /var/lib/ufw/user$f.rules 2>/dev/null)`,
            `a=$(printf '%s\\n' "$r" | awk -v c=":ufw$f-user-input" '/^\\*filter/ { on = 0 } $1 == c { on = 1 } on && /^### tuple/')`,
            `[ "$a" = "$b" ] || echo differs`,
            ";; esac",
            "done",
          ]),
      "exit 0",
    ]),
    parseFacts,
  );
};

const parseFacts = ({ code, stdout, stderr }: ReadResult): UfwFacts => {
  const lines = stdout.toString("utf8").split("\n");
  const said = stderr.toString("utf8").trim();
  return {
    fault:
      code === 127
        ? "there is no ufw (package ufw)"
        : code === 0
          ? null
          : faultIn(said) || `ufw ends with ${code}`,
    active: lines.includes("active"),
    settings: new Map(
      lines.flatMap((line) => {
        const [, name, value] = /^([A-Z_]+)=(.*)$/.exec(line) ?? [];
        return name === undefined || value === undefined ? [] : [[name, value.trim()] as const];
      }),
    ),
    differs: lines.includes("differs"),
    numbered: lines.flatMap((line) => {
      const number = /^number (\d+)/.exec(line)?.[1];
      return number === undefined ? [] : [{ number: Number(number), ipv6: line.includes("(v6)") }];
    }),
  };
};

/** Behind a mistake in a rule ufw prints all that it knows. */
const faultIn = (said: string): string => said.replace(/\n\s*Usage: [\s\S]*$/, "").trim();

import type { Action, Touched } from "../../core/action.ts";
import { argv, quote } from "../../core/shell.ts";
import type { AptParams } from "./schema.ts";

/** The parameters that decide how apt-get is called. */
export type AptOptions = Pick<
  AptParams,
  | "purge"
  | "default_release"
  | "install_recommends"
  | "force"
  | "dpkg_options"
  | "autoremove"
  | "fail_on_autoremove"
  | "policy_rc_d"
  | "only_upgrade"
  | "allow_unauthenticated"
  | "allow_downgrade"
  | "allow_change_held_packages"
  | "lock_timeout"
>;

/** No package may ask a question: nobody is there to answer. */
const ENVIRONMENT = { DEBIAN_FRONTEND: "noninteractive", DEBIAN_PRIORITY: "critical" };

/** What changes nothing that anybody would want back. */
const CLEANING: ReadonlySet<string> = new Set(["clean", "autoclean"]);

/** One call of apt-get; packages take as long as they take. */
export const aptGet = (
  options: AptOptions,
  operation: readonly string[],
  packages: readonly string[],
): Action => {
  const words = ["apt-get", "-y", "-q", ...flagsOf(options), ...operation, ...packages];
  const verb = operation.at(-1) ?? "";
  const what = ["apt-get", verb, ...packages, "was run"].join(" ");
  const touches: readonly Touched[] = CLEANING.has(verb) ? [] : [{ kind: "lasting", what }];
  const common = { environment: ENVIRONMENT, timeoutMs: null, touches };
  return options.policy_rc_d === null
    ? { kind: "run", argv: words, ...common }
    : { kind: "script", script: underPolicy(options.policy_rc_d, words), ...common };
};

/** The flags of an installation. */
export const installFlags = (options: AptOptions): readonly string[] => [
  ...(options.default_release === null ? [] : ["-t", options.default_release]),
  ...(options.install_recommends === null
    ? []
    : ["-o", `APT::Install-Recommends=${options.install_recommends ? "yes" : "no"}`]),
  ...(options.only_upgrade ? ["--only-upgrade"] : []),
  ...(options.autoremove ? ["--auto-remove"] : []),
  ...(options.fail_on_autoremove ? ["--no-remove"] : []),
  ...(options.allow_unauthenticated || options.force ? ["--allow-unauthenticated"] : []),
  ...(options.allow_downgrade || options.force ? ["--allow-downgrades"] : []),
  ...(options.allow_change_held_packages || options.force ? ["--allow-change-held-packages"] : []),
  ...(options.force ? ["--allow-remove-essential"] : []),
];

/** The flags of a removal. */
export const removeFlags = (options: AptOptions): readonly string[] => [
  ...(options.purge ? ["--purge"] : []),
  ...(options.autoremove ? ["--auto-remove"] : []),
  ...(options.allow_change_held_packages || options.force ? ["--allow-change-held-packages"] : []),
  ...(options.force ? ["--allow-remove-essential"] : []),
];

const flagsOf = ({ dpkg_options, lock_timeout }: AptOptions): readonly string[] => [
  ...dpkg_options
    .split(",")
    .map((option) => option.trim())
    .filter((option) => option !== "")
    .flatMap((option) => ["-o", `Dpkg::Options::=--${option}`]),
  "-o",
  `DPkg::Lock::Timeout=${lock_timeout}`,
];

/** A policy-rc.d of the node's own is put aside for the time and comes back. */
const underPolicy = (code: number, words: readonly string[]): string =>
  [
    "p=/usr/sbin/policy-rc.d",
    '[ ! -e "$p" ] || mv "$p" "$p.lbplay" || exit 1',
    'trap \'rm -f "$p"; [ ! -e "$p.lbplay" ] || mv "$p.lbplay" "$p"\' EXIT',
    "trap 'exit 130' HUP INT TERM",
    `printf '#!/bin/sh\\nexit ${code}\\n' >"$p" && chmod 755 "$p" || exit 1`,
    argv(...words),
  ].join("\n");

/** What goes with a refresh: lines before it, and lines for when it has failed for the last time. */
export interface RefreshFrame {
  readonly before: readonly string[];
  readonly failed: readonly string[];
  readonly stdin: Buffer | null;
  readonly touches: readonly Touched[];
}

const NO_FRAME: RefreshFrame = { before: [], failed: [], stdin: null, touches: [] };

/**
 * Fetches the package lists, trying again while it fails. apt-get update ends well even when a list could not be
 * fetched, unless it is told otherwise, and older ones cannot be told: their warning is what shows it.
 * The directory is touched because a refresh that found nothing new leaves no other trace of when it was.
 */
export const refreshLists = (
  {
    update_cache_retries,
    update_cache_retry_max_delay,
  }: Pick<AptParams, "update_cache_retries" | "update_cache_retry_max_delay">,
  { before, failed, stdin, touches }: RefreshFrame = NO_FRAME,
): Action => ({
  kind: "script",
  script: [
    ...before,
    "n=1; d=1",
    "while :; do",
    "e=$(apt-get -q -o APT::Update::Error-Mode=any update 2>&1 >/dev/null); c=$?",
    `case $e in *'W: Failed to fetch'*|*'W: Some index files failed'*) c=100 ;; esac`,
    "[ $c -ne 0 ] || break",
    `if [ $n -ge ${update_cache_retries} ]; then ${failed.map((line) => `${line}; `).join("")}printf '%s\\n' ${quote("apt-get update failed:")} "$e" >&2; exit $c; fi`,
    `[ $d -le ${update_cache_retry_max_delay} ] || d=${update_cache_retry_max_delay}`,
    "sleep $d; n=$((n + 1)); d=$((d * 2))",
    "done",
    "touch /var/lib/apt/lists",
  ].join("\n"),
  environment: ENVIRONMENT,
  timeoutMs: null,
  touches,
  ...(stdin === null ? {} : { stdin }),
});

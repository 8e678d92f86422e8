import type { Action, WriteAction } from "../../core/action.ts";
import { argv, quote } from "../../core/shell.ts";

/** A trial of a change set: a script with what it reads from standard input. */
export interface Trial {
  readonly script: string;
  readonly stdin: Buffer;
}

/** What a trial found. */
export type TrialVerdict =
  | { readonly kind: "valid" }
  | { readonly kind: "invalid"; readonly what: string; readonly said: string }
  /** The node cannot keep files apart for one process: they are only validated one by one, as they land. */
  | { readonly kind: "impossible"; readonly reason: string };

/** Where files can be tried: what daemons read stands in /etc. */
const TRIED = "/etc/";

/** Exit code where a daemon refused. */
const REFUSED = 65;

/** The configuration that is to be judged, by daemon. */
export interface TrialFiles {
  /** In the order in which HAProxy reads them; empty: it is not judged. */
  readonly haproxy: readonly string[];
  /** null: it is not judged. */
  readonly keepalived: string | null;
}

/**
 * Has the daemons judge all files of a change set together before any lands: in a mount namespace of its own, with the
 * new files laid over /etc where nobody else sees them. null where nothing of it is in /etc.
 */
export const trial = (actions: readonly Action[], files: TrialFiles): Trial | null => {
  const own = actions.filter(
    (action) => (action.kind === "write" || action.kind === "remove") && action.path.startsWith(TRIED),
  );
  const judges = [...haproxyJudge(files.haproxy), ...keepalivedJudge(files.keepalived)];
  if (own.length === 0 || judges.length === 0) return null;
  const writes = own.filter((action): action is WriteAction => action.kind === "write");
  const inner = [
    'mount --make-rprivate / && mount -t tmpfs -o mode=0700 tmpfs "$1" || exit 90',
    'mkdir "$1/up" "$1/work" && mount -t overlay overlay -o "lowerdir=/etc,upperdir=$1/up,workdir=$1/work" /etc || exit 90',
    ...own.map(landScript),
    "exec </dev/null",
    ...judges,
  ].join("\n");
  return {
    script: [
      "command -v unshare >/dev/null || { echo 'there is no unshare' >&2; exit 90; }",
      "umask 077; d=$(mktemp -d /run/lbplay-trial.XXXXXXXX) || exit 90",
      "trap 'rmdir \"$d\"' EXIT",
      `unshare --mount sh -c ${quote(inner)} trial "$d"`,
    ].join("\n"),
    stdin: Buffer.concat(writes.map(({ content }) => content)),
  };
};

const landScript = (action: Action): string => {
  if (action.kind === "remove") return argv("rm", "-rf", "--", action.path);
  if (action.kind !== "write") return ":";
  const path = quote(action.path);
  const owner = [action.owner ?? "", action.group ?? ""].join(":").replace(/:$/, "");
  return [
    `${argv("mkdir", "-p", "--", action.path.replace(/\/[^/]*$/, "") || "/")} || exit 90`,
    `head -c ${action.content.length} >"$1/new" && { [ ! -f ${path} ] || { chown --reference=${path} "$1/new"; chmod --reference=${path} "$1/new"; }; } && mv -f "$1/new" ${path} || exit 90`,
    ...(owner === "" ? [] : [`chown ${quote(owner)} ${path} || exit 90`]),
    ...(action.mode === null ? [] : [`chmod ${quote(action.mode)} ${path} || exit 90`]),
  ].join("\n");
};

const haproxyJudge = (files: readonly string[]): readonly string[] =>
  files.length === 0
    ? []
    : [
        `if command -v haproxy >/dev/null; then said=$(haproxy -c ${files.map((file) => `-f ${quote(file)}`).join(" ")} 2>&1) || { echo HAProxy; printf '%s\\n' "$said"; exit ${REFUSED}; }; fi`,
      ];

/**
 * keepalived before 2.0.4 cannot check a file. It ends with an error also where scripts run without script security, which
 * is not what is asked here; everything else that it says of the file is.
 */
const keepalivedJudge = (file: string | null): readonly string[] =>
  file === null
    ? []
    : [
        "if keepalived --help 2>&1 | grep -q -- --config-test; then",
        `  said=$(${argv("keepalived", "-t", "-f", file)} 2>&1) || { said=$(printf '%s\\n' "$said" | grep -v 'SECURITY VIOLATION'); [ -z "$said" ] || { echo keepalived; printf '%s\\n' "$said"; exit ${REFUSED}; }; }`,
        "fi",
      ];

/** Understands the answer of a trial. */
export const trialVerdict = (code: number, stdout: string, stderr: string): TrialVerdict => {
  if (code === 0) return { kind: "valid" };
  if (code === REFUSED) {
    const [what = "", ...said] = stdout.trim().split("\n");
    return { kind: "invalid", what, said: said.join("\n") };
  }
  const reason = stderr.trim().split("\n").at(-1) ?? "";
  return { kind: "impossible", reason: reason === "" ? `exit code ${code}` : reason };
};

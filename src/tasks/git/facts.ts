import { type Probe, type ReadResult, read } from "../../core/probe.ts";
import { argv, quote } from "../../core/shell.ts";
import { labelled } from "../shared-probes/label.ts";
import type { GitParams } from "./schema.ts";

/** A checkout that is there. */
export interface Checkout {
  /** The commit; empty where there is none yet. */
  readonly head: string;
  /** The branch it is on; for a commit alone the remote's main branch. */
  readonly branch: string;
  /** Files that git tracks were changed. */
  readonly modified: boolean;
  readonly url: string;
  /** The commit that the version means here; empty where it is not known here. */
  readonly version: string;
  /** Submodules that are missing or not in the version that the commit asks for. */
  readonly submodules: readonly string[];
  /** Whether the signature of the commit was verified; true where that was not asked for. */
  readonly verified: boolean;
}

/** What git has to know of a node and of the repository. */
export type GitFacts =
  | { readonly kind: "fault"; readonly reason: string }
  | {
      readonly kind: "git";
      /** null: there is none. */
      readonly checkout: Checkout | null;
      /** Commits by ref, as the repository has them now; empty where it was not asked. */
      readonly refs: ReadonlyMap<string, string>;
    };

/** The address that git is given: a path goes as a URL, since history can be cut short only then. */
export const addressOf = ({ repo }: GitParams): string => (repo.startsWith("/") ? `file://${repo}` : repo);

/** Shell lines that set git up: no question is ever asked, neither by it nor by ssh. */
export const SETUP = (params: GitParams): readonly string[] => {
  const { accept_hostkey, accept_newhostkey, ssh_opts, key_file, umask, executable } = params;
  const options = [
    ...(ssh_opts === null ? [] : [ssh_opts]),
    ...(accept_hostkey ? ["-o StrictHostKeyChecking=no"] : []),
    ...(accept_newhostkey ? ["-o StrictHostKeyChecking=accept-new"] : []),
    "-o BatchMode=yes",
    ...(key_file === null ? [] : [`-i ${quote(key_file)} -o IdentitiesOnly=yes`]),
  ].join(" ");
  return [
    ...(umask === null ? [] : [`umask ${umask}`]),
    ...(executable === null ? [] : [`git() { ${quote(executable)} "$@"; }`]),
    `command -v ${quote(executable ?? "git")} >/dev/null 2>&1 || { echo 'git is not installed' >&2; exit 127; }`,
    `GIT_SSH_COMMAND="\${GIT_SSH_COMMAND:-\${GIT_SSH:-ssh}} "${quote(options)}; export GIT_SSH_COMMAND`,
    "GIT_TERMINAL_PROMPT=0; export GIT_TERMINAL_PROMPT",
    `r=${quote(addressOf(params))}; d=${quote(params.dest)}`,
  ];
};

/** Lines of `verify COMMIT`, which fails where a tag or commit is not signed, or not by one of these keys. */
export const VERIFY = ({ version, gpg_whitelist }: GitParams): readonly string[] => [
  `verify() { k=commit; o=$1; if [ "$(git cat-file -t ${quote(`refs/tags/${version}`)} 2>/dev/null)" = tag ]; then k=tag; o=${quote(version)}; fi`,
  'e=$(git "verify-$k" --raw "$o" 2>&1) || { echo "the signature of $o cannot be verified: $e" >&2; return 1; }',
  ...(gpg_whitelist.length === 0
    ? []
    : [
        "f=$(printf '%s\\n' \"$e\" | awk '$2 == \"VALIDSIG\" { print (NF == 12 ? $12 : $3) }')",
        `case ${quote(` ${gpg_whitelist.join(" ").toUpperCase()} `)} in *" $f "*) ;; *) echo "$o is signed by $f, which gpg_whitelist does not have" >&2; return 1 ;; esac`,
      ]),
  "}",
];

/** Reads the checkout, and asks the repository only if it matters. */
export const gitFacts = (params: GitParams): Probe<GitFacts> => {
  const { dest, version, remote, bare, recursive, update, verify_commit } = params;
  return read(
    labelled(`git ${version} of ${withoutCredentials(params.repo)} in ${dest}${update ? "" : " as it is"}`, [
      ...SETUP(params),
      ...(verify_commit ? VERIFY(params) : []),
      `g=$d${bare ? "" : "/.git"}; b=HEAD`,
      bare ? 'if [ -f "$g/config" ]; then' : 'if [ -e "$g" ]; then',
      'cd "$d" || exit',
      "h=$(git rev-parse --verify HEAD 2>&1) || case $h in *'Needed a single revision'*) h= ;; *) echo \"$h\" >&2; exit 1 ;; esac",
      `b=$(git symbolic-ref -q --short HEAD) || { b=$(git symbolic-ref -q --short ${quote(`refs/remotes/${remote}/HEAD`)}); b=\${b#${quote(`${remote}/`)}}; }`,
      'echo checkout; echo "$h"; echo "$b"',
      bare
        ? "echo"
        : "git status --porcelain --untracked-files=no --ignore-submodules=all | head -n 1 | grep . || echo",
      `git config --get ${quote(`remote.${remote}.url`)} || echo`,
      `git rev-parse -q --verify ${quote(`${version}^{commit}`)} || echo`,
      verify_commit ? 'if verify "$h"; then echo yes; else echo no; fi' : "echo yes",
      ...(recursive && !bare
        ? ["[ ! -f .gitmodules ] || git submodule status --recursive | grep '^[^ ]'"]
        : []),
      ...(update ? [] : ["exit 0"]),
      "fi",
      "echo refs",
      `git ls-remote "$r" HEAD ${argv(`refs/heads/${version}`, `refs/tags/${version}`, `refs/tags/${version}^{}`)} "refs/heads/$b"`,
    ]),
    parse,
  );
};

const parse = ({ code, stdout, stderr }: ReadResult): GitFacts => {
  if (code !== 0) {
    const said = stderr.toString("utf8").trim().split("\n")[0];
    return {
      kind: "fault",
      reason: said === undefined || said === "" ? `git ended with exit code ${code}` : said,
    };
  }
  const [local = "", listed = ""] = stdout.toString("utf8").split(/^refs\n/m);
  const refs = new Map(
    listed.split("\n").flatMap((line) => {
      const [commit = "", ref] = line.split("\t");
      return ref === undefined ? [] : [[ref, commit] as const];
    }),
  );
  return { kind: "git", checkout: checkoutIn(local), refs };
};

const checkoutIn = (text: string): Checkout | null => {
  const [first, head = "", branch = "", status = "", url = "", version = "", verified = "", ...submodules] =
    text.trimEnd().split("\n");
  if (first !== "checkout") return null;
  return {
    head,
    branch,
    modified: status !== "",
    url,
    version,
    submodules: submodules.filter((line) => line !== ""),
    verified: verified === "yes",
  };
};

/** For messages. */
export const withoutCredentials = (url: string): string => url.replace(/^([a-z+]+:\/\/)[^/@]*@/, "$1");

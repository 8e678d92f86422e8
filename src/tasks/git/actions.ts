import type { Action, Touched } from "../../core/action.ts";
import { argv, quote } from "../../core/shell.ts";
import { parentOf } from "../shared-probes/file-state.ts";
import { type Checkout, SETUP, VERIFY } from "./facts.ts";
import type { GitParams } from "./schema.ts";

type Refs = ReadonlyMap<string, string>;

/** Clones a repository. What is not as it shall be (a signature) leaves nothing behind. */
export const cloneAction = (params: GitParams, refs: Refs): Action => {
  const { version, remote, bare, depth, reference, single_branch, refspec, dest } = params;
  const branch = kindOf(version, refs) === "commit" ? [] : ["--branch", version];
  const shallow = depth !== null && (version === "HEAD" || refspec !== null || branch.length > 0);
  const named = version !== "HEAD" && (single_branch || (shallow && refspec === null));
  const words = [
    "clone",
    ...(bare ? ["--bare"] : ["--no-checkout", "--origin", remote]),
    ...(shallow ? ["--depth", String(depth)] : []),
    ...(named ? branch : []),
    ...(reference === null ? [] : ["--reference", reference]),
    ...(single_branch ? ["--single-branch"] : []),
  ];
  return script(params, [
    `mkdir -p ${quote(parentOf(dest))} || exit 1`,
    'n=; [ -e "$d" ] || n=$d',
    'trap \'c=$?; [ $c -eq 0 ] || [ -z "$n" ] || rm -rf "$n"; exit $c\' EXIT',
    `git ${argv(...words)} -- "$r" "$d" || exit`,
    'cd "$d" || exit',
    ...(bare && remote !== "origin" ? [`git remote add ${quote(remote)} "$r" || exit`] : []),
    ...(refspec === null
      ? []
      : [`git fetch ${argv(...(shallow ? ["--depth", String(depth)] : []), remote, refspec)} || exit`]),
    ...(bare ? [] : checkout(params, refs)),
  ]);
};

/** Brings a checkout to the version. */
export const updateAction = (params: GitParams, refs: Refs, present: Checkout): Action => {
  const { remote, force, bare } = params;
  return script(params, [
    'cd "$d" || exit',
    ...(present.modified ? ["git reset -q --hard HEAD || exit"] : []),
    `if git config --get ${quote(`remote.${remote}.url`)} >/dev/null; then git remote set-url ${quote(remote)} "$r"; else git remote add ${quote(remote)} "$r"; fi || exit`,
    `git fetch ${argv(...(force ? ["--force"] : []), ...fetchWords(params, refs, present))} || exit`,
    ...(bare ? [] : checkout(params, refs, present.branch)),
  ]);
};

const kindOf = (version: string, refs: Refs): "branch" | "tag" | "commit" => {
  if (version === "HEAD" || refs.has(`refs/heads/${version}`)) return "branch";
  return refs.has(`refs/tags/${version}`) ? "tag" : "commit";
};

/** Where history is cut short only the version is fetched; a commit alone needs all that leads to it. */
const fetchWords = (params: GitParams, refs: Refs, { branch }: Checkout): readonly string[] => {
  const { version, remote, refspec, depth, bare } = params;
  const name = version === "HEAD" ? branch : version;
  const kind = kindOf(version, refs);
  if (depth !== null && !bare && (refspec !== null || kind !== "commit")) {
    const spec =
      refspec ??
      (kind === "branch"
        ? `+refs/heads/${name}:refs/remotes/${remote}/${name}`
        : `+refs/tags/${name}:refs/tags/${name}`);
    return ["--depth", String(depth), remote, spec];
  }
  const further = refspec === null ? [] : [refspec];
  return bare
    ? [remote, "+refs/heads/*:refs/heads/*", "+refs/tags/*:refs/tags/*", ...further]
    : ["--tags", remote, ...(refspec === null ? [] : [`+refs/heads/*:refs/remotes/${remote}/*`]), ...further];
};

/** A signature is looked at before the files land. A branch is one of the checkout's own, at where the remote's is. */
const checkout = (params: GitParams, refs: Refs, present: string | null = null): readonly string[] => {
  const { version, remote, recursive, verify_commit, force } = params;
  const kind = kindOf(version, refs);
  const branch = version === "HEAD" ? (present ?? "") : version;
  const target =
    kind === "branch"
      ? branch === ""
        ? "HEAD"
        : `refs/remotes/${remote}/${branch}`
      : kind === "tag"
        ? `refs/tags/${version}`
        : version;
  return [
    ...(verify_commit
      ? [...VERIFY(params), `verify "$(git rev-parse ${quote(`${target}^{commit}`)})" || exit`]
      : []),
    ...(kind !== "branch"
      ? [`git checkout -q --force --detach ${quote(target)} || exit`]
      : branch === ""
        ? ["git checkout -q --force || exit"]
        : [
            `git checkout -q --force -B ${quote(branch)} ${quote(target)} || exit`,
            `git branch -q --set-upstream-to=${quote(`${remote}/${branch}`)} ${quote(branch)} 2>/dev/null`,
          ]),
    ...(recursive
      ? [
          `if [ -f .gitmodules ]; then git submodule -q sync && git submodule -q update --init --recursive${force ? " --force" : ""} || exit; fi`,
        ]
      : []),
    "exit 0",
  ];
};

const script = (params: GitParams, lines: readonly string[]): Action => {
  const touches: readonly Touched[] = [{ kind: "tree", path: params.dest }];
  return { kind: "script", script: [...SETUP(params), ...lines].join("\n"), timeoutMs: null, touches };
};

import { defineState, type Plan, planOf } from "../../core/task.ts";
import type { Value } from "../../core/value.ts";
import { actionsOf, type PlannedChange, viewOf } from "../planned-change.ts";
import { cloneAction, updateAction } from "./actions.ts";
import { addressOf, type Checkout, type GitFacts, gitFacts, withoutCredentials } from "./facts.ts";
import { type GitParams, schema } from "./schema.ts";

/** Checks out a version of a repository. */
export const git = defineState<GitParams, GitFacts, PlannedChange>({
  kind: "state",
  name: "git",
  aliases: ["ansible.builtin.git", "ansible.legacy.git"],
  summary: "Checks out a version of a repository, and keeps the checkout at it.",
  schema,
  example: `- ansible.builtin.git:
    repo: https://git.haproxy.org/git/haproxy-2.8.git/
    dest: /usr/local/src/haproxy
    version: v2.8.5
    depth: 1
`,
  rules,
  inspect: gitFacts,
  diff,
  view: viewOf,
  apply: actionsOf,
  result: (params, facts) => ({ after: afterOf(params, facts) }),
  was: (params, facts) => wasOf(params, facts),
});

function rules(params: GitParams): readonly string[] {
  return [
    ...(["archive", "archive_prefix", "separate_git_dir"] as const)
      .filter((name) => params[name] !== null)
      .map((name) => `${name} is not supported`),
    ...(params.track_submodules ? ["track_submodules is not supported: submodules follow the version"] : []),
    ...(params.accept_hostkey && params.accept_newhostkey
      ? ["accept_hostkey and accept_newhostkey exclude each other"]
      : []),
    ...(params.gpg_whitelist.length > 0 && !params.verify_commit
      ? ["gpg_whitelist needs verify_commit"]
      : []),
  ];
}

/** The commit that the version means: a branch or a tag of the repository, else a commit. */
const wantedOf = ({ version }: GitParams, { checkout, refs }: GitFacts & { kind: "git" }): string => {
  if (version === "HEAD") {
    const branch = checkout === null ? undefined : refs.get(`refs/heads/${checkout.branch}`);
    return branch ?? refs.get("HEAD") ?? "";
  }
  return (
    refs.get(`refs/heads/${version}`) ??
    refs.get(`refs/tags/${version}^{}`) ??
    refs.get(`refs/tags/${version}`) ??
    (checkout?.version || (/^[0-9a-f]{7,40}$/.test(version) ? version : ""))
  );
};

/** A bare repository is at what it has of the version, whatever its HEAD is. */
const presentOf = ({ bare, version }: GitParams, checkout: Checkout): string =>
  bare && version !== "HEAD" ? checkout.version : checkout.head;

function diff(params: GitParams, facts: GitFacts): Plan<PlannedChange> {
  if (facts.kind === "fault") return { kind: "blocked", reason: facts.reason };
  const { checkout } = facts;
  const { dest, version, repo } = params;
  if (checkout !== null && !params.update) return { kind: "converged" };
  const wanted = wantedOf(params, facts);
  if (wanted === "") {
    return { kind: "blocked", reason: `${withoutCredentials(repo)} has no branch, tag or commit ${version}` };
  }
  if (checkout === null) {
    const view = { field: dest, before: null, after: wanted };
    return params.clone
      ? planOf([{ view, actions: [cloneAction(params, facts.refs)] }])
      : planOf([{ view: { ...view, event: true }, actions: [] }]);
  }
  return planUpdate(params, facts.refs, checkout, wanted);
}

const planUpdate = (
  params: GitParams,
  refs: ReadonlyMap<string, string>,
  checkout: Checkout,
  wanted: string,
): Plan<PlannedChange> => {
  const { dest, remote, force } = params;
  if (checkout.modified && !force) {
    return { kind: "blocked", reason: `Local modifications exist in the destination: ${dest} (force=no).` };
  }
  const present = presentOf(params, checkout);
  const moves = !present.startsWith(wanted) || present === "";
  if (!moves && !checkout.verified) {
    return { kind: "blocked", reason: `the signature of ${wanted} in ${dest} cannot be verified` };
  }
  const views: readonly PlannedChange["view"][] = [
    ...(checkout.modified ? [{ field: `changed files in ${dest}`, before: "changed", after: null }] : []),
    ...(sameAddress(params, checkout)
      ? []
      : [
          {
            field: `${remote} of ${dest}`,
            before: withoutCredentials(checkout.url),
            after: withoutCredentials(params.repo),
          },
        ]),
    ...(moves ? [{ field: dest, before: present === "" ? null : present, after: wanted }] : []),
    ...(checkout.submodules.length > 0
      ? [
          {
            field: `submodules of ${dest}`,
            before: checkout.submodules.join("\n"),
            after: "as the version asks for",
          },
        ]
      : []),
  ];
  return planOf(
    views.map((view, index) => ({
      view,
      actions: index === 0 ? [updateAction(params, refs, checkout)] : [],
    })),
  );
};

const sameAddress = (params: GitParams, { url }: Checkout): boolean =>
  url === addressOf(params) || url === params.repo;

const afterOf = (params: GitParams, facts: GitFacts): Value => {
  if (facts.kind === "fault") return null;
  const moves = facts.checkout === null || diff(params, facts).kind === "changes";
  return moves ? wantedOf(params, facts) : (facts.checkout?.head ?? "");
};

const wasOf = (params: GitParams, facts: GitFacts): Readonly<Record<string, Value>> => {
  if (facts.kind === "fault") return {};
  const { checkout } = facts;
  if (checkout === null) return { before: null };
  return {
    before: checkout.head,
    ...(params.update ? { remote_url_changed: !sameAddress(params, checkout) } : {}),
  };
};

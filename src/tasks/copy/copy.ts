import { createHash } from "node:crypto";
import { all, each, known, map, type Probe } from "../../core/probe.ts";
import { defineState, type Input, type Inputs, type Plan, unusable } from "../../core/task.ts";
import { isDict, isList, PyFloat, type Value } from "../../core/value.ts";
import {
  type Attributes,
  attributeValues,
  type Identities,
  identities,
} from "../file-attributes/attributes.ts";
import { modeFault } from "../file-attributes/mode.ts";
import { attributeRules, validateRules } from "../file-attributes/schema.ts";
import { joinPlans } from "../file-content/join-plans.ts";
import { directoryPlan } from "../file-content/land-directory.ts";
import { type LandingFacts, landingFacts, landingPlan, type WantedFile } from "../file-content/land-file.ts";
import { actionsOf, type PlannedChange, viewOf } from "../planned-change.ts";
import { baseName, cleanPath, type FileAt, fileAt, modeText } from "../shared-probes/file-state.ts";
import { pythonJson } from "./python-json.ts";
import { type RemoteFacts, remoteFacts, remotePlan, remoteValues } from "./remote-copy.ts";
import { type CopyParams, schema } from "./schema.ts";

type CopyFacts =
  | { readonly kind: "file"; readonly landing: LandingFacts; readonly checksum: string }
  | TreeFacts
  | { readonly kind: "remote"; readonly remote: RemoteFacts };

interface TreeFacts {
  readonly kind: "tree";
  /** dest itself, then the tree's directories, outer ones first. */
  readonly directories: readonly FileAt[];
  readonly files: readonly LandingFacts[];
  readonly ids: Identities;
}

/** Puts files of the controller, a given content, or files of the node itself in place on the node. */
export const copy = defineState<CopyParams, CopyFacts, PlannedChange>({
  kind: "state",
  name: "copy",
  aliases: ["ansible.builtin.copy", "ansible.legacy.copy"],
  summary: "Puts a file, a directory or a given content in place on the node.",
  schema,
  example: `- ansible.builtin.copy:
    src: errors/503.http
    dest: /etc/haproxy/errors/503.http
    owner: root
    mode: "0644"
`,
  rules,
  inputs: ({ src, remote_src }) => (src === null || remote_src ? [] : [{ kind: "tree", path: src }]),
  inspect,
  diff,
  view: viewOf,
  apply: actionsOf,
  result: (params, facts) => {
    switch (facts.kind) {
      case "file":
        return {
          dest: facts.landing.at.path,
          src: params.src,
          checksum: facts.checksum,
          ...attributeValues(facts.landing.at.state),
        };
      case "tree":
        return { dest: params.dest, src: params.src };
      case "remote":
        return { src: params.src, ...remoteValues(facts.remote) };
    }
  },
});

function rules(params: CopyParams): readonly string[] {
  const { src, content, dest, directory_mode } = params;
  const directoryFault = directory_mode === null ? null : modeFault(directory_mode);
  return [
    ...attributeRules(params, true),
    ...validateRules(params.validate),
    ...(src === null && content === null ? ["src or content is required"] : []),
    ...(src !== null && content !== null ? ["src and content exclude each other"] : []),
    ...(content !== null && dest.endsWith("/") ? ["content needs a file as dest, not a directory"] : []),
    ...(content !== null && params.mode === "preserve" ? ["mode preserve needs a src"] : []),
    ...(content !== null && params.remote_src ? ["remote_src needs a src"] : []),
    ...(params.remote_src && src !== null && !src.startsWith("/")
      ? ["src must be absolute with remote_src"]
      : []),
    ...(params.local_follow ? [] : ["local_follow: false is not supported: links in src are followed"]),
    ...(params.decrypt ? [] : ["decrypt: false is not supported: a vault is written in the clear"]),
    ...(directoryFault === null ? [] : [`directory_${directoryFault}`]),
  ];
}

function inspect(params: CopyParams, [input]: Inputs): Probe<CopyFacts> {
  if (params.remote_src) return map(remoteFacts(params), (remote) => ({ kind: "remote", remote }));
  if (input?.directory === true) return treeFacts(params, input);
  const wanted = wantedFile(params, input);
  const checksum = createHash("sha1").update(wanted.content).digest("hex");
  if (params.checksum !== null && params.checksum.toLowerCase() !== checksum) {
    throw unusable(`${params.src ?? "content"} has the SHA-1 ${checksum}, not ${params.checksum}`);
  }
  return map(landingFacts(wanted), (landing) => ({ kind: "file", landing, checksum }));
}

const treeFacts = (params: CopyParams, input: Input): Probe<TreeFacts> =>
  all<TreeFacts>({
    kind: known("tree"),
    directories: each(directoryPaths(params, input).map((path) => fileAt(path))),
    files: each(treeFiles(params, input).map(landingFacts)),
    ids: identities(params),
  });

function diff(params: CopyParams, facts: CopyFacts, [input]: Inputs): Plan<PlannedChange> {
  switch (facts.kind) {
    case "file":
      return landingPlan(wantedFile(params, input), facts.landing);
    case "tree":
      return treePlan(params, facts, input);
    case "remote":
      return remotePlan(params, facts.remote);
  }
}

const treePlan = (params: CopyParams, facts: TreeFacts, input: Input | undefined): Plan<PlannedChange> => {
  if (input === undefined) throw new Error("a tree needs its input");
  const [dest, ...inner] = facts.directories;
  const directory: Attributes = { mode: params.directory_mode, owner: params.owner, group: params.group };
  const untouched: Attributes = { mode: null, owner: null, group: null };
  const wanted = treeFiles(params, input);
  return joinPlans([
    ...(dest === undefined
      ? []
      : [directoryPlan(dest, dest.state === null ? directory : untouched, facts.ids)]),
    ...inner.map((at) => directoryPlan(at, directory, facts.ids)),
    ...facts.files.map((landing, index) => landingPlan(at(wanted, index), landing)),
  ]);
};

const at = <T>(items: readonly T[], index: number): T => {
  const item = items[index];
  if (item === undefined) throw new Error(`no item ${index}`);
  return item;
};

/** Where the members of a tree go: under dest, and there under the tree's own name unless src ends with a slash. */
const treeRoot = ({ src, dest }: CopyParams): string => {
  const name = src?.endsWith("/") === true ? "" : `/${baseName(src ?? "")}`;
  return cleanPath(`${cleanPath(dest)}${name}`);
};

const directoryPaths = (params: CopyParams, { entries }: Input): readonly string[] => {
  const root = treeRoot(params);
  const dest = cleanPath(params.dest);
  const inner = entries.filter(({ content }) => content === null).map(({ path }) => `${root}/${path}`);
  return [dest, ...(root === dest ? [] : [root]), ...inner.sort()];
};

const treeFiles = (params: CopyParams, { entries }: Input): readonly WantedFile[] =>
  entries.flatMap(({ path, content, mode }) =>
    content === null
      ? []
      : [
          {
            ...wantedBase(params),
            path: `${treeRoot(params)}/${path}`,
            content,
            into: null,
            follow: false,
            parents: "planned" as const,
            mode: params.mode === "preserve" ? modeText(mode) : params.mode,
          },
        ],
  );

const wantedFile = (params: CopyParams, input: Input | undefined): WantedFile => {
  const slash = params.dest.endsWith("/");
  const name = input === undefined ? null : baseName(params.src ?? "");
  return {
    ...wantedBase(params),
    path: slash && name !== null ? `${params.dest}${name}` : params.dest,
    content: input === undefined ? contentBytes(params.content) : input.content,
    into: slash ? null : name,
    follow: params.follow,
    parents: slash ? "made" : "required",
    mode: params.mode === "preserve" && input !== undefined ? modeText(input.mode) : params.mode,
  };
};

const wantedBase = ({ owner, group, force, backup, validate }: CopyParams) => ({
  owner,
  group,
  force,
  backup,
  validate,
  secret: false,
});

/** A text as it is, data as JSON, anything else as Python prints it. */
const contentBytes = (content: Value): Buffer => {
  if (typeof content === "string") return Buffer.from(content);
  if (isDict<Value>(content) || isList<Value>(content)) return Buffer.from(pythonJson(content));
  if (typeof content === "boolean") return Buffer.from(content ? "True" : "False");
  return Buffer.from(content instanceof PyFloat ? pythonJson(content) : String(content));
};

import type { ActionOutcome } from "../../core/action.ts";
import { all, type Probe } from "../../core/probe.ts";
import {
  type ActionDecision,
  type ActionReport,
  defineAction,
  type Inputs,
  unusable,
} from "../../core/task.ts";
import type { Value } from "../../core/value.ts";
import { type GuardFacts, guard } from "../command-run/guard.ts";
import { type Identities, identities, identityFault } from "../file-attributes/attributes.ts";
import { attributeRules } from "../file-attributes/schema.ts";
import { schema, type UnarchiveParams } from "./schema.ts";
import { unpackAction } from "./unpack.ts";

interface UnarchiveFacts {
  readonly guard: GuardFacts;
  readonly ids: Identities;
}

/** Unpacks an archive on the node, with the node's tar or unzip, where what is there differs from it. */
export const unarchive = defineAction<UnarchiveParams, UnarchiveFacts>({
  kind: "action",
  name: "unarchive",
  aliases: ["ansible.builtin.unarchive", "ansible.legacy.unarchive"],
  summary: "Unpacks an archive on the node, with the node's tar or unzip, where what is there differs.",
  schema,
  example: `- ansible.builtin.unarchive:
    src: haproxy-3.0.5.tar.gz
    dest: /usr/local/src
    creates: /usr/local/src/haproxy-3.0.5
`,
  rules,
  inputs: (params) => (isRemote(params) ? [] : [{ kind: "file", path: params.src }]),
  inspect,
  decide,
  result,
});

const isRemote = ({ remote_src, copy }: UnarchiveParams): boolean => remote_src || copy === false;

function rules(params: UnarchiveParams): readonly string[] {
  const { src, include, exclude } = params;
  return [
    ...attributeRules(params),
    ...(params.remote_src && params.copy !== null ? ["copy and remote_src exclude each other"] : []),
    ...(include.length > 0 && exclude.length > 0 ? ["include and exclude exclude each other"] : []),
    ...(src.includes("://")
      ? ["a URL as src is not supported: download it with get_url, which can check it"]
      : isRemote(params) && !src.startsWith("/")
        ? ["src must be absolute with remote_src"]
        : []),
    ...(params.decrypt ? [] : ["decrypt: false is not supported: a vault is sent in the clear"]),
  ];
}

function inspect(params: UnarchiveParams): Probe<UnarchiveFacts> {
  return all<UnarchiveFacts>({
    guard: guard({ chdir: null, creates: params.creates, removes: null }),
    ids: identities(params),
  });
}

function decide(params: UnarchiveParams, facts: UnarchiveFacts, [input]: Inputs): ActionDecision {
  const { unneeded } = facts.guard;
  if (unneeded !== null) {
    return { kind: "done", msg: `nothing was unpacked since ${unneeded}`, values: told(params) };
  }
  const fault = identityFault(params, facts.ids);
  if (fault !== null) throw unusable(fault);
  const action = unpackAction(params, input?.content ?? null);
  return { kind: "run", actions: [action], needed: params.creates !== null };
}

const told = ({ src, dest }: UnarchiveParams): Readonly<Record<string, Value>> => ({ src, dest });

function result(params: UnarchiveParams, [outcome]: readonly ActionOutcome[]): ActionReport {
  const [head = "", ...names] = outcome?.stdout.toString("utf8").trimEnd().split("\n") ?? [];
  const [handler = "", changed, uid, gid, owner = "", group = "", size, mode] = head.split(" ");
  if (outcome === undefined || outcome.code !== 0 || mode === undefined) {
    const msg = outcome?.stderr.toString("utf8").trim() || "the archive could not be unpacked";
    return { changed: false, failed: true, msg, values: told(params) };
  }
  return {
    changed: changed === "1",
    failed: false,
    msg: null,
    values: {
      ...told(params),
      handler,
      uid: Number(uid),
      gid: Number(gid),
      owner,
      group,
      size: Number(size),
      mode: mode.padStart(4, "0"),
      state: "directory",
      ...(params.list_files ? { files: names } : {}),
    },
  };
}

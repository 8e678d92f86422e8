import { createHash } from "node:crypto";
import { all, known, type Probe, type ReadResult, read } from "../../core/probe.ts";
import { defineState, type Input, type Inputs, type Plan, unusable } from "../../core/task.ts";
import { attributeValues, identities } from "../file-attributes/attributes.ts";
import { attributeRules, validateRules } from "../file-attributes/schema.ts";
import { regexpRules } from "../file-content/edit-schema.ts";
import { type LandingFacts, landingPlan, type WantedFile } from "../file-content/land-file.ts";
import { actionsOf, type PlannedChange, viewOf } from "../planned-change.ts";
import { cleanPath, fileAt } from "../shared-probes/file-state.ts";
import { assign, labelled } from "../shared-probes/label.ts";
import { assembled, type Fragment } from "./fragments.ts";
import { type AssembleParams, schema } from "./schema.ts";

type Gathered =
  | { readonly kind: "content"; readonly content: Buffer }
  | { readonly kind: "fault"; readonly reason: string };

interface AssembleFacts {
  readonly landing: LandingFacts;
  readonly gathered: Gathered;
}

/** Makes one file of the fragments in a directory. */
export const assemble = defineState<AssembleParams, AssembleFacts, PlannedChange>({
  kind: "state",
  name: "assemble",
  aliases: ["ansible.builtin.assemble", "ansible.legacy.assemble"],
  summary: "Makes one file of the fragments in a directory, of the node or the controller.",
  schema,
  example: `- ansible.builtin.assemble:
    src: /etc/haproxy/parts
    dest: /etc/haproxy/haproxy.cfg
    regexp: \\.cfg$
    validate: haproxy -c -f %s
`,
  rules,
  inputs: ({ src, remote_src }) => (remote_src ? [] : [{ kind: "tree", path: src }]),
  inspect,
  diff,
  view: viewOf,
  apply: actionsOf,
  result: ({ src }, { landing, gathered }) => ({
    src,
    dest: landing.at.path,
    ...(gathered.kind === "fault"
      ? {}
      : {
          checksum: createHash("sha1").update(gathered.content).digest("hex"),
          md5sum: createHash("md5").update(gathered.content).digest("hex"),
        }),
    ...attributeValues(landing.at.state),
  }),
});

function rules(params: AssembleParams): readonly string[] {
  const { src, remote_src, regexp, validate, decrypt } = params;
  return [
    ...attributeRules(params),
    ...validateRules(validate),
    ...regexpRules({ regexp }),
    ...(remote_src && !src.startsWith("/")
      ? ["src must be absolute; with remote_src: false it is searched in files/ on the controller"]
      : []),
    ...(decrypt ? [] : ["decrypt: false is not supported: a vault is written in the clear"]),
  ];
}

function inspect(params: AssembleParams, [input]: Inputs): Probe<AssembleFacts> {
  return all<AssembleFacts>({
    landing: all<LandingFacts>({ at: fileAt(params.dest, { content: true }), ids: identities(params) }),
    gathered:
      input === undefined
        ? remoteFragments(params)
        : known({ kind: "content", content: assembled(params, localFragments(input)) }),
  });
}

/** Only what lies in the directory itself. */
const localFragments = (input: Input): readonly Fragment[] => {
  if (!input.directory) throw unusable(`${input.path} is no directory`);
  return input.entries.flatMap(({ path, content }) =>
    content === null || path.includes("/") ? [] : [{ name: path, content }],
  );
};

/** Bytes of all fragments together that are fetched at most. */
const LIMIT = 4 * 1024 * 1024;

const remoteFragments = (params: AssembleParams): Probe<Gathered> =>
  read(
    labelled(`fragments in ${params.src}`, [
      assign("p", cleanPath(params.src)),
      '[ -d "$p" ] || exit 3',
      'cd "$p" || exit',
      "t=0",
      'for f in * .*; do if [ -f "$f" ]; then',
      's=$(wc -c < "$f") || exit; t=$((t + s))',
      `[ $t -le ${LIMIT} ] || exit 4`,
      `printf '%s\\0%d\\0' "$f" "$s"; cat < "$f" || exit`,
      "fi; done",
    ]),
    (answer) => gathered(params, answer),
  );

const gathered = (params: AssembleParams, answer: ReadResult): Gathered => {
  const { src } = params;
  switch (answer.code) {
    case 0:
      return { kind: "content", content: assembled(params, parseFragments(answer.stdout)) };
    case 3:
      return { kind: "fault", reason: `${src} is no directory on the node` };
    case 4:
      return { kind: "fault", reason: `the fragments in ${src} are more than ${LIMIT} bytes` };
    default:
      return { kind: "fault", reason: `${src} cannot be read: ${answer.stderr.toString("utf8").trim()}` };
  }
};

const parseFragments = (stdout: Buffer): readonly Fragment[] => {
  const fragments: Fragment[] = [];
  let at = 0;
  for (;;) {
    const name = stdout.indexOf(0, at);
    const size = name === -1 ? -1 : stdout.indexOf(0, name + 1);
    if (size === -1) return fragments;
    const end = size + 1 + Number(stdout.toString("latin1", name + 1, size));
    fragments.push({ name: stdout.toString("utf8", at, name), content: stdout.subarray(size + 1, end) });
    at = end;
  }
};

function diff(params: AssembleParams, { landing, gathered: found }: AssembleFacts): Plan<PlannedChange> {
  if (found.kind === "fault") return { kind: "blocked", reason: found.reason };
  return landingPlan(wantedFile(params, found.content), landing);
}

const wantedFile = (params: AssembleParams, content: Buffer): WantedFile => ({
  path: params.dest,
  content,
  into: null,
  follow: false,
  force: true,
  backup: params.backup,
  validate: params.validate,
  parents: "required",
  secret: false,
  mode: params.mode,
  owner: params.owner,
  group: params.group,
});

import { createHash } from "node:crypto";
import { type Probe, type ReadResult, read } from "../../core/probe.ts";
import { defineState, type Input, type Inputs, type Plan, planOf } from "../../core/task.ts";
import type { Value } from "../../core/value.ts";
import { baseName, cleanPath, sha256 } from "../shared-probes/file-state.ts";
import { assign, labelled } from "../shared-probes/label.ts";
import { type FetchParams, schema } from "./schema.ts";

type FetchFacts =
  /** `content` is null where the controller has it already. */
  | { readonly kind: "file"; readonly sha256: string; readonly bits: number; readonly content: Buffer | null }
  | { readonly kind: "missing"; readonly reason: string }
  | { readonly kind: "fault"; readonly reason: string };

interface Fetched {
  readonly path: string;
  readonly before: Input;
  readonly content: Buffer;
  readonly bits: number;
}

/** Brings a file of the node to the controller. */
export const fetch = defineState<FetchParams, FetchFacts, Fetched>({
  kind: "state",
  name: "fetch",
  aliases: ["ansible.builtin.fetch", "ansible.legacy.fetch"],
  summary: "Brings a file of the node to the controller.",
  schema,
  example: `- ansible.builtin.fetch:
    src: /etc/haproxy/haproxy.cfg
    dest: fetched/
`,
  rules: ({ src }) =>
    src.split("/").includes("..") ? ["src must not climb with ..: it is a path on the controller, too"] : [],
  inputs: ({ src, dest, flat }) =>
    flat
      ? [{ kind: "destination", path: dest.endsWith("/") ? `${dest}${baseName(src)}` : dest }]
      : [{ kind: "destination", path: dest, perHost: cleanPath(src) }],
  inspect: ({ src }, [input]) => fileOrWhy(cleanPath(src), destination(input)),
  diff,
  view: ({ path, before, content }) => ({
    field: `${path} on the controller`,
    before: before.absent === true ? null : summary(before.content),
    after: summary(content),
    // What is on the controller is no part of what is read of the node again.
    event: true,
  }),
  apply: () => [],
  keeps: ({ path, content, bits }) => [{ path, content, mode: (bits | 0o600) & 0o666 }],
  result: values,
});

const destination = (input: Input | undefined): Input => {
  if (input === undefined) throw new Error("fetch needs its destination");
  return input;
};

const fileOrWhy = (path: string, present: Input): Probe<FetchFacts> =>
  read(
    labelled(`file to fetch ${path}`, [
      assign("p", path),
      '[ -e "$p" ] || exit 3',
      '[ -f "$p" ] || exit 4',
      'c=$(sha256sum < "$p") || exit',
      'b=$(stat -L -c %a "$p") || exit',
      'printf "%s %s\\n" "${c%% *}" "$b"',
      `case $c in ${sha256(present.content)}*) ${present.absent === true ? 'cat < "$p"' : ""} ;; *) cat < "$p" ;; esac`,
    ]),
    (answer) => parseFile(path, present, answer),
  );

const parseFile = (path: string, present: Input, { code, stdout, stderr }: ReadResult): FetchFacts => {
  if (code === 3) return { kind: "missing", reason: `${path} does not exist on the node` };
  if (code === 4) return { kind: "missing", reason: `${path} is no file` };
  const end = stdout.indexOf(0x0a);
  if (code !== 0 || end === -1) {
    const why = stderr.toString("utf8").trim().replace(/^.*: /, "");
    return { kind: "missing", reason: `${path} cannot be read: ${why}` };
  }
  const [sum = "", mode = ""] = stdout.toString("latin1", 0, end).split(" ");
  const content = stdout.subarray(end + 1);
  const bits = Number.parseInt(mode, 8);
  if (present.absent !== true && sum === sha256(present.content))
    return { kind: "file", sha256: sum, bits, content: null };
  return sum === sha256(content)
    ? { kind: "file", sha256: sum, bits, content }
    : { kind: "fault", reason: `${path} changed while it was read` };
};

function diff(params: FetchParams, facts: FetchFacts, [input]: Inputs): Plan<Fetched> {
  const before = destination(input);
  if (facts.kind === "missing") {
    return params.fail_on_missing ? { kind: "blocked", reason: facts.reason } : { kind: "converged" };
  }
  if (facts.kind === "fault") return { kind: "blocked", reason: facts.reason };
  if (before.directory) {
    return {
      kind: "blocked",
      reason: `${before.path} is a directory on the controller: with a slash at its end the file comes into it`,
    };
  }
  return facts.content === null
    ? { kind: "converged" }
    : planOf([{ path: before.path, before, content: facts.content, bits: facts.bits }]);
}

/** Never the content itself: what is worth fetching is often secret. */
const summary = (content: Buffer): string => `${content.length} bytes, sha256 ${sha256(content)}`;

function values({ src }: FetchParams, facts: FetchFacts, [input]: Inputs): Readonly<Record<string, Value>> {
  if (facts.kind === "fault") return { file: src };
  if (facts.kind === "missing") return { file: src, msg: `${facts.reason}, not transferring, ignored` };
  const { path, content } = destination(input);
  const bytes = facts.content ?? content;
  const checksum = createHash("sha1").update(bytes).digest("hex");
  return {
    file: src,
    dest: path,
    checksum,
    md5sum: createHash("md5").update(bytes).digest("hex"),
    remote_checksum: checksum,
    remote_md5sum: null,
  };
}

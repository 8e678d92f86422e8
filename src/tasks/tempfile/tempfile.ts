import type { Action, ActionOutcome } from "../../core/action.ts";
import { known } from "../../core/probe.ts";
import type { Schema } from "../../core/schema.ts";
import { quote } from "../../core/shell.ts";
import { type ActionReport, defineAction } from "../../core/task.ts";
import { pathSchema } from "../file-attributes/schema.ts";

/** Parameters of tempfile, under Ansible's names. */
interface TempfileParams {
  readonly state: "file" | "directory";
  readonly path: string | null;
  readonly prefix: string;
  readonly suffix: string;
}

const schema: Schema = {
  type: "object",
  additionalProperties: false,
  properties: {
    state: { type: "string", enum: ["file", "directory"], default: "file", description: "What to make." },
    path: pathSchema("Where to make it. Absent means the node's TMPDIR, or /tmp."),
    prefix: {
      type: "string",
      pattern: "^[^/]*$",
      default: "ansible.",
      description: "What its name begins with.",
    },
    suffix: { type: "string", pattern: "^[^/]*$", default: "", description: "What its name ends with." },
  },
};

/** Makes an empty file or directory under a name of its own, for the tasks that follow. */
export const tempfile = defineAction<TempfileParams, null>({
  kind: "action",
  name: "tempfile",
  aliases: ["ansible.builtin.tempfile", "ansible.legacy.tempfile"],
  summary: "Makes an empty file or directory under a name of its own, which only its owner may read.",
  schema,
  example: `- ansible.builtin.tempfile:
    state: directory
    suffix: .build
  register: build
`,
  inspect: () => known(null),
  decide: (params) => ({ kind: "run", actions: [makeAction(params)] }),
  result: report,
});

/** The name is random and the making of it exclusive: what is there already is never taken. */
const makeAction = ({ state, path, prefix, suffix }: TempfileParams): Action => ({
  kind: "script",
  script: [
    "umask 077",
    path === null ? `d=\${TMPDIR:-/tmp}` : `d=${quote(path)}`,
    `[ -d "$d" ] || { printf 'the directory %s does not exist\\n' "$d" >&2; exit 1; }`,
    "n=0",
    "while [ $n -lt 100 ]; do",
    "n=$((n + 1)); r=$(mktemp -u XXXXXXXX) || exit 1",
    `p=\${d%/}/${quote(prefix)}\${r##*/}${quote(suffix)}`,
    state === "file"
      ? `if (set -C; : > "$p") 2>/dev/null; then m=1; break; fi`
      : `if mkdir "$p" 2>/dev/null; then m=1; break; fi`,
    `[ -e "$p" ] || [ -h "$p" ] || break`,
    "done",
    `[ "\${m-0}" = 1 ] || { printf 'nothing can be made in %s\\n' "$d" >&2; exit 1; }`,
    `stat -c '%u %g %U %G %s %a' "$p" || exit 1`,
    `printf '%s' "$p"`,
  ].join("\n"),
  touches: [{ kind: "lasting", what: `a temporary ${state} was made` }],
});

function report({ state }: TempfileParams, [outcome]: readonly ActionOutcome[]): ActionReport {
  const answer = outcome?.stdout.toString("utf8") ?? "";
  const end = answer.indexOf("\n");
  if (outcome === undefined || outcome.code !== 0 || end === -1) {
    const msg = outcome?.stderr.toString("utf8").trim() || "the temporary file could not be made";
    return { changed: false, failed: true, msg, values: {} };
  }
  const [uid, gid, owner = "", group = "", size, mode = ""] = answer.slice(0, end).split(" ");
  return {
    changed: true,
    failed: false,
    msg: null,
    values: {
      path: answer.slice(end + 1),
      uid: Number(uid),
      gid: Number(gid),
      owner,
      group,
      size: Number(size),
      mode: mode.padStart(4, "0"),
      state,
    },
  };
}

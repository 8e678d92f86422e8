import type { ActionOutcome } from "../../core/action.ts";
import { type Probe, read } from "../../core/probe.ts";
import { argv, quote } from "../../core/shell.ts";
import { type ActionReport, defineAction } from "../../core/task.ts";
import { dict, PyFloat, type Value } from "../../core/value.ts";
import { labelled } from "../shared-probes/label.ts";
import { type MakeParams, schema } from "./schema.ts";

/** What make says of the target without making it. */
interface MakeFacts {
  readonly upToDate: boolean;
  readonly stdout: string;
  readonly stderr: string;
  /** The make that the node has. */
  readonly program: string;
}

/** Makes a target of a makefile, if it is not up to date. */
export const make = defineAction<MakeParams, MakeFacts>({
  kind: "action",
  name: "make",
  aliases: ["community.general.make"],
  summary: "Makes a target of a makefile, if make itself says that it is not up to date.",
  schema,
  example: `- community.general.make:
    chdir: /usr/local/src/haproxy-2.8.5
    jobs: 2
    params:
      TARGET: linux-glibc
      USE_OPENSSL: 1
`,
  inspect,
  decide: (params, facts) =>
    facts.upToDate
      ? { kind: "done", msg: "", values: valuesOf(params, facts.program, facts.stdout, facts.stderr) }
      : {
          kind: "run",
          needed: true,
          actions: [
            {
              kind: "script",
              script: [FIND(params), `echo "$m"; exec "$m" ${argv(...wordsOf(params))}`].join("\n"),
              chdir: params.chdir,
              okCodes: "any",
              timeoutMs: null,
              touches: [{ kind: "lasting", what: `make ${params.target ?? ""} was run in ${params.chdir}` }],
            },
          ],
        },
  result,
});

/** Shell lines that set `m` to the make to run. */
const FIND = ({ make: wanted }: MakeParams): string =>
  wanted === null
    ? 'm=$(command -v gmake || command -v make) || { echo "make is not installed" >&2; exit 127; }'
    : `m=${quote(wanted)}; command -v "$m" >/dev/null 2>&1 || { echo "$m is not there" >&2; exit 127; }`;

const wordsOf = ({ jobs, file, target, params }: MakeParams): readonly string[] => [
  ...(jobs === null ? [] : ["-j", String(jobs)]),
  ...(file === null ? [] : ["-f", file]),
  ...(target === null ? [] : [target]),
  ...Object.entries(params ?? {}).map(([name, value]) => `${name}=${pythonText(value)}`),
];

/** A value as Python's str gives it, which is what Ansible passes on. */
const pythonText = (value: Value): string => {
  if (typeof value === "boolean") return value ? "True" : "False";
  if (value instanceof PyFloat) return value.value.toFixed(1);
  return value === null ? "None" : String(value);
};

/** A directory or a make that is not there yet means that all is still to be done. */
function inspect(params: MakeParams): Probe<MakeFacts> {
  const words = argv(...wordsOf(params));
  return read(
    labelled(["make -q", ...wordsOf(params), "in", params.chdir].join(" "), [
      `cd ${quote(params.chdir)} || exit 2`,
      FIND(params),
      `echo "$m"; exec "$m" ${words} -q`,
    ]),
    ({ code, stdout, stderr }) => {
      const [program = "", ...lines] = stdout.toString("utf8").split("\n");
      const shown = lines.join("\n").trimEnd();
      return { upToDate: code === 0, program, stdout: shown, stderr: stderr.toString("utf8").trimEnd() };
    },
  );
}

function result(params: MakeParams, outcomes: readonly ActionOutcome[]): ActionReport {
  const [outcome] = outcomes;
  if (outcome === undefined) throw new Error("make reports nothing");
  const [program = "", ...lines] = outcome.stdout.toString("utf8").split("\n");
  const stderr = outcome.stderr.toString("utf8").trimEnd();
  const failed = outcome.code !== 0;
  const values = valuesOf(params, program, lines.join("\n").trimEnd(), stderr);
  return {
    changed: !failed,
    failed,
    msg: failed ? stderr || `make ended with exit code ${outcome.code}` : null,
    values: failed ? { ...values, rc: outcome.code } : values,
  };
}

const valuesOf = (
  params: MakeParams,
  program: string,
  stdout: string,
  stderr: string,
): Readonly<Record<string, Value>> => ({
  chdir: params.chdir,
  command: argv(program, ...wordsOf(params)),
  file: params.file,
  jobs: params.jobs,
  params: params.params === null ? null : dict(params.params),
  target: params.target,
  stdout,
  stdout_lines: stdout === "" ? [] : stdout.split("\n"),
  stderr,
  stderr_lines: stderr === "" ? [] : stderr.split("\n"),
});

import type { ActionOutcome } from "../../core/action.ts";
import { known } from "../../core/probe.ts";
import { type ActionReport, defineAction } from "../../core/task.ts";
import { dict, type Value } from "../../core/value.ts";
import { condition } from "./condition.ts";
import { schema, type WaitForParams } from "./schema.ts";

/** Waits until a port answers, a file is there, or neither any more. */
export const waitFor = defineAction<WaitForParams, null>({
  kind: "action",
  name: "wait_for",
  aliases: ["ansible.builtin.wait_for"],
  summary: "Waits until a port answers, a file is there, or neither any more.",
  schema,
  example: `- ansible.builtin.wait_for:
    host: "{{ vip }}"
    port: 443
    timeout: 30
`,
  rules,
  inspect: () => known(null),
  decide: (params) => ({
    kind: "run",
    actions: [{ kind: "script", script: script(params), okCodes: "any", timeoutMs: null, touches: [] }],
  }),
  result: report,
  harmless: () => true,
});

function rules(params: WaitForParams): readonly string[] {
  const { port, path, state, exclude_hosts, search_regex, host } = params;
  return [
    ...(port !== null && path !== null ? ["port and path parameter can not both be passed to wait_for"] : []),
    ...(path !== null && (state === "stopped" || state === "drained")
      ? [`state=${state} should only be used for checking a port in the wait_for module`]
      : []),
    ...(state === "drained" && port === null ? ["port is required with state drained"] : []),
    ...(exclude_hosts !== null && state !== "drained"
      ? ["exclude_hosts should only be with state=drained"]
      : []),
    ...(state === "drained" &&
    [host, ...(exclude_hosts ?? [])].some((name) => !/^[0-9.]+$/.test(name) && name !== "::")
      ? ["with state drained, host and exclude_hosts are IPv4 addresses, or 0.0.0.0 for any"]
      : []),
    ...(search_regex !== null && port === null && path === null
      ? ["search_regex goes with port or path"]
      : []),
  ];
}

/** Answers with the seconds it took and, where a pattern was looked for, the line that matched. */
const script = (params: WaitForParams): string => {
  const { timeout, delay, sleep } = params;
  const lines = condition(params);
  return [
    "s=$(date +%s); f=",
    ...(delay > 0 ? [`sleep ${delay}`] : []),
    ...(lines === null
      ? [`sleep ${timeout}`]
      : [
          ...lines,
          `e=$((s + ${timeout}))`,
          "until ok; do",
          'n=$(date +%s); if [ "$n" -ge "$e" ]; then echo "$((n - s))"; exit 1; fi',
          `sleep ${sleep === 0 ? "0.1 2>/dev/null || :" : sleep}`,
          "done",
        ]),
    'n=$(date +%s); printf \'%s\\n%s\\n\' "$((n - s))" "$f"',
  ].join("\n");
};

function report(params: WaitForParams, [outcome]: readonly ActionOutcome[]): ActionReport {
  if (outcome === undefined) throw new Error("wait_for reports nothing");
  const [elapsed = "", line = ""] = outcome.stdout.toString("utf8").split("\n");
  const { state, port, path, search_regex } = params;
  const failed = outcome.code !== 0;
  const said = outcome.stderr.toString("utf8").trim();
  const msg = !failed ? null : outcome.code === 1 && said === "" ? (params.msg ?? timedOut(params)) : said;
  return {
    changed: false,
    failed,
    msg,
    values: {
      state,
      port,
      path,
      search_regex,
      elapsed: Number(elapsed) || 0,
      ...groupsOf(search_regex, line),
    },
  };
}

const timedOut = ({ host, port, path, state, search_regex }: WaitForParams): string => {
  const what = port === null ? path : `${host}:${port}`;
  if (state === "drained") return `Timeout when waiting for ${what} to drain`;
  if (state === "stopped" || state === "absent")
    return `Timeout when waiting for ${what} to ${port === null ? "be absent" : "stop"}.`;
  if (search_regex !== null) return `Timeout when waiting for search string ${search_regex} in ${what}`;
  return `Timeout when waiting for ${port === null ? `file ${what}` : what}`;
};

/** The groups of the pattern in the line that matched; a pattern that only grep understands gives none. */
const groupsOf = (pattern: string | null, line: string): Readonly<Record<string, Value>> => {
  const none = { match_groups: [], match_groupdict: dict({}) };
  if (pattern === null) return none;
  try {
    const found = new RegExp(pattern.replaceAll("(?P<", "(?<"), "m").exec(line);
    if (found === null) return none;
    return {
      match_groups: found.slice(1).map((group) => group ?? null),
      match_groupdict: dict({ ...found.groups }),
    };
  } catch {
    return none;
  }
};

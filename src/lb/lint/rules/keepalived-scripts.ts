import type { Place } from "../../../core/error.ts";
import type { KeepalivedConfig } from "../../keepalived/config.ts";
import { findStatements, settingOf } from "../../keepalived/statements.ts";
import type { FileFact } from "../../pair/facts.ts";
import { basename, commandWords } from "../../vrrp/command.ts";
import type { Finding, Rule } from "../rule.ts";
import { exampleBlock, exampleConf, exampleScript } from "./keepalived-example.ts";
import {
  eachKeepalived,
  type KeepalivedNode,
  type keepalivedNodes,
  onNode,
  placeOf,
  says,
} from "./keepalived-parts.ts";

const SECURE: readonly string[] = ["enable_script_security", "script_user root"];

const CHECK = "/usr/bin/curl -fsS -o /dev/null http://127.0.0.1:8404/healthz";

const running = (command: string, globals: readonly string[] = SECURE): string =>
  exampleConf({
    globals,
    before: exampleScript([`script "${command}"`, "interval 2", "fall 2", "rise 2"]),
    lines: exampleBlock("track_script", ["chk_haproxy"]),
  });

const pairOf = (conf: string) => ({ keepalived: { lb1: conf } });

const program = (mode: number): FileFact => ({
  kind: "file",
  mode,
  owner: "root",
  group: "root",
  digest: null,
  text: null,
});

/** The programs that keepalived runs: whether they are there, run as whom, and prove what they shall. */
export const keepalivedScriptRules: readonly Rule[] = [
  {
    id: "K20",
    severity: "error",
    title: "The programs of scripts exist, are executable, and only root can write to them.",
    why: "keepalived disables a script that it cannot run: haproxy is not watched any more, and nothing fails.",
    source:
      'measured with keepalived 2.2.7 ("Disabling track script … not found"); keepalived.conf(5): SCRIPTS',
    fix: "Install the program (killall is in psmisc, pidof and pgrep in procps), or correct path and mode.",
    bad: {
      ...pairOf(running("/usr/bin/killall -0 haproxy")),
      facts: { lb1: { files: new Map([["/usr/bin/killall", null]]) } },
    },
    good: {
      ...pairOf(running("/usr/bin/killall -0 haproxy")),
      facts: { lb1: { files: new Map([["/usr/bin/killall", program(0o755)]]) } },
    },
    check: (pair) => eachKeepalived(pair, programs),
  },
  {
    id: "K21",
    severity: "warning",
    title: "Scripts run with enable_script_security and a script_user.",
    why: "Otherwise keepalived runs what others may have replaced, as root; and its own check fails for the whole file.",
    source:
      'measured with keepalived 2.2.7 (exit code 6, "SECURITY VIOLATION"); keepalived.conf(5): enable_script_security',
    fix: "Write enable_script_security and script_user into global_defs.",
    bad: pairOf(running(CHECK, [])),
    good: pairOf(running(CHECK)),
    check: (pair) => eachKeepalived(pair, insecure),
  },
  {
    id: "K22",
    severity: "error",
    title: "The user that scripts run as exists.",
    why: "keepalived removes the scripts of a user that it cannot find: haproxy is not watched any more.",
    source: 'measured with keepalived 2.2.7 ("Unable to set default user for vrrp script … - removing")',
    fix: "Create the user, or name another one in script_user.",
    bad: pairOf(running(CHECK, ["enable_script_security", "script_user checker"])),
    good: pairOf(running(CHECK)),
    check: (pair) => eachKeepalived(pair, missingUsers),
  },
  {
    id: "K23",
    severity: "error",
    title: "A script that sends signal 0 runs as root.",
    why: "Only root may signal haproxy's master: for any other user the check fails although haproxy is well.",
    source: "keepalived issue 1420; kill(2): EPERM",
    fix: "Write `user root` into the script, or ask haproxy by a request.",
    bad: pairOf(
      running("/usr/bin/killall -0 haproxy", ["enable_script_security", "script_user keepalived_script"]),
    ),
    good: pairOf(running("/usr/bin/killall -0 haproxy")),
    check: (pair) => eachKeepalived(pair, powerless),
  },
  {
    id: "K24",
    severity: "warning",
    title: "A script proves that haproxy answers, not only that a process exists.",
    why: "A haproxy that hangs, or an old worker that finishes its connections, has the same name as one that works.",
    source: "HAProxy's management guide, section 4; issue 44 of HAProxy's old repository",
    fix: "Ask a monitor-uri of haproxy by a request (curl -fsS), or let systemd write a tracked file.",
    bad: pairOf(running("/usr/bin/pgrep -x haproxy")),
    good: pairOf(running(CHECK)),
    check: (pair) =>
      runs(pair, (script) =>
        PROCESS_LOOKUP.test(basename(script.line)) || /^systemctl\s.*\bis-active\b/.test(plain(script.line))
          ? `${script.name} only looks whether a process is there (${plain(script.line)})`
          : null,
      ),
  },
];

interface Script {
  readonly name: string;
  readonly at: Place;
  readonly line: string;
  /** The user that it runs as; null: not known. */
  readonly user: string | null;
}

const PROCESS_LOOKUP = /^(killall|killall5|pidof|pgrep|pkill|ps)$/;

/** The vrrp_scripts of a node. */
const scriptsOf = ({ node, config }: KeepalivedNode): readonly Script[] =>
  config.trackers
    .filter(({ kind }) => kind === "script")
    .map(({ name, at, target, statements }) => ({
      name,
      at: placeOf(statements, "script") ?? at,
      line: target,
      user: settingOf(statements, "user")?.text ?? defaultUser(config, node.facts?.users ?? null),
    }));

/** script_user, else keepalived_script where there is such a user, else root; null where that is not known. */
const defaultUser = (config: KeepalivedConfig, users: ReadonlySet<string> | null): string | null => {
  const written = settingOf(config.globals, "script_user")?.text;
  if (written !== undefined) return written;
  if (users === null) return null;
  return users.has("keepalived_script") ? "keepalived_script" : "root";
};

const runs = (
  pair: Parameters<typeof keepalivedNodes>[0],
  problemOf: (script: Script) => string | null,
): readonly Finding[] =>
  eachKeepalived(pair, (entry) =>
    scriptsOf(entry).flatMap((script) => {
      const problem = problemOf(script);
      return problem === null ? [] : [onNode(entry, script.at, problem)];
    }),
  );

const plain = (line: string): string => {
  const words = commandWords(line);
  return [basename(line), ...words.slice(1)].join(" ");
};

const programs = (entry: KeepalivedNode): readonly Finding[] => {
  const files = entry.node.facts?.files;
  if (files === null || files === undefined) return [];
  return scriptsOf(entry).flatMap(({ name, at, line, user }): readonly Finding[] => {
    const path = commandWords(line)[0] ?? "";
    const file = files.get(path);
    if (!path.startsWith("/") || file === undefined) return [];
    if (file === null) return [onNode(entry, at, `there is no ${path}: keepalived disables ${name}`)];
    if ((file.mode & 0o111) === 0) {
      return [onNode(entry, at, `${path} of ${name} is not executable`)];
    }
    const writable = user === "root" ? parents(path).find((part) => loose(files.get(part))) : undefined;
    if (writable === undefined) return [];
    const what = `others than root can write to ${writable}`;
    return says(entry.config.globals, "enable_script_security")
      ? [onNode(entry, at, `${what}: keepalived disables ${name}`)]
      : [onNode(entry, at, `${what}, and ${name} runs as root`, { severity: "warning" })];
  });
};

/** A path and all directories above it. */
const parents = (path: string): readonly string[] =>
  path.split("/").map((_, index, parts) => parts.slice(0, parts.length - index).join("/") || "/");

const loose = (fact: FileFact | null | undefined): boolean =>
  fact != null &&
  (fact.owner !== "root" ||
    ((fact.mode & 0o022) !== 0 && !(fact.kind === "directory" && (fact.mode & 0o1000) !== 0)));

const NOTIFY = [
  "notify",
  "notify_master",
  "notify_backup",
  "notify_fault",
  "notify_stop",
  "notify_deleted",
] as const;

const insecure = (entry: KeepalivedNode): readonly Finding[] => {
  const { node, config } = entry;
  const blocks = [...config.instances, ...config.syncGroups].map(({ statements }) => statements);
  const [script] = scriptsOf(entry);
  const notify = blocks.flatMap((statements) =>
    NOTIFY.flatMap((keyword) => findStatements(statements, keyword)),
  )[0];
  const at = script?.at ?? notify?.words[0]?.at;
  if (at === undefined) return [];
  if (!says(config.globals, "enable_script_security")) {
    return [onNode({ node }, at, `keepalived runs scripts without enable_script_security`)];
  }
  return says(config.globals, "script_user") ||
    config.trackers.every(({ kind, statements }) => kind !== "script" || says(statements, "user"))
    ? []
    : [
        onNode(
          { node },
          placeOf(config.globals, "enable_script_security") ?? at,
          `keepalived runs scripts as a user that nobody has chosen (no script_user)`,
        ),
      ];
};

/** Without script_user and with script security keepalived wants the user keepalived_script. */
const missingUsers = (entry: KeepalivedNode): readonly Finding[] => {
  const { node, config } = entry;
  const users = node.facts?.users;
  if (users === null || users === undefined || scriptsOf(entry).length === 0) return [];
  const secure = says(config.globals, "enable_script_security");
  const global = settingOf(config.globals, "script_user");
  const named = [
    ...(global === null ? [] : [{ user: global.text, at: global.at }]),
    ...config.trackers.flatMap(({ statements }) => {
      const word = settingOf(statements, "user");
      return word === null ? [] : [{ user: word.text, at: word.at }];
    }),
  ];
  const implied = secure && named.length === 0 && !users.has("keepalived_script");
  return [
    ...named
      .filter(({ user }) => !users.has(user) && !/^\d+$|\$/.test(user))
      .map(({ user, at }) =>
        onNode({ node }, at, `there is no user ${user}: keepalived removes its scripts`),
      ),
    ...(implied
      ? [
          onNode(
            { node },
            placeOf(config.globals, "enable_script_security"),
            `there is neither script_user nor a user keepalived_script: keepalived removes its scripts`,
          ),
        ]
      : []),
  ];
};

/** Root may signal everybody; who else may is not known from here. */
const powerless = (entry: KeepalivedNode): readonly Finding[] =>
  scriptsOf(entry).flatMap(({ name, at, line, user }) => {
    const signals =
      /^(killall|kill|pkill)$/.test(basename(line)) && commandWords(line).some((word) => word === "-0");
    return !signals || user === null || user === "root" || user === "0"
      ? []
      : [
          onNode(
            entry,
            at,
            `${name} sends signal 0 as ${user}, which may not signal haproxy: the check always fails`,
          ),
        ];
  });

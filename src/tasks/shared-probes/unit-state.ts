import { type Probe, type ReadResult, read, text } from "../../core/probe.ts";
import { argv, quote } from "../../core/shell.ts";
import { labelled } from "./label.ts";

/** Whose systemd is asked: the system's, the running user's, or what holds for all users. */
export type UnitScope = "system" | "user" | "global";

/** What systemd says of a unit. */
export interface UnitState {
  /**
   * `running`: a manager answers; `offline`: there is systemctl, but no manager (a chroot, an image); `none`: no
   * systemctl; `silent`: a manager that did not answer, `fault` says why.
   */
  readonly manager: "running" | "offline" | "none" | "silent";
  readonly fault: string | null;
  /** Where no manager answers only UnitFileState is known. */
  readonly properties: ReadonlyMap<string, string>;
  /** Whether an init script of this name exists. */
  readonly initScript: boolean;
  /** Whether an init script of this name is linked into a runlevel. */
  readonly initLinks: boolean;
}

const PROPERTIES = [
  "Id",
  "Names",
  "Description",
  "LoadState",
  "LoadError",
  "ActiveState",
  "SubState",
  "Result",
  "Type",
  "RemainAfterExit",
  "MainPID",
  "ExecMainStatus",
  "FragmentPath",
  "UnitFileState",
  "CanReload",
  "ConditionResult",
  "ConditionTimestampMonotonic",
  "NeedDaemonReload",
];

/** The state of one unit (a name without suffix is a service). One read, one fork. */
export const unitState = (name: string, scope: UnitScope = "system"): Probe<UnitState> =>
  read(unitScript(name, scope), parseUnit);

const unitScript = (name: string, scope: UnitScope): string => {
  const script = quote(name.replace(/\.service$/, ""));
  return labelled(`unit ${name}${scope === "system" ? "" : ` of ${scope}`}`, [
    "command -v systemctl >/dev/null 2>&1 || exit 127",
    ...(scope === "user" ? [USER_BUS] : []),
    ...(scope === "system"
      ? [
          `[ ! -e /etc/init.d/${script} ] || echo InitScript=yes`,
          `for l in /etc/rc[S2345].d/S[0-9][0-9]${script} /etc/rc.d/rc[2345].d/S[0-9][0-9]${script}; do`,
          '[ ! -e "$l" ] || { echo InitLinks=yes; break; }; done',
        ]
      : []),
    ...(scope === "global"
      ? [`s=$(${argv("systemctl", "--global", "is-enabled", name)} 2>/dev/null)`, OFFLINE_ANSWER]
      : [
          "if [ ! -d /run/systemd/system ]; then",
          `s=$(${argv("systemctl", ...scopeFlags(scope), "is-enabled", name)} 2>/dev/null)`,
          OFFLINE_ANSWER,
          "fi",
          `exec ${argv("systemctl", ...scopeFlags(scope), "show", "-p", PROPERTIES.join(","), "--", name)}`,
        ]),
  ]);
};

const OFFLINE_ANSWER = "printf 'UnitFileState=%s\\n' \"$s\"; exit 4";

/** Shell text that finds the running user's manager; without it systemctl --user has no bus to talk to. */
export const USER_BUS = "XDG_RUNTIME_DIR=${XDG_RUNTIME_DIR:-/run/user/$(id -u)}; export XDG_RUNTIME_DIR";

/** systemctl's flag for a scope. */
export const scopeFlags = (scope: UnitScope): readonly string[] => (scope === "system" ? [] : [`--${scope}`]);

const MANAGERS: Readonly<Record<number, UnitState["manager"]>> = { 0: "running", 4: "offline", 127: "none" };

const parseUnit = (answer: ReadResult): UnitState => {
  const all = new Map(
    text(answer)
      .split("\n")
      .filter((line) => line.includes("="))
      .map((line) => [line.slice(0, line.indexOf("=")), line.slice(line.indexOf("=") + 1)]),
  );
  const { InitScript, InitLinks } = Object.fromEntries(all);
  all.delete("InitScript");
  all.delete("InitLinks");
  return {
    manager: MANAGERS[answer.code] ?? "silent",
    fault: Object.hasOwn(MANAGERS, answer.code) ? null : answer.stderr.toString("utf8").trim(),
    properties: all,
    initScript: InitScript === "yes",
    initLinks: InitLinks === "yes",
  };
};

/**
 * Whether unit files changed since systemd last read them; null where that cannot be told.
 * NeedDaemonReload alone does not show a new file that hides a loaded one. Generators run at each daemon-reload into
 * a directory that is made anew, so its age is the age of what systemd knows.
 */
export const unitFilesChanged = (scope: UnitScope): Probe<boolean | null> =>
  read(
    labelled(`unit files newer than what systemd${scope === "system" ? "" : ` of ${scope}`} knows`, [
      ...(scope === "system"
        ? ["r=/run/systemd/generator"]
        : [USER_BUS, "r=$XDG_RUNTIME_DIR/systemd/generator"]),
      '[ -d "$r" ] || exit 3',
      "set --",
      `for d in ${(scope === "system" ? SYSTEM_PATHS : USER_PATHS).join(" ")}; do`,
      '[ ! -e "$d" ] || set -- "$@" "$d"; done',
      'exec find "$@" -cnewer "$r" -print -quit',
    ]),
    (answer) => (answer.code === 3 ? null : answer.stdout.length > 0),
  );

/** Unit directories, and what generators turn into units. */
const SYSTEM_PATHS = [
  "/etc/systemd/system",
  "/run/systemd/system",
  "/usr/local/lib/systemd/system",
  "/usr/lib/systemd/system",
  "/lib/systemd/system",
  "/etc/init.d",
  "/etc/fstab",
];

const USER_PATHS = [
  '"$HOME/.config/systemd/user"',
  "/etc/systemd/user",
  "/run/systemd/user",
  "/usr/local/lib/systemd/user",
  "/usr/lib/systemd/user",
];

import { type Probe, type ReadResult, read } from "../../core/probe.ts";
import { argv, quote } from "../../core/shell.ts";
import { labelled } from "../shared-probes/label.ts";
import type { UserParams } from "./schema.ts";

/** What the user and group databases say. */
export interface UserFacts {
  /** null where there is no such user. */
  readonly user: Account | null;
  /** null where there is none, or the running user may not read it. */
  readonly shadow: Shadow | null;
  readonly groups: readonly Group[];
  /** Whether the home directory that is wanted exists. */
  readonly home: boolean;
  /** Whether the running user is root. */
  readonly root: boolean;
  readonly fault: string | null;
}

/** A line of passwd(5). */
export interface Account {
  readonly name: string;
  readonly uid: number;
  readonly gid: number;
  readonly comment: string;
  readonly home: string;
  readonly shell: string;
}

/** A line of shadow(5); days count from the epoch, -1 is none. */
export interface Shadow {
  readonly hash: string;
  readonly minimumDays: number;
  readonly maximumDays: number;
  readonly expiryDay: number;
}

/** A line of group(5). */
export interface Group {
  readonly name: string;
  readonly gid: number;
  readonly members: readonly string[];
}

/** Asks the databases, wherever they are kept. Groups that a directory does not list as a whole are asked for by name. */
export const probe = ({ name, group, groups, home, state }: UserParams): Probe<UserFacts> => {
  const named = [...new Set([...(group === null ? [] : [group]), ...(groups ?? [])])].filter(
    (item) => item !== "",
  );
  const wanted = named.length === 0 ? "" : ` in ${named.join(",")}`;
  return read(
    labelled(
      `user ${name}${wanted}${home === null ? "" : `, home ${home}`}${state === "absent" ? ", to go" : ""}`,
      [
        "command -v getent >/dev/null 2>&1 || exit 127",
        `p=$(${argv("getent", "passwd", name)}); c=$?; [ $c -eq 0 ] || [ $c -eq 2 ] || exit 1`,
        'echo "$p"',
        ...(state === "absent"
          ? ["exit 0"]
          : [
              `if [ -n "$p" ]; then echo --shadow; ${argv("getent", "shadow", name)}; fi`,
              "echo --groups; getent group",
              ...(named.length === 0 ? [] : [argv("getent", "group", ...named)]),
              home === null ? "h=${p%:*}; h=${h##*:}" : `h=${quote(home)}`,
              '[ -z "$h" ] || [ ! -d "$h" ] || echo --home',
              "[ ! -w /etc ] || echo --root",
              "exit 0",
            ]),
      ],
    ),
    parse,
  );
};

const parse = (answer: ReadResult): UserFacts => {
  const text = answer.stdout.toString("utf8");
  const [account = "", ...rest] = text.split(/^--shadow\n|^--groups\n/m);
  const hasShadow = /^--shadow$/m.test(text);
  const shadow = hasShadow ? (rest[0] ?? "") : "";
  const groups = hasShadow ? (rest[1] ?? "") : (rest[0] ?? "");
  return {
    user: parseAccount(account.trim()),
    shadow: parseShadow(shadow.trim()),
    groups: parseGroups(groups),
    home: /^--home$/m.test(groups),
    root: /^--root$/m.test(groups),
    fault:
      answer.code === 127
        ? "getent is not there to ask the user database"
        : answer.code === 0
          ? null
          : `the user database does not answer: ${answer.stderr.toString("utf8").trim()}`,
  };
};

const parseAccount = (line: string): Account | null => {
  if (line === "") return null;
  const [name = "", , uid, gid, comment = "", home = "", shell = ""] = line.split(":");
  return { name, uid: Number(uid), gid: Number(gid), comment, home, shell };
};

const parseShadow = (line: string): Shadow | null => {
  if (line === "") return null;
  const [, hash = "", , minimum = "", maximum = "", , , expiry = ""] = line.split(":");
  const days = (field: string): number => (field === "" ? -1 : Number(field));
  return { hash, minimumDays: days(minimum), maximumDays: days(maximum), expiryDay: days(expiry) };
};

const parseGroups = (text: string): readonly Group[] => {
  const found = new Map<string, Group>();
  for (const line of text.split("\n")) {
    const [name = "", , gid, members = ""] = line.split(":");
    if (gid === undefined) continue;
    found.set(name, { name, gid: Number(gid), members: members.split(",").filter((item) => item !== "") });
  }
  return [...found.values()];
};

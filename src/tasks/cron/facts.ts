import { map, type Probe, type ReadResult, read } from "../../core/probe.ts";
import { quote } from "../../core/shell.ts";
import { fileAt } from "../shared-probes/file-state.ts";
import { labelled } from "../shared-probes/label.ts";
import { withoutBanner } from "./crontab.ts";
import type { CronParams } from "./schema.ts";

/** Where jobs are kept, and what is there. */
export interface CronFacts {
  /** The cron_file (behind links), or where cron keeps the user's crontab. */
  readonly path: string;
  /** Whose crontab it is; null for a cron_file. */
  readonly owner: string | null;
  /** Who looks after it must be named to crontab: the user is another than the one who runs it. */
  readonly foreign: boolean;
  /** null where there is none, or it cannot be read. */
  readonly text: string | null;
  /** It is certain that there is none. */
  readonly absent: boolean;
  /** Why it cannot be told or made; null where it can. */
  readonly fault: string | null;
}

/** Reads the cron_file, or what crontab prints. */
export const cronFacts = ({ cron_file, user }: CronParams): Probe<CronFacts> =>
  cron_file === null
    ? ofUser(user)
    : ofFile(cron_file.startsWith("/") ? cron_file : `/etc/cron.d/${cron_file}`);

const ofFile = (file: string): Probe<CronFacts> =>
  map(fileAt(file, { content: true, follow: true }), ({ path, state, parent }) => {
    const text = state?.content?.toString("utf8") ?? null;
    const facts = { path, owner: null, foreign: false, text, absent: state === null };
    if (state === null)
      return {
        ...facts,
        fault: parent ? null : `the directory ${path.replace(/\/[^/]*$/, "") || "/"} does not exist`,
      };
    return {
      ...facts,
      fault:
        state.content === null ? `${path} cannot be read: ${state.fault ?? "it is no ordinary file"}` : null,
    };
  });

const ofUser = (user: string | null): Probe<CronFacts> =>
  read(
    labelled(user === null ? "own crontab" : `crontab of ${user}`, [
      "command -v crontab >/dev/null 2>&1 || exit 127",
      "me=$(id -un)",
      "d=/var/spool/cron/crontabs; [ -d $d ] || d=/var/spool/cron",
      ...(user === null
        ? ["f=0 u=$me", 'echo "$f $d/$u"', "crontab -l"]
        : [
            `u=${quote(user)}; f=1; [ "$u" != "$me" ] || f=0`,
            'echo "$f $d/$u"',
            'if [ $f = 1 ]; then crontab -u "$u" -l; else crontab -l; fi',
          ]),
    ]),
    crontabOf,
  );

const crontabOf = ({ code, stdout, stderr }: ReadResult): CronFacts => {
  const [head = "", ...lines] = stdout.toString("utf8").split("\n");
  const path = head.slice(2);
  const facts = {
    path,
    owner: path.replace(/^.*\//, ""),
    foreign: head.startsWith("1"),
    text: null,
    absent: false,
  };
  if (code === 127) return { ...facts, fault: "there is no crontab (package cron, on Red Hat cronie)" };
  if (code === 0) return { ...facts, text: withoutBanner(lines.join("\n")), fault: null };
  const said = stderr.toString("utf8").trim();
  // cron and cronie; busybox.
  if (/^no crontab for |can't open '[^']*': No such file/m.test(said))
    return { ...facts, absent: true, fault: null };
  return { ...facts, fault: `the crontab cannot be read: ${said === "" ? `exit code ${code}` : said}` };
};

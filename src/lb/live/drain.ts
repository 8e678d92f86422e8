import type { KeepalivedConfig, Tracker } from "../keepalived/config.ts";

/** A file by which an operator takes a node out of the pair. */
export interface DrainFile {
  /** `number`: keepalived reads one from it. A script asks for its `content` (`test ! -s`), or its `existence`. */
  readonly kind: "number" | "content" | "existence";
  readonly path: string;
  readonly tracker: Tracker;
}

/** What people call such files. */
const MEANT = /drain|maint|disable|standby/i;

/** A script that only asks for a file: `test ! -s FILE`, `[ ! -e FILE ]`. */
const ASKS_FILE =
  /^"?(?:\/bin\/sh -c )?['"]?(?:(?:\/usr)?\/bin\/)?(?:test|\[) ! -([efs]) (\/[^ "'\]]+) ?\]?['"]?"?$/;

/** The files of a keepalived.conf that are there to be written by an operator, those that its instances use. */
export const drainFiles = (config: KeepalivedConfig): readonly DrainFile[] => {
  const used = new Set(
    [...config.instances, ...config.syncGroups].flatMap(({ trackers }) =>
      trackers.map(({ kind, name }) => `${kind} ${name}`),
    ),
  );
  return config.trackers.flatMap((tracker): readonly DrainFile[] => {
    if (!used.has(`${tracker.kind} ${tracker.name}`)) return [];
    const found = fileOf(tracker);
    return found === null || !MEANT.test(`${tracker.name} ${found.path}`) ? [] : [{ ...found, tracker }];
  });
};

const fileOf = ({ kind, target }: Tracker): Pick<DrainFile, "kind" | "path"> | null => {
  if (kind === "file") return { kind: "number", path: target };
  const [, test, path] = kind === "script" ? (ASKS_FILE.exec(target) ?? []) : [];
  return path === undefined ? null : { kind: test === "s" ? "content" : "existence", path };
};

/** Whether a file takes its node out; null is a file that is not there. */
export const isDrained = ({ kind }: DrainFile, content: string | null): boolean => {
  if (content === null) return false;
  switch (kind) {
    case "number":
      return (Number.parseInt(content, 10) || 0) !== 0;
    case "content":
      return content !== "";
    case "existence":
      return true;
  }
};

import { type Probe, read } from "../../core/probe.ts";

/** Something that is mounted, as the kernel shows it (proc_pid_mountinfo(5)). */
export interface Mounted {
  readonly path: string;
  /** The directory of the file system that is seen at the path. */
  readonly root: string;
  /** `major:minor`: the same for all mounts of one file system. */
  readonly device: string;
  readonly source: string;
}

/** All that is mounted; asked once, however many mounts a play has. */
export const mounts: Probe<readonly Mounted[]> = read("cat /proc/self/mountinfo", (answer) =>
  answer.stdout
    .toString("utf8")
    .split("\n")
    .flatMap((line) => {
      const [, , device, root, path] = line.split(" ");
      const source = /^.* - \S+ (\S+)/.exec(line)?.[1];
      return device === undefined || root === undefined || path === undefined || source === undefined
        ? []
        : [{ path: plain(path), root: plain(root), device, source: plain(source) }];
    }),
);

const plain = (field: string): string =>
  field.replace(/\\([0-7]{3})/g, (_, digits: string) => String.fromCharCode(Number.parseInt(digits, 8)));

/** What is mounted at a path: the last one hides those below it. */
export const mountedAt = (all: readonly Mounted[], path: string): Mounted | null =>
  all.filter((one) => one.path === path).at(-1) ?? null;

/** Whether a mount shows `src`: its device, or (bind) a directory that is seen at `src` too. */
export const shows = (all: readonly Mounted[], mounted: Mounted, src: string): boolean =>
  mounted.source === src ||
  all.some(({ path, root, device }) => {
    if (device !== mounted.device || path === mounted.path) return false;
    const below = root === "/" ? "" : root;
    if (mounted.root !== below && !mounted.root.startsWith(`${below}/`)) return false;
    const rest = mounted.root.slice(below.length).replace(/^\/$/, "");
    return (`${path === "/" ? "" : path}${rest}` || "/") === src;
  });

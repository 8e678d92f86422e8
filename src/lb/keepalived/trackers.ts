import type { Fault } from "../fault.ts";
import { atLeast, type Version } from "../version.ts";
import { block, type Lines, line } from "./block.ts";
import type { KeepalivedModel, Tracking, TrackProcess } from "./model.ts";

/** What watches over haproxy: the blocks that define it, and the names by which an instance tracks it. */
export interface Trackers {
  readonly definitions: readonly Lines[];
  readonly files: readonly string[];
  readonly scripts: readonly string[];
  readonly processes: readonly string[];
  readonly runsScripts: boolean;
}

/** How much a failure takes in profile preferred: more than any gap between priorities that the rules allow. */
export const DEMOTION = 100;

/**
 * What a failure takes from the priority. In profile sticky it must be 0 (FAULT): with `nopreempt` a standby ignores
 * that its master's priority fell below its own, and would never take over; while `preempt_delay` runs it does so too.
 */
export const failureWeight = ({ profile, preempt_delay }: KeepalivedModel): number =>
  profile === "sticky" || preempt_delay > 0 ? 0 : -DEMOTION;

/** The program that a way of tracking needs, and the package that brings it. */
export const toolOf = ({
  tracking: { by },
}: KeepalivedModel): { readonly program: string; readonly bringer: string } | null => {
  switch (by) {
    case "killall":
      return { program: "killall", bringer: "psmisc" };
    case "pidof":
      return { program: "pidof", bringer: "sysvinit-utils on Debian, procps-ng elsewhere" };
    case "pgrep":
      return { program: "pgrep", bringer: "procps on Debian, procps-ng elsewhere" };
    case "http":
      return { program: "curl", bringer: "curl" };
    default:
      return null;
  }
};

/** The trackers of a pair for a version of keepalived; `tool` is where the node has the program that they need. */
export const trackers = (model: KeepalivedModel, version: Version, tool: string | null): Trackers => {
  const { tracking } = model;
  const weight = failureWeight(model);
  const files = atLeast(version, [2, 0, 0]);
  const by = tracking.by === "auto" ? (files ? "file" : "script") : tracking.by;
  const drain = tracking.drain_file === null || tracking.drain_file === "" ? null : tracking.drain_file;
  const path: Fault["path"] = ["tracking"];
  const scope: Scope = {
    tracking,
    weight,
    version,
    tool: tool ?? `/usr/bin/${toolOf(model)?.program}`,
    path,
  };
  const polled = by !== "none" && by !== "file" && by !== "process";
  return {
    definitions: [
      ...healthTracker(by, scope),
      ...(drain === null ? [] : [drainTracker(drain, files, scope)]),
      ...ownTrackers(model, scope),
    ],
    files: [
      ...(by === "file" ? ["haproxy"] : []),
      ...(drain !== null && files ? ["drain"] : []),
      ...model.track_files.map(({ name }) => name),
    ],
    scripts: [...(polled ? ["haproxy"] : []), ...(drain !== null && !files ? ["drain"] : [])],
    processes: [...(by === "process" ? ["haproxy"] : []), ...model.track_processes.map(({ name }) => name)],
    runsScripts: polled || (drain !== null && !files),
  };
};

interface Scope {
  readonly tracking: Tracking;
  readonly weight: number;
  readonly version: Version;
  readonly tool: string;
  readonly path: Fault["path"];
}

/** A file that is missing at start counts as "haproxy is down": systemd writes it as soon as haproxy is up. */
const healthTracker = (by: Exclude<Tracking["by"], "auto">, scope: Scope): readonly Lines[] => {
  const { tracking, tool } = scope;
  switch (by) {
    case "none":
      return [];
    case "file":
      return [fileBlock("haproxy", { file: tracking.file, initial: 1, weight: scope.weight }, scope)];
    case "process":
      return [
        processBlock(
          "haproxy",
          { process: "haproxy", quorum: null, delay: 0.3, weight: scope.weight },
          scope,
        ),
      ];
    case "script":
      return [pollBlock(`/bin/grep -qx 0 ${tracking.file}`, scope)];
    case "killall":
      // Without root a signal to haproxy's master is refused, which looks as if there were none.
      return [pollBlock(`${tool} -0 haproxy`, scope, "root")];
    case "pidof":
      return [pollBlock(`${tool} haproxy`, scope)];
    case "pgrep":
      return [pollBlock(`${tool} -x haproxy`, scope)];
    case "http":
      return [
        pollBlock(
          `${tool} -fsS -o /dev/null -m ${Math.max(1, Math.floor(tracking.interval))} ${tracking.url}`,
          scope,
        ),
      ];
  }
};

const drainTracker = (file: string, files: boolean, scope: Scope): Lines =>
  files
    ? fileBlock("drain", { file, initial: 0, weight: scope.weight }, scope)
    : scriptBlock("drain", `/usr/bin/test ! -s ${file}`, scope, { interval: 1, fall: 1, rise: 2 });

const ownTrackers = (model: KeepalivedModel, scope: Scope): readonly Lines[] => [
  ...model.track_files.map((file, index) =>
    fileBlock(
      file.name,
      { ...file, weight: file.weight ?? scope.weight },
      { ...scope, path: ["track_files", index] },
    ),
  ),
  ...model.track_processes.map((watched, index) =>
    processBlock(
      watched.name,
      { ...watched, weight: watched.weight ?? scope.weight },
      { ...scope, path: ["track_processes", index] },
    ),
  ),
];

/** Called vrrp_track_file until 2.1. */
const fileBlock = (
  name: string,
  { file, initial, weight }: { readonly file: string; readonly initial: number; readonly weight: number },
  { version, path }: Scope,
): Lines =>
  block(`${atLeast(version, [2, 1, 0]) ? "track_file" : "vrrp_track_file"} ${name}`, path, [
    line(1, `file ${file}`, path),
    line(1, `weight ${weight}`, path),
    line(1, `init_file ${initial}`, path),
  ]);

const processBlock = (
  name: string,
  watched: Omit<TrackProcess, "name" | "weight"> & { readonly weight: number },
  { path }: Scope,
): Lines =>
  block(`vrrp_track_process ${name}`, path, [
    line(1, `process ${watched.process}`, path),
    line(1, `weight ${watched.weight}`, path),
    ...(watched.quorum === null ? [] : [line(1, `quorum ${watched.quorum}`, path)]),
    ...(watched.delay === null ? [] : [line(1, `delay ${watched.delay}`, path)]),
  ]);

const pollBlock = (script: string, scope: Scope, user: string | null = null): Lines =>
  scriptBlock("haproxy", script, scope, scope.tracking, user);

const scriptBlock = (
  name: string,
  script: string,
  { weight, path }: Scope,
  { interval, fall, rise }: { readonly interval: number; readonly fall: number; readonly rise: number },
  user: string | null = null,
): Lines =>
  block(`vrrp_script ${name}`, path, [
    line(1, `script "${script}"`, path),
    line(1, `interval ${interval}`, path),
    line(1, `fall ${fall}`, path),
    line(1, `rise ${rise}`, path),
    line(1, `weight ${weight}`, path),
    ...(user === null ? [] : [line(1, `user ${user}`, path)]),
  ]);

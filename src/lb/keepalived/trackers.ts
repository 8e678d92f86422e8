import type { Fault } from "../fault.ts";
import { atLeast, type Version } from "../version.ts";
import { block, type Lines, line } from "./block.ts";
import type { KeepalivedModel, Profile, Tracking } from "./model.ts";

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
 * The trackers of a pair for a version of keepalived. In profile sticky a failure must be weight 0 (FAULT): with
 * `nopreempt` a standby ignores that its master's priority fell below its own, and would never take over.
 */
export const trackers = (model: KeepalivedModel, version: Version): Trackers => {
  const { tracking, profile } = model;
  const files = atLeast(version, [2, 0, 0]);
  const by = tracking.by === "auto" ? (files ? "file" : "script") : tracking.by;
  const drain = tracking.drain_file === null || tracking.drain_file === "" ? null : tracking.drain_file;
  const path: Fault["path"] = ["tracking"];
  const drained = drain === null ? [] : [drainTracker(drain, profile, version, files, path)];
  return {
    definitions: [...healthTracker(by, tracking, profile, version, path), ...drained],
    files: [...(by === "file" ? ["haproxy"] : []), ...(drain !== null && files ? ["drain"] : [])],
    scripts: [...(by === "script" ? ["haproxy"] : []), ...(drain !== null && !files ? ["drain"] : [])],
    processes: by === "process" ? ["haproxy"] : [],
    runsScripts: by === "script" || (drain !== null && !files),
  };
};

/** A file that is missing at start counts as "haproxy is down": systemd writes it as soon as haproxy is up. */
const healthTracker = (
  by: Exclude<Tracking["by"], "auto">,
  tracking: Tracking,
  profile: Profile,
  version: Version,
  path: Fault["path"],
): readonly Lines[] => {
  switch (by) {
    case "none":
      return [];
    case "file":
      return [fileBlock("haproxy", tracking.file, "1", profile, version, path)];
    case "script":
      return [scriptBlock("haproxy", `/bin/grep -qx 0 ${tracking.file}`, profile, path)];
    case "process":
      return [
        block("vrrp_track_process haproxy", path, [
          line(1, "process haproxy", path),
          line(1, `weight ${profile === "sticky" ? 0 : -DEMOTION}`, path),
          line(1, "delay 0.3", path),
        ]),
      ];
  }
};

const drainTracker = (
  file: string,
  profile: Profile,
  version: Version,
  files: boolean,
  path: Fault["path"],
): Lines =>
  files
    ? fileBlock("drain", file, "0", profile, version, path)
    : scriptBlock("drain", `/usr/bin/test ! -s ${file}`, profile, path);

/** Called vrrp_track_file until 2.1. */
const fileBlock = (
  name: string,
  file: string,
  initial: string,
  profile: Profile,
  version: Version,
  path: Fault["path"],
): Lines =>
  block(`${atLeast(version, [2, 1, 0]) ? "track_file" : "vrrp_track_file"} ${name}`, path, [
    line(1, `file ${file}`, path),
    line(1, `weight ${profile === "sticky" ? 0 : -DEMOTION}`, path),
    line(1, `init_file ${initial}`, path),
  ]);

const scriptBlock = (name: string, script: string, profile: Profile, path: Fault["path"]): Lines =>
  block(`vrrp_script ${name}`, path, [
    line(1, `script "${script}"`, path),
    line(1, "interval 1", path),
    line(1, "fall 1", path),
    line(1, "rise 2", path),
    line(1, `weight ${profile === "sticky" ? 0 : -DEMOTION}`, path),
  ]);

import { readFile } from "node:fs/promises";
import { must } from "../../src/lab/command.ts";
import { hostNames } from "../../src/lab/names.ts";

/** What a lab has on its host, by kind: every list is empty when the lab never was. */
export interface Traces {
  readonly links: readonly string[];
  readonly tables: readonly string[];
  readonly mounts: readonly string[];
  readonly processes: readonly string[];
  readonly groups: readonly string[];
  readonly files: readonly string[];
  readonly nspawn: readonly string[];
}

/** No trace at all. */
export const NO_TRACES: Traces = {
  links: [],
  tables: [],
  mounts: [],
  processes: [],
  groups: [],
  files: [],
  nspawn: [],
};

/** Looks for everything on the host that carries a lab's name or its id. */
export const tracesOf = async (stateRoot: string, name: string, id: string): Promise<Traces> => {
  const { bridge, table, cgroup } = hostNames(id);
  const marks = [bridge, table, cgroup, `-${id}`, `/${name}/`, `/subnets/${id}`];
  const ofLab = (text: string): readonly string[] =>
    text.split("\n").filter((line) => marks.some((mark) => `${line}/`.includes(mark)));
  return {
    links: ofLab(await must(["ip", "-br", "link"])),
    tables: ofLab(await must(["nft", "list", "tables"])),
    mounts: ofLab(await readFile("/proc/self/mounts", "utf8")),
    processes: ofLab(await must(["ps", "-ww", "-eo", "args"])),
    groups: ofLab(await must(["find", "/sys/fs/cgroup", "-type", "d", "-path", "*lbplay*"])),
    files: ofLab(await must(["find", `${stateRoot}/labs`, `${stateRoot}/subnets`, "-maxdepth", "2"])),
    nspawn: ofLab(await must(["find", "/run/systemd/nspawn"])),
  };
};

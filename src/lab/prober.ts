import { createInterface } from "node:readline";
import { $ } from "zx/core";
import { LbplayError } from "../core/error.ts";
import type { ProbeSettings, Sample } from "../probe/sample.ts";
import { labNode } from "./lab.ts";
import { type LabSite, nodeLeader } from "./node.ts";
import { programWords } from "./program.ts";

/** A client that counts, from a node's place in the network. */
export interface Prober {
  /** Ends the counting; every request's outcome. */
  readonly stop: () => Promise<readonly Sample[]>;
}

/** What a client asks for when nothing else is said: 200 requests a second, each given a second. */
export const PROBER_DEFAULTS: Omit<ProbeSettings, "host"> = {
  scheme: "http",
  port: 80,
  path: "/",
  everyMs: 5,
  timeoutMs: 1000,
  serverHeader: "x-served-by",
  verify: false,
};

/** Starts counting from a node; resolves when the first request is on its way. */
export const startProber = async (
  site: LabSite,
  node: string,
  wish: Pick<ProbeSettings, "host"> & Partial<ProbeSettings>,
): Promise<Prober> => {
  labNode(site, node);
  const leader = await nodeLeader(site, node);
  if (leader === null)
    throw new LbplayError({ code: "E_LAB_OFF", message: `${node} is off, so nothing can count from it` });
  const words = [
    "nsenter",
    "--target",
    String(leader),
    "--net",
    "--",
    ...(await programWords("prober-main")),
  ];
  const child = $({ quiet: true, nothrow: true })`${words}`;
  const settings: ProbeSettings = { ...PROBER_DEFAULTS, ...wish };
  child.stdin.write(`${JSON.stringify(settings)}\n`);
  const lines = createInterface({ input: child.stdout });
  const ready = new Promise<boolean>((resolve) => {
    lines.once("line", (line) => resolve(line === "ready"));
    lines.once("close", () => resolve(false));
  });
  if (!(await ready)) throw new Error(`the prober did not start: ${(await child).stderr}`);
  return {
    stop: async () => {
      child.stdin.end();
      const { stdout, stderr, exitCode } = await child;
      if (exitCode !== 0) throw new Error(`the prober exited ${exitCode}: ${stderr}`);
      // The answer of prober-main: the line `ready`, and a line of JSON.
      return JSON.parse(stdout.split("\n")[1] ?? "") as readonly Sample[];
    },
  };
};

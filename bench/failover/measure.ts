import { poll, sleep } from "../../src/lab/command.ts";
import { execOnNode } from "../../src/lab/exec.ts";
import { ownershipTimes, startOwnerSampler } from "../../src/lab/ownership.ts";
import { startProber } from "../../src/lab/prober.ts";
import { outageOf } from "../../src/probe/outage.ts";
import type { Configuration } from "./configurations.ts";
import type { Fault } from "./faults.ts";
import { LOAD_BALANCERS, output, type Pair, settledOwner } from "./pair.ts";

/** What one round of one fault showed; times in milliseconds. */
export interface Round {
  readonly outageMs: number;
  readonly failed: number;
  /** Failures by cause. */
  readonly errors: Readonly<Record<string, number>>;
  /** The outage when the node was well again; null where nothing was broken. */
  readonly returnMs: number | null;
  /** For how long nobody, or both nodes, had the address after the fault. */
  readonly nobodyMs: number;
  readonly bothMs: number;
  /** Whether a download that was under way came to its end. */
  readonly downloadSurvived: boolean;
}

/** Time between requests, and between looks at who has the address, in milliseconds. */
export const EVERY_MS = 5;

/** What is counted before the fault, and before the node is mended, in milliseconds. */
const BEFORE_MS = 300;

const LARGE_FILE = "/srv/www/large";

/** A file of 20 MB on each web server; and a client that buffers little, so that its downloads are really under way. */
export const prepareDownloads = async (pair: Pair): Promise<void> => {
  for (const web of ["web1", "web2"]) await output(pair, web, `head -c 20000000 /dev/zero > ${LARGE_FILE}`);
  await output(pair, "client", "sysctl -q -w net.ipv4.tcp_rmem='4096 16384 131072'");
};

const DOWNLOADED = "/run/downloaded";

/** A download of four seconds that is under way; it ends when it stands still for two. */
const startDownload = async (pair: Pair): Promise<{ readonly survived: Promise<boolean> }> => {
  await output(pair, "client", `rm -f ${DOWNLOADED}`);
  const script = `curl -sf --limit-rate 5M --speed-limit 1 --speed-time 2 -o ${DOWNLOADED} http://${pair.vip}/large`;
  const survived = execOnNode(pair.site, "client", script).then(({ code }) => code === 0);
  const begun = await poll(
    async () => ((await execOnNode(pair.site, "client", `[ -s ${DOWNLOADED} ]`)).code === 0 ? true : null),
    { everyMs: 20, forMs: 3_000 },
  );
  if (begun === null) throw new Error(`no download begins through ${pair.vip}`);
  return { survived };
};

/** Breaks the owner of the address while a client counts, and mends it while the client counts again. */
export const measure = async (pair: Pair, configuration: Configuration, fault: Fault): Promise<Round> => {
  const owner = await settledOwner(pair, configuration.prefers);
  const sampler = await startOwnerSampler(pair.site, LOAD_BALANCERS, {
    address: pair.vip,
    everyMs: EVERY_MS,
  });
  const prober = await startProber(pair.site, "client", { host: pair.vip, everyMs: EVERY_MS });
  const download = await startDownload(pair);
  await sleep(BEFORE_MS);
  const from = Date.now();
  await fault.inject(pair, owner);
  await sleep(Math.max(0, configuration.countedMs - (Date.now() - from)));
  const { longestGapMs, failed, errors } = outageOf(await prober.stop());
  const { changes, end } = sampler.stop();
  const { none, several } = ownershipTimes(changes, { from, end });
  return {
    outageMs: longestGapMs,
    failed,
    errors,
    returnMs: fault.mend === null ? null : await mended(pair, configuration, () => fault.mend?.(pair, owner)),
    nobodyMs: none,
    bothMs: several,
    downloadSurvived: await download.survived,
  };
};

/** Counts until the pair is at rest again: where a node is preferred, until it has taken the address back. */
const mended = async (pair: Pair, { prefers }: Configuration, mend: () => unknown): Promise<number> => {
  const prober = await startProber(pair.site, "client", { host: pair.vip, everyMs: EVERY_MS });
  await sleep(BEFORE_MS);
  await mend();
  await settledOwner(pair, prefers);
  await sleep(BEFORE_MS);
  return outageOf(await prober.stop()).longestGapMs;
};

import { loadavg, release } from "node:os";
import { parseArgs } from "node:util";
import { LbplayError } from "../src/core/error.ts";
import { type LabPlace, labDown, labUp } from "../src/lab/lab.ts";
import { byDefault, CONFIGURATIONS, type Configuration } from "./failover/configurations.ts";
import { FAULTS, type Fault } from "./failover/faults.ts";
import { measure, prepareDownloads, type Round } from "./failover/measure.ts";
import { output, type Pair, pairOf, settledOwner } from "./failover/pair.ts";
import { type Predictions, predictions } from "./failover/predictions.ts";
import { type Row, tables } from "./failover/tables.ts";

// How long a client is without service when something happens to the owner of the virtual address, with the
// configuration of the walkthroughs and with lbplay's: npm run bench -- failover [--rounds 5] [--faults NAME,…]

const { values } = parseArgs({
  options: { rounds: { type: "string", default: "5" }, faults: { type: "string" } },
});

const say = (text: string): void => {
  process.stdout.write(`${text}\n`);
};

const chosen = (): readonly Fault[] => {
  if (values.faults === undefined) return FAULTS;
  return values.faults.split(",").map((name) => {
    const fault = FAULTS.find((one) => one.name === name);
    if (fault !== undefined) return fault;
    throw new LbplayError({
      code: "E_BENCH",
      message: `there is no fault "${name}"`,
      hint: `one of ${FAULTS.map((one) => one.name).join(", ")}`,
    });
  });
};

const place: LabPlace = {
  name: `bench-failover-${process.pid}`,
  stateRoot: process.env.LBPLAY_STATE ?? "/var/lib/lbplay",
  platform: process.platform,
  onProgress: say,
  now: Date.now,
};

const conditions = async (pair: Pair): Promise<string> => {
  const versions = await output(pair, "lb1", "haproxy -v | head -n 1; keepalived -v 2>&1 | head -n 1");
  return `${versions}Linux ${release()}, Node ${process.versions.node}, load ${loadavg()[0]?.toFixed(1)}`;
};

/** What has been measured, by configuration and fault. */
const seen = new Map<string, Round[]>();
const roundsOf = (configuration: Configuration, fault: Fault): Round[] => {
  const key = `${configuration.name} ${fault.name}`;
  const rounds = seen.get(key) ?? [];
  seen.set(key, rounds);
  return rounds;
};

/** What was foretold, by configuration. */
const foretold = new Map<string, Predictions>();

/** Rounds go around configurations and faults, so that a busy minute of the machine does not hit one of them alone. */
const run = async (faults: readonly Fault[], stop: AbortSignal): Promise<void> => {
  const { site, inventoryFile } = await labUp(place, { nodes: null, packages: [], groupVars: {} });
  const pair = pairOf(place, site);
  // Makes the web servers too, whatever configuration follows.
  await byDefault.apply(pair, inventoryFile);
  await prepareDownloads(pair);
  for (let round = 1; round <= Number(values.rounds); round += 1) {
    say(await conditions(pair));
    for (const configuration of CONFIGURATIONS) {
      stop.throwIfAborted();
      await configuration.apply(pair, inventoryFile);
      await settledOwner(pair, configuration.prefers);
      foretold.set(configuration.name, await predictions(inventoryFile));
      for (const fault of faults.filter(({ name }) => configuration.faults?.includes(name) ?? true)) {
        stop.throwIfAborted();
        const result = await measure(pair, configuration, fault);
        roundsOf(configuration, fault).push(result);
        say(`${round} ${configuration.name}: ${fault.name}: ${JSON.stringify(result)}`);
      }
    }
  }
};

const controller = new AbortController();
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(signal, () => controller.abort());
const faults = chosen();
try {
  await run(faults, controller.signal);
} catch (error) {
  say(error instanceof Error ? (error.stack ?? error.message) : String(error));
  process.exitCode = controller.signal.aborted ? 130 : 1;
} finally {
  await labDown(place);
  // Also of what was measured before something went wrong, or somebody had no more time.
  const rows: readonly Row[] = faults.map((fault) => ({
    fault: fault.name,
    rounds: CONFIGURATIONS.map((configuration) => roundsOf(configuration, fault)),
    foretold: CONFIGURATIONS.map(({ name }) =>
      fault.event === null ? undefined : foretold.get(name)?.get(fault.event),
    ),
  }));
  say(
    `\n${tables(
      CONFIGURATIONS.map(({ name }) => name),
      rows,
    )}`,
  );
}

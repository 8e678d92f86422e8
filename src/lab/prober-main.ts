import { createReadStream, writeSync } from "node:fs";
import { Socket } from "node:net";
import { createInterface } from "node:readline";
import { probeUntil } from "../probe/loop.ts";
import type { ProbeSettings } from "../probe/sample.ts";

/*
 * Runs in a node's network namespace. The first line of standard input holds the settings as JSON, and the end of
 * standard input ends the counting: a prober never outlives the process that started it.
 * Answers with the line `ready`, and at the end with all samples as one line of JSON.
 */
const lines = createInterface({ input: createReadStream("", { fd: 0 }) });
const closed = new Promise<void>((resolve) => lines.once("close", resolve));
const first = await new Promise<string>((resolve) => lines.once("line", resolve));
// Only startProber() writes this line.
const settings = JSON.parse(first) as ProbeSettings;
writeSync(1, "ready\n");
const samples = await probeUntil(settings, closed);
// The pipe does not block: what it does not hold yet has to wait, which writeSync would throw at.
new Socket({ fd: 1, readable: false, writable: true }).end(`${JSON.stringify(samples)}\n`);

import { createReadStream, writeSync } from "node:fs";
import { createInterface } from "node:readline";
import { type ProberSettings, probeUntil } from "./prober-loop.ts";

/*
 * Runs in a node's network namespace. The first line of standard input holds the settings as JSON, and the end of
 * standard input ends the counting: a prober never outlives the process that started it.
 * Answers with the line `ready`, and at the end with all samples as one line of JSON.
 */
const lines = createInterface({ input: createReadStream("", { fd: 0 }) });
const closed = new Promise<void>((resolve) => lines.once("close", resolve));
const first = await new Promise<string>((resolve) => lines.once("line", resolve));
// Only startProber() writes this line.
const settings = JSON.parse(first) as ProberSettings;
writeSync(1, "ready\n");
const samples = await probeUntil(settings, closed);
const answer = Buffer.from(`${JSON.stringify(samples)}\n`);
for (let sent = 0; sent < answer.length; ) sent += writeSync(1, answer, sent);

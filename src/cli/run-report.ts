import manifest from "../../package.json" with { type: "json" };
import type { LbplayError } from "../core/error.ts";
import { pageText } from "../report/html/page.ts";
import { runPage } from "../report/html/run-page.ts";
import { createRunRecorder } from "../report/html/run-record.ts";
import type { View } from "../report/listr.ts";
import { EXIT } from "./exit-code.ts";
import { performRun, type RunParts } from "./perform-run.ts";
import type { ReportFile } from "./report-file.ts";
import { createReporter } from "./reporter.ts";
import type { RunOptions } from "./run-options.ts";
import { tellError } from "./tell-error.ts";

/** Runs playbooks as `performRun` does, and writes a report of it, however it ends. */
export const performReportedRun = async (parts: RunParts, file: ReportFile): Promise<number> => {
  const { options, io, redactor } = parts;
  const recorder = createRunRecorder();
  const openView = async (): Promise<View> => {
    const view = await createReporter(options, io);
    return {
      ...view,
      sink: (event) => {
        recorder.see(event);
        view.sink(event);
      },
    };
  };
  let locked: string | null = null;
  const tellLocked = (error: LbplayError): void => {
    locked = error.message;
    tellError(error, io);
  };
  const write = (ended: string | null, code: number): Promise<number> => {
    const subject = { playbooks: options.playbooks, asked: askedOf(options), by: byOf(io.owner), ended };
    const setting = { version: manifest.version, time: io.now(), redact: redactor.redact };
    return file.write(pageText(runPage(recorder.record(), subject), setting), code);
  };
  try {
    const code = await performRun(parts, openView, tellLocked);
    return await write(code === EXIT.interrupted ? "It was stopped by Ctrl-C." : locked, code);
  } catch (error) {
    await write(error instanceof Error ? error.message : String(error), EXIT.bug);
    throw error;
  }
};

/** `ann@desk pid 7` without its process. */
const byOf = (owner: string): string => owner.replace(/ pid \d+$/, "");

/** Extra variables are left out: they may be secret. */
const askedOf = ({
  inventories,
  limit,
  tags,
  skipTags,
  startAtTask,
}: RunOptions): readonly (readonly [string, string])[] => [
  ["Inventory", inventories.join(", ")],
  ["Limited to", limit ?? ""],
  ["Tags", tags.join(", ")],
  ["Skipped tags", skipTags.join(", ")],
  ["Begun at task", startAtTask ?? ""],
];

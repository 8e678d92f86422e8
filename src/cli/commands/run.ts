import { EXIT } from "../exit-code.ts";
import type { Io } from "../io.ts";
import { listPlays } from "../listing.ts";
import { loadRun } from "../load-run.ts";
import { pairsOf } from "../pairs.ts";
import type { openReportFile } from "../report-file.ts";
import type { RunOptions } from "../run-options.ts";

/** Loads, checks and runs playbooks; or lists what they would do. */
export const run = async (options: RunOptions, io: Io): Promise<number> => {
  const file = options.report === null ? null : await openReport(options.report, io);
  const { redactor, credentials, inventory, loaded, extra, match } = await loadRun(options, io);
  const pairs = await pairsOf(inventory);
  if (options.syntaxCheck) {
    io.stdout.write(loaded.map(({ playbook }) => `\nplaybook: ${playbook.path}\n`).join(""));
    return EXIT.ok;
  }
  if (options.listing !== null) {
    io.stdout.write(listPlays(loaded, (pattern) => match(pattern, false), options.listing, options));
    return EXIT.ok;
  }
  // The engine, its ways to nodes and the views are loaded when there is something to run.
  const { performRun } = await import("../perform-run.ts");
  const parts = { options, io, redactor, credentials, inventory, loaded, extra, match, pairs };
  if (file === null) return performRun(parts);
  const { performReportedRun } = await import("../run-report.ts");
  return performReportedRun(parts, file);
};

const openReport: typeof openReportFile = async (path, io) =>
  (await import("../report-file.ts")).openReportFile(path, io);

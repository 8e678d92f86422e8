import type { EventSink, HostResultEvent, RollEvent, RunEvent } from "../core/event.ts";
import type { Palette } from "./palette.ts";
import { recapLines } from "./recap-text.ts";
import { type ResultStyle, resultLines } from "./result-text.ts";

/** How plain output looks and where it goes. */
export interface PlainOptions extends ResultStyle {
  /** Columns of the terminal, for the stars of the headings; null for none. */
  readonly columns: number | null;
  readonly write: (text: string) => void;
}

/** The output for logs and pipes: Ansible's lines, in the order in which things happened. */
export const createPlainSink = (options: PlainOptions): EventSink => {
  const loops = createLoopMemory();
  const predictions = createPredictionCount();
  return (event) => {
    predictions.see(event);
    const lines = plainLines(event, options, loops);
    const closing = event.kind === "recap" && lines.length > 0 ? predictions.lines(options.palette) : [];
    if (lines.length > 0) options.write(`${[...lines, ...closing].join("\n")}\n`);
  };
};

const plainLines = (event: RunEvent, options: PlainOptions, loops: LoopMemory): readonly string[] => {
  const { palette, columns } = options;
  switch (event.kind) {
    case "run-started":
      return event.mode === "check"
        ? [palette.predicted("CHECK MODE: nothing is changed; results are what a run would do")]
        : [];
    case "play-started":
      return ["", banner(`PLAY [${event.play}]`, columns, palette)];
    case "task-started":
      return ["", banner(taskTitle(event.task), columns, palette)];
    case "host-started":
      return [];
    case "host-result":
      return loops.isRepetition(event) ? [] : resultLines(event, options);
    case "warning":
      return [warningLine(event, palette)];
    case "roll":
      return rollLines(event, palette);
    case "no-hosts":
      return [
        "",
        banner(`PLAY [${event.play}]`, columns, palette),
        palette.skipped(`skipping: no hosts matched ${event.pattern}`),
      ];
    case "recap":
      // A run that ended before it met a host has nothing to sum up.
      if (Object.keys(event.hosts).length === 0) return [];
      return ["", banner("PLAY RECAP", columns, palette), ...recapLines(event, palette)];
  }
};

/** One line, or as many as the message has: `lb: lb2: gate: HAProxy works with the new configuration`. */
const rollLines = (event: RollEvent, palette: Palette): readonly string[] => {
  const about = [event.group, ...(event.host === null ? [] : [event.host]), event.step].join(": ");
  const colour = { ok: palette.ok, warning: palette.predicted, failed: palette.failed }[event.status];
  return ["", ...event.message.split("\n").map((line) => colour(`${about}: ${line}`))];
};

const taskTitle = (task: { readonly name: string; readonly handler: boolean }): string =>
  `${task.handler ? "RUNNING HANDLER" : "TASK"} [${task.name}]`;

/** Ansible fills to one column less than the terminal has, or 79, and keeps at least three stars. */
const banner = (title: string, columns: number | null, palette: Palette): string => {
  const width = columns === null ? 79 : Math.max(columns - 1, 20);
  return palette.heading(`${title} ${"*".repeat(Math.max(3, width - title.length))}`);
};

/** A warning, with the host it is about. */
export const warningLine = (
  event: Extract<RunEvent, { readonly kind: "warning" }>,
  palette: Palette,
): string => palette.warning(`[WARNING]: ${event.host === null ? "" : `${event.host}: `}${event.message}`);

/** What was already said of a loop's items, so that the result of the whole is not said again. */
export interface LoopMemory {
  readonly isRepetition: (event: HostResultEvent) => boolean;
}

/** As in Ansible, a loop's items are printed and the whole only where it failed or was skipped altogether. */
export const createLoopMemory = (): LoopMemory => {
  const looped = new Set<string>();
  return {
    isRepetition: (event) => {
      const key = `${event.task.id} ${event.host}`;
      if (event.item === null) {
        return looped.delete(key) && (event.status === "ok" || event.status === "changed");
      }
      looped.add(key);
      return false;
    },
  };
};

/** Counts what check mode could not decide. */
export interface PredictionCount {
  readonly see: (event: RunEvent) => void;
  readonly lines: (palette: Palette) => readonly string[];
}

/** Says at the end how many results were left open; in check mode they depend on changes that were not made. */
export const createPredictionCount = (): PredictionCount => {
  let open = 0;
  return {
    see: (event) => {
      if (event.kind === "host-result" && event.status === "would-follow" && event.item === null) open += 1;
    },
    lines: (palette) =>
      open === 0
        ? []
        : [
            palette.predicted(
              `${open} ${open === 1 ? "result waits" : "results wait"} for changes that check mode does not make ("would follow")`,
            ),
          ],
  };
};

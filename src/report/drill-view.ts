import type { RepeatResult } from "../drill/result.ts";
import { repeatLines } from "./drill-text.ts";
import type { Screen } from "./listr.ts";
import type { Palette } from "./palette.ts";

/** What a drill tells while it is under way. */
export type DrillTold =
  | {
      readonly kind: "repeat-started";
      readonly title: string;
      readonly number: number;
      readonly repeats: number;
    }
  | { readonly kind: "step"; readonly text: string }
  | {
      readonly kind: "repeat-ended";
      readonly title: string;
      readonly repeats: number;
      readonly repeat: RepeatResult;
    };

/** Shows a drill while it is under way; must be closed before anything else is written. */
export interface DrillView {
  readonly tell: (event: DrillTold) => void;
  readonly close: () => Promise<void>;
}

/** For pipes and files: a line for each step, and one for each result. */
export const createPlainDrillView = (write: (text: string) => void, palette: Palette): DrillView => ({
  tell: (event) => {
    switch (event.kind) {
      case "repeat-started":
        write(`${nameOf(event)}\n`);
        return;
      case "step":
        write(`    ${event.text}\n`);
        return;
      case "repeat-ended":
        write(`${repeatLines(event.title, event.repeats, event.repeat, palette).join("\n")}\n`);
        return;
    }
  },
  close: async () => undefined,
});

const nameOf = ({ title, number, repeats }: DrillTold & { readonly kind: "repeat-started" }): string =>
  repeats > 1 ? `${title}, ${number} of ${repeats}` : title;

/** For terminals: one line that says what is under way, and each result as a lasting line above. */
export const createLiveDrillView = async (
  options: { readonly screen: Screen; readonly intervalMs: number },
  palette: Palette,
): Promise<DrillView> => {
  const { startPicture } = await import("./listr.ts");
  const queue: DrillTold[] = [];
  let picture: { readonly name: string; readonly shown: Awaited<ReturnType<typeof startPicture>> } | null =
    null;
  let work: Promise<void> | null = null;
  const end = async (): Promise<void> => {
    await picture?.shown.end();
    picture = null;
  };
  const show = async (event: DrillTold): Promise<void> => {
    switch (event.kind) {
      case "repeat-started": {
        await end();
        const name = nameOf(event);
        picture = { name, shown: await startPicture([name], options) };
        return;
      }
      case "step":
        picture?.shown.title(picture.name, event.text);
        return;
      case "repeat-ended":
        await end();
        options.screen.write(
          `${repeatLines(event.title, event.repeats, event.repeat, palette).join("\n")}\n`,
        );
        return;
    }
  };
  const drain = async (): Promise<void> => {
    for (let event = queue.shift(); event !== undefined; event = queue.shift()) await show(event);
    work = null;
  };
  return {
    tell: (event) => {
      queue.push(event);
      work ??= drain();
    },
    close: async () => {
      await work;
      await end();
    },
  };
};

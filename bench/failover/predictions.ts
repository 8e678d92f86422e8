import { ROOT, step } from "../../src/build/step.ts";

/** Milliseconds without an answer that `lbplay predict` foretells, by event; null: without end. */
export type Predictions = ReadonlyMap<string, { readonly min: number; readonly max: number } | null>;

/** What `lbplay predict --live` says of the pair as it stands. */
export const predictions = async (inventoryFile: string): Promise<Predictions> => {
  const words = [
    ...[process.execPath, `${ROOT}dist/lbplay.js`, "predict", "--live"],
    ...["-i", "inventory/lab", "-i", inventoryFile, "--limit", "lb", "--output", "json"],
  ];
  const { code, output } = await step(words, { output: "keep" });
  if (code !== 0) throw new Error(`lbplay predict ended with ${code}:\n${output}`);
  const { pairs } = JSON.parse(output) as {
    readonly pairs: readonly {
      readonly predictions: readonly {
        readonly event: string;
        readonly what: string;
        readonly outage: { readonly min: number; readonly max: number } | null;
      }[];
    }[];
  };
  const all = pairs.flatMap((pair) => pair.predictions);
  return new Map(
    all
      .filter(({ what }) => !what.endsWith("on all nodes"))
      .map(({ event, outage }) => [event, outage] as const),
  );
};

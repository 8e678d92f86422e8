import type { Pair } from "../../lb/pair/pair.ts";
import { predict as predictPair } from "../../lb/vrrp/predict.ts";
import { createPalette, wantsColour } from "../../report/palette.ts";
import { predictionsJson, predictionsText, type ShownPredictions } from "../../report/predictions.ts";
import { EXIT } from "../exit-code.ts";
import type { Io } from "../io.ts";
import { withPairs } from "../read-pairs.ts";
import type { PredictOptions } from "../run-options.ts";

/** Foretells what each failure of a pair would cost. */
export const predict = (options: PredictOptions, io: Io): Promise<number> =>
  withPairs(options.subject, io, (found) => {
    const shown = found.pairs.map(
      (pair): ShownPredictions => ({
        name: pair.name,
        nodes: pair.nodes.map(({ name }) => name),
        predictions: predictPair(pair, ownerOf(pair)),
      }),
    );
    const palette = createPalette(wantsColour({ env: io.env, isTTY: io.stdout.isTTY }));
    const text =
      options.output === "json" ? predictionsJson(shown, found) : predictionsText(shown, found, palette);
    io.stdout.write(found.redact(text));
    return found.unreachable.length > 0 ? EXIT.unreachable : EXIT.ok;
  });

/** The node that has a virtual address now; null where nobody looked, or nobody has one. */
const ownerOf = ({ nodes }: Pair): string | null => {
  const virtual = new Set(
    nodes.flatMap(({ keepalived }) =>
      (keepalived?.instances ?? []).flatMap((one) => one.virtualAddresses.map(({ address }) => address)),
    ),
  );
  const owner = nodes.find(({ facts }) => facts?.addresses?.some(({ address }) => virtual.has(address)));
  return owner?.name ?? null;
};

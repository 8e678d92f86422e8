import { LbplayError } from "../core/error.ts";
import { TransportError } from "../core/transport.ts";
import { RollFailure } from "./parts.ts";

/** What a node's journal or guard says when it cannot do its part. */
const JOURNAL: readonly string[] = ["E_JOURNAL", "E_WENT_BACK"];

/** Work on a node during a roll. Throws RollFailure where the node is lost, or its journal or guard cannot do its part. */
export const onNode = async <T>(host: string, work: () => Promise<T>): Promise<T> => {
  try {
    return await work();
  } catch (error) {
    if (error instanceof TransportError) throw new RollFailure(host, `it was lost: ${error.message}`);
    if (error instanceof LbplayError && JOURNAL.includes(error.code))
      throw new RollFailure(host, error.hint === null ? error.message : `${error.message}: ${error.hint}`);
    throw error;
  }
};

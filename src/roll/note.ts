import type { Order } from "../lb/roll/order.ts";

/** What a journal says to a run that finds it open: what the run that died was about. */
export interface RollNote {
  readonly order: Order;
  /** Shell text that lets the node take part again after a handover; null: it was not taken out. */
  readonly undo: string | null;
}

/** A note as the journal keeps it, in one line. */
export const noteText = (order: Order, undo: string | null = null): string => JSON.stringify({ order, undo });

const ORDERS: readonly string[] = [
  "build",
  "in place",
  "stop standby",
  "overlap",
  "handover",
] satisfies readonly Order[];

/** A note, understood; null for one that another version of lbplay wrote. */
export const parseNote = (text: string): RollNote | null => {
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch {
    return null;
  }
  if (typeof parsed !== "object" || parsed === null || !("order" in parsed) || !isOrder(parsed.order))
    return null;
  const undo = "undo" in parsed && typeof parsed.undo === "string" ? parsed.undo : null;
  return { order: parsed.order, undo };
};

const isOrder = (value: unknown): value is Order => typeof value === "string" && ORDERS.includes(value);

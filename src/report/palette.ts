import pc from "picocolors";

/** The colours of the output by what they mean; with colours off each gives its text back. */
export interface Palette {
  readonly ok: Paint;
  readonly changed: Paint;
  readonly skipped: Paint;
  readonly failed: Paint;
  readonly warning: Paint;
  readonly predicted: Paint;
  readonly added: Paint;
  readonly removed: Paint;
  readonly heading: Paint;
  readonly faint: Paint;
}

type Paint = (text: string) => string;

/** What decides whether output is coloured. */
export interface ColourHints {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly isTTY: boolean;
}

/** Whether to colour: NO_COLOR (any text, https://no-color.org) says no, FORCE_COLOR other than 0 says yes, else the terminal decides. */
export const wantsColour = ({ env, isTTY }: ColourHints): boolean => {
  if (isSet(env.NO_COLOR)) return false;
  if (isSet(env.FORCE_COLOR)) return env.FORCE_COLOR !== "0" && env.FORCE_COLOR !== "false";
  return isTTY && env.TERM !== "dumb";
};

const isSet = (value: string | undefined): boolean => value !== undefined && value !== "";

/** The palette; Ansible's colours, so that its users read it at a glance. */
export const createPalette = (coloured: boolean): Palette => {
  const paint = pc.createColors(coloured);
  return {
    ok: paint.green,
    changed: paint.yellow,
    skipped: paint.cyan,
    failed: paint.red,
    warning: paint.magenta,
    predicted: paint.blue,
    added: paint.green,
    removed: paint.red,
    heading: paint.bold,
    faint: paint.dim,
  };
};

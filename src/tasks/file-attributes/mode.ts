/** A mode as a task gives it: octal text, symbolic text, or the number that YAML read from `0644`. */
export type ModeParameter = string | number;

/** What the symbolic letters of chmod depend on. */
interface ModeContext {
  /** Permission bits that are there now, or those that a new one would get. */
  readonly current: number;
  /** `X` gives the execute bit to directories. */
  readonly directory: boolean;
}

/** The mode of new files and directories where nobody says otherwise: the usual umask 022. */
export const NEW_FILE_MODE = 0o644;
export const NEW_DIRECTORY_MODE = 0o755;

/** Why a mode cannot be used, or null. */
export const modeFault = (mode: ModeParameter): string | null => {
  if (typeof mode === "number") return numberFault(mode);
  if (isOctal(mode) || SYMBOLIC.test(mode)) return null;
  return `mode ${JSON.stringify(mode)} is neither octal ("0644") nor symbolic ("u=rw,g=r,o=r")`;
};

/** `mode: 644` without a leading zero is the decimal number 644, which is 01204 in octal and never meant. */
const numberFault = (mode: number): string | null => {
  const digits = String(mode);
  if (mode > 0o777 && mode < 1000 && /^[0-7]{3}$/.test(digits)) {
    return `mode ${digits} is a decimal number: write "0${digits}"`;
  }
  return Number.isInteger(mode) && mode >= 0 && mode <= 0o7777 ? null : `mode ${digits} is out of range`;
};

/** The permission bits that a mode asks for. Call modeFault first: an unusable mode throws. */
export const modeBits = (mode: ModeParameter, context: ModeContext): number => {
  if (typeof mode === "number") return mode;
  if (isOctal(mode)) return Number.parseInt(mode.replace(/^0o/, ""), 8);
  return mode.split(",").reduce((bits, clause) => applyClause(clause, bits, context), context.current);
};

const isOctal = (mode: string): boolean =>
  /^(0o)?[0-7]{1,5}$/.test(mode) && Number.parseInt(mode.replace(/^0o/, ""), 8) <= 0o7777;

const CLAUSE = "[ugoa]*(?:[-+=][rwxXstugo]*)+";
const SYMBOLIC = new RegExp(`^${CLAUSE}(?:,${CLAUSE})*$`);

/** Where each class's three bits stand, and the letter and bit that only this class has. */
const CLASSES = [
  { letter: "u", shift: 6, special: "s", specialBit: 0o4000 },
  { letter: "g", shift: 3, special: "s", specialBit: 0o2000 },
  { letter: "o", shift: 0, special: "t", specialBit: 0o1000 },
] as const;

type Class = (typeof CLASSES)[number];

/** One clause, such as `u+rwX` or `go=`. Without a class it is everybody's, less what the umask takes. */
const applyClause = (clause: string, bits: number, context: ModeContext): number => {
  const who = /^[ugoa]*/.exec(clause)?.[0] ?? "";
  const operations = clause.slice(who.length).match(/[-+=][^-+=]*/g) ?? [];
  const chosen = CLASSES.filter(({ letter }) => who === "" || who.includes("a") || who.includes(letter));
  const kept = who === "" ? ~UMASK : ~0;
  return operations.reduce(
    (before, operation) =>
      chosen.reduce((sum, owner) => {
        const given = bitsFor(owner, operation.slice(1), context) & kept;
        const all = (0o7 << owner.shift) | owner.specialBit;
        if (operation.startsWith("+")) return sum | given;
        return operation.startsWith("-") ? sum & ~given : (sum & ~all) | given;
      }, before),
    bits,
  );
};

const UMASK = 0o022;

/** `X` and copied classes look at the bits before the first clause, as Ansible does (chmod looks at each step's). */
const bitsFor = ({ shift, special, specialBit }: Class, letters: string, context: ModeContext): number => {
  const executable = context.directory || (context.current & 0o111) !== 0;
  const copied = CLASSES.reduce(
    (sum, other) => (letters.includes(other.letter) ? sum | ((context.current >> other.shift) & 0o7) : sum),
    0,
  );
  const plain =
    (letters.includes("r") ? 4 : 0) |
    (letters.includes("w") ? 2 : 0) |
    (letters.includes("x") || (letters.includes("X") && executable) ? 1 : 0);
  return ((plain | copied) << shift) | (letters.includes(special) ? specialBit : 0);
};

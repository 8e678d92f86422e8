/** What a scalar's text allows, as PyYAML's emitter finds out. */
export interface ScalarAnalysis {
  readonly empty: boolean;
  readonly multiline: boolean;
  readonly flowPlain: boolean;
  readonly blockPlain: boolean;
  readonly singleQuoted: boolean;
  readonly block: boolean;
}

const BREAKS = "\r\n\x85\u2028\u2029";
const BLANKS = `\0 \t${BREAKS}`;

/** True for a line break of YAML 1.1. */
export const isBreak = (character: string | undefined): boolean =>
  character !== undefined && BREAKS.includes(character);

/** What libyaml shows as it is; characters beyond the first plane are not among it. */
const isPrintable = (character: string): boolean => {
  const code = character.codePointAt(0) ?? 0;
  if (code === 0x0a || (code >= 0x20 && code <= 0x7e)) return true;
  return (code >= 0xa0 && code <= 0xd7ff) || (code >= 0xe000 && code <= 0xfffd && code !== 0xfeff);
};

/** Looks at every character once. */
export const analyzeScalar = (text: string): ScalarAnalysis => {
  if (text === "") {
    return {
      empty: true,
      multiline: false,
      flowPlain: false,
      blockPlain: true,
      singleQuoted: true,
      block: false,
    };
  }
  const characters = Array.from(text);
  const seen = survey(characters, /^(?:---|\.\.\.)/.test(text));
  const edges = seen.edgeSpace || seen.edgeBreak;
  const special = seen.spaceBreak || seen.special;
  const plain = !edges && !seen.breakSpace && !special && !seen.lineBreaks;
  return {
    empty: false,
    multiline: seen.lineBreaks,
    flowPlain: plain && !seen.flowIndicator,
    blockPlain: plain && !seen.blockIndicator,
    singleQuoted: !seen.breakSpace && !special,
    block: !seen.trailingSpace && !special,
  };
};

interface Survey {
  flowIndicator: boolean;
  blockIndicator: boolean;
  lineBreaks: boolean;
  special: boolean;
  edgeSpace: boolean;
  edgeBreak: boolean;
  trailingSpace: boolean;
  breakSpace: boolean;
  spaceBreak: boolean;
}

const survey = (characters: readonly string[], marksDocument: boolean): Survey => {
  const seen: Survey = {
    flowIndicator: marksDocument,
    blockIndicator: marksDocument,
    lineBreaks: false,
    special: false,
    edgeSpace: false,
    edgeBreak: false,
    trailingSpace: false,
    breakSpace: false,
    spaceBreak: false,
  };
  let previous: "space" | "break" | "other" = "other";
  for (const [index, character] of characters.entries()) {
    const isLast = index === characters.length - 1;
    indicators(seen, characters, index);
    if (!isPrintable(character)) seen.special = true;
    if (character === " ") {
      if (index === 0 || isLast) seen.edgeSpace = true;
      if (isLast) seen.trailingSpace = true;
      if (previous === "break") seen.breakSpace = true;
      previous = "space";
    } else if (isBreak(character)) {
      seen.lineBreaks = true;
      if (index === 0 || isLast) seen.edgeBreak = true;
      if (previous === "space") seen.spaceBreak = true;
      previous = "break";
    } else {
      previous = "other";
    }
  }
  return seen;
};

const indicators = (seen: Survey, characters: readonly string[], index: number): void => {
  const character = characters[index] ?? "";
  const next = characters[index + 1];
  const before = characters[index - 1];
  const followed = next === undefined || BLANKS.includes(next);
  const preceded = before === undefined || BLANKS.includes(before);
  const block = (): void => {
    seen.flowIndicator = true;
    seen.blockIndicator = true;
  };
  if (index === 0) {
    if ("#,[]{}&*!|>'\"%@`".includes(character)) block();
    if (character === "?" || character === ":") {
      seen.flowIndicator = true;
      if (followed) block();
    }
    if (character === "-" && followed) block();
    return;
  }
  if (",?[]{}".includes(character)) seen.flowIndicator = true;
  if (character === ":") {
    seen.flowIndicator = true;
    if (followed) block();
  }
  if (character === "#" && preceded) block();
};

/** What a plain scalar would be read as, other than a string: PyYAML's implicit resolvers. */
const RESOLVERS: readonly RegExp[] = [
  /^(?:yes|Yes|YES|no|No|NO|true|True|TRUE|false|False|FALSE|on|On|ON|off|Off|OFF)$/,
  /^(?:[-+]?(?:[0-9][0-9_]*)\.[0-9_]*(?:[eE][-+][0-9]+)?|\.[0-9][0-9_]*(?:[eE][-+][0-9]+)?|[-+]?[0-9][0-9_]*(?::[0-5]?[0-9])+\.[0-9_]*|[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN))$/,
  /^(?:[-+]?0b[0-1_]+|[-+]?0[0-7_]+|[-+]?(?:0|[1-9][0-9_]*)|[-+]?0x[0-9a-fA-F_]+|[-+]?[1-9][0-9_]*(?::[0-5]?[0-9])+)$/,
  /^<<$/,
  /^(?:~|null|Null|NULL|)$/,
  /^(?:[0-9]{4}-[0-9]{2}-[0-9]{2}|[0-9]{4}-[0-9][0-9]?-[0-9][0-9]?(?:[Tt]|[ \t]+)[0-9][0-9]?:[0-9]{2}:[0-9]{2}(?:\.[0-9]*)?(?:[ \t]*(?:Z|[-+][0-9][0-9]?(?::[0-9]{2})?))?)$/,
  /^=$/,
  /^[!&*]$/,
];

/** True for a text that, written plainly, would come back as a string. */
export const readsAsString = (text: string): boolean => !RESOLVERS.some((resolver) => resolver.test(text));

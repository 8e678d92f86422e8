/** Edits between two names (insert, delete, replace, swap of neighbours), as a typist makes them. */
const editDistance = (a: string, b: string): number => {
  const width = b.length + 1;
  let beforeLast: number[] = [];
  let last = Array.from({ length: width }, (_, column) => column);
  for (let row = 1; row <= a.length; row += 1) {
    const current = [row];
    for (let column = 1; column < width; column += 1) {
      const cost = a[row - 1] === b[column - 1] ? 0 : 1;
      let best = Math.min(
        (last[column] ?? 0) + 1,
        (current[column - 1] ?? 0) + 1,
        (last[column - 1] ?? 0) + cost,
      );
      const swapped = row > 1 && column > 1 && a[row - 1] === b[column - 2] && a[row - 2] === b[column - 1];
      if (swapped) best = Math.min(best, (beforeLast[column - 2] ?? 0) + 1);
      current.push(best);
    }
    beforeLast = last;
    last = current;
  }
  return last[width - 1] ?? 0;
};

/**
 * The candidate that someone who typed `name` most likely meant, or null where nothing is near enough.
 * Case and `-`/`_` count as nothing; of equally near ones the first wins. `most` is how many edits apart it may be.
 */
export const suggest = (
  name: string,
  candidates: Iterable<string>,
  most = Number.POSITIVE_INFINITY,
): string | null => {
  const plain = (text: string): string => text.toLowerCase().replaceAll("-", "_");
  const wanted = plain(name);
  let best: string | null = null;
  let bestDistance = Math.min(Math.floor(Math.max(name.length, 3) / 3), most) + 1;
  for (const candidate of candidates) {
    if (candidate === name || Math.abs(candidate.length - name.length) >= bestDistance) continue;
    const distance = editDistance(wanted, plain(candidate));
    if (distance < bestDistance) {
      best = candidate;
      bestDistance = distance;
    }
  }
  return best;
};

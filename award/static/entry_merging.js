// Rows of a table that two people changed at once: told apart by their name, else by their place, cell by cell. The same
// rules as on the server (award/answers/table_rows.py).
import { same } from "./device.js";

const COLUMNS = (row) => Object.entries(row ?? {}).sort();
const alike = (one, other) => same(one && COLUMNS(one), other && COLUMNS(other));
const nameOf = (key) => (row) => row[key] ?? "";

function areNamed(rows, key) {
  const names = rows.map(nameOf(key));
  return names.every((name) => name !== "") && new Set(names).size === names.length;
}

/** [row or null, whether it is disputed] */
function one(was, theirs, mine) {
  if (alike(theirs, mine) || alike(mine, was)) return [theirs, false];
  if (alike(theirs, was)) return [mine, false];
  if (theirs === null || mine === null) return [mine, true];
  const row = {};
  for (const column of new Set([...Object.keys(theirs), ...Object.keys(mine)])) {
    const [before, there, here] = [was, theirs, mine].map((each) => each?.[column] ?? "");
    if (before !== there && there !== here && here !== before) return [mine, true];
    const text = here === before ? there : here;
    if (text !== "") row[column] = text;
  }
  return [row, false];
}

/**
 * Both sides' changes since `was`: {rows, disputed: [{name, theirs, mine}]}, mine standing where they are disputed. null
 * where rows cannot be told apart: some have no name of their own, and some are gone.
 */
export function mergeRows(was, theirs, mine, key) {
  let lines;
  if ([was, theirs, mine].every((rows) => areNamed(rows, key))) {
    const names = [...new Set([...theirs, ...mine].map(nameOf(key)))];
    const of = (rows, name) => rows.find((row) => nameOf(key)(row) === name) ?? null;
    lines = names.map((name) => [name, of(was, name), of(theirs, name), of(mine, name)]);
  } else {
    const count = was.length;
    if (theirs.length < count || mine.length < count) return null;
    const [there, here] = [theirs.slice(count), mine.slice(count)];
    const added = here.filter((row) => !there.some((each) => alike(each, row)));
    lines = [
      ...was.map((row, at) => [String(at + 1), row, theirs[at], mine[at]]),
      ...there.map((row) => ["", null, row, null]),
      ...added.map((row) => ["", null, null, row]),
    ];
  }
  const made = lines.map(([name, before, there, here]) => [name, there, here, ...one(before, there, here)]);
  return {
    rows: made.map(([, , , row]) => row).filter((row) => row && Object.keys(row).length > 0),
    disputed: made.filter(([, , , , is]) => is).map(([name, there, here]) => ({ name, theirs: there, mine: here })),
  };
}

/** Puts their version of a disputed row in place of mine, among `rows`. */
export function takeRow(rows, { theirs, mine }) {
  const at = mine === null ? -1 : rows.findIndex((row) => alike(row, mine));
  if (at < 0) return theirs === null ? rows : [...rows, theirs];
  return rows.flatMap((row, place) => (place === at ? (theirs === null ? [] : [theirs]) : [row]));
}

/** All of both, where rows cannot be told apart: theirs, and those of mine that I wrote. */
export function bothRows(was, theirs, mine) {
  const known = [...was, ...theirs];
  return [...theirs, ...mine.filter((row) => !known.some((each) => alike(each, row)))];
}

// Numbers as people type them, and ratios worked out exactly with whole numbers: the same rules as on the server.

const GROUPED = /^[+-]?[0-9]{1,3}(,[0-9]{3})+(\.[0-9]+)?$/;
const PLAIN = /^([+-]?)([0-9]{1,15})(?:\.([0-9]{1,10}))?$/;

/** {units, places}: the number is units / 10^places. null where the text is no number. */
function parseNumber(typed) {
  let text = typed.normalize("NFKC").replace(/[๐-๙]/g, (digit) => String(digit.charCodeAt(0) - 0x0e50)).trim();
  if (GROUPED.test(text)) text = text.replaceAll(",", "");
  const match = PLAIN.exec(text);
  if (match === null) return null;
  const [, sign, whole, decimals = ""] = match;
  const units = BigInt(whole + decimals);
  return { units: sign === "-" ? -units : units, places: decimals.length };
}

/** The quotient of two whole numbers as text with `places` decimals, rounded half_up, half_even or down. */
function roundedText(numerator, denominator, places, mode) {
  if (denominator < 0n) [numerator, denominator] = [-numerator, -denominator];
  const negative = numerator < 0n;
  const scaled = (negative ? -numerator : numerator) * 10n ** BigInt(places);
  let units = scaled / denominator;
  const twice = 2n * (scaled % denominator);
  if (mode === "half_up" && twice >= denominator) units += 1n;
  if (mode === "half_even" && (twice > denominator || (twice === denominator && units % 2n === 1n))) units += 1n;
  const digits = units.toString().padStart(places + 1, "0");
  const text = places === 0 ? digits : `${digits.slice(0, -places)}.${digits.slice(-places)}`;
  return negative && units !== 0n ? `-${text}` : text;
}

/**
 * times x top / bottom (bottom null: the number itself) as text; null where a number is missing, the bottom is 0,
 * or no rounding is named, which only the server shows.
 */
export function ratioText({ top, bottom, times, places, mode }) {
  const above = parseNumber(top);
  const factor = parseNumber(times);
  const below = bottom === null ? { units: 1n, places: 0 } : parseNumber(bottom);
  if (above === null || below === null || factor === null || below.units === 0n || places === undefined) return null;
  const numerator = above.units * factor.units * 10n ** BigInt(below.places);
  const denominator = below.units * 10n ** BigInt(above.places + factor.places);
  return roundedText(numerator, denominator, Number(places), mode);
}

/** The exact sum of typed numbers as {units, places}; null where one of them is no number. */
export function addNumbers(typed) {
  const numbers = typed.map(parseNumber);
  if (numbers.includes(null)) return null;
  const places = Math.max(0, ...numbers.map((each) => each.places));
  const units = numbers.reduce((sum, each) => sum + each.units * 10n ** BigInt(places - each.places), 0n);
  return { units, places };
}

/** A number as people read it: thousands commas, no zeros at the end. "" for none. */
export function numberText(number) {
  if (number === null) return "";
  const negative = number.units < 0n;
  const digits = (negative ? -number.units : number.units).toString().padStart(number.places + 1, "0");
  const cut = digits.length - number.places;
  const decimals = digits.slice(cut).replace(/0+$/, "");
  return `${negative ? "-" : ""}${digits.slice(0, cut).replace(/\B(?=(\d{3})+$)/g, ",")}${decimals ? `.${decimals}` : ""}`;
}

/** `+3` where the total exceeds what is stated, `−3` where it falls short, `0`; null where nothing is stated. */
export function differenceText(total, stated) {
  const whole = parseNumber(stated);
  if (whole === null) return null;
  const places = Math.max(total.places, whole.places);
  const units = total.units * 10n ** BigInt(places - total.places) - whole.units * 10n ** BigInt(places - whole.places);
  const size = numberText({ units: units < 0n ? -units : units, places });
  return units === 0n ? "0" : `${units > 0n ? "+" : "−"}${size}`;
}

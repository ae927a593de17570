const MONTHS = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];
/** RFC 822 as RSS has it: an optional weekday, two or four digits of the year, a zone by name or offset. */
const RFC822 =
  /^(?:[a-z]{3,9},? )?(\d{1,2}) ([a-z]{3})[a-z]* (\d{4}|\d{2}) (\d{1,2}):(\d{2})(?::(\d{2}))?(?: ?([a-z]{1,4}|[+-]\d{2}:?\d{2}))?/i;
const RFC3339 =
  /^(\d{4})-(\d{2})-(\d{2})(?:[t ](\d{2}):(\d{2})(?::(\d{2})(?:\.\d{1,9})?)?(z|[+-]\d{2}:?\d{2})?)?/i;
const ZONES: Readonly<Record<string, string>> = {
  est: "-05:00",
  edt: "-04:00",
  cst: "-06:00",
  cdt: "-05:00",
  mst: "-07:00",
  mdt: "-06:00",
  pst: "-08:00",
  pdt: "-07:00",
  kst: "+09:00",
  jst: "+09:00",
  cet: "+01:00",
  cest: "+02:00",
};

/**
 * A date of a feed as RFC 3339 with the offset that it was written with, or as a date alone where it has no time;
 * as it stands, cut, where it is neither form; null where there is none.
 */
export function readDate(text: string | null | undefined): string | null {
  const written = (text ?? "").trim().replaceAll(/\s+/g, " ").slice(0, 100);
  if (written === "") return null;
  const iso = RFC3339.exec(written);
  if (iso !== null) {
    const [, year = "", month = "", day = "", hour, minute, second = "00", zone] = iso;
    const date = `${year}-${month}-${day}`;
    return hour === undefined ? date : `${date}T${hour}:${minute}:${second}${offsetOf(zone)}`;
  }
  const mail = RFC822.exec(written);
  const month = MONTHS.indexOf((mail?.[2] ?? "").toLowerCase()) + 1;
  if (mail === null || month === 0) return written;
  const [, day = "", , year = "", hour = "", minute = "", second = "00", zone] = mail;
  // Two digits mean a year from 1950 to 2049 (RFC 2822 section 4.3).
  const full = year.length === 4 ? year : `${Number(year) < 50 ? "20" : "19"}${year}`;
  const pad = (part: string | number): string => String(part).padStart(2, "0");
  return `${full}-${pad(month)}-${pad(day)}T${pad(hour)}:${minute}:${second}${offsetOf(zone)}`;
}

/** Without a zone, or with one that nobody knows, a time is taken as UTC (RFC 2822 section 4.3). */
function offsetOf(zone: string | undefined): string {
  if (zone === undefined) return "Z";
  if (/^[+-]/.test(zone)) {
    const offset = zone.includes(":") ? zone : `${zone.slice(0, 3)}:${zone.slice(3)}`;
    return offset === "+00:00" || offset === "-00:00" ? "Z" : offset;
  }
  return ZONES[zone.toLowerCase()] ?? "Z";
}

// Figures as people read them: few digits, a unit, and a dash for what is not known.
import { locale, t } from "./words.js";

const NONE = "–";
const BYTES = ["B", "KiB", "MiB", "GiB", "TiB"];
const COMPACT_FROM = 100_000;

const isKnown = (value) => typeof value === "number" && Number.isFinite(value);

function digits(value, most) {
  return new Intl.NumberFormat(locale(), { maximumFractionDigits: most, minimumFractionDigits: 0 }).format(value);
}

export function count(value) {
  if (!isKnown(value)) return NONE;
  if (value < COMPACT_FROM) return digits(value, 0);
  return new Intl.NumberFormat(locale(), { notation: "compact", maximumFractionDigits: 1 }).format(value);
}

/** So many per second. */
export function rate(value) {
  if (!isKnown(value)) return NONE;
  return value < 10 ? digits(value, 1) : count(Math.round(value));
}

export function bytes(value) {
  if (!isKnown(value)) return NONE;
  let power = 0;
  while (value >= 1024 && power < BYTES.length - 1) [value, power] = [value / 1024, power + 1];
  return `${digits(value, power > 0 && value < 100 ? 1 : 0)} ${BYTES[power]}`;
}

/** A short time: how long something takes. */
export function time(seconds) {
  if (!isKnown(seconds)) return NONE;
  if (seconds >= 1) return `${digits(seconds, seconds < 10 ? 1 : 0)} s`;
  const ms = seconds * 1000;
  return `${digits(ms, ms < 10 ? 1 : 0)} ms`;
}

/** A long time, by its two largest units: how long something has been. */
export function duration(seconds) {
  if (!isKnown(seconds)) return NONE;
  const whole = Math.max(0, Math.floor(seconds));
  const parts = [
    ["days", Math.floor(whole / 86_400)],
    ["hours", Math.floor(whole / 3600) % 24],
    ["minutes", Math.floor(whole / 60) % 60],
    ["seconds", whole % 60],
  ];
  const first = parts.findIndex(([, value]) => value > 0);
  const shown = first < 0 ? parts.slice(3) : parts.slice(first, first + 2).filter(([, value], index) => index === 0 || value > 0);
  return shown.map(([unit, value]) => t(unit, { n: value })).join(" ");
}

export function percent(share) {
  return isKnown(share) ? `${digits(share * 100, share < 0.1 ? 1 : 0)} %` : NONE;
}

export function clock(ms) {
  return new Intl.DateTimeFormat(locale(), { hour: "2-digit", minute: "2-digit", second: "2-digit", hour12: false }).format(ms);
}

export function day(ms) {
  return new Intl.DateTimeFormat(locale(), { dateStyle: "medium", timeStyle: "short" }).format(ms);
}

import { words } from "../../words/words";

const t = words({ event: ["Event", "이벤트"] });
const KNOWN = "known-events";

/** The name of an event; those that are known are offered. */
export function EventField({ value, onChange, label = t("event") }: { value: string; onChange: (value: string) => void; label?: string }) {
  return (
    <div class="field">
      <label>
        {label}
        <input type="text" list={KNOWN} value={value} onChange={(event) => onChange(event.currentTarget.value)} />
      </label>
    </div>
  );
}

/** What event fields offer; once a form. */
export function KnownEvents({ names }: { names: readonly string[] }) {
  return <datalist id={KNOWN}>{names.map((one) => <option key={one} value={one} />)}</datalist>;
}

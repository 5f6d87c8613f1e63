import type { ComponentType } from "preact";
import { useState } from "preact/hooks";
import { local } from "../../api/session";
import { langOf, words } from "../../words/words";
import { blank, resolved, type Schema } from "./schema";

const t = words({
  add: ["Add", "추가"],
  addTo: ["Add to {title}", "{title}에 추가"],
  remove: ["Remove", "삭제"],
  removeFrom: ["Remove {number} from {title}", "{title}에서 {number}번 삭제"],
  nothing: ["Empty.", "비어 있음."],
  item: ["{title} {number}", "{title} {number}"],
  key: ["Name", "이름"],
});

export interface PartProps {
  name: string;
  schema: Schema;
  root: Schema;
  value: unknown;
  onChange: (value: unknown) => void;
  /** Names the place of the part, such as a list's row. */
  label?: string;
}

interface ListProps {
  /** Draws what the list is of: a form, which itself may hold lists. */
  Part: ComponentType<PartProps>;
  name: string;
  title: string;
  hint: string;
  schema: Schema;
  root: Schema;
  value: readonly unknown[];
  onChange: (value: unknown[]) => void;
}

/** A list: of members of an enumeration as boxes to tick, of objects folded one below the other, else one field a row. */
export function ListField({ Part, name, title, hint, schema, root, value, onChange }: ListProps) {
  const items = resolved(schema.items ?? {}, root);
  const set = (index: number, next: unknown) => onChange(value.map((one, at) => (at === index ? next : one)));
  const drop = (index: number) => onChange(value.filter((_, at) => at !== index));
  const isFull = schema.maxItems !== undefined && value.length >= schema.maxItems;
  return (
    <fieldset>
      <legend lang={langOf(title)}>{title}</legend>
      {hint && <p class="hint" lang={langOf(hint)}>{hint}</p>}
      {items.enum ? (
        <div class="ticks">
          {items.enum.map((member, at) => (
            <label key={member}>
              <input
                type="checkbox"
                checked={value.includes(member)}
                onChange={(event) => onChange(items.enum!.filter((one) => (one === member ? event.currentTarget.checked : value.includes(one))))}
              />
              {items.enumNames?.[at] ?? member}
            </label>
          ))}
        </div>
      ) : (
        <>
          {value.length === 0 && <p class="faint">{t("nothing")}</p>}
          {value.map((one, index) => {
            const label = t("item", { title, number: index + 1 });
            const part = <Part name={name} schema={items} root={root} value={one} onChange={(next) => set(index, next)} label={label} />;
            const button = (
              <button type="button" class="quiet" aria-label={t("removeFrom", { number: index + 1, title })} onClick={() => drop(index)}>{t("remove")}</button>
            );
            return isLarge(items) ? (
              <details key={index} class="folded">
                <summary>{nameOf(one, label)}</summary>
                {part}
                {button}
              </details>
            ) : (
              <div key={index} class="row">{part}{button}</div>
            );
          })}
          <button type="button" disabled={isFull} aria-label={t("addTo", { title })} onClick={() => onChange([...value, blank(items, root)])}>{t("add")}</button>
        </>
      )}
    </fieldset>
  );
}

const isLarge = (schema: Schema): boolean => Boolean(schema.properties ?? schema.anyOf ?? schema.oneOf);

/** A row by what names it among its own fields. */
function nameOf(value: unknown, otherwise: string): string {
  const given = value as Record<string, unknown> | null;
  const found = given && ["label", "name", "title", "key", "event", "metric"].map((key) => given[key]).find((one) => typeof one === "string" && one);
  return typeof found === "string" ? local(found) : otherwise;
}

interface MapProps {
  Part: ComponentType<PartProps>;
  title: string;
  hint: string;
  schema: Schema;
  root: Schema;
  value: Record<string, unknown>;
  onChange: (value: Record<string, unknown>) => void;
}

/** Values by names that one chooses oneself. */
export function MapField({ Part, title, hint, schema, root, value, onChange }: MapProps) {
  const [name, setName] = useState("");
  const add = () => {
    if (name && !(name in value)) onChange({ ...value, [name]: blank(schema, root) });
    setName("");
  };
  const drop = (key: string) => onChange(Object.fromEntries(Object.entries(value).filter(([one]) => one !== key)));
  return (
    <fieldset>
      <legend lang={langOf(title)}>{title}</legend>
      {hint && <p class="hint" lang={langOf(hint)}>{hint}</p>}
      {Object.entries(value).map(([key, one], index) => (
        <div key={key} class="row">
          <Part name={key} schema={schema} root={root} value={one} onChange={(next) => onChange({ ...value, [key]: next })} label={key} />
          <button type="button" class="quiet" aria-label={t("removeFrom", { number: index + 1, title })} onClick={() => drop(key)}>{t("remove")}</button>
        </div>
      ))}
      <div class="row">
        <input type="text" aria-label={`${title}: ${t("key")}`} placeholder={t("key")} value={name} onInput={(event) => setName(event.currentTarget.value)} />
        <button type="button" aria-label={t("addTo", { title })} onClick={add}>{t("add")}</button>
      </div>
    </fieldset>
  );
}

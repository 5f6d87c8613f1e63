import type { ComponentChildren } from "preact";
import { useId } from "preact/hooks";

interface Labelled {
  label: string;
  /** What the field means, below it. */
  hint?: ComponentChildren;
  /** Language of label and hint where it is not the reader's. */
  lang?: string | undefined;
}

/** A label, whatever it labels, and what it means. */
export function Field({ label, hint, lang, children }: Labelled & { children: (id: string, hintId: string | undefined) => ComponentChildren }) {
  const id = useId();
  const hintId = hint ? `${id}-hint` : undefined;
  return (
    <div class="field">
      <label for={id} lang={lang}>{label}</label>
      {children(id, hintId)}
      {hint && <p id={hintId} class="hint" lang={lang}>{hint}</p>}
    </div>
  );
}

interface TextProps extends Labelled {
  value: string;
  onChange: (value: string) => void;
  type?: "text" | "email" | "date";
  required?: boolean;
  placeholder?: string;
}

export function TextField({ value, onChange, type = "text", required, placeholder, ...rest }: TextProps) {
  return (
    <Field {...rest}>
      {(id, hint) => {
        const shared = { id, value, required, placeholder, "aria-describedby": hint };
        const typed = (event: { currentTarget: HTMLInputElement }) => onChange(event.currentTarget.value);
        if (type === "date") return <input {...shared} type="date" onInput={typed} />;
        if (type === "email") return <input {...shared} type="email" onInput={typed} />;
        return <input {...shared} type="text" onInput={typed} />;
      }}
    </Field>
  );
}

interface NumberProps extends Labelled {
  value: number | null;
  onChange: (value: number | null) => void;
  min?: number | undefined;
  max?: number | undefined;
  whole?: boolean;
  required?: boolean;
}

export function NumberField({ value, onChange, min, max, whole, required, ...rest }: NumberProps) {
  return (
    <Field {...rest}>
      {(id, hint) => (
        <input
          id={id}
          type="number"
          value={value ?? ""}
          min={min}
          max={max}
          step={whole ? 1 : "any"}
          required={required}
          aria-describedby={hint}
          onInput={(event) => onChange(Number.isNaN(event.currentTarget.valueAsNumber) ? null : event.currentTarget.valueAsNumber)}
        />
      )}
    </Field>
  );
}

interface SelectProps extends Labelled {
  value: string;
  onChange: (value: string) => void;
  options: readonly (readonly [value: string, label: string])[];
}

export function SelectField({ value, onChange, options, ...rest }: SelectProps) {
  return (
    <Field {...rest}>
      {(id, hint) => (
        <select id={id} value={value} aria-describedby={hint} onChange={(event) => onChange(event.currentTarget.value)}>
          {options.map(([key, label]) => <option key={key} value={key}>{label}</option>)}
        </select>
      )}
    </Field>
  );
}

export function CheckField({ label, hint, lang, value, onChange }: Labelled & { value: boolean; onChange: (value: boolean) => void }) {
  const id = useId();
  return (
    <div class="field check">
      <label lang={lang}>
        <input type="checkbox" checked={value} aria-describedby={hint ? id : undefined} onChange={(event) => onChange(event.currentTarget.checked)} />
        {label}
      </label>
      {hint && <p id={id} class="hint" lang={lang}>{hint}</p>}
    </div>
  );
}

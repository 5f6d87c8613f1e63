import { langOf, words } from "../../words/words";
import { CheckField, NumberField, SelectField, TextField } from "./Fields";
import { ListField, MapField, type PartProps } from "./Lists";
import { blank, isNullable, labelOf, mapped, resolved, type Schema, variantOf, variants } from "./schema";

const t = words({
  none: ["not set", "설정 안 함"],
  kind: ["{label}: kind", "{label}: 종류"],
});

interface Props {
  schema: Schema;
  value: Record<string, unknown>;
  onChange: (value: Record<string, unknown>) => void;
}

/** A form drawn from a JSON Schema in the reader's language, as far as the plugin says it. */
export function SchemaForm({ schema, value, onChange }: Props) {
  return (
    <div class="form">
      {Object.entries(schema.properties ?? {}).map(([key, part]) => (
        <Part key={key} name={key} schema={part} root={schema} value={value[key]} onChange={(next) => onChange({ ...value, [key]: next })} />
      ))}
    </div>
  );
}

/** One value by what its schema says it is. */
export function Part({ name, schema, root, value, onChange, label }: PartProps) {
  const one = resolved(schema, root);
  const ways = variants(one, root);
  const title = label ?? labelOf(name, schema.$ref ? schema : one); // the title of what it refers to is the type's own
  if (one.const !== undefined) return null; // fixed by the way that was chosen
  if (ways.length > 1) return <Choice name={name} one={one} ways={ways} root={root} value={value} onChange={onChange} title={title} />;
  const way = { ...ways[0], ...(one.description ? { description: one.description } : {}) } as Schema;
  return <Plain name={name} one={way} nullable={isNullable(one)} root={root} value={value} onChange={onChange} title={title} />;
}

interface Titled {
  name: string;
  one: Schema;
  root: Schema;
  value: unknown;
  onChange: (value: unknown) => void;
  title: string;
}

/** A value that may be one of several things: which, and then that. */
function Choice({ name, one, ways, root, value, onChange, title }: Titled & { ways: Schema[] }) {
  const nullable = isNullable(one);
  const at = value === null && nullable ? "" : String(variantOf(value, ways));
  const names = ways.map((way, index) => [String(index), labelOf(way.type ?? name, way)] as const);
  const way = at === "" ? undefined : ways[Number(at)];
  return (
    <div class="choice">
      <SelectField
        lang={langOf(title)}
        label={title}
        hint={one.description}
        value={at}
        options={nullable ? [["", t("none")], ...names] : names}
        onChange={(next) => onChange(next === "" ? null : blank(ways[Number(next)]!, root))}
      />
      {way && <Part name={name} schema={way} root={root} value={value} onChange={onChange} label={t("kind", { label: title })} />}
    </div>
  );
}

function Plain({ name, one, nullable, root, value, onChange, title }: Titled & { nullable: boolean }) {
  const hint = [one.description?.split("\n\n")[0], range(one)].filter(Boolean).join(" ");
  const shared = { label: title, hint, lang: langOf(title) };
  if (one.enum) {
    const options = one.enum.map((member, at) => [String(member), one.enumNames?.[at] ?? String(member)] as const);
    const pick = (next: string) => onChange(next === "" ? null : one.enum!.find((member) => String(member) === next));
    return <SelectField {...shared} value={value == null ? "" : String(value)} options={nullable ? [["", t("none")], ...options] : options} onChange={pick} />;
  }
  if (one.type === "boolean") return <CheckField {...shared} value={value === true} onChange={onChange} />;
  if (one.type === "integer" || one.type === "number") {
    return (
      <NumberField {...shared} value={typeof value === "number" ? value : null} min={one.minimum ?? one.exclusiveMinimum} max={one.maximum ?? one.exclusiveMaximum} whole={one.type === "integer"} onChange={onChange} />
    );
  }
  if (one.type === "array") return <ListField Part={Part} title={title} hint={hint} schema={one} root={root} name={name} value={Array.isArray(value) ? value : []} onChange={onChange} />;
  const of = mapped(one);
  const object = (typeof value === "object" && value !== null ? value : {}) as Record<string, unknown>;
  if (of) return <MapField Part={Part} title={title} hint={hint} schema={of} root={root} value={object} onChange={onChange} />;
  if (one.properties) {
    return (
      <fieldset>
        <legend lang={langOf(title)}>{title}</legend>
        {hint && <p class="hint" lang={langOf(hint)}>{hint}</p>}
        <div class="form">
          {Object.entries(one.properties).map(([key, part]) => (
            <Part key={key} name={key} schema={part} root={root} value={object[key]} onChange={(next) => onChange({ ...object, [key]: next })} />
          ))}
        </div>
      </fieldset>
    );
  }
  return <TextField {...shared} value={value == null ? "" : String(value)} onChange={(next) => onChange(nullable && next === "" ? null : next)} />;
}

/** What numbers and lengths are allowed, as a formula that needs no language. */
function range({ minimum, exclusiveMinimum, maximum, exclusiveMaximum }: Schema): string {
  const low = minimum !== undefined ? `≥ ${minimum}` : exclusiveMinimum !== undefined ? `> ${exclusiveMinimum}` : "";
  const high = maximum !== undefined ? `≤ ${maximum}` : exclusiveMaximum !== undefined ? `< ${exclusiveMaximum}` : "";
  const both = [low, high].filter(Boolean).join(", ");
  return both && `(${both})`;
}

import { local } from "../api/session";
import { langOf } from "../words/words";

/** What the server says, in the reader's language where its catalogue has it. */
export function Told({ text, class: name }: { text: string | null; class?: string }) {
  const told = text ? local(text) : "";
  return <span class={name} lang={langOf(told)} title={told}>{told}</span>;
}

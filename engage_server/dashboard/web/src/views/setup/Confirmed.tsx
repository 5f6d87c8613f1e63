import type { ComponentChildren } from "preact";
import { useState } from "preact/hooks";
import { words } from "../../words/words";

const t = words({
  yes: ["Yes, {action}", "예, {action}"],
  no: ["No", "아니요"],
});

interface Props {
  action: string;
  /** Names what it is about, for readers of screens. */
  label: string;
  /** What follows from it, said before it is done. */
  consequence: ComponentChildren;
  onYes: () => void;
  disabled?: boolean;
}

/** A button whose consequence is said, and agreed to, before anything is done. */
export function Confirmed({ action, label, consequence, onYes, disabled }: Props) {
  const [isAsking, setAsking] = useState(false);
  if (!isAsking) return <button type="button" class="quiet" aria-label={label} disabled={disabled} onClick={() => setAsking(true)}>{action}</button>;
  const answer = (then?: () => void) => {
    setAsking(false);
    then?.();
  };
  return (
    <div class="note" role="group" aria-label={label}>
      <p>{consequence}</p>
      <p class="buttons">
        <button type="button" class="primary" onClick={() => answer(onYes)}>{t("yes", { action: action.toLowerCase() })}</button>
        <button type="button" class="quiet" onClick={() => answer()}>{t("no")}</button>
      </p>
    </div>
  );
}

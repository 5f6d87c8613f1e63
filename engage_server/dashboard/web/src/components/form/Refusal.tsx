import type { Failure } from "../../api/client";
import { Told } from "../Told";
import { words } from "../../words/words";

const t = words({
  OFFLINE: ["The server cannot be reached; nothing was changed.", "서버에 연결할 수 없어 변경되지 않았습니다."],
  UNAVAILABLE: ["The server cannot answer right now. Send it again in a moment.", "서버가 지금 응답할 수 없습니다. 잠시 후 다시 보내 주세요."],
  TOO_MUCH: ["More was asked than your company may ask in a minute.", "회사에 허용된 분당 요청량을 넘었습니다."],
  REFUSED: ["This was refused.", "거부되었습니다."],
});

/** Why a form was not taken, in the server's words, which name the remedy. */
export function Refusal({ failure }: { failure: Failure | null }) {
  if (!failure) return null;
  return (
    <div class="problem" role="alert">
      <p><strong>{t(failure.kind)}</strong> <Told text={failure.text} /></p>
    </div>
  );
}

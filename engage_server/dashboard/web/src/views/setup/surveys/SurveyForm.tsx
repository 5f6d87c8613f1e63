import { useState } from "preact/hooks";
import { CreateSurveyDocument, UpdateSurveyDocument } from "../../../api/documents";
import { useChange } from "../../../api/useChange";
import { CheckField, NumberField, SelectField, TextField } from "../../../components/form/Fields";
import { Refusal } from "../../../components/form/Refusal";
import { words } from "../../../words/words";
import type { Survey } from "./Definitions";
import { type Kind, KINDS, kindWord } from "./kinds";

const t = words({
  add: ["A new survey", "새 설문"],
  change: ["Change {name}", "{name} 변경"],
  name: ["Name", "이름"],
  kind: ["Asks", "묻는 것"],
  question: ["Question, in English", "질문(영어)"],
  questionKo: ["Question, in Korean", "질문(한국어)"],
  usual: ["empty: the usual words", "비우면 기본 문구"],
  why: ["Room for words beside the score", "점수와 함께 의견란"],
  cool: ["Days in which nobody is asked again", "재요청 제한(일)"],
  ends: ["Days in which one can answer", "응답 기한(일)"],
  origins: ["Sites whose pages may show it in a frame, each with its https; with commas between", "프레임을 허용할 사이트(https 포함, 쉼표로 구분)"],
  save: ["Save the survey", "설문 저장"],
  next: ["Save as the next version", "다음 버전으로 저장"],
  underWay: ["Who was asked answers the version that asked.", "이미 받은 사람은 그 버전으로 응답합니다."],
  cancel: ["Leave it as it is", "취소"],
});

/** A survey, new or changed; nobody is asked by saving it. */
export function SurveyForm({ survey, done }: { survey: Survey | null; done: () => void }) {
  const making = useChange(CreateSurveyDocument);
  const changing = useChange(UpdateSurveyDocument);
  const [name, setName] = useState(survey?.name ?? "");
  const [kind, setKind] = useState<Kind>(survey?.kind ?? "NPS");
  const [question, setQuestion] = useState(survey?.question ?? "");
  const [questionKo, setKorean] = useState(survey?.questionKo ?? "");
  const [asksWhy, setWhy] = useState(survey?.asksWhy ?? true);
  const [coolDownDays, setCool] = useState<number | null>(survey?.coolDownDays ?? 30);
  const [endsAfterDays, setEnds] = useState<number | null>(survey?.endsAfterDays ?? 14);
  const [origins, setOrigins] = useState(survey?.origins.join(", ") ?? "");
  const save = async (event: Event) => {
    event.preventDefault();
    const given = { name, question, questionKo, asksWhy, coolDownDays, endsAfterDays, origins: origins.split(",").map((one) => one.trim()).filter(Boolean) };
    const saved = survey ? await changing.send({ id: survey.id, changes: given }) : await making.send({ survey: { ...given, kind } });
    if (saved) done();
  };
  const title = survey ? t("change", { name: survey.name }) : t("add");
  return (
    <form class="tile builder" aria-label={title} onSubmit={save}>
      <header class="tile-head"><h2>{title}</h2></header>
      {survey && <p class="hint">{t("underWay")}</p>}
      <div class="row">
        <TextField label={t("name")} value={name} onChange={setName} required />
        {!survey && <SelectField label={t("kind")} value={kind} onChange={(next) => setKind(next as Kind)} options={KINDS.map((one) => [one, kindWord(one)] as const)} />}
        {kind !== "TEXT" && <CheckField label={t("why")} value={asksWhy} onChange={setWhy} />}
      </div>
      <div class="row">
        <TextField label={t("question")} value={question} onChange={setQuestion} placeholder={t("usual")} />
        <TextField label={t("questionKo")} value={questionKo} onChange={setKorean} placeholder={t("usual")} />
        <NumberField label={t("cool")} value={coolDownDays} min={0} max={366} whole onChange={setCool} />
        <NumberField label={t("ends")} value={endsAfterDays} min={1} max={90} whole onChange={setEnds} />
      </div>
      <TextField label={t("origins")} value={origins} onChange={setOrigins} />
      <Refusal failure={making.failure ?? changing.failure} />
      <div class="row commit">
        <button type="submit" class="primary" disabled={!name || making.busy || changing.busy}>{t(survey ? "next" : "save")}</button>
        <button type="button" class="quiet" onClick={done}>{t("cancel")}</button>
      </div>
    </form>
  );
}

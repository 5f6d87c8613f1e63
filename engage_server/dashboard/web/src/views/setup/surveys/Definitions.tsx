import { useState } from "preact/hooks";
import { RetireSurveyDocument, SurveyDefinitionsDocument, type SurveyDefinitionsQuery } from "../../../api/documents";
import { may, useSession } from "../../../api/session";
import { useTile } from "../../../api/tile";
import { useChange } from "../../../api/useChange";
import { type Column, DataTable } from "../../../components/DataTable";
import { Refusal } from "../../../components/form/Refusal";
import { Tile } from "../../../components/Tile";
import { number, share, shiftDay, today } from "../../../words/format";
import { language, words } from "../../../words/words";
import { Confirmed } from "../Confirmed";
import { SurveyForm } from "./SurveyForm";
import { kindWord } from "./kinds";
import { Wave } from "./Wave";

const t = words({
  title: ["Surveys", "설문"],
  empty: ["No survey is defined yet. Make one; nobody is asked by that.", "정의된 설문이 없습니다. 만들어도 아직 아무에게도 묻지 않습니다."],
  add: ["A new survey", "새 설문"],
  name: ["Name", "이름"],
  kind: ["Asks", "묻는 것"],
  instrument: ["Kept as", "저장 이름"],
  question: ["Question", "질문"],
  usual: ["the usual words", "기본 문구"],
  asked: ["Asked", "요청"],
  answered: ["Answered", "응답"],
  dismissed: ["Not now", "나중에"],
  version: ["Version", "버전"],
  change: ["Change", "변경"],
  changeOf: ["Change survey {name}", "설문 {name} 변경"],
  wave: ["A wave", "일괄 발송"],
  waveOf: ["A wave of survey {name}", "설문 {name} 일괄 발송"],
  end: ["End", "종료"],
  endOf: ["End survey {name}", "설문 {name} 종료"],
  consequence: ["Links that are out say that it is over. Its answers stay.", "이미 보낸 링크는 종료되었다고 표시됩니다. 응답은 남습니다."],
});
export type Survey = NonNullable<SurveyDefinitionsQuery["surveys"]>["edges"][number]["node"];
const RELEASES_DAYS = 366;

/** What the company asks persons, how many answered, and the forms for one and for a wave of it. */
export function Definitions() {
  const session = useSession().data;
  const surveys = useTile(SurveyDefinitionsDocument, { from: shiftDay(today(), -RELEASES_DAYS) });
  const retire = useChange(RetireSurveyDocument);
  const [formed, setFormed] = useState<Survey | "new" | null>(null);
  const [waved, setWaved] = useState<Survey | null>(null);
  const isMine = session !== null && may(session, "surveys:write");
  const mayAsk = isMine && may(session, "personal:read");
  return (
    <div class="stack">
      <Tile
        title={t("title")}
        state={surveys}
        empty={t("empty")}
        isEmpty={(data) => !data.surveys?.edges.length}
        actions={isMine && <button type="button" class="primary" onClick={() => setFormed("new")}>{t("add")}</button>}
      >
        {(data) => (
          <>
            <Refusal failure={retire.failure} />
            <DataTable<Survey>
              name="surveys"
              caption={t("title")}
              rows={data.surveys!.edges.map(({ node }) => node)}
              rowKey={(one) => one.id}
              columns={[...facts(), ...(isMine ? ways(setFormed, mayAsk ? setWaved : null, (id) => void retire.send({ id })) : [])]}
            />
          </>
        )}
      </Tile>
      {formed && <SurveyForm key={formed === "new" ? "" : formed.id} survey={formed === "new" ? null : formed} done={() => setFormed(null)} />}
      {waved && surveys.data && <Wave key={waved.id} survey={waved} data={surveys.data} done={() => setWaved(null)} />}
    </div>
  );
}

function facts(): Column<Survey>[] {
  const question = (one: Survey) => (language.value === "ko" ? one.questionKo : one.question);
  return [
    { key: "name", title: t("name"), cell: (one) => one.name, value: (one) => one.name },
    { key: "kind", title: t("kind"), cell: (one) => kindWord(one.kind), value: (one) => one.kind },
    { key: "question", title: t("question"), cell: (one) => <span class="words" title={question(one)}>{question(one) || <span class="faint">{t("usual")}</span>}</span>, value: question },
    { key: "instrument", title: t("instrument"), cell: (one) => <code>{one.instrument}</code>, value: (one) => one.instrument },
    { key: "asked", title: t("asked"), cell: ({ responses }) => number(responses.asked), value: ({ responses }) => responses.asked, numeric: true },
    { key: "answered", title: t("answered"), cell: ({ responses: { answered, asked } }) => <>{number(answered)} <span class="faint">{asked > 0 && share(answered / asked)}</span></>, value: ({ responses }) => responses.answered, numeric: true },
    { key: "dismissed", hidden: true, title: t("dismissed"), cell: ({ responses }) => number(responses.dismissed), value: ({ responses }) => responses.dismissed, numeric: true },
    { key: "version", hidden: true, title: t("version"), cell: (one) => <span class="faint">{one.version}</span>, value: (one) => one.version, numeric: true },
  ];
}

function ways(change: (survey: Survey) => void, wave: ((survey: Survey) => void) | null, end: (id: string) => void): Column<Survey>[] {
  return [
    { key: "change", title: t("change"), cell: (one) => <button type="button" class="quiet" aria-label={t("changeOf", { name: one.name })} onClick={() => change(one)}>{t("change")}</button> },
    { key: "wave", title: t("wave"), cell: (one) => wave && <button type="button" class="quiet" aria-label={t("waveOf", { name: one.name })} onClick={() => wave(one)}>{t("wave")}</button> },
    { key: "end", title: t("end"), cell: (one) => <Confirmed action={t("end")} label={t("endOf", { name: one.name })} consequence={t("consequence")} onYes={() => end(one.id)} /> },
  ];
}

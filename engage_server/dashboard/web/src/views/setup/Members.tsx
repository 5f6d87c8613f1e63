import { useState } from "preact/hooks";
import { ChangeRoleDocument, InviteMemberDocument, MembersDocument, type MembersQuery, RemoveMemberDocument } from "../../api/documents";
import { useTile } from "../../api/tile";
import { useChange } from "../../api/useChange";
import { DataTable } from "../../components/DataTable";
import { SelectField, TextField } from "../../components/form/Fields";
import { Refusal } from "../../components/form/Refusal";
import { Tile } from "../../components/Tile";
import { ago, day } from "../../words/format";
import { said } from "../../words/enums";
import { words } from "../../words/words";

const t = words({
  title: ["Members", "구성원"],
  empty: ["Nobody is a member yet.", "구성원이 없습니다."],
  email: ["E-mail", "이메일"],
  role: ["Role", "역할"],
  roleOf: ["Role of {email}", "{email} 역할"],
  since: ["Since", "시작"],
  seen: ["Signed in", "로그인"],
  never: ["never", "없음"],
  remove: ["Remove", "제외"],
  removeOf: ["Remove {email}", "{email} 제외"],
  invite: ["Invite", "초대"],
});
const ROLES = ["OWNER", "ADMIN", "ANALYST", "VIEWER"] as const;
type Member = NonNullable<MembersQuery["members"]>["edges"][number]["node"];
type Role = (typeof ROLES)[number];

/** Who may sign in to this company, as what. */
export function Members() {
  const members = useTile(MembersDocument, {});
  const role = useChange(ChangeRoleDocument);
  const remove = useChange(RemoveMemberDocument);
  const inviting = useChange(InviteMemberDocument);
  const [email, setEmail] = useState("");
  const [as, setAs] = useState<Role>("VIEWER");
  const invite = async (event: Event) => {
    event.preventDefault();
    if (await inviting.send({ email, role: as })) setEmail("");
  };
  return (
    <div class="stack">
      <Tile title={t("title")} state={members} empty={t("empty")} isEmpty={(data) => !data.members?.edges.length}>
        {(data) => (
          <>
            <Refusal failure={role.failure ?? remove.failure} />
            <DataTable<Member>
              name="members"
              caption={t("title")}
              rows={data.members!.edges.map(({ node }) => node)}
              rowKey={(one) => one.email}
              columns={[
                { key: "email", title: t("email"), cell: (one) => one.email, value: (one) => one.email },
                {
                  key: "role",
                  title: t("role"),
                  cell: (one) => (
                    <select class="small" aria-label={t("roleOf", { email: one.email })} value={one.role} onChange={(event) => role.send({ email: one.email, role: event.currentTarget.value as Role })}>
                      {ROLES.map((member) => <option key={member} value={member}>{said(member)}</option>)}
                    </select>
                  ),
                  value: (one) => one.role,
                },
                { key: "since", title: t("since"), cell: (one) => day(one.since), value: (one) => one.since, numeric: true },
                { key: "seen", title: t("seen"), cell: (one) => <span class="faint">{one.signedInAt ? ago(one.signedInAt) : t("never")}</span>, value: (one) => one.signedInAt, numeric: true },
                { key: "remove", title: t("remove"), cell: (one) => <button type="button" class="quiet" aria-label={t("removeOf", { email: one.email })} onClick={() => remove.send({ email: one.email })}>{t("remove")}</button> },
              ]}
            />
          </>
        )}
      </Tile>
      <form class="tile" aria-label={t("invite")} onSubmit={invite}>
        <header class="tile-head"><h2>{t("invite")}</h2></header>
        <Refusal failure={inviting.failure} />
        <div class="row">
          <TextField label={t("email")} type="email" value={email} onChange={setEmail} required />
          <SelectField label={t("role")} value={as} onChange={(next) => setAs(next as Role)} options={ROLES.map((one) => [one, said(one)] as const)} />
          <button type="submit" class="primary" disabled={inviting.busy}>{t("invite")}</button>
        </div>
      </form>
    </div>
  );
}

import { Why } from "../why/Why";
import { Account } from "./Account";

/** `/accounts/<id>` and `/accounts/<id>/why`. */
export function AccountPages({ rest }: { rest: readonly string[] }) {
  return rest[1] === "why" ? <Why id={rest[0] ?? ""} /> : <Account rest={rest} />;
}

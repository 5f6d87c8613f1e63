import { Metric } from "./Metric";
import { Metrics } from "./Metrics";

/** `/metrics` and `/metrics/<id>`. */
export function MetricPages({ rest: [id] }: { rest: readonly string[] }) {
  return id ? <Metric id={id} /> : <Metrics />;
}

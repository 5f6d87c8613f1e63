/** What a part of a score is made from: by the plugin's settings a metric, by the details its value before it became 0 to 100. */
interface Component {
  key: string;
  metric: string;
}

interface Settings {
  components?: readonly Component[];
  profiles?: readonly (Settings & { key: string })[];
}

interface Details {
  profile?: string | null;
  components?: readonly { key: string; raw: number | null }[];
}

export interface Source {
  metric: string;
  raw: number | null;
}

/** Null where the metric has no parts that are metrics themselves. */
export function sourceOf(key: string, given: unknown, settings: unknown): Source | null {
  const details = given as Details | null;
  const all = settings as Settings | null;
  const card = all?.profiles?.find((one) => one.key === details?.profile) ?? all;
  const metric = card?.components?.find((one) => one.key === key)?.metric;
  const part = details?.components?.find((one) => one.key === key);
  return metric && part ? { metric, raw: part.raw } : null;
}

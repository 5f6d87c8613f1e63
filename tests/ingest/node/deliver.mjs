// One public SDK, unmodified, tells the same story: node deliver.mjs <client> <key> <url>
const [client, key, url] = process.argv.slice(2);
const traits = { email: "ada@acme.test" };
const account = { name: "First Account", plan: "pro" };
const rows = [0, 1, 2];

// mixpanel tells its user of a failure and leaves the retry to them.
const until = async (send) => {
  for (let attempt = 0; attempt < 10; attempt += 1) {
    const error = await new Promise((done) => send(done));
    if (!error) return;
    await new Promise((done) => setTimeout(done, 100));
  }
  throw new Error("not delivered");
};

const clients = {
  async segment() {
    const { Analytics } = await import("@segment/analytics-node");
    const analytics = new Analytics({ writeKey: key, host: url, maxRetries: 10 });
    analytics.identify({ userId: "ada", traits });
    analytics.group({ userId: "ada", groupId: "acct-1", traits: account });
    for (const row of rows)
      analytics.track({
        userId: "ada",
        event: "Report Exported",
        properties: { rows: row },
        context: { groupId: "acct-1" },
      });
    await analytics.closeAndFlush();
  },

  async rudderstack() {
    const { default: Analytics } = await import("@rudderstack/rudder-sdk-node");
    const analytics = new Analytics(key, { dataPlaneUrl: url, flushInterval: 100, retryCount: 10 });
    // It sends the first call at once and by itself, and the others together.
    const told = (send) => new Promise((done, fail) => send((error) => (error ? fail(error) : done())));
    await Promise.all([
      told((done) => analytics.identify({ userId: "ada", traits }, done)),
      told((done) => analytics.group({ userId: "ada", groupId: "acct-1", traits: account }, done)),
      ...rows.map((row) =>
        told((done) =>
          analytics.track(
            { userId: "ada", event: "Report Exported", properties: { rows: row }, context: { groupId: "acct-1" } },
            done,
          ),
        ),
      ),
    ]);
  },

  async snowplow() {
    const { newTracker, buildSelfDescribingEvent } = await import("@snowplow/node-tracker");
    const schema = (name) => `iglu:com.acme/${name}/jsonschema/1-0-0`;
    let delivered = 0;
    const tracker = newTracker(
      { namespace: "engage", appId: key },
      { endpoint: url, bufferSize: 2, onRequestSuccess: (batch) => (delivered += batch.length) },
    );
    tracker.setUserId("ada");
    for (const row of rows)
      tracker.track(
        buildSelfDescribingEvent({ event: { schema: schema("Report Exported"), data: { rows: row } } }),
        [{ schema: schema("account"), data: { id: "acct-1" } }],
      );
    // It keeps what failed for the next flush.
    for (let attempt = 0; delivered < rows.length && attempt < 100; attempt += 1) {
      await tracker.flush();
      await new Promise((done) => setTimeout(done, 100));
    }
  },

  async posthog() {
    const { PostHog } = await import("posthog-node");
    const posthog = new PostHog(key, { host: url, fetchRetryDelay: 100, fetchRetryCount: 10 });
    const groups = { company: "acct-1" };
    posthog.identify({ distinctId: "ada", properties: traits });
    posthog.groupIdentify({ groupType: "company", groupKey: "acct-1", properties: account });
    for (const row of rows)
      posthog.capture({ distinctId: "ada", event: "Report Exported", properties: { rows: row }, groups });
    await posthog.shutdown();
  },

  async mixpanel() {
    const { default: Mixpanel } = await import("mixpanel");
    const { host } = new URL(url);
    const mixpanel = Mixpanel.init(key, { host, protocol: "http" });
    await until((done) => mixpanel.people.set("ada", { ...traits, company: "acct-1" }, done));
    await until((done) => mixpanel.groups.set("company", "acct-1", account, done));
    for (const row of rows) {
      const properties = { distinct_id: "ada", rows: row, company: "acct-1", $insert_id: `row-${row}`, time: 1772366400 };
      await until((done) => mixpanel.track("Report Exported", properties, done));
    }
  },

  async amplitude() {
    const amplitude = await import("@amplitude/analytics-node");
    const options = { serverUrl: `${url}/2/httpapi`, flushQueueSize: 20, flushIntervalMillis: 100, logLevel: 0 };
    await amplitude.init(key, options).promise;
    const who = { user_id: "ada" };
    const groups = { company: "acct-1" };
    const company = new amplitude.Identify();
    for (const [name, value] of Object.entries(account)) company.set(name, value);
    const results = [
      amplitude.identify(new amplitude.Identify().set("email", traits.email), who),
      amplitude.setGroup("company", "acct-1", who),
      amplitude.groupIdentify("company", "acct-1", company, who),
      ...rows.map((row) => amplitude.track("Report Exported", { rows: row }, { ...who, groups })),
    ];
    // An explicit flush() would not be retried; the queue's own timer is.
    await Promise.all(results.map((result) => result.promise));
  },
};

await clients[client]();

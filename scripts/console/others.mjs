// The views about vendors, statements, deliveries and refused requests, against the API; hostile text; and a user who only reads.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { createServer } from "node:http";
import { shown } from "./api.mjs";
import { Seat } from "./browser.mjs";
import { text } from "./money.mjs";

/** A statement is checked, its sums are the API's, and its disputed lines can be taken away. */
export async function invoice({ seat, api, range, statement, screenshots }) {
  const { page } = seat;
  const csv = readFileSync(statement, "utf8");
  await seat.open(`/console/invoice?${new URLSearchParams(range)}`);
  await page.getByRole("button", { name: "Check", exact: true }).click();
  await page.getByRole("alert").waitFor();
  await page.getByLabel("Vendor").selectOption("acme");
  await page.locator('input[type="file"]').setInputFiles(statement);
  await page.getByRole("button", { name: "Check", exact: true }).click();
  await page.getByRole("heading", { name: "The difference, explained" }).waitFor();
  const found = await api.send("POST", `invoices/check?${new URLSearchParams({ ...range, vendor: "acme" })}`, csv, { "content-type": "text/csv" });
  const said = await text(page.locator("main"));
  for (const sum of [found.statement.amount, found.ledger.amount, found.difference]) assert.ok(said.includes(shown(sum)), shown(sum));
  for (const bucket of ["agreed", "other_amount", "not_in_ledger", "not_on_statement", "twice_on_statement"]) {
    assert.ok(found[bucket].statement.count + found[bucket].ledger.count > 0, `the demo's statement has ${bucket}`);
    assert.ok(said.includes(shown(found[bucket].difference)), `${bucket}: ${shown(found[bucket].difference)}`);
  }
  await seat.accessible();
  await seat.shot(screenshots, "invoice-checked-light");
  const [download] = await Promise.all([page.waitForEvent("download"), page.getByRole("button", { name: "Disputed lines as CSV" }).click()]);
  const lines = readFileSync(await download.path(), "utf8").trim().split(/\r?\n/);
  const disputed = ["other_amount", "not_in_ledger", "twice_on_statement", "void_here"].flatMap((bucket) => found[bucket].rows);
  assert.equal(lines.length, 1 + disputed.length, "every disputed line is in the file");
}

/** What was refused for its number, and the terms of a vendor. */
export async function vendors({ seat, api, range }) {
  const { page } = seat;
  await seat.open(`/console/vendors?${new URLSearchParams(range)}`);
  const { totals } = await api.get("costs/refused", range);
  assert.ok(totals.refused.count > 0);
  const said = await text(page.locator("main"));
  assert.ok(said.includes(`${totals.refused.count} refused, ${shown(totals.refused.amount)}`), "refused bills are summed");
  await page.getByRole("link", { name: "Acme Leads" }).click();
  await page.waitForURL("**/console/vendors/acme*");
  const { terms } = await api.get("vendors/acme");
  const own = await text(page.locator("main"));
  for (const each of terms) assert.ok(own.includes(shown(each.price)) && own.includes(each.from), each.from);
}

/** A vendor is added, renamed and given terms; what is wrong stands at its field. */
export async function edits({ seat, api }) {
  const { page } = seat;
  await seat.open("/console/vendors");
  await page.getByText("Add a vendor").click();
  const add = page.locator("form.acting", { has: page.getByRole("button", { name: "Add the vendor" }) });
  await add.getByLabel(/^Id/).fill("no spaces");
  await add.getByLabel("Name", { exact: true }).fill("Echo Leads");
  seat.expected = 400;
  await add.getByRole("button").click();
  await page.locator('[aria-invalid="true"]').waitFor();
  seat.expected = undefined;
  assert.equal(await page.locator('[aria-invalid="true"]').getAttribute("name"), "vendor_id");
  assert.equal(await add.getByLabel("Name", { exact: true }).inputValue(), "Echo Leads", "what was typed stays");
  await seat.accessible();
  await add.getByLabel(/^Id/).fill("echo");
  await add.getByRole("button").click();
  await page.waitForURL("**/console/vendors/echo");
  const change = page.locator("form.acting", { has: page.getByRole("button", { name: "Save" }) });
  await change.getByLabel("Name").fill("Echo Leads Inc.");
  await change.getByLabel("Status").selectOption("paused");
  await change.getByRole("button").click();
  await page.getByRole("heading", { name: "Echo Leads Inc." }).waitFor();
  await page.getByText("Set terms").click();
  const terms = page.locator("form.acting", { has: page.getByRole("button", { name: "Set the terms" }) });
  await terms.getByLabel(/^Price/).fill("17.50");
  await terms.getByLabel("Least seconds").fill("90");
  await terms.getByRole("button").click();
  await page.getByText("17.50").first().waitFor();
  const vendor = await api.get("vendors/echo");
  assert.deepEqual([vendor.name, vendor.status], ["Echo Leads Inc.", "paused"]);
  assert.deepEqual(vendor.terms.map((each) => [each.price, each.minimum_seconds]), [["17.5000", 90]]);
}

/** A delivery that failed is sent again, to a receiver that listens now; and a test event. */
export async function queue({ seat, api, demo, webhook }) {
  const { page } = seat;
  await seat.open("/console/queue");
  const { entries } = await api.get("queue", { limit: 50 });
  const said = await text(page.locator("main"));
  for (const entry of entries) assert.ok(said.includes(entry.callee), entry.callee);
  const received = [];
  const receiver = createServer((request, response) => {
    received.push(request.headers["webhook-id"]);
    request.resume().on("end", () => response.end("taken"));
  }).listen(0, "127.0.0.1");
  await once(receiver, "listening");
  const url = `http://127.0.0.1:${receiver.address().port}/hooks`;
  // A webhook that is enabled again begins anew, without the pause after many failures.
  for (const change of [["--status", "disabled"], ["--url", url, "--loopback"], ["--status", "enabled"]]) {
    execFileSync(process.env.CALLBOOK, ["webhook", "update", webhook.id, "--account", demo.account.account_id, ...change], { stdio: "ignore" });
  }
  await page.getByRole("link", { name: webhook.description }).click();
  await page.waitForURL("**/webhooks/*");
  const deliveries = async () => (await api.get(`webhooks/${webhook.id}/deliveries`, { limit: 50 })).deliveries;
  // One that was tried has nothing before it in its line that it would have to wait for.
  const { id } = (await deliveries()).find((found) => found.attempts > 0);
  await page.getByRole("button", { name: `Send again the delivery ${id}` }).click();
  await page.getByRole("heading", { name: "Deliveries" }).waitFor();
  const delivery = async () => (await deliveries()).find((found) => found.id === id);
  const deadline = Date.now() + 120_000;
  while ((await delivery()).status !== "delivered") {
    assert.ok(Date.now() < deadline, "the delivery arrives");
    await new Promise((later) => setTimeout(later, 250));
  }
  assert.ok(received.length > 0, "the receiver has it");
  await page.reload();
  assert.ok((await text(page.locator("tr", { hasText: id }))).includes("delivered"), "the page says so");
  await page.getByRole("button", { name: "Send a test event" }).click();
  await page.getByText("webhook.test").first().waitFor();
  receiver.close();
}

/** Why requests were refused, in plain words. */
export async function requests({ seat, api }) {
  await seat.open("/console/requests");
  const found = await api.get("requests", { limit: 50 });
  assert.ok(found.requests.length > 5, "the demo has refused requests");
  const said = await text(seat.page.locator("main"));
  for (const refused of found.requests) assert.ok(said.includes(refused.reason), refused.reason);
  await seat.page.getByLabel("Vendor").fill("acme");
  await seat.page.getByRole("button", { name: "Search" }).click();
  await seat.page.waitForURL("**vendor=acme*");
  const rows = await seat.page.locator("main tbody tr").allInnerTexts();
  assert.ok(rows.length > 0 && rows.every((row) => row.includes("acme")), "only that vendor's are listed");
}

/** A list that is followed shows what is refused while somebody looks, and stops when it is told to. */
export async function follows({ seat, demo }) {
  const { page } = seat;
  await seat.open("/console/requests?vendor=cobalt");
  await page.getByRole("link", { name: "Follow" }).click();
  await page.waitForURL((url) => url.searchParams.get("follow") === "1" && url.searchParams.get("vendor") === "cobalt");
  await page.getByText("Following.").waitFor();
  await seat.accessible();
  const before = await page.locator("#list").innerHTML();
  const key = demo.demo_data.vendors.cobalt;
  const bill = await fetch(`${seat.base}/api/ingress/calls/inbound/billable`, {
    method: "POST",
    headers: { "content-type": "application/json", "tld-api-id": key.api_id, "tld-api-key": key.api_key },
    body: JSON.stringify({ did: "what", cid: "nobody", cost: "free of charge" }),
  });
  assert.equal(bill.status, 400);
  await page.waitForFunction((html) => document.querySelector("#list").innerHTML !== html, before, { timeout: 120_000 });
  await page.getByText(/^New at/).waitFor();
  await page.getByRole("link", { name: "Stop" }).click();
  await page.waitForURL((url) => !url.searchParams.has("follow"));
  assert.equal(await page.locator("[data-follow]").count(), 0);
}

/** The reference, and a line of it that a link asks. */
export async function reference({ seat, api, demo }) {
  const { page } = seat;
  await seat.open("/console/api");
  await page.getByRole("link", { name: "Callbook: who is signed in" }).click();
  await page.waitForURL("**/console/api/me");
  assert.ok((await text(page.locator("main"))).includes(`'${seat.base}/callbook/v1/me'`), "the line has this instance's address");
  await page.getByRole("link", { name: /^Run/ }).first().click();
  await page.getByRole("heading", { name: "Answer", exact: true }).waitFor();
  const answer = JSON.parse(await page.locator("pre.answer").innerText());
  assert.deepEqual(answer, await api.get("me"));
  assert.equal(answer.account_id, demo.account.account_id);
}

/** Text that would run if it were not escaped is shown as it is, wherever people and vendors write. */
export async function hostile({ seat, api, demo, range, views }) {
  const { page } = seat;
  const bad = `<script>alert(1)</script><img src=x onerror=alert(2)>"'`;
  await api.post("vendors", { vendor_id: "hostile", name: bad });
  const did = (await api.get("costs", { ...range, limit: 1, vendor: "acme" })).costs[0].did;
  const send = (path, headers, body) => fetch(`${seat.base}${path}`, { method: "POST", headers: { "content-type": "application/json", ...headers }, body: JSON.stringify(body) });
  const caller = "+12065550101";
  const key = demo.demo_data.vendors.acme;
  const call = await fetch(`${seat.base}/v2/Properties/${demo.fonedynamics.property_sid}/Calls`, {
    method: "POST",
    headers: { authorization: `Basic ${Buffer.from(`${demo.fonedynamics.account_sid}:${demo.fonedynamics.token}`).toString("base64")}` },
    body: new URLSearchParams({ From: caller, To: did }),
  });
  const { CallSid } = await call.json();
  const bill = await send("/api/ingress/calls/inbound/billable", { "tld-api-id": key.api_id, "tld-api-key": key.api_key }, { did, cid: caller, cost: "1.00", notes: bad });
  const feedback = { response_id: "T_bad", phone: caller, name: bad, phone_status: "Connected", phone_right_party_contact: true };
  const named = await send("/1.0/phone_feedback", { "x-api-key": demo.trestle.api_key }, feedback);
  const basic = api.authorization;
  const queued = await send("/voice/rapidresponse", { authorization: basic }, { callee: "2065550103", whisper_text: bad });
  assert.deepEqual([call, bill, named, queued].map((answer) => answer.status), [200, 200, 200, 200]);
  const { cost_id } = await bill.json();
  await api.post("adjustments", { cost_id, amount: "-0.10", reason: bad });
  for (const path of ["/console/vendors", "/console/vendors/hostile", "/console/queue", `/console/calls/${CallSid}`, `/console/costs/${cost_id}`]) {
    await seat.open(path);
    assert.ok((await text(page.locator("main"))).includes("<script>alert(1)</script>"), `${path} shows it`);
    assert.equal(await page.locator("main script, main img").count(), 0, `${path} does not run it`);
  }
  for (const path of [`/console/calls?caller=${encodeURIComponent(bad)}`, `/console/today?range=${encodeURIComponent(bad)}`]) {
    await page.goto(path);
    assert.equal(await page.locator("main script, main img").count(), 0, path);
  }
  seat.faults = seat.faults.filter((fault) => !fault.includes("status of 400"));
  assert.ok(views.today);
}

/** A user of two accounts chooses one of them; no id is typed. */
export async function accounts({ browser, seat: other, demo }) {
  const run = (...words) => JSON.parse(execFileSync(process.env.CALLBOOK, [...words, "--json"], { encoding: "utf8" }));
  const second = run("account", "create", "Second Office");
  const user = run("credential", "create", "user", "--account", demo.account.account_id, "--account", second.account_id);
  const seat = await Seat.take(browser, other.base, "light");
  await seat.open("/console/sign-in");
  await seat.page.fill('input[name="username"]', user.username);
  await seat.page.fill('input[name="password"]', user.password);
  await seat.page.getByRole("button", { name: "Sign in", exact: true }).click();
  await seat.page.getByRole("heading", { name: "Choose an account" }).waitFor();
  await seat.accessible();
  await seat.page.getByRole("button", { name: /^Second Office/ }).click();
  await seat.page.waitForURL("**/console/today*");
  assert.ok((await text(seat.page.locator(".account"))).includes(second.account_id), "the account is the chosen one");
  seat.check();
  await seat.context.close();
}

/** A viewer sees everything, and nothing to change it with. */
export async function viewer({ browser, seat: other, demo, views, signIn }) {
  const seat = await Seat.take(browser, other.base, "light");
  await signIn(seat, demo.demo_data.viewer);
  for (const name of ["cost", "call", "webhook", "vendor"]) {
    await seat.open(views[name]);
    assert.equal(await seat.page.locator("form.acting").count(), 0, `${name} has nothing to press`);
  }
  seat.check();
  await seat.context.close();
}

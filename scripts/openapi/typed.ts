// Compiled, not run: the generated types know each query parameter by itself, and the fields of answers.
import createClient from "openapi-fetch";
import type { paths } from "./schema.js";

const client = createClient<paths>({ baseUrl: "http://127.0.0.1:8080" });

export async function typed(): Promise<void> {
  const report = await client.GET("/reports/call-data", {
    params: { query: { start_date: "2026-11-01", end_date: "2026-11-30", billed: "1", direction: "inbound" } },
  });
  const calls = await client.GET("/v2/Accounts/{sid}/Calls", {
    params: { path: { sid: "A" }, query: { Unique: "Repeat", Disposition: "Answered,IVR" } },
  });
  const total: number | undefined = calls.data?.TotalCount;
  const name = await client.GET("/api/v1", { params: { query: { calling_number: "12065550100", resp_format: "json" } } });
  // @ts-expect-error a filter of another list
  await client.GET("/v2/Accounts/{sid}/Calls", { params: { path: { sid: "A" }, query: { Colour: "red" } } });
  console.log(report.data, total, name.data);
}

import type { IncomingMessage, ServerResponse } from "node:http";
import { setTimeout as delay } from "node:timers/promises";
import { drawBarChart } from "./bar-chart.ts";
import { type Customer, type Order, orderStates, type ShopData } from "./shop-data.ts";

export interface Shop {
  readonly data: ShopData;
  /** Pause between two steps of the turnover report. */
  readonly stepMs: number;
}

interface Call {
  readonly shop: Shop;
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly query: URLSearchParams;
  readonly id: string;
}

type Handler = (call: Call) => void | Promise<void>;

const maxBodyBytes = 65_536;
const maxCustomers = 1_000;
const maxNotes = 100;

const routes: readonly (readonly [method: string, path: RegExp, handler: Handler])[] = [
  ["GET", /^\/customers$/, searchCustomers],
  ["POST", /^\/customers$/, createCustomer],
  ["GET", /^\/customers\/([^/]+)$/, getCustomer],
  ["GET", /^\/customers\/([^/]+)\/chart\.png$/, drawCustomer],
  ["GET", /^\/orders$/, listOrders],
  ["POST", /^\/orders\/([^/]+)\/notes$/, addNote],
  ["GET", /^\/reports\/turnover$/, streamTurnover],
];

/** Answers one request of the shop. Rejects when the request cannot be read to its end. */
export async function answer(shop: Shop, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const url = new URL(request.url ?? "/", "http://shop");
  const found = routes.filter(([, path]) => path.test(url.pathname));
  const [route] = found.filter(([method]) => method === request.method);
  if (route === undefined) {
    return sendJson(response, found.length > 0 ? 405 : 404, {
      error: found.length > 0 ? "method not allowed" : "no such page",
    });
  }
  const id = decodeURIComponent(route[1].exec(url.pathname)?.[1] ?? "");
  await route[2]({ shop, request, response, query: url.searchParams, id });
}

function searchCustomers({ shop, response, query }: Call): void {
  const words = (query.get("search") ?? "").toLowerCase();
  const limit = Math.min(Number(query.get("limit") ?? 20) || 20, 100);
  const found = [...shop.data.customers.values()].filter(({ name, city, email }) =>
    `${name} ${city} ${email}`.toLowerCase().includes(words),
  );
  sendJson(response, 200, { total: found.length, customers: found.slice(0, limit) });
}

function getCustomer({ shop, response, id }: Call): void {
  const customer = shop.data.customers.get(id);
  if (customer === undefined) return sendJson(response, 404, { error: `there is no customer ${id}` });
  const orders = ordersOf(shop, id);
  sendJson(response, 200, { customer: { ...customer, orders: orders.length, turnover: turnoverOf(orders) } });
}

async function createCustomer({ shop, request, response }: Call): Promise<void> {
  const { customers } = shop.data;
  const { name, email, city } = parseObject(await readBody(request));
  if (typeof name !== "string" || typeof email !== "string" || !email.includes("@")) {
    return sendJson(response, 422, { error: "a customer needs a name and an email" });
  }
  for (const other of customers.values()) {
    if (other.email === email) return sendJson(response, 409, { error: `${email} belongs to customer ${other.id}` });
  }
  if (customers.size >= maxCustomers) return sendJson(response, 507, { error: "the demo shop is full" });
  const id = `c${customers.size + 1}`;
  const customer: Customer = { id, name, email, city: typeof city === "string" ? city : "unknown" };
  customers.set(id, customer);
  response.setHeader("Location", `/customers/${id}`);
  sendJson(response, 201, { customer });
}

function drawCustomer({ shop, response, id }: Call): void {
  if (!shop.data.customers.has(id)) return sendJson(response, 404, { error: `there is no customer ${id}` });
  const image = drawBarChart(ordersOf(shop, id).map(({ total }) => total));
  response.writeHead(200, { "Content-Type": "image/png", "Content-Length": image.length });
  response.end(image);
}

function listOrders({ shop, response, query }: Call): void {
  const customer = query.get("customer");
  const wanted = query.getAll("status");
  const unknown = wanted.find((status) => !orderStates.some((known) => known === status));
  if (unknown !== undefined) return sendJson(response, 400, { error: `there is no status ${unknown}` });
  const orders = [...shop.data.orders.values()].filter(
    (order) =>
      (customer === null || order.customer === customer) && (wanted.length === 0 || wanted.includes(order.status)),
  );
  sendJson(response, 200, { orders });
}

async function addNote({ shop, request, response, id }: Call): Promise<void> {
  const text = new URLSearchParams(await readBody(request)).get("text") ?? "";
  const order = shop.data.orders.get(id);
  if (order === undefined) return sendJson(response, 404, { error: `there is no order ${id}` });
  if (text === "") return sendJson(response, 422, { error: "a note needs a text" });
  if (order.notes.length >= maxNotes) return sendJson(response, 409, { error: "the order has too many notes" });
  order.notes.push(text);
  sendJson(response, 201, { order });
}

/** One line of JSON per step, slowly, then the report: what a client sees as progress. */
async function streamTurnover({ shop, response }: Call): Promise<void> {
  const orders = [...shop.data.orders.values()];
  const months = [...new Set(orders.map(({ month }) => month))].sort((a, b) => a - b);
  const turnover: Record<string, number> = {};
  response.writeHead(200, { "Content-Type": "application/x-ndjson" });
  response.write(`${JSON.stringify({ log: `reading ${orders.length} orders` })}\n`);
  for (const [index, month] of months.entries()) {
    await delay(shop.stepMs);
    if (response.destroyed) return;
    turnover[`month ${month}`] = turnoverOf(orders.filter((order) => order.month === month));
    response.write(`${JSON.stringify({ done: index + 1, of: months.length, step: `month ${month}` })}\n`);
  }
  response.end(`${JSON.stringify({ report: { turnover, total: turnoverOf(orders) } })}\n`);
}

function ordersOf({ data }: Shop, customer: string): Order[] {
  return [...data.orders.values()].filter((order) => order.customer === customer);
}

function turnoverOf(orders: readonly Order[]): number {
  return orders.reduce((sum, { total }) => sum + total, 0);
}

function sendJson(response: ServerResponse, status: number, value: unknown): void {
  const body = JSON.stringify(value);
  response.writeHead(status, { "Content-Type": "application/json", "Content-Length": Buffer.byteLength(body) });
  response.end(body);
}

async function readBody(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request) {
    // A request without encoding gives buffers.
    const bytes = chunk as Buffer;
    size += bytes.length;
    if (size > maxBodyBytes) throw new Error("the body is too large");
    chunks.push(bytes);
  }
  return Buffer.concat(chunks).toString("utf8");
}

function parseObject(text: string): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null ? { ...value } : {};
  } catch {
    // Not JSON: the caller misses its fields and says which.
    return {};
  }
}

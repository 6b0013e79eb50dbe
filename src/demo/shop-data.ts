export interface Customer {
  readonly id: string;
  readonly name: string;
  readonly email: string;
  readonly city: string;
}

export const orderStates = ["open", "paid", "shipped"] as const;
export type OrderState = (typeof orderStates)[number];

export interface Order {
  readonly id: string;
  readonly customer: string;
  readonly month: number;
  readonly total: number;
  readonly status: OrderState;
  readonly notes: string[];
}

/** Everything the shop knows, in memory: it forgets on restart. */
export interface ShopData {
  readonly customers: Map<string, Customer>;
  readonly orders: Map<string, Order>;
}

const people = [
  ["Ada Okafor", "Lagos"],
  ["Bruno Keller", "Bern"],
  ["Chiara Russo", "Torino"],
  ["Dilnoza Karimova", "Tashkent"],
  ["Elif Aydin", "Izmir"],
  ["Farid Haddad", "Tunis"],
  ["Greta Lindqvist", "Uppsala"],
  ["Hiro Tanaka", "Kobe"],
] as const;

const ordersPerCustomer = 6;

/** A shop that has had customers and orders for half a year; the same ones every time. */
export function createShopData(): ShopData {
  const customers = new Map<string, Customer>();
  const orders = new Map<string, Order>();
  for (const [index, [name, city]] of people.entries()) {
    const id = `c${index + 1}`;
    customers.set(id, { id, name, city, email: `${name.toLowerCase().replace(" ", ".")}@shop.example` });
    for (let month = 1; month <= ordersPerCustomer; month++) {
      const number = orders.size + 1;
      const status = orderStates[number % orderStates.length] ?? "open";
      const total = 20 + ((number * 7_919) % 480);
      orders.set(`o${number}`, { id: `o${number}`, customer: id, month, total, status, notes: [] });
    }
  }
  return { customers, orders };
}

/** What every backend of the benchmark answers to a call: one small record, as JSON text. */
export const userJson = JSON.stringify({
  id: "u-1042",
  name: "Ada Lovelace",
  email: "ada@example.org",
  roles: ["admin", "editor"],
  active: true,
  logins: 1729,
  address: { city: "London", street: "12 St James's Square", zip: "SW1Y" },
  note: "met at the salon",
});

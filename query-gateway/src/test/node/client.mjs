// Runs one query with Trino's client for Node and prints what comes: columns, rows, error.
import fs from 'node:fs';
import { Trino } from 'trino-client';

const { GATEWAY, CERTIFICATE, ACCESS_TOKEN, SQL } = process.env;
const trino = Trino.create({
  server: GATEWAY,
  catalog: 'lakehouse',
  schema: 'gold',
  ssl: { ca: fs.readFileSync(CERTIFICATE) },
  extraHeaders: { Authorization: `Bearer ${ACCESS_TOKEN}`, 'X-Trino-User': 'analyst@tenant-1' },
});
let columns;
let rows = 0;
const first = [];
for await (const page of await trino.query(SQL)) {
  if (page.error) {
    console.log(JSON.stringify({ error: page.error.errorName, message: page.error.message }));
    process.exit(1);
  }
  columns = columns ?? page.columns;
  for (const row of page.data ?? []) {
    rows += 1;
    if (first.length < 3) first.push(row);
  }
}
console.log(JSON.stringify({ columns: columns.map((c) => `${c.name} ${c.type}`), rows, first }));

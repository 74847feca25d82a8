-- Some rows of three shops, so that there is something to look at.
BEGIN;
INSERT INTO core_tenant (slug, name, plan, created_at)
SELECT 'tenant-' || n, 'Shop ' || n, (ARRAY['enterprise', 'midmarket', 'small'])[n], now() - interval '1 year'
FROM generate_series(1, 3) n;

INSERT INTO core_customer (created_at, updated_at, email, phone, first_name, last_name, metadata, status, tenant_id)
SELECT at, at, 'customer' || n || '@example.org', '+1 202 555 ' || lpad(n::text, 4, '0'), 'Customer', 'No ' || n,
  jsonb_build_object('source', (ARRAY['ads', 'search', 'friend'])[1 + n % 3]), 'active', 'tenant-' || 1 + n % 3
FROM generate_series(1, 60) n, LATERAL (SELECT now() - interval '1 day' * n AS at) t;

INSERT INTO core_product (created_at, updated_at, sku, name, category, price, cost, inventory_quantity, is_active, attributes, tenant_id)
SELECT at, at, 'SKU-' || n, 'Product ' || n, (ARRAY['Books', 'Music', 'Tools'])[1 + n % 3], 10 + n, 5 + n / 2.0, 100, true, '{}',
  'tenant-' || 1 + n % 3
FROM generate_series(1, 30) n, LATERAL (SELECT now() - interval '200 days' AS at) t;

INSERT INTO core_order (created_at, updated_at, order_number, status, order_date, subtotal, tax, shipping, total, currency, notes, customer_id, tenant_id)
SELECT at, at, 'O-' || c.id || '-' || n, (ARRAY['completed', 'completed', 'shipped', 'cancelled'])[1 + (c.id + n) % 4], at,
  100, 8, 4, 112, 'USD', '', c.id, c.tenant_id
FROM core_customer c, generate_series(1, 3) n, LATERAL (SELECT now() - interval '1 day' * (c.id % 30 + n) AS at) t;

INSERT INTO core_orderitem (created_at, updated_at, quantity, unit_price, discount, line_total, order_id, product_id, tenant_id)
SELECT o.created_at, o.updated_at, 2, 50, 0, 100, o.id,
  (SELECT p.id FROM core_product p WHERE p.tenant_id = o.tenant_id ORDER BY (p.id + o.id) % 10, p.id LIMIT 1), o.tenant_id
FROM core_order o;

INSERT INTO core_subscription (created_at, updated_at, plan, status, monthly_amount, started_at, cancelled_at, current_period_end, customer_id, tenant_id)
SELECT created_at, updated_at, 'basic', CASE WHEN id % 10 = 0 THEN 'cancelled' ELSE 'active' END, 20 + id % 3 * 10, created_at,
  CASE WHEN id % 10 = 0 THEN now() - interval '1 day' END, now() + interval '20 days', id, tenant_id
FROM core_customer;

INSERT INTO core_invoice (created_at, updated_at, invoice_number, status, amount_due, amount_paid, issued_at, due_date, paid_at, order_id, subscription_id, tenant_id)
SELECT o.created_at, o.updated_at, 'I-' || o.id, CASE WHEN o.id % 5 = 0 THEN 'open' ELSE 'paid' END, o.total,
  CASE WHEN o.id % 5 = 0 THEN 0 ELSE o.total END, o.created_at, (o.created_at + interval '14 days')::date,
  CASE WHEN o.id % 5 = 0 THEN NULL ELSE o.created_at + interval '2 days' END, o.id, NULL, o.tenant_id
FROM core_order o;

INSERT INTO core_event (id, session_id, event_type, event_data, ip_address, user_agent, created_at, customer_id, tenant_id)
SELECT gen_random_uuid(), 's-' || c.id, kind, '{"page": "/"}', '192.0.2.1', 'Mozilla/5.0', now() - interval '1 day' * (c.id % 30) + interval '1 minute' * n,
  c.id, c.tenant_id
FROM core_customer c, unnest(ARRAY['page_view', 'product_view', 'add_to_cart', 'checkout', 'purchase']) WITH ORDINALITY AS k (kind, n);
COMMIT;

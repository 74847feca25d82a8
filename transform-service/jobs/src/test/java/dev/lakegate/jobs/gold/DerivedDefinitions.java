package dev.lakegate.jobs.gold;

import java.time.LocalDate;
import java.util.Map;

/**
 * What each derived table of Silver means, for DuckDB over the rows of the source's tables; put
 * otherwise than the shipped queries do, without window functions.
 */
final class DerivedDefinitions {
  private static final Map<String, String> DEFINITIONS =
      Map.of(
          "silver.order_flags",
          """
          SELECT tenant_id, id, 'number_is_unique' AS expectation FROM "order" o
          WHERE EXISTS (SELECT 1 FROM "order" p WHERE p.tenant_id = o.tenant_id
            AND p.order_number = o.order_number AND p.id <> o.id)
          UNION ALL
          SELECT tenant_id, id, 'customer_exists' FROM "order" o
          WHERE customer_id NOT IN (SELECT id FROM customer c WHERE c.tenant_id = o.tenant_id)
          UNION ALL
          SELECT tenant_id, id, 'repeats_an_order' FROM "order" o
          WHERE notes IS NOT NULL AND NOT EXISTS (SELECT 1 FROM "order" p
            WHERE p.tenant_id = o.tenant_id AND p.order_number = o.notes)
          """,
          "silver.session",
          """
          WITH first_of AS (
            SELECT e.tenant_id, e.session_id, e.created_at, e.id FROM event e
            WHERE NOT EXISTS (
              SELECT 1 FROM event f WHERE f.tenant_id = e.tenant_id AND f.session_id = e.session_id
              AND (f.created_at < e.created_at OR f.created_at = e.created_at AND f.id < e.id)
              AND f.created_at >= e.created_at - INTERVAL 30 MINUTE)),
          of_visit AS (
            SELECT e.*, (SELECT count(*) FROM first_of b
              WHERE b.tenant_id = e.tenant_id AND b.session_id = e.session_id
              AND (b.created_at < e.created_at OR b.created_at = e.created_at AND b.id <= e.id)) AS n
            FROM event e)
          SELECT tenant_id, session_id, n AS session_number, min(created_at) AS started_at,
            max(created_at) AS ended_at,
            floor(epoch(max(created_at) - min(created_at))) AS duration_seconds,
            count(*) AS events, sum(CASE WHEN event_type = 'page_view' THEN 1 ELSE 0 END) AS pages,
            max(CASE WHEN event_type = 'purchase' THEN 1 ELSE 0 END) = 1 AS converted,
            (SELECT f.customer_id FROM of_visit f WHERE f.tenant_id = o.tenant_id
              AND f.session_id = o.session_id AND f.n = o.n AND f.customer_id IS NOT NULL
              ORDER BY f.created_at, f.id LIMIT 1) AS customer_id,
            date_trunc('month', min(created_at)) AS started_month
          FROM of_visit o GROUP BY tenant_id, session_id, n
          """,
          "silver.customer_identity",
          """
          WITH c AS (SELECT tenant_id, id, created_at, email_normalized AS email FROM customer),
          with_first AS (SELECT c.*,
            (SELECT o.id FROM c o WHERE o.tenant_id = c.tenant_id AND o.email = c.email
              ORDER BY o.created_at, o.id LIMIT 1) AS first,
            (SELECT count(*) FROM c o WHERE o.tenant_id = c.tenant_id AND o.email = c.email) AS n
            FROM c)
          SELECT tenant_id, id AS customer_id, email AS email_normalized,
            CASE WHEN email IS NULL THEN 1 ELSE n END AS customers_with_email,
            email IS NOT NULL AND first <> id AS is_duplicate,
            CASE WHEN first <> id THEN first END AS duplicate_of
          FROM with_first
          """,
          "silver.product_quality",
          """
          SELECT tenant_id, id AS product_id, sku,
            (SELECT count(*) FROM product o WHERE o.tenant_id = p.tenant_id AND o.sku = p.sku)
              AS products_with_sku,
            NOT EXISTS (SELECT 1 FROM product o WHERE o.tenant_id = p.tenant_id AND o.sku = p.sku
              AND o.id <> p.id) AS sku_is_unique,
            price < 0 AS price_is_negative, cost > price AS cost_exceeds_price,
            inventory_quantity < 0 AS inventory_is_negative,
            NOT (price < 0 OR inventory_quantity < 0 OR EXISTS (SELECT 1 FROM product o
              WHERE o.tenant_id = p.tenant_id AND o.sku = p.sku AND o.id <> p.id)) AS is_valid
          FROM product p
          """,
          "silver.order_facts",
          """
          WITH lines_of AS (SELECT o.id AS order_key, i.*, (SELECT p.id FROM product p
              WHERE p.tenant_id = i.tenant_id AND p.id = i.product_id) AS known,
            (SELECT p.category FROM product p
              WHERE p.tenant_id = i.tenant_id AND p.id = i.product_id) AS category,
            (SELECT p.cost * i.quantity FROM product p
              WHERE p.tenant_id = i.tenant_id AND p.id = i.product_id) AS cost
            FROM "order" o, orderitem i WHERE i.tenant_id = o.tenant_id AND i.order_id = o.id),
          o AS (SELECT o.*,
            (SELECT coalesce(sum(line_total), 0) FROM lines_of l WHERE l.order_key = o.id) AS s
            FROM "order" o)
          SELECT o.tenant_id, o.id AS order_id, o.status, o.order_date, o.customer_id,
            c.id IS NULL AS customer_missing, c.status AS customer_status,
            c.created_at AS customer_created_at,
            (SELECT count(*) FROM lines_of l WHERE l.order_key = o.id) AS lines,
            s AS lines_total, subtotal - s AS subtotal_discrepancy,
            s + tax + shipping AS total_recomputed, total - (s + tax + shipping) AS total_discrepancy,
            (SELECT count(DISTINCT product_id) FROM lines_of l WHERE l.order_key = o.id) AS products,
            (SELECT count(DISTINCT category) FROM lines_of l WHERE l.order_key = o.id) AS categories,
            (SELECT count(*) FROM lines_of l WHERE l.order_key = o.id AND known IS NULL)
              AS lines_without_product,
            CASE WHEN EXISTS (SELECT 1 FROM lines_of l WHERE l.order_key = o.id AND known IS NULL)
              THEN NULL ELSE (SELECT coalesce(sum(cost), 0) FROM lines_of l WHERE l.order_key = o.id)
              END AS cost,
            CASE WHEN EXISTS (SELECT 1 FROM lines_of l WHERE l.order_key = o.id AND known IS NULL)
              THEN NULL ELSE s - (SELECT coalesce(sum(cost), 0) FROM lines_of l
              WHERE l.order_key = o.id) END AS margin,
            (SELECT count(*) FROM order_history h WHERE h.tenant_id = o.tenant_id AND h.id = o.id
              AND h.transition_allowed = false) AS forbidden_transitions,
            date_trunc('month', o.created_at) AS created_month
          FROM o LEFT JOIN customer c ON c.id = o.customer_id AND c.tenant_id = o.tenant_id
          """,
          "silver.orderitem_facts",
          """
          SELECT tenant_id, id AS orderitem_id, order_id, product_id,
            NOT EXISTS (SELECT 1 FROM "order" o WHERE o.tenant_id = i.tenant_id AND o.id = i.order_id)
              AS order_missing,
            NOT EXISTS (SELECT 1 FROM product p WHERE p.tenant_id = i.tenant_id
              AND p.id = i.product_id) AS product_missing,
            (SELECT status FROM "order" o WHERE o.tenant_id = i.tenant_id AND o.id = i.order_id)
              AS order_status,
            (SELECT category FROM product p WHERE p.tenant_id = i.tenant_id
              AND p.id = i.product_id) AS category,
            line_total, quantity * unit_price - discount AS line_total_recomputed,
            line_total - quantity * unit_price + discount AS line_total_discrepancy,
            date_trunc('month', created_at) AS created_month
          FROM orderitem i
          """,
          "silver.invoice_reconciliation",
          """
          WITH i AS (SELECT *, CASE WHEN status IN ('open', 'paid') AND amount_paid < amount_due
            THEN amount_due - amount_paid ELSE 0 END AS rest FROM invoice)
          SELECT tenant_id, id AS invoice_id, status,
            CASE WHEN status NOT IN ('open', 'paid') THEN 'not_due'
              WHEN rest > 0 AND due_date < DATE '%1$s' THEN 'overdue'
              WHEN rest > 0 AND amount_paid > 0 THEN 'partly_paid'
              WHEN rest > 0 THEN 'open'
              WHEN amount_paid = amount_due THEN 'paid' ELSE 'over_paid' END AS payment_state,
            amount_due, amount_paid, rest AS outstanding, due_date,
            CASE WHEN rest > 0 AND due_date < DATE '%1$s' THEN DATE '%1$s' - due_date ELSE 0 END
              AS days_overdue,
            CAST(paid_at AS DATE) - CAST(issued_at AS DATE) AS days_to_pay
          FROM i
          """);

  private DerivedDefinitions() {}

  /** The definition of a table; null when there is none here. */
  static String of(String dataset, LocalDate today) {
    String definition = DEFINITIONS.get(dataset);
    return definition == null ? null : definition.formatted(today);
  }
}

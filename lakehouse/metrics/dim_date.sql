---
# yaml-language-server: $schema=../schema/metric-header.schema.json
version: 1
name: dim_date
scope: shared
description: "Days of the calendar, with which the facts' dates join: from 2000, or ten years before the first tenant when that is earlier, through the end of the second year from now."
grain: [dt]
inputs: [silver.tenant]
time_columns: [dt]
clock: utc_day
columns:
  - {name: dt, type: date, nullable: false, description: Day.}
  - {name: day_of_week, type: integer, nullable: false, description: "Day of the week, 1 (Monday) to 7."}
  - {name: day_name, type: varchar, nullable: false, description: Monday to Sunday.}
  - {name: day_of_month, type: integer, nullable: false, description: "Day of the month, 1 to 31."}
  - {name: day_of_year, type: integer, nullable: false, description: "Day of the year, 1 to 366."}
  - {name: iso_week, type: integer, nullable: false, description: "ISO 8601 week, 1 to 53."}
  - {name: iso_year, type: integer, nullable: false, description: Year that the ISO 8601 week belongs to.}
  - {name: month, type: integer, nullable: false, description: "Month, 1 to 12."}
  - {name: month_name, type: varchar, nullable: false, description: January to December.}
  - {name: quarter, type: integer, nullable: false, description: "Quarter, 1 to 4."}
  - {name: year, type: integer, nullable: false, description: Year.}
  - {name: dt_month, type: date, nullable: false, description: First day of the month.}
  - {name: dt_quarter, type: date, nullable: false, description: First day of the quarter.}
  - {name: dt_year, type: date, nullable: false, description: First day of the year.}
  - {name: is_weekend, type: boolean, nullable: false, description: Whether it is a Saturday or a Sunday.}
  - {name: is_month_end, type: boolean, nullable: false, description: Whether it is the last day of its month.}
  - {name: is_leap_year, type: boolean, nullable: false, description: Whether its year has 366 days.}
---
-- Wide instead of exactly the range of the facts: those change with every order, and a range taken
-- from them would have this table computed as often to find the same days.
WITH first AS (
  SELECT least(DATE '2000-01-01', trunc(add_months(to_date(min(created_at)), -120), 'YEAR')) AS dt
  FROM silver.tenant
),
days AS (
  SELECT
    explode(
      sequence(first.dt, date_sub(trunc(add_months(${as_of_date}, 36), 'YEAR'), 1))) AS dt
  FROM first
)
SELECT
  dt,
  extract(DAYOFWEEK_ISO FROM dt) AS day_of_week,
  element_at(
    array('Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday', 'Sunday'),
    extract(DAYOFWEEK_ISO FROM dt)
  ) AS day_name,
  day(dt) AS day_of_month,
  dayofyear(dt) AS day_of_year,
  weekofyear(dt) AS iso_week,
  extract(YEAROFWEEK FROM dt) AS iso_year,
  month(dt) AS month,
  element_at(
    array(
      'January', 'February', 'March', 'April', 'May', 'June', 'July', 'August', 'September',
      'October', 'November', 'December'),
    month(dt)
  ) AS month_name,
  quarter(dt) AS quarter,
  year(dt) AS year,
  trunc(dt, 'MM') AS dt_month,
  trunc(dt, 'QUARTER') AS dt_quarter,
  trunc(dt, 'YEAR') AS dt_year,
  extract(DAYOFWEEK_ISO FROM dt) >= 6 AS is_weekend,
  last_day(dt) = dt AS is_month_end,
  dayofyear(date_sub(add_months(trunc(dt, 'YEAR'), 12), 1)) = 366 AS is_leap_year
FROM days

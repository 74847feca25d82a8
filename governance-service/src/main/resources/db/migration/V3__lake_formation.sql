-- Tenants that have, or shall have, a role of their own in AWS. The name of one that was removed is kept:
-- whoever comes back gets the same.
CREATE TABLE lake_tenant (
  tenant      text PRIMARY KEY CHECK (tenant <> ''),
  state       text NOT NULL CHECK (state IN ('proposed', 'approved', 'rejected', 'removed')),
  proposed_at timestamptz NOT NULL,
  proposed_by text NOT NULL,
  decided_at  timestamptz,
  decided_by  text
);

-- The ledger: what this service made in AWS, or was about to make when it was written down. Nothing else is
-- ever changed or taken away.
CREATE TABLE lake_item (
  key        text PRIMARY KEY,
  state      text NOT NULL CHECK (state IN ('intended', 'made')),
  changed_at timestamptz NOT NULL
);

CREATE TABLE lake_run (
  id         uuid PRIMARY KEY,
  plan       text NOT NULL,
  state      text NOT NULL CHECK (state IN ('running', 'succeeded', 'failed', 'interrupted')),
  started_at timestamptz NOT NULL,
  started_by text NOT NULL,
  ended_at   timestamptz,
  message    text
);
CREATE INDEX lake_run_started ON lake_run (started_at);

CREATE TABLE lake_run_item (
  run_id   uuid NOT NULL REFERENCES lake_run (id) ON DELETE CASCADE,
  position int NOT NULL,
  action   text NOT NULL,
  key      text NOT NULL,
  message  text NOT NULL,
  outcome  text NOT NULL,
  error    text,
  PRIMARY KEY (run_id, position)
);

-- One row at most: who may change AWS now, and until when unless they say so again.
CREATE TABLE lake_lease (
  only_one boolean PRIMARY KEY DEFAULT true CHECK (only_one),
  holder   uuid NOT NULL,
  until    timestamptz NOT NULL
);

-- One row at most: what the last alert was about.
CREATE TABLE lake_alert (
  only_one    boolean PRIMARY KEY DEFAULT true CHECK (only_one),
  fingerprint text NOT NULL,
  sent_at     timestamptz NOT NULL
);

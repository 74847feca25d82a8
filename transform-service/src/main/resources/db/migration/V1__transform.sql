-- The index of manifests is a cache of bronze/_manifests; it may be emptied at any time.
CREATE TABLE manifest (
  number           bigint      PRIMARY KEY,
  epoch            text        NOT NULL,
  created_at       timestamptz NOT NULL,
  -- Newest source commit in this and all earlier manifests; NULL until a file has one.
  newest_commit_at timestamptz,
  -- SHA-256 of what the manifest says: tells whether the lake under the index is still the same.
  fingerprint      text        NOT NULL
);
CREATE INDEX manifest_epoch ON manifest (epoch, number);

CREATE TABLE bronze_file (
  bronze_table   text   NOT NULL,
  manifest       bigint NOT NULL REFERENCES manifest (number) ON DELETE CASCADE,
  path           text   NOT NULL,
  kind           text   NOT NULL,
  schema_version int    NOT NULL,
  generation     int    NOT NULL,
  row_count      bigint NOT NULL,
  byte_count     bigint NOT NULL,
  PRIMARY KEY (bronze_table, manifest, path)
);
CREATE INDEX bronze_file_manifest ON bronze_file (manifest);

CREATE TABLE copy_completed (
  bronze_table text   NOT NULL,
  manifest     bigint NOT NULL REFERENCES manifest (number) ON DELETE CASCADE,
  generation   int    NOT NULL,
  row_count    bigint NOT NULL,
  PRIMARY KEY (bronze_table, manifest, generation)
);

-- Specifications are kept once, not in each of thousands of runs.
CREATE TABLE specification (
  fingerprint text        PRIMARY KEY,
  body        jsonb       NOT NULL,
  first_used  timestamptz NOT NULL
);

CREATE TABLE run (
  id               text        PRIMARY KEY,
  dataset          text        NOT NULL,
  mode             text        NOT NULL CHECK (mode IN ('incremental', 'full')),
  reason           text        NOT NULL,
  status           text        NOT NULL
    CHECK (status IN ('queued', 'running', 'succeeded', 'failed', 'cancelled', 'interrupted')),
  -- NULL when the planner started it.
  requested_by     text,
  queued_at        timestamptz NOT NULL,
  started_at       timestamptz,
  finished_at      timestamptz,
  -- Capture time of the oldest change that the run applies.
  oldest_change_at timestamptz,
  definition       text,
  specification    text,
  request          jsonb,
  result           jsonb,
  instant          text,
  rows_read        bigint,
  rows_upserted    bigint,
  rows_deleted     bigint,
  bytes_written    bigint,
  error_code       text,
  error_message    text,
  retryable        boolean
);
CREATE INDEX run_dataset ON run (dataset, id DESC);
CREATE INDEX run_history ON run (dataset, finished_at DESC) WHERE finished_at IS NOT NULL;
CREATE INDEX run_open ON run (status) WHERE status IN ('queued', 'running');
CREATE INDEX run_finished ON run (finished_at);

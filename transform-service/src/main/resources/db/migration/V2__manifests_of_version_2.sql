-- The index is a cache of the manifests: one of the old shape is dropped and filled anew.
DROP TABLE copy_completed, bronze_file, manifest;

CREATE TABLE manifest (
  number           bigint      PRIMARY KEY,
  epoch            text        NOT NULL,
  -- NULL in manifests of version 1, which do not say which copies begin.
  timeline         int,
  created_at       timestamptz NOT NULL,
  -- Newest source commit in this and all earlier manifests; NULL until a file has one.
  newest_commit_at timestamptz,
  -- SHA-256 of what stays the same when the manifest is rolled up.
  fingerprint      text        NOT NULL
);
CREATE INDEX manifest_epoch ON manifest (epoch, number);

CREATE TABLE bronze_file (
  bronze_table   text   NOT NULL,
  -- The manifest that names it; of a merged file the last one that had one of its changes.
  manifest       bigint NOT NULL REFERENCES manifest (number) ON DELETE CASCADE,
  path           text   NOT NULL,
  kind           text   NOT NULL,
  schema_version int    NOT NULL,
  generation     int    NOT NULL,
  row_count      bigint NOT NULL,
  byte_count     bigint NOT NULL,
  max_commit_at  timestamptz,
  PRIMARY KEY (bronze_table, manifest, path)
);
CREATE INDEX bronze_file_manifest ON bronze_file (manifest);

-- What the files of a table's schema version span, so that nobody looks through all files for it.
CREATE TABLE bronze_version (
  bronze_table   text   NOT NULL,
  schema_version int    NOT NULL,
  first_manifest bigint NOT NULL,
  last_manifest  bigint NOT NULL,
  PRIMARY KEY (bronze_table, schema_version)
);

CREATE TABLE copy_begun (
  bronze_table text   NOT NULL,
  manifest     bigint NOT NULL REFERENCES manifest (number) ON DELETE CASCADE,
  generation   int    NOT NULL,
  PRIMARY KEY (bronze_table, manifest, generation)
);

CREATE TABLE copy_completed (
  bronze_table text   NOT NULL,
  manifest     bigint NOT NULL REFERENCES manifest (number) ON DELETE CASCADE,
  generation   int    NOT NULL,
  row_count    bigint NOT NULL,
  -- NULL in manifests of version 1.
  sequence     text,
  PRIMARY KEY (bronze_table, manifest, generation)
);

CREATE TABLE schema_version (
  bronze_table   text   NOT NULL,
  schema_version int    NOT NULL,
  manifest       bigint NOT NULL REFERENCES manifest (number) ON DELETE CASCADE,
  body           jsonb  NOT NULL,
  PRIMARY KEY (bronze_table, schema_version, manifest)
);

CREATE TABLE schema_approval (
  bronze_table   text   NOT NULL,
  schema_version int    NOT NULL,
  manifest       bigint NOT NULL REFERENCES manifest (number) ON DELETE CASCADE,
  PRIMARY KEY (bronze_table, schema_version, manifest)
);

-- Roll-ups whose files have taken the place of those that they were merged from.
CREATE TABLE roll_up (
  first bigint PRIMARY KEY,
  last  bigint NOT NULL
);

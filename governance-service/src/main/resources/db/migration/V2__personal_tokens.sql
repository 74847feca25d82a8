-- What a token of the issuer last said of a person. Personal access tokens never give more than this.
CREATE TABLE sighting (
  issuer    text NOT NULL,
  subject   text NOT NULL,
  login     text NOT NULL,
  personas  text[] NOT NULL,
  tenants   text[] NOT NULL,
  tier      text,
  issued_at timestamptz NOT NULL,
  PRIMARY KEY (issuer, subject)
);

-- The secret itself is nowhere: a row is found by its hash. NULL in personas, tenants, schemas: not narrowed.
CREATE TABLE personal_token (
  id             uuid PRIMARY KEY,
  hash           bytea NOT NULL UNIQUE CHECK (octet_length(hash) = 32),
  issuer         text NOT NULL,
  subject        text NOT NULL,
  name           text NOT NULL,
  scopes         text[] NOT NULL CHECK (cardinality(scopes) > 0),
  personas       text[],
  tenants        text[],
  schemas        text[],
  created_at     timestamptz NOT NULL,
  expires_at     timestamptz NOT NULL CHECK (expires_at > created_at),
  first_used_at  timestamptz,
  last_used_at   timestamptz,
  last_used_from text,
  revoked_at     timestamptz,
  revoked_by     text,
  FOREIGN KEY (issuer, subject) REFERENCES sighting (issuer, subject)
);
CREATE INDEX personal_token_owner ON personal_token (issuer, subject, created_at);
